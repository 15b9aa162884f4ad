/** What a demonstration shows in the end: a table for people, or `sipster/demo@1` for programs. */
import { styleText } from "node:util";
import { countAudit, type AuditResult } from "../../chain/index.js";
import { exact, MONEY_DENOMINATOR, moneyText, type ExactMoney } from "../../readings/index.js";
import type { Io } from "../io.js";
import { count } from "../../errors/count.js";
import { invocation } from "../invocation.js";
import { table } from "../table.js";
import {
  periodNumber,
  type DemoBill,
  type DemoOptions,
  type DemoResult,
} from "../../demo/index.js";
import type { DemoAddresses } from "./pages.js";

/** A combined receipt: one point of G1, regardless of the amount. */
const RECEIPT_BYTES = 64;
/** Homes in the table; the rest are counted. */
const MOST_ROWS = 30;

function statusOf({ outcome }: DemoBill): string {
  if (outcome === null) return "ready";
  return outcome.status;
}

function transactionOf({ outcome }: DemoBill): string | null {
  return outcome === null || outcome.status === "refused" ? null : outcome.transaction;
}

function gasOf({ outcome }: DemoBill): bigint | null {
  return outcome?.status === "settled" ? outcome.gasUsed : null;
}

/** The JSON of the run, format `sipster/demo@1`. */
export function demoJson({
  options,
  result,
  audit,
  timings,
  web,
}: {
  readonly options: DemoOptions;
  readonly result: DemoResult;
  readonly audit: AuditResult | null;
  readonly timings: Readonly<Record<string, number>>;
  readonly web: DemoAddresses | null;
}): object {
  const { bills, sold, homes } = result;
  const { deployment } = result.chain;
  const counts = audit === null ? null : countAudit(audit);
  return {
    format: "sipster/demo@1",
    chainId: Number(deployment.chainId),
    settlement: deployment.contracts.settlement.address,
    unit: `${options.minorUnits} minor units of ${homes.tariff.currency}`,
    denominations: result.denominations,
    emission: result.terms.emission,
    bills: bills.map((bill) => ({
      home: bill.home.household.id,
      meter: bill.home.meter.address,
      period: periodNumber(homes.period),
      units: Number(bill.month.units),
      tokens: bill.month.tokens.length,
      receipts: bill.month.tokens.length,
      gasUsed: numberOrNull(gasOf(bill)),
      tx: transactionOf(bill),
      status: statusOf(bill),
    })),
    totals: {
      homes: bills.length,
      units: Number(totalUnits(bills)),
      tokens: totalTokens(bills),
      coinsSpent: Number(sold.receipts),
      unitsPaid: Number(sold.units),
    },
    audit:
      counts === null
        ? null
        : {
            settled: counts.settled,
            unsettled: counts.unsettled,
            verified: counts.verified,
            ok: audit!.ok,
          },
    timings,
    ...(web === null ? {} : { web }),
  };
}

/** A bill that opens the storage word of 256 meters pays this much gas more, at least. */
const WORD_OPENED = 10_000n;

/** What the columns mean: how money becomes units, what differs in gas, what coins bind. */
function notes(options: DemoOptions, { bills, homes, basketUnits }: DemoResult): string[] {
  const { currency, minorDigits } = homes.tariff;
  const money = (units: bigint): string =>
    moneyText(exact(units * BigInt(options.minorUnits) * MONEY_DENOMINATOR), minorDigits);
  const gas = bills.flatMap((bill) => gasOf(bill) ?? []);
  const least = gas.reduce((a, b) => (b < a ? b : a), gas[0] ?? 0n);
  const openers = gas.filter((g) => g > least + WORD_OPENED).length;
  const owed = bills.map((bill) => bill.month.units).sort((a, b) => (a < b ? -1 : 1));
  const median = owed[Math.floor(owed.length / 2)]!;
  return [
    `carry in + owed = units × ${currency} ${money(1n)} + carry out: the fraction goes to the next bill.`,
    ...(openers === 0
      ? []
      : [
          `The first of each 256 meters to settle opens a storage word, for some 17,000 gas more; otherwise`,
          `the amount makes no difference: what varies is how many bytes of a bill happen to be zero.`,
        ]),
    `Each home holds coins worth ${currency} ${money(basketUnits)}; half of the bills are at most ${currency} ${money(median)}.`,
  ];
}

function exactMoney(amount: ExactMoney, minorDigits: number): string {
  return moneyText(amount, minorDigits, 2);
}

/** How lines stand out on a terminal with colours, and how wide its tables may be. */
interface Style {
  readonly tableWidth: number | undefined;
  bold(text: string): string;
  dim(text: string): string;
}

/** The table and what stands around it. */
export function demoText({
  options,
  result,
  audit,
  seconds,
  web,
  io: { colour, tableWidth },
}: {
  readonly options: DemoOptions;
  readonly result: DemoResult;
  readonly audit: AuditResult | null;
  readonly seconds: number;
  readonly web: DemoAddresses | null;
  readonly io: Io;
}): string {
  const { bills } = result;
  const style: Style = {
    tableWidth,
    bold: (text) => (colour ? styleText("bold", text) : text),
    dim: (text) => (colour ? styleText("dim", text) : text),
  };
  return [
    ...billLines(options, result, style),
    ...utilityLines(result, style),
    ...(audit === null ? [] : auditLines(audit, style)),
    ...gapLines(result, style),
    "",
    `${count(bills.length, "home")} in ${seconds.toFixed(1)} s.`,
    "",
    ...(web === null
      ? [style.bold("Next"), ...next(options, result.chain.sender.address)]
      : [style.bold("In a browser, until Ctrl-C"), ...addresses(web)]),
  ].join("\n");
}

function billLines(options: DemoOptions, result: DemoResult, style: Style): string[] {
  const { bold, dim, tableWidth } = style;
  const { bills, homes } = result;
  const { currency, minorDigits } = homes.tariff;
  const right = "right" as const;
  const rows = bills
    .slice(0, MOST_ROWS)
    .map((bill) => [
      bill.home.household.id,
      exactMoney(bill.month.amount, minorDigits),
      exactMoney(bill.month.carriedIn, minorDigits),
      exactMoney(bill.month.carriedOut, minorDigits),
      number(bill.month.units),
      number(bill.month.tokens.length),
      gasOf(bill) === null ? "–" : number(gasOf(bill)!),
      transactionOf(bill) === null ? statusOf(bill) : `${transactionOf(bill)!.slice(0, 10)}…`,
    ]);
  const more = bills.length - MOST_ROWS;
  return [
    "",
    bold(`Bills for ${homes.period}`) +
      dim("   (amount, units and tokens: known to the resident alone)"),
    "",
    table(
      [
        { head: "home" },
        { head: `owed, ${currency}`, align: right },
        { head: "carry in", align: right },
        { head: "carry out", align: right },
        { head: "units", align: right },
        { head: "tokens", align: right },
        { head: "gas", align: right },
        { head: "transaction" },
      ],
      rows,
      tableWidth,
    ),
    ...(more > 0 ? [dim(`… and ${number(more)} more homes`)] : []),
    "",
    ...notes(options, result).map((line) => dim(`  ${line}`)),
  ];
}

function utilityLines(result: DemoResult, { bold }: Style): string[] {
  const { bills, sold, reconciliation } = result;
  const total =
    reconciliation === null
      ? []
      : [
          `  The meters' private total is ${number(reconciliation.charged)} units, with no home's share in it: ${reconciliation.equal ? "just what was paid." : "NOT what was paid."}`,
        ];
  return [
    "",
    bold("What the utility saw"),
    `  ${count(sold.receipts, "anonymous payment")} worth ${count(sold.units, "unit")}, in no order and with no name on them;`,
    `  ${count(bills.length, "home")} withdrawing coins worth ${number(result.basketUnits)} units each${again(result.extraBaskets)};`,
    `  ${count(bills.length, "bill")} with a combined receipt of ${RECEIPT_BYTES} bytes each, regardless of the amount.`,
    ...total,
  ];
}

function auditLines(audit: AuditResult, { bold }: Style): string[] {
  const { settled, verified, failed, unverifiable, unsettled } = countAudit(audit);
  return [
    "",
    bold("What the auditor found, from the chain alone"),
    `  ${count(settled, "settlement")}, ${number(verified)} verified again with an independent library, ${failed} failed, ${unverifiable} unverifiable;`,
    `  ${number(unsettled)} registered meters have not settled. ${audit.ok ? "Everything is in order." : "SOMETHING IS WRONG: run  sipster audit."}`,
  ];
}

function gapLines({ bills, homes }: DemoResult, { dim }: Style): string[] {
  const partial = bills.filter((b) => b.home.household.missingMs > 0);
  const list = partial
    .slice(0, 8)
    .map(({ home: { household } }) => `${household.id} (${hours(household.missingMs)})`);
  return [
    ...(homes.without.length === 0
      ? []
      : ["", dim(`Without a reading in ${homes.period}: ${homes.without.join(", ")}`)]),
    ...(partial.length === 0
      ? []
      : [dim(`Hours without a reading are not billed: ${list.join(", ")}`)]),
  ];
}

function next({ rpc, out, settle }: DemoOptions, account: string): string[] {
  if (rpc === null) {
    return [
      `  ${invocation("demo --web --no-settle")}`,
      "      settle these bills and audit them on pages in your browser",
      `  ${invocation("demo --readings FILE --tariff FILE")}`,
      "      your own readings and prices; demo --help lists the rest",
      `  ${invocation("explorer --help")}`,
      "      look at settlements in a block explorer",
    ];
  }
  if (out === null) {
    return [`  ${invocation("demo --help")}`, "      --out keeps what each role would hold"];
  }
  const record = `--rpc ${rpc} --deployment ${out}/deployment.json`;
  return [
    ...(settle
      ? []
      : [`  ${invocation(`settle ${out}/bills/*.json ${record} --account ${account}`)}`]),
    `  ${invocation(`audit ${record}`)}`,
  ];
}

function addresses({ settle, audit, rpc, relayer, bills }: DemoAddresses): string[] {
  return [
    `  settle bills       ${settle}`,
    `  audit settlements  ${audit}`,
    `  node               ${rpc}`,
    `  relayer            ${relayer ?? "none: the node has no second account to pay for one"}`,
    `  bill files         ${bills}`,
  ];
}

function totalUnits(bills: readonly DemoBill[]): bigint {
  return bills.reduce((sum, b) => sum + b.month.units, 0n);
}

function totalTokens(bills: readonly DemoBill[]): number {
  return bills.reduce((sum, b) => sum + b.month.tokens.length, 0);
}

function again(extra: number): string {
  return extra === 0 ? "" : ` (${extra} a second time)`;
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

function number(n: bigint | number): string {
  return n.toLocaleString("en-GB");
}

function numberOrNull(n: bigint | null): number | null {
  return n === null ? null : Number(n);
}
