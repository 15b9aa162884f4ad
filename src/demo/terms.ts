/** The public parameters of a demonstration: what every meter is installed with. */
import {
  announceTerms,
  readAnnouncements,
  termsOfPeriod,
  type Deployment,
  type TransactionSender,
} from "../chain/index.js";
import { scheduleOf } from "../resident/index.js";
import {
  FIRST_EPOCH_PERIOD,
  parseAddress,
  termsHash,
  type Denominations,
  type EmissionRule,
  type HexAddress,
  type SystemTerms,
} from "../sipster/index.js";
import { tariffHash, type Tariff } from "../tariff/index.js";

export interface DemoTerms {
  readonly deployment: Deployment;
  /** Address of the classic suite's token key; `null` in the hash-bound suite. */
  readonly tokenKey: HexAddress | null;
  readonly payee: string;
  readonly noticeSigner: HexAddress;
  readonly answerKey: HexAddress;
  readonly emission: EmissionRule;
  readonly minorUnits: number;
  readonly denominations: Denominations;
  readonly tariff: Tariff;
  readonly timeZone: string;
}

/**
 * Everything runs in one process on a development chain: no lead, and no dummies, because nobody is there
 * to count requests. Tokens of the period's end are paid in the month after it, at times of their own.
 */
export function demoTerms(of: DemoTerms): SystemTerms {
  const { contracts, chainId } = of.deployment;
  return {
    deployment: {
      chainId,
      settlement: parseAddress(contracts.settlement.address),
      vault: parseAddress(contracts.vault.address),
      orderBoard: parseAddress(contracts.orderBoard.address),
    },
    suite:
      of.tokenKey === null ? { name: "hash-bound" } : { name: "classic", tokenKey: of.tokenKey },
    payee: parseAddress(of.payee),
    token: { address: parseAddress(contracts.token.address), baseUnitsPerUnit: 1n },
    unit: { currency: of.tariff.currency, minorUnits: of.minorUnits },
    denominations: of.denominations,
    emission: of.emission,
    timeZone: of.timeZone,
    schedule: scheduleOf(of.emission === "at-period-end" ? "next-month" : "common-deadline"),
    sizeClasses: [],
    tariffs: [tariffHash(of.tariff)],
    noticeSigner: of.noticeSigner,
    answerKey: of.answerKey,
    finality: { rule: "confirmations", blocks: 0 },
    timeShift: 0,
    lead: 0,
  };
}

/**
 * Announces the terms, unless they rule already, and takes them as the chain has them: what every meter
 * is installed with and every wallet goes by.
 * @param period of the run, YYYYMM: from it on they rule, unless they are the deployment's first
 * @throws chain/parameters-not-announced, parameters-of-another-deployment, contract/…
 */
export async function pinnedTerms(
  sender: TransactionSender,
  deployment: Deployment,
  { terms, period }: { readonly terms: SystemTerms; readonly period: number },
): Promise<SystemTerms> {
  const before = (await readAnnouncements(sender.provider, deployment)).terms;
  if (before.at(-1)?.hash !== termsHash(terms)) {
    const firstPeriod = before.length === 0 ? FIRST_EPOCH_PERIOD : period;
    await announceTerms(sender, deployment, { terms, firstPeriod });
  }
  const announced = await readAnnouncements(sender.provider, deployment);
  return termsOfPeriod({ deployment, announced, served: { terms: [terms], network: [] }, period });
}
