/** The cheats of the command, as well disguised as their authors can. */
import {
  billAt,
  parcelSize,
  rewriteBills,
  rewriteConsumption,
  withAmount,
  withoutRow,
  type Category,
  type Cheat,
  type ConsumptionPage,
  type IntervalPages,
  type StatementSigner,
} from "../../ledger/index.js";

/** A control centre that drops a row, or states a load that is not the sum. */
export function cheatConsumption(
  page: ConsumptionPage,
  cheat: Cheat | undefined,
  controlCentre: StatementSigner,
): ConsumptionPage {
  const { rows, statement } = page;
  if (cheat === "total") {
    return rewriteConsumption(page, controlCentre, rows, statement.load + statement.average);
  }
  if (cheat !== "drop" || rows.length === 0) return page;
  // A row of the commonest size: its category stays published.
  const counts = ([0, 1, 2, 3, 4] as const).map((category: Category) => {
    const size = parcelSize(category, statement.average);
    return { size, count: rows.filter((row) => row.wattHours === size).length };
  });
  const { size } = counts.reduce((best, c) => (c.count > best.count ? c : best));
  const dropped = rows.findLastIndex((row) => row.wattHours === size);
  return rewriteConsumption(page, controlCentre, withoutRow(rows, dropped));
}

/** A provider that charges a tenth more, or one home the double. */
export function cheatProvider(
  pages: IntervalPages,
  cheat: Cheat | undefined,
  provider: StatementSigner,
): IntervalPages {
  const { consumption, price, bills } = pages;
  if (cheat === "price") {
    return billAt(consumption, bills.previousRoot, provider, (price.statement.price * 11n) / 10n);
  }
  if (cheat !== "row" || bills.rows.length === 0) return pages;
  const at = Math.floor(bills.rows.length / 2);
  const rows = withAmount(bills.rows, at, bills.rows[at]!.amount * 2n);
  const { interval } = consumption.statement;
  const wrong = rewriteBills(interval, bills.previousRoot, provider, rows);
  return { consumption, price, bills: wrong };
}
