/**
 * The service provider: checks a page of L_OCD, derives the price from its load by the published
 * function, and publishes the price (L_DAP) and a bill row for every parcel (L_BC).
 */
import { auditConsumption } from "./audit/consumption.js";
import type { LedgerRules } from "./audit/rules.js";
import { ledgerErrors } from "./errors.js";
import { ZERO_ROOT } from "./merkle.js";
import {
  billRows,
  billStatement,
  type BillPage,
  type ConsumptionPage,
  type PricePage,
} from "./pages.js";
import {
  billsStruct,
  consumptionStruct,
  hashStruct,
  priceStruct,
  type BillStatement,
  type ConsumptionStatement,
  type PriceStatement,
  type StatementSigner,
} from "./statements.js";

export class ServiceProvider {
  #consumption: ConsumptionStatement | undefined;
  #bills: BillStatement | undefined;

  constructor(
    private readonly rules: LedgerRules,
    private readonly signer: StatementSigner,
  ) {}

  /**
   * The price and the bills of an interval.
   * @throws ledger/page-refused if anything is wrong with the page; ledger/no-price
   */
  bill(page: ConsumptionPage): { readonly price: PricePage; readonly bills: BillPage } {
    const [fault, ...others] = auditConsumption(page, this.rules, this.#consumption, undefined);
    if (fault !== undefined) {
      throw ledgerErrors.error(
        "page-refused",
        `L_OCD of interval ${fault.interval} is wrong: ${fault.message}`,
        { interval: fault.interval, kind: fault.kind, others: others.length },
      );
    }
    const { interval, load } = page.statement;
    const price: PriceStatement = {
      interval,
      price: this.rules.price.priceAt(interval, load),
      consumption: hashStruct(consumptionStruct(page.statement)),
    };
    const rows = billRows(page.rows, price.price);
    const previousRoot = this.#bills?.root ?? ZERO_ROOT;
    const bills = billStatement(interval, rows, previousRoot);
    this.#consumption = page.statement;
    this.#bills = bills;
    return {
      price: { statement: price, signature: this.signer.sign(priceStruct(price)) },
      bills: {
        statement: bills,
        signature: this.signer.sign(billsStruct(bills)),
        rows,
        previousRoot,
      },
    };
  }
}
