/** The cheats of the command, as well disguised as their authors can. */
import { randomBytes } from "@noble/hashes/utils.js";
import {
  BillCounter,
  decodeBill,
  encodeBill,
  leastReports,
  parcelSize,
  type BillingPage,
  type Category,
  type ConsumptionPage,
  type ConsumptionRow,
  type IntervalTerms,
  type Pseudonym,
  type StatementSigner,
} from "../../../ledger/index.js";
import { publicKeyOf } from "../../../ledger/curve.js";
import { reportMessage } from "../../../ledger/report.js";
import { signSchnorr } from "../../../ledger/schnorr.js";
import { compareBytes } from "../../../ledger/sum-tree.js";
import { priceAt, rewritePage } from "./rewrite.js";

/** Cheats of the control centre: what is anchored, or what is published beside it. */
export const CENTRE_CHEATS = [
  "drop",
  "total",
  "renumber",
  "average",
  "withhold",
  "invent",
  "page",
] as const;
/** Cheats of the provider. */
export const PROVIDER_CHEATS = ["price", "row"] as const;
export const CHEATS = [...PROVIDER_CHEATS, ...CENTRE_CHEATS] as const;
export type Cheat = (typeof CHEATS)[number];

/** Who did what. */
export const CHEAT_TEXTS: Record<Cheat, string> = {
  price: "the provider charged a tenth more than the price function gives",
  row: "the provider charged one report the double",
  drop: "the control centre left out a report that it had given a receipt for",
  total: "the control centre stated a higher load than its rows sum up to",
  renumber: "the control centre put its rows at other positions, where nobody finds a gap",
  average: "the control centre named terms with twice the average that the rule gives",
  withhold: "the control centre withheld a category that enough homes had reported in",
  invent: "the control centre added a row of a meter that is not enrolled",
  page: "the control centre published other rows than those it had signed and anchored",
};

export interface CentreCheat {
  /** What is signed and anchored. */
  readonly anchored: ConsumptionPage;
  /** What residents and auditors are shown. */
  readonly published: ConsumptionPage;
}

/** The page of a dishonest control centre, in place of the honest one. */
export function cheatAsCentre({
  cheat,
  page,
  terms,
  by,
}: {
  readonly cheat: (typeof CENTRE_CHEATS)[number];
  readonly page: ConsumptionPage;
  readonly terms: IntervalTerms;
  readonly by: { readonly signer: StatementSigner; readonly ledger: Uint8Array };
}): CentreCheat {
  const { rows, statement } = page;
  const { signer } = by;
  const same = (wrong: ConsumptionPage): CentreCheat => ({ anchored: wrong, published: wrong });
  switch (cheat) {
    case "drop": {
      const dropped = rows.findLastIndex(({ category }) => category === commonest(rows));
      return same(rewritePage(page, signer, { content: rows.toSpliced(dropped, 1) }));
    }
    case "total":
      return same(rewritePage(page, signer, { load: statement.load + terms.average }));
    case "renumber": {
      const half = Math.floor(rows.length / 2);
      const content = [...rows.slice(half), ...rows.slice(0, half)];
      return same(rewritePage(page, signer, { content }));
    }
    case "average":
      return same(rewritePage(page, signer, { average: 2n * statement.average }));
    case "withhold": {
      const category = commonest(rows);
      const content = rows.filter((row) => row.category !== category);
      const withheld = statement.withheld | (1 << category);
      return same(rewritePage(page, signer, { content, withheld }));
    }
    case "invent": {
      const content = [...rows, inventedRow(page, terms, by.ledger)].sort((a, b) =>
        compareBytes(a.pseudonym, b.pseudonym),
      );
      return same(rewritePage(page, signer, { content }));
    }
    case "page": {
      const at = rows.findIndex(({ category }) => category === commonest(rows));
      const changed = { ...rows[at]!, wattHours: rows[at]!.wattHours * 2n };
      return { anchored: page, published: { ...page, rows: rows.with(at, changed) } };
    }
  }
}

/** A price a tenth above the function's. */
export function overprice(page: ConsumptionPage, honest: BillingPage, signer: StatementSigner) {
  return priceAt(page, signer, (honest.statement.price * 11n) / 10n);
}

/** A counter that charges one row the double, once it is told which. */
export class DoublingCounter extends BillCounter {
  /** Position of the row. */
  doubled: number | undefined;

  override answer(question: Uint8Array): Uint8Array {
    const signed = decodeBill(super.answer(question));
    if (signed === null || signed.statement.index !== this.doubled) return encodeBill(signed);
    const { statement } = signed;
    return encodeBill(this.sign({ ...statement, amount: statement.amount * 2n }));
  }
}

/** The category with most rows, of those that would be published without one of them, or are at all. */
function commonest(rows: readonly ConsumptionRow[]): Category {
  const counts = ([0, 1, 2, 3, 4] as const).map((category) => ({
    category,
    count: rows.filter((row) => row.category === category).length / leastReports(category, 1),
  }));
  return counts.reduce((best, c) => (c.count > best.count ? c : best)).category;
}

/** Signed with a key of the control centre's own, under a pseudonym of nobody. */
function inventedRow(
  { rows, statement }: ConsumptionPage,
  { average }: IntervalTerms,
  ledger: Uint8Array,
): ConsumptionRow {
  const category = commonest(rows);
  const wattHours = parcelSize(category, average);
  const pseudonym = randomBytes(32) as Pseudonym;
  const secret = 0x5ecn;
  const key = publicKeyOf(secret);
  const message = reportMessage({ ledger, interval: statement.interval, pseudonym, wattHours });
  return { pseudonym, category, wattHours, key, signature: signSchnorr(secret, key, message) };
}
