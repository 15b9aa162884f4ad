/** What the utility puts on the chain before it can serve: its keys with their notice, and its terms. */
import type { Bn254 } from "../../algebra/index.js";
import {
  announceTerms,
  registerKey,
  systemOf,
  VaultCalls,
  VaultReader,
  type Cost,
  type Deployment,
  type Registration,
  type TransactionSender,
} from "../../chain/index.js";
import { DEFAULT_CLASSES, defaultBasket, mintPublicKeys } from "../../ecash/index.js";
import { registerMintKeys } from "../../mint/index.js";
import { scheduleOf } from "../../resident/index.js";
import {
  addressOf,
  FIRST_EPOCH_PERIOD,
  keyHashOf,
  parseAddress,
  parseDenominations,
  publicKeyOf,
  signKeyNotice,
  type Denominations,
  type EmissionRule,
  type SchedulePolicy,
  type SizeClass,
  type SystemTerms,
  type UtilitySecretKey,
} from "../../sipster/index.js";
import { tariffHash, type Tariff } from "../../tariff/index.js";
import { cliErrors } from "../errors.js";
import type { UtilityFolder } from "./folder.js";

interface Target {
  readonly folder: UtilityFolder;
  readonly curve: Bn254;
  readonly deployment: Deployment;
  readonly sender: TransactionSender;
}

/**
 * Registers the first receipt key with its notice, and the mint's keys. What is there is left out.
 * @returns what the mint's keys cost; `null` if they were there
 */
export async function registerKeys({
  folder,
  curve,
  deployment,
  sender,
}: Target): Promise<Cost | null> {
  const { receiptKey, mint } = folder.secrets;
  const target = { folder, curve, deployment, sender };
  await registerReceiptKey(target, receiptKey, FIRST_EPOCH_PERIOD);
  const next = await new VaultReader(sender.provider, deployment).nextMintKeys();
  if (next.mintKeyId > mint.mintKeyId) return null;
  if (next.mintKeyId < mint.mintKeyId) {
    throw cliErrors.error("other-key", `the vault's next mint key is ${next.mintKeyId}`);
  }
  const keys = { ...mintPublicKeys(curve, mint), firstPeriod: next.firstPeriod };
  return registerMintKeys(new VaultCalls(sender, deployment), curve, keys);
}

/**
 * Registers a receipt key with its notice, from a period on. Does nothing if it is there.
 * @throws as `registerKey`
 */
export function registerReceiptKey(
  { folder, curve, deployment, sender }: Target,
  secret: UtilitySecretKey,
  firstPeriod: number,
): Promise<Registration> {
  const key = publicKeyOf(curve, secret);
  const { keyEpoch } = key;
  const announcement = { keyEpoch, firstPeriod, keyHash: keyHashOf(curve, key) };
  const notice = signKeyNotice(systemOf(deployment), announcement, folder.secrets.noticeKey);
  return registerKey({ sender, deployment, curve, key, notice });
}

export interface TermsOptions {
  readonly tariff: Tariff;
  readonly timeZone: string;
  readonly currency: string;
  readonly minorUnits: number;
  readonly payee: string;
  /** Coins of each denomination in the basket of one class; the default classes when absent. */
  readonly basket?: number;
  /** Of each wallet in a month, dummies included; 0: no dummies are sent. */
  readonly requests: number;
  readonly emission: EmissionRule;
  readonly policy: SchedulePolicy;
  readonly timeShift: number;
  readonly lead: number;
}

/** Announces terms from a period on, and keeps them as they are served. */
export async function announce(
  { folder, deployment, sender }: Target,
  options: TermsOptions,
  firstPeriod: number,
): Promise<SystemTerms> {
  const terms = termsOf(folder, deployment, options);
  folder.addTariff(options.tariff);
  await announceTerms(sender, deployment, { terms, firstPeriod });
  folder.addTerms(terms);
  return terms;
}

function termsOf(
  folder: UtilityFolder,
  { chainId, contracts }: Deployment,
  options: TermsOptions,
): SystemTerms {
  const { noticeKey, answerKey, mint } = folder.secrets;
  const denominations = parseDenominations([...mint.scalars.keys()].sort((a, b) => a - b));
  return {
    deployment: {
      chainId,
      settlement: parseAddress(contracts.settlement.address),
      vault: parseAddress(contracts.vault.address),
      orderBoard: parseAddress(contracts.orderBoard.address),
    },
    suite: { name: "hash-bound" },
    payee: parseAddress(options.payee),
    token: { address: parseAddress(contracts.token.address), baseUnitsPerUnit: 1n },
    unit: { currency: options.currency, minorUnits: options.minorUnits },
    denominations,
    emission: options.emission,
    timeZone: options.timeZone,
    schedule: scheduleOf(options.policy),
    sizeClasses: sizeClassesOf(options, denominations),
    tariffs: [tariffHash(options.tariff)],
    noticeSigner: addressOf(noticeKey),
    answerKey: addressOf(answerKey),
    finality: options.lead === 0 ? { rule: "confirmations", blocks: 0 } : { rule: "finalized" },
    timeShift: options.timeShift,
    lead: options.lead,
  };
}

function sizeClassesOf(
  { basket, emission, minorUnits, requests }: TermsOptions,
  denominations: Denominations,
): readonly SizeClass[] {
  if (basket !== undefined) {
    const same = denominations.map((denomination) => ({ denomination, count: basket }));
    return [{ name: "standard", basket: same, requests }];
  }
  return DEFAULT_CLASSES.map((of) => ({
    name: of.name,
    basket: [...defaultBasket(of, { emission, denominations, minorUnits })].map(
      ([denomination, count]) => ({ denomination, count }),
    ),
    requests,
  }));
}
