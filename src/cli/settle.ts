/** `sipster settle FILE…`: submits bills, one by one or in batches. */
import { basename } from "node:path";
import { readFile } from "node:fs/promises";
import { createMclBn254, type Bn254 } from "../algebra/index.js";
import {
  checkContracts,
  checkSystem,
  explainBill,
  settleBills,
  settlementContract,
  type Deployment,
  type RpcProvider,
  type SettlementOutcome,
  type Verdict,
} from "../chain/index.js";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import { parseBillFile, type SettleableBill } from "../sipster/index.js";
import {
  nodeOptions,
  openDeployment,
  openSender,
  payOptions,
  recordOption,
  WHO_PAYS,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "./chain-options.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import type { Io } from "./io.js";
import { table } from "./table.js";

interface Options extends RecordOptions, PayOptions {
  readonly batch?: true;
  readonly dryRun?: true;
  readonly confirmations?: number;
  readonly json?: true;
}

interface BillFile {
  readonly file: string;
  readonly bill: SettleableBill;
}

const EXAMPLES = `Examples:
  sipster settle bill.json --rpc http://127.0.0.1:8545 --key-file payer.key
  sipster settle bills/*.json --batch --rpc http://127.0.0.1:8545 --key-file payer.key
  sipster settle bill.json --dry-run --rpc http://127.0.0.1:8545
`;

export const registerSettle: RegisterCommand = (sub, io, done) => {
  const command = nodeOptions(
    sub
      .argument("<file...>", "bill files, format sipster/bill@1")
      .addHelpText("before", EXAMPLES)
      .addHelpText(
        "after",
        `${WHO_PAYS}
Every bill is checked before anything is sent, so that a bill that is refused costs nothing. A bill
that is settled already, by whomever, counts as done. A run that was interrupted can be repeated.
Exit code 1 if a bill was refused.`,
      ),
  );
  payOptions(recordOption(command))
    .option("--batch", "one transaction for up to some 670 bills")
    .option("--dry-run", "check only: needs no account")
    .option("--confirmations <blocks>", "blocks to wait for, the first included", wholeNumber(1))
    .option("--json", "one JSON document, format sipster/settle@1")
    .action(async (files: string[], options: Options) => {
      const curve = await createMclBn254();
      const bills = await Promise.all(files.map((file) => readBill(curve, file)));
      const allFine = await withNode(options.rpc, (provider) =>
        run({ provider, curve, bills, options, io }),
      );
      if (!allFine) done(ExitCode.No);
    });
};

async function readBill(curve: Bn254, file: string): Promise<BillFile> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw cliErrors.errorFrom({
      key: "unreadable-file",
      message: `${file}: ${reason}`,
      details: { file },
      cause: error,
    });
  }
  return { file, bill: inFile(file, () => parseBillFile(curve, text)) };
}

/** Errors about one of many files name it. */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SipsterError)) throw error;
    const { code, consequence, cure, exitCode, details } = error;
    throw new SipsterError({
      code,
      message: `${file}: ${error.message}`,
      consequence,
      cure,
      exitCode,
      details: { file, ...details },
      cause: error,
    });
  }
}

/** The bills of a call, and what settling them takes. */
interface Settling {
  readonly provider: RpcProvider;
  readonly curve: Bn254;
  readonly bills: readonly BillFile[];
  readonly options: Options;
  readonly io: Io;
}

async function run({ provider, curve, bills, options, io }: Settling): Promise<boolean> {
  const deployment = await openDeployment(provider, options);
  for (const { file, bill } of bills) inFile(file, () => checkSystem(deployment, bill));
  await checkContracts(provider, deployment);
  if (options.dryRun === true) return dryRun({ provider, deployment, curve, bills, options, io });
  const sender = await openSender({ provider, deployment, options, io });
  const outcomes = await settleBills({
    sender,
    deployment,
    bills: bills.map(({ bill }) => bill),
    curve,
    batch: options.batch === true,
    onOutcome: ({ meter, period, status }) => io.err(`${meter} ${period}: ${status}`),
  });
  show({ deployment, bills, outcomes, options, io });
  return outcomes.every(({ status }) => status !== "refused");
}

function show({
  deployment,
  bills,
  outcomes,
  options: { json },
  io,
}: Pick<Settling, "bills" | "options" | "io"> & {
  readonly deployment: Deployment;
  readonly outcomes: readonly SettlementOutcome[];
}): void {
  const count = (status: SettlementOutcome["status"]) =>
    outcomes.filter((o) => o.status === status).length;
  const ours = outcomes.filter((o) => o.status === "settled");
  const totals = {
    settled: ours.length,
    alreadySettled: count("already-settled"),
    refused: count("refused"),
    transactions: new Set(ours.map((o) => o.transaction)).size,
    gasUsed: ours.reduce((sum, o) => sum + o.gasUsed, 0n),
  };
  if (json === true) {
    io.json({
      format: "sipster/settle@1",
      chainId: deployment.chainId,
      settlement: deployment.contracts.settlement.address,
      bills: outcomes.map((outcome, i) => ({ file: bills[i]!.file, ...document(outcome) })),
      totals,
    });
    return;
  }
  io.out(
    table(
      [
        { head: "file" },
        { head: "meter", long: "middle" },
        { head: "period" },
        { head: "status" },
        { head: "gas", align: "right" },
        { head: "transaction", long: "middle" },
      ],
      outcomes.map((o, i) => [
        basename(bills[i]!.file),
        o.meter,
        `${o.period}`,
        o.status,
        o.status === "settled" ? o.gasUsed.toLocaleString("en") : "",
        o.status === "refused" ? o.error.code : (o.transaction ?? "not shown by the node"),
      ]),
      io.tableWidth,
    ),
  );
  outcomes.forEach((o, i) => {
    if (o.status === "refused") explainRefusal(bills[i]!.file, o.error, io);
  });
}

function document(outcome: SettlementOutcome) {
  const { meter, period, keyEpoch, status } = outcome;
  const common = { meter, period, keyEpoch, status };
  if (status === "refused") return { ...common, ...refusal(outcome.error) };
  const { transaction: tx, block } = outcome;
  return { ...common, tx, block, gasUsed: status === "settled" ? outcome.gasUsed : null };
}

function refusal({ code, message, consequence, cure }: SipsterError) {
  return { error: { code, cause: message, consequence, cure } };
}

function explainRefusal(file: string, error: SipsterError, io: Io): void {
  io.err(`${file}: ${error.message}`);
  io.err(`  this means: ${error.consequence}`);
  io.err(`  what to do: ${error.cure}`);
}

/** Says of each bill what settling it would do, by the contract's own view: no account, no gas. */
async function dryRun({
  provider,
  deployment,
  curve,
  bills,
  options: { json },
  io,
}: Settling & { readonly deployment: Deployment }): Promise<boolean> {
  const contract = settlementContract(deployment, { provider });
  const verdicts: Verdict[] = [];
  for (const { bill } of bills) verdicts.push(await explainBill(contract, curve, bill));
  const rows = bills.map(({ file, bill }, i) => {
    const { meter } = bill;
    const { period, keyEpoch } = bill.bill;
    return { file, meter, period, keyEpoch, verdict: verdicts[i]! };
  });
  if (json === true) {
    io.json({
      format: "sipster/settle-dry-run@1",
      chainId: deployment.chainId,
      settlement: deployment.contracts.settlement.address,
      bills: rows.map(({ verdict, ...row }) => ({
        ...row,
        status: verdict.status,
        ...(verdict.status === "refused" ? refusal(verdict.error) : {}),
      })),
    });
  } else {
    io.out(
      table(
        [
          { head: "file" },
          { head: "meter", long: "middle" },
          { head: "period" },
          { head: "would be" },
        ],
        rows.map(({ file, meter, period, verdict }) => [
          basename(file),
          meter,
          `${period}`,
          WOULD_BE[verdict.status],
        ]),
        io.tableWidth,
      ),
    );
  }
  for (const { file, verdict } of rows) {
    if (verdict.status === "refused") explainRefusal(file, verdict.error, io);
  }
  return verdicts.every(({ status }) => status !== "refused");
}

const WOULD_BE = {
  settles: "settled",
  "already-settled": "already settled",
  refused: "refused",
} as const;
