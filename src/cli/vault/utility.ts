/** The commands of the mint and the treasurer: status, decline, collect. */
import { COLLECTED_TOGETHER, mapLimit, type Cost, type VaultDeposit } from "../../chain/index.js";
import type { Io } from "../io.js";
import type { ToOptions } from "./depositor.js";
import { depositTable, showCosts, withVault, type VaultOptions } from "./session.js";

export interface StatusOptions extends VaultOptions {
  readonly depositor?: string;
}

export async function statusCommand(
  ids: readonly bigint[],
  options: StatusOptions,
  io: Io,
): Promise<void> {
  await withVault(options, io, async ({ reader, provider }) => {
    const { depositor } = options;
    const filter = depositor === undefined ? {} : { depositor };
    const wanted =
      ids.length > 0 ? ids : await reader.depositIds(await provider.getBlockNumber(), filter);
    const deposits = await mapLimit(wanted, 16, (id) => reader.deposit(id));
    const due = depositor === undefined ? null : await reader.dueTo(depositor);
    if (options.json === true) io.json({ format: "sipster/vault-status@1", deposits, due });
    else {
      io.out(deposits.length === 0 ? "no deposits" : depositTable(deposits, io));
      if (due !== null) io.out(`due to ${depositor}: ${due} base units`);
    }
  });
}

export async function declineCommand(id: bigint, options: VaultOptions, io: Io): Promise<void> {
  await withVault(options, io, async ({ calls, reader }) => {
    const { depositHash } = await reader.deposit(id);
    const cost = await (await calls()).decline(id, depositHash);
    showCosts({
      command: "decline",
      costs: [["decline", cost]],
      options,
      io,
      more: { id, depositHash },
    });
  });
}

/** Collects every deposit that nobody can dispute any more, in as many transactions as it takes. */
export async function collectCommand(options: ToOptions, io: Io): Promise<void> {
  await withVault(options, io, async ({ calls: open, reader, provider }) => {
    const block = (await provider.getBlock("latest"))!;
    const ids = await reader.depositIds(block.number);
    const deposits = await mapLimit(ids, 16, (id) => reader.deposit(id));
    const now = BigInt(block.timestamp);
    const due = deposits.filter((d) => d.status === "acknowledged" && d.disputableUntil < now);
    const calls = await open();
    const costs: [string, Cost][] = [];
    for (let i = 0; i < due.length; i += COLLECTED_TOGETHER) {
      const some = due.slice(i, i + COLLECTED_TOGETHER).map(({ id }) => id);
      const cost = await calls.collect(some, options.to ?? calls.account);
      costs.push([`collect ${some.length}`, cost]);
    }
    const amount = due.reduce((sum, d: VaultDeposit) => sum + d.amount, 0n);
    showCosts({
      command: "collect",
      costs,
      options,
      io,
      more: { deposits: due.map(({ id }) => id), amount },
    });
    if (options.json !== true) io.out(`collected ${due.length} deposits, ${amount} base units`);
  });
}
