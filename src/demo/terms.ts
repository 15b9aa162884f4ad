/** The public parameters of a demonstration: what every meter is installed with. */
import type { Deployment } from "../chain/index.js";
import { scheduleOf } from "../resident/index.js";
import {
  parseAddress,
  type Denominations,
  type HexAddress,
  type SystemTerms,
} from "../sipster/index.js";
import { tariffHash, type Tariff } from "../tariff/index.js";

const NOBODY = parseAddress(`0x${"00".repeat(20)}`);

export interface DemoTerms {
  readonly deployment: Deployment;
  /** Address of the classic suite's token key; `null` in the hash-bound suite. */
  readonly tokenKey: HexAddress | null;
  readonly payee: string;
  readonly noticeSigner: HexAddress;
  readonly minorUnits: number;
  readonly denominations: Denominations;
  readonly tariff: Tariff;
  readonly timeZone: string;
}

/** Everything runs in one process on a development chain: no lead, no schedule, no dummies. */
export function demoTerms(of: DemoTerms): SystemTerms {
  const { contracts, chainId } = of.deployment;
  return {
    deployment: {
      chainId,
      settlement: parseAddress(contracts.settlement.address),
      vault: parseAddress(contracts.vault.address),
      orderBoard: NOBODY,
    },
    suite:
      of.tokenKey === null ? { name: "hash-bound" } : { name: "classic", tokenKey: of.tokenKey },
    payee: parseAddress(of.payee),
    token: { address: parseAddress(contracts.token.address), baseUnitsPerUnit: 1n },
    unit: { currency: of.tariff.currency, minorUnits: of.minorUnits },
    denominations: of.denominations,
    emission: "as-it-accrues",
    timeZone: of.timeZone,
    schedule: scheduleOf("common-deadline"),
    sizeClasses: [],
    tariffs: [tariffHash(of.tariff)],
    noticeSigner: of.noticeSigner,
    answerKey: NOBODY,
    finality: { rule: "confirmations", blocks: 0 },
    timeShift: 0,
    lead: 0,
  };
}
