/** Checking what is signed about a page: signatures, anchors, terms, price. Needs none of its rows. */
import { equalBytes } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { PageStatements } from "../page-book.js";
import { termsAfter } from "../pages.js";
import {
  billingStruct,
  consumptionStruct,
  type BillingStatement,
  type ConsumptionStatement,
  type Signed,
  type TypedStruct,
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
  const { consumption, billing } = page;
  const { interval } = consumption.statement;
  const load = {
    struct: consumptionStruct(consumption.statement),
    signature: consumption.signature,
    signer: rules.controlCentre,
  };
  const price = billing && {
    struct: billingStruct(billing.statement),
    signature: billing.signature,
    signer: rules.provider,
  };
  const [isAuthor, isProvider] = rules.verifier.verifyAll(price ? [load, price] : [load]);
  const faults = isAuthor!
    ? anchorFaults(page, load.struct)
    : [unsigned(interval, "the statement of L_OCD is not signed by the control centre")];
  faults.push(...termsFaults(page, rules));
  if (billing === undefined || price === undefined) return faults;
  if (!isProvider!) {
    return [...faults, unsigned(interval, "price and total are not signed by the provider")];
  }
  return [
    ...faults,
    ...priceAnchorFaults(page, billing, price.struct),
    ...billingFaults(consumption, billing, load.struct),
    ...priceFaults(consumption, billing, rules),
  ];
}

function unsigned(interval: number, message: string): LedgerFault {
  return fault({ interval, kind: "signature", message });
}

/** Is it the statement that is anchored? */
function anchorFaults({ consumption, anchored }: SignedPage, struct: TypedStruct): LedgerFault[] {
  const { interval, load } = consumption.statement;
  if (equalBytes(struct.hash, consumptionStruct(anchored.consumption.statement).hash)) return [];
  const message = `L_OCD was published with a load of ${load} Wh, and another page is anchored`;
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

/** Is it the price that is anchored? */
function priceAnchorFaults(
  { consumption, anchored }: SignedPage,
  billing: Signed<BillingStatement>,
  struct: TypedStruct,
): LedgerFault[] {
  const known = anchored.billing;
  if (known === undefined || equalBytes(struct.hash, billingStruct(known.statement).hash)) {
    return [];
  }
  const { interval } = consumption.statement;
  const message = `the provider published a price of ${billing.statement.price}, and anchored another`;
  const challenge = { kind: "billing", other: billing } as const;
  return [fault({ interval, kind: "billing", message, more: { challenge } })];
}

/** Is the price for this consumption, and the total price × load? */
function billingFaults(
  consumption: Signed<ConsumptionStatement>,
  { statement }: Signed<BillingStatement>,
  priced: TypedStruct,
): LedgerFault[] {
  const { interval, load } = consumption.statement;
  const faults: LedgerFault[] = [];
  if (statement.interval !== interval || !equalBytes(statement.consumption, priced.hash)) {
    const message = `the price of interval ${statement.interval} is for another consumption`;
    faults.push(fault({ interval, kind: "wrong-page", message }));
  }
  if (statement.total !== statement.price * load) {
    const message = `the total of L_BC is ${statement.total}; ${load} Wh at ${statement.price} are ${statement.price * load}`;
    faults.push(fault({ interval, kind: "wrong-page", message }));
  }
  return faults;
}

/** Is the price what the published function makes of the load? */
function priceFaults(
  consumption: Signed<ConsumptionStatement>,
  { statement }: Signed<BillingStatement>,
  rules: LedgerRules,
): LedgerFault[] {
  const { interval, load } = consumption.statement;
  const expected = priceOrNone(rules, interval, load);
  if (statement.price === expected) return [];
  const message =
    expected === undefined
      ? `the price is ${statement.price}, and the price function has none for the interval`
      : `the price is ${statement.price}; for a load of ${load} Wh it is ${expected}`;
  return [fault({ interval, kind: "price", message, more: { challenge: { kind: "price" } } })];
}

function priceOrNone({ price }: LedgerRules, interval: number, load: bigint): bigint | undefined {
  try {
    return price.priceAt(interval, load);
  } catch (error) {
    if (isSipsterError(error, "ledger/no-price")) return undefined;
    throw error;
  }
}
