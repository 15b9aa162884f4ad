/**
 * The resident's side: checks what was signed about an interval, finds the rows of its own meter by their
 * pseudonyms and paths, draws others at random, adds up its bill, and names what is missing or wrong. Receipts that
 * the meter was given are proof.
 */
import { equalBytes } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Store } from "../store/index.js";
import type { Admission } from "./admission.js";
import { isReceiptSigned, type LedgerRules } from "./audit/rules.js";
import { auditStatements, type SignedPage } from "./audit/statements.js";
import { fault, type Challenge, type LedgerFault } from "./audit/fault.js";
import { nameOf } from "./enrolment.js";
import { ledgerErrors } from "./errors.js";
import { sampleRows, type PageExcerpt } from "./excerpt.js";
import type { SentBundle, SentReport } from "./meter.js";
import type { IntervalNumber, Pseudonym } from "./one-time-key.js";
import { isInMask } from "./parcels.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";
import { receiptLeaves, receiptSalts, type Claim } from "./receipts.js";
import { isBilledIn, isMissingIn } from "./row-proof.js";
import { rowCheck, type RowCheck } from "./rows.js";
import { consumptionStruct, receiptStruct, type ConsumptionStatement } from "./statements.js";
import { compareBytes } from "./sum-tree.js";

/** What the meter sent in one packet, and what the control centre signed about it. */
interface Sent {
  readonly reports: readonly SentReport[];
  /** The packet's: the salts of its receipts follow from it, 32 bytes. */
  readonly secret: Uint8Array;
  /** The latest first; none when every report was refused, or no answer came. */
  readonly receipts: readonly SentReceipt[];
}

interface SentReceipt {
  /** Numbers of the reports that it covers. */
  readonly covered: readonly number[];
  readonly signature: Uint8Array;
}

/** The outcome of one interval for one home. */
export interface OwnBill {
  /** Price × the home's own rows, in millionths of the currency's minor unit. */
  readonly amount: bigint;
  readonly rows: number;
  readonly faults: readonly LedgerFault[];
  /** Receipts of reports that are not in the page: what a resident shows an auditor. */
  readonly claims: readonly Claim[];
}

/** Faults of what is shown in place of the anchored page. */
const OTHER_PAGE: ReadonlySet<LedgerFault["kind"]> = new Set([
  "signature",
  "statement",
  "billing",
  "wrong-page",
]);

const PREFIX = "ledger/resident/sent/";
const BILLS = "ledger/resident/bill/";

export class LedgerResident {
  private constructor(
    private readonly rules: LedgerRules,
    private readonly store: Store,
    private readonly sent: Map<IntervalNumber, Sent>,
  ) {}

  /** Starts with what the store holds. @throws ledger/record-damaged */
  static async open(rules: LedgerRules, store: Store): Promise<LedgerResident> {
    const entries = await store.transaction((tx) => tx.list(PREFIX));
    const sent = entries.map(([key, bytes]): [number, Sent] => [
      Number(key.slice(PREFIX.length)),
      decodeRecord(bytes) as Sent,
    ]);
    return new LedgerResident(rules, store, new Map(sent));
  }

  /**
   * Keeps what the meter has sent in one packet, and the answer: undefined if it was lost, and then
   * nothing about this packet can be proved to others. A later answer to the same packet completes it.
   * @throws ledger/bad-receipt if the control centre did not sign a receipt for the reports that it did not refuse; what
   * was sent is kept, and `settle` looks for it in the page all the same
   */
  async remember(packet: SentBundle, answer: Admission | undefined): Promise<void> {
    try {
      await this.#keep(packet, answer && this.#receipt(packet.bundle.secret, packet.sent, answer));
    } catch (error) {
      if (isSipsterError(error, "ledger/bad-receipt")) await this.#keep(packet, undefined);
      throw error;
    }
  }

  async #keep(
    { bundle: { interval, secret }, sent }: SentBundle,
    receipt: SentReceipt | undefined,
  ): Promise<void> {
    const before = this.sent.get(interval)?.receipts ?? [];
    const receipts = receipt === undefined ? before : [receipt, ...before];
    const kept: Sent = { reports: sent, secret, receipts };
    const key = PREFIX + keyNumber(interval);
    await this.store.transaction(async (tx) => tx.put(key, encodeRecord(kept)));
    this.sent.set(interval, kept);
  }

  /** What a resident asks a publisher about a page: its own reports, and rows drawn at random. */
  questions(statement: ConsumptionStatement): {
    readonly pseudonyms: readonly Pseudonym[];
    readonly indices: readonly number[];
  } {
    const reports = this.sent.get(statement.interval)?.reports ?? [];
    return {
      pseudonyms: reports.map(({ pseudonym }) => pseudonym),
      indices: sampleRows(statement),
    };
  }

  /** The outcome of an interval that was settled; undefined for others. */
  async bill(interval: IntervalNumber): Promise<OwnBill | undefined> {
    const kept = await this.store.transaction((tx) => tx.get(BILLS + keyNumber(interval)));
    return kept && (decodeRecord(kept) as OwnBill);
  }

  /** Forgets the intervals before this one: their outcomes with the receipts in them, and what was never settled. */
  async forgetBefore(interval: IntervalNumber): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const prefix of [BILLS, PREFIX]) {
        for (const [key] of await tx.list(prefix)) {
          if (key < prefix + keyNumber(interval)) tx.delete(key);
        }
      }
    });
    for (const known of [...this.sent.keys()]) if (known < interval) this.sent.delete(known);
  }

  /**
   * Compares the page whose terms the meter is to act on with the one that is anchored. Terms that were signed for one
   * home alone would give its parcels sizes of their own, by which the control centre knows its reports.
   * @returns what is wrong: the meter is given the terms only when nothing is.
   */
  checkTerms(page: Omit<SignedPage, "billing">): LedgerFault[] {
    const [shown, anchored] = [page.consumption.statement, page.anchored.consumption.statement];
    const isAnchored = equalBytes(hashOf(shown), hashOf(anchored));
    return isAnchored ? [] : auditStatements(page, this.rules);
  }

  /**
   * Compares an interval's page with what was sent, and keeps the outcome in place of what was sent, for `bill` to give.
   * @param asked what was asked for: an answer that is not there counts.
   * @param chain the statements as the chain has them: of the page, and of the last that stood before it.
   */
  async settle(
    excerpt: PageExcerpt,
    asked: readonly number[],
    chain: Pick<SignedPage, "anchored" | "source">,
  ): Promise<OwnBill> {
    const { statement } = excerpt.consumption;
    const { interval } = statement;
    const page = { ...excerpt, isRow: rowCheck(statement) };
    const kept = this.sent.get(interval);
    const sent = (kept?.reports ?? []).map((report, which) => ({
      report,
      which,
      isBilled: isBilled(page, report),
    }));
    const said = auditStatements({ ...excerpt, ...chain }, this.rules);
    const faults = [...said, ...sampleFaults(page, asked), ...orderFaults(page)];
    const billed = sent.filter((one) => one.isBilled);
    const open = sent
      .filter((one) => !one.isBilled)
      .map(({ report, which }) => ({ report, claim: kept && claimOf(kept, which) }));
    const own = open.flatMap(({ report, claim }) => ownFaults(page, report, claim));
    const claims = open.flatMap(({ claim }) => claim ?? []);
    const price = excerpt.billing?.statement.price ?? 0n;
    const load = billed.reduce((sum, { report }) => sum + report.wattHours, 0n);
    const rows = billed.filter(({ report }) => report.wattHours > 0n).length;
    const bill: OwnBill = { amount: price * load, rows, faults: [...faults, ...own], claims };
    // A page that is shown again has nothing to be compared with: the first outcome stands. A page that is not billed
    // yet, or is not the one that is anchored, settles nothing: its author would have the receipts forgotten.
    const isFinal = excerpt.billing !== undefined && !said.some(({ kind }) => OTHER_PAGE.has(kind));
    if (kept !== undefined && isFinal) {
      await this.store.transaction(async (tx) => {
        tx.delete(PREFIX + keyNumber(interval));
        tx.put(BILLS + keyNumber(interval), encodeRecord(bill));
      });
      this.sent.delete(interval);
    }
    return bill;
  }

  /** The receipt of an answer, for the reports that were not refused; undefined if all were. */
  #receipt(
    secret: Uint8Array,
    reports: readonly SentReport[],
    answer: Admission,
  ): SentReceipt | undefined {
    if (typeof answer.refused === "string") return undefined;
    const { refused, receipt: signature } = answer as Exclude<Admission, { refused: string }>;
    const isCovered = (index: number): boolean =>
      !refused.some((r) => r.index === index && r.reason !== "replayed");
    const covered = [...reports.keys()].filter(isCovered);
    const interval = reports[0]?.interval;
    if (interval === undefined || covered.length === 0) return undefined;
    const leaves = leavesOf({ reports, secret, covered });
    const struct = receiptStruct({ interval, leaves });
    if (
      signature !== undefined &&
      isReceiptSigned({ rules: this.rules, interval, struct, signature })
    ) {
      return { covered, signature };
    }
    throw ledgerErrors.error(
      "bad-receipt",
      `the receipt for ${covered.length} reports of interval ${interval} is not the control centre's`,
      { interval, reports: covered.length },
    );
  }
}

const hashOf = (statement: ConsumptionStatement): Uint8Array => consumptionStruct(statement).hash;

/** The leaves that a receipt is for. */
function leavesOf({
  reports,
  secret,
  covered,
}: {
  readonly reports: readonly SentReport[];
  readonly secret: Uint8Array;
  readonly covered: readonly number[];
}): Uint8Array[] {
  return receiptLeaves(receiptSalts(secret), new Map(covered.map((i) => [i, reports[i]!])));
}

/** What proves to anyone that a report was admitted; undefined without a receipt. */
function claimOf({ reports, secret, receipts }: Sent, which: number): Claim | undefined {
  const receipt = receipts.find(({ covered }) => covered.includes(which));
  if (receipt === undefined) return undefined;
  const { covered, signature } = receipt;
  const { interval, pseudonym, category } = reports[which]!;
  const leaves = leavesOf({ reports, secret, covered });
  const salt = receiptSalts(secret)[which]!;
  return { interval, leaves, which, salt, pseudonym, category, signature };
}

/** What was shown of a page, each row of which is checked once. */
interface ShownPage extends PageExcerpt {
  readonly isRow: RowCheck;
}

function isBilled({ own, isRow }: ShownPage, report: SentReport): boolean {
  const proof = own.get(nameOf(report.pseudonym));
  return proof !== undefined && isBilledIn(isRow, report, proof);
}

/** What the page says of one of the home's own reports that it does not bill. */
function ownFaults(
  { consumption, own, isRow }: ShownPage,
  report: SentReport,
  claim: Claim | undefined,
): LedgerFault[] {
  const { interval, withheld, rows } = consumption.statement;
  const proof = own.get(nameOf(report.pseudonym));
  if (proof === undefined) return [notShown({ interval, rows, what: "an own row" })];
  if ("row" in proof && isRow(proof.row)) {
    const { wattHours, category } = proof.row.row;
    const message = `row ${proof.row.index} of L_OCD shows ${wattHours} Wh of category ${category} for a report of ${report.wattHours} Wh`;
    // What was not reported so was not signed so either.
    const challenge = { kind: "unsigned", row: proof.row } as const;
    return [
      fault({ interval, kind: "unsigned", message, more: { index: proof.row.index, challenge } }),
    ];
  }
  if ("row" in proof || !isMissingIn({ isRow, rows }, report, proof)) {
    return [notShown({ interval, rows, what: "an own row" })];
  }
  if (isInMask(withheld, report.category)) return [];
  const { neighbours } = proof;
  const challenge = claim && ({ kind: "missing-row", claim, neighbours } as const);
  const message = `a report of ${report.wattHours} Wh is missing in L_OCD`;
  return [fault({ interval, kind: "missing-row", message, more: { challenge } })];
}

function sampleFaults(
  { consumption, samples, isRow }: ShownPage,
  asked: readonly number[],
): LedgerFault[] {
  const { statement } = consumption;
  return asked.flatMap((index) => {
    const shown = samples.get(index);
    if (shown?.index === index && isRow(shown)) return [];
    return [
      notShown({ interval: statement.interval, rows: statement.rows, what: `row ${index}`, index }),
    ];
  });
}

/** Rows that were shown must rise with their positions: a page in another order hides what is missing. */
function orderFaults({ consumption, samples, own, isRow }: ShownPage): LedgerFault[] {
  const { interval } = consumption.statement;
  const proofs = [...own.values()].flatMap((proof) =>
    "row" in proof ? [proof.row] : proof.neighbours,
  );
  const shown = [...samples.values(), ...proofs].filter(isRow).sort((a, b) => a.index - b.index);
  return shown.slice(1).flatMap((next, i) => {
    const row = shown[i]!;
    const isRising = compareBytes(row.row.pseudonym, next.row.pseudonym) < 0;
    if (row.index === next.index || isRising) return [];
    const message = `rows ${row.index} and ${next.index} of L_OCD are not in order`;
    const challenge = { kind: "order", rows: [row, next] } as const;
    return [fault({ interval, kind: "order", message, more: { index: next.index, challenge } })];
  });
}

function notShown({
  interval,
  rows,
  what,
  index = 0,
}: {
  readonly interval: number;
  readonly rows: number;
  readonly what: string;
  readonly index?: number;
}): LedgerFault {
  const challenge: Challenge | undefined = rows === 0 ? undefined : { kind: "unshown", index };
  const message = `${what} of L_OCD was asked for and no path to the signed root was shown`;
  return fault({ interval, kind: "unshown", message, more: { index, challenge } });
}
