/** Pages as a dishonest control centre or provider would sign them: hashed, summed and signed as honest ones are. */
import {
  billingStatement,
  billingStruct,
  consumptionStruct,
  type BillingPage,
  type ConsumptionPage,
  type ConsumptionRow,
  type ConsumptionStatement,
  type StatementSigner,
} from "../../../ledger/index.js";
import { rowTree } from "../../../ledger/rows.js";

/** Publishes other rows, or says something else about them. */
export function rewritePage(
  page: ConsumptionPage,
  signer: StatementSigner,
  changes: Partial<ConsumptionStatement> & { readonly content?: readonly ConsumptionRow[] },
): ConsumptionPage {
  const { content: rows = page.rows, ...said } = changes;
  const { root, total } = rowTree(page.statement.interval, rows);
  const statement = { ...page.statement, rows: rows.length, load: total, root, ...said };
  return { statement, signature: signer.sign(consumptionStruct(statement)), rows };
}

/** Prices a page that may be wrong. */
export function priceAt(
  { statement }: ConsumptionPage,
  signer: StatementSigner,
  price: bigint,
): BillingPage {
  const billing = billingStatement(statement, price);
  return { statement: billing, signature: signer.sign(billingStruct(billing)) };
}
