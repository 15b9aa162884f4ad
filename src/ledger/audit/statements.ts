/** Checking what is signed about a page: signatures, anchors, terms, price. Needs none of its rows. */
import { equalBytes } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { PageStatements } from "../page-book.js";
import { termsAfter } from "../pages.js";
import {
  billingStruct,
  consumptionStruct,
  hashStruct,
  type BillingStatement,
  type ConsumptionStatement,
  type Signed,
} from "../statements.js";
import { fault, type LedgerFault } from "./fault.js";
import type { LedgerRules } from "./rules.js";

/** What is signed about a page, beside what the chain has and what its terms come from. */
export interface SignedPage {
  readonly consumption: Signed<ConsumptionStatement>;
  readonly billing?: Signed<BillingStatement> | undefined;
  readonly anchored: PageStatements;
  readonly source: PageStatements | undefined;
}

/** Everything that is wrong with what is signed; nothing if all is right. */
export function auditStatements(page: SignedPage, rules: LedgerRules): LedgerFault[] {
  const faults = [...authorFaults(page, rules), ...termsFaults(page, rules)];
  if (page.billing === undefined) return faults;
  return [...faults, ...billingFaults(page, page.billing, rules)];
}

/** Signed by the control centre, and the statement that is anchored? */
function authorFaults({ consumption, anchored }: SignedPage, rules: LedgerRules): LedgerFault[] {
  const { statement, signature } = consumption;
  const struct = consumptionStruct(statement);
  const { interval } = statement;
  if (!rules.verifier.verify(struct, signature, rules.controlCentre)) {
    const message = "the statement of L_OCD is not signed by the control centre";
    return [fault({ interval, kind: "signature", message })];
  }
  if (
    equalBytes(hashStruct(struct), hashStruct(consumptionStruct(anchored.consumption.statement)))
  ) {
    return [];
  }
  const message = `L_OCD was published with a load of ${statement.load} Wh, and another page is anchored`;
  const challenge = { kind: "statement", other: consumption } as const;
  return [fault({ interval, kind: "statement", message, more: { challenge } })];
}

/** Average and mask of the terms must be what the rule makes of their source. */
function termsFaults({ consumption, source }: SignedPage, rules: LedgerRules): LedgerFault[] {
  const { interval, average, mask, source: named } = consumption.statement;
  const right = termsAfter(source?.consumption.statement, rules.initialAverage);
  if (average === right.average && mask === right.mask && named === right.source) return [];
  const message = `the terms of interval ${interval + 2} are ${average} Wh from page ${named}; by the rule they are ${right.average} Wh from page ${right.source}`;
  return [fault({ interval, kind: "terms", message, more: { challenge: { kind: "terms" } } })];
}

function billingFaults(
  { consumption, anchored }: SignedPage,
  billing: Signed<BillingStatement>,
  rules: LedgerRules,
): LedgerFault[] {
  const { statement, signature } = billing;
  const { interval, load } = consumption.statement;
  const struct = billingStruct(statement);
  if (!rules.verifier.verify(struct, signature, rules.provider)) {
    return [
      fault({
        interval,
        kind: "signature",
        message: "price and total are not signed by the provider",
      }),
    ];
  }
  const faults: LedgerFault[] = [];
  const known = anchored.billing;
  if (
    known !== undefined &&
    !equalBytes(hashStruct(struct), hashStruct(billingStruct(known.statement)))
  ) {
    const message = `the provider published a price of ${statement.price}, and anchored another`;
    const challenge = { kind: "billing", other: billing } as const;
    faults.push(fault({ interval, kind: "billing", message, more: { challenge } }));
  }
  const priced = hashStruct(consumptionStruct(consumption.statement));
  if (statement.interval !== interval || !equalBytes(statement.consumption, priced)) {
    const message = `the price of interval ${statement.interval} is for another consumption`;
    faults.push(fault({ interval, kind: "wrong-page", message }));
  }
  if (statement.total !== statement.price * load) {
    const message = `the total of L_BC is ${statement.total}; ${load} Wh at ${statement.price} are ${statement.price * load}`;
    faults.push(fault({ interval, kind: "wrong-page", message }));
  }
  const expected = priceOrNone(rules, interval, load);
  if (statement.price !== expected) {
    const message =
      expected === undefined
        ? `the price is ${statement.price}, and the price function has none for the interval`
        : `the price is ${statement.price}; for a load of ${load} Wh it is ${expected}`;
    faults.push(
      fault({ interval, kind: "price", message, more: { challenge: { kind: "price" } } }),
    );
  }
  return faults;
}

function priceOrNone({ price }: LedgerRules, interval: number, load: bigint): bigint | undefined {
  try {
    return price.priceAt(interval, load);
  } catch (error) {
    if (isSipsterError(error, "ledger/no-price")) return undefined;
    throw error;
  }
}
