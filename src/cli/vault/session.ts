/** What the vault's commands share: the node, the record, who pays, and how results are shown. */
import {
  checkContracts,
  VaultCalls,
  VaultReader,
  type Cost,
  type Deployment,
  type RpcProvider,
  type VaultDeposit,
} from "../../chain/index.js";
import {
  openDeployment,
  openSender,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "../chain-options.js";
import { costLine } from "../cost-line.js";
import type { Io } from "../io.js";
import { table } from "../table.js";

export interface VaultOptions extends RecordOptions, PayOptions {
  readonly json?: true;
}

export interface Session {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly reader: VaultReader;
  /** The vault as the account that pays sends to it. */
  calls(): Promise<VaultCalls>;
}

export async function withVault(
  options: VaultOptions,
  io: Io,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  await withNode(options.rpc, async (provider) => {
    const deployment = await openDeployment(provider, options);
    await checkContracts(provider, deployment);
    await work({
      provider,
      deployment,
      reader: new VaultReader(provider, deployment),
      calls: async () => {
        const sender = await openSender({ provider, deployment, options, io });
        await sender.finishEarlier();
        return new VaultCalls(sender, deployment);
      },
    });
  });
}

/** What was sent and what it cost. */
export function showCosts({
  command,
  costs,
  options,
  io,
  more = {},
}: {
  readonly command: string;
  readonly costs: readonly (readonly [string, Cost])[];
  readonly options: VaultOptions;
  readonly io: Io;
  readonly more?: Readonly<Record<string, unknown>>;
}): void {
  if (options.json === true) {
    const transactions = costs.map(([what, cost]) => ({ what, ...cost }));
    io.json({ format: `sipster/vault-${command}@1`, ...more, transactions });
    return;
  }
  for (const [what, cost] of costs) io.out(costLine(what, cost));
}

const date = (seconds: bigint): string =>
  seconds === 0n ? "" : new Date(Number(seconds) * 1000).toISOString().replace(".000", "");

export function depositTable(deposits: readonly VaultDeposit[], io: Io): string {
  return table(
    [
      { head: "deposit", align: "right" },
      { head: "status" },
      { head: "base units", align: "right" },
      { head: "coins", align: "right" },
      { head: "mint key", align: "right" },
      { head: "acknowledge by" },
      { head: "disputable until" },
      { head: "depositor", long: "middle" },
    ],
    deposits.map((d) => [
      `${d.id}`,
      d.status,
      d.amount.toLocaleString("en-US"),
      `${d.count}`,
      `${d.mintKeyId}`,
      date(d.acknowledgeBy),
      date(d.disputableUntil),
      d.depositor,
    ]),
    io.tableWidth,
  );
}
