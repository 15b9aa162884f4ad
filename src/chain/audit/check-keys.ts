/**
 * Checking the utility's keys: that each is a key, is what was registered, serves one epoch, was
 * announced with the lead, and has the notice signer's signature.
 */
import { getBytes, type Provider } from "ethers";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import {
  earliestFirstPeriod,
  isConsistentKey,
  keyHashOf,
  recoverNoticeSigner,
  type UtilityPublicKey,
} from "../../sipster/index.js";
import { CreditVault__factory } from "../bindings/index.js";
import { g1FromWords, g2FromWords } from "../contract-values.js";
import { settlementContract, systemOf, type Deployment } from "../deploy/deployment.js";
import { answerOf } from "./answer.js";
import type { RegisteredKey } from "./history.js";
import type { UsableKey } from "./judge.js";
import { toAudited, type AuditedSystem } from "./result.js";

/** End of a key epoch that no other follows. */
const OPEN_END = 2n ** 32n;

export interface AuditedKeys {
  readonly audited: AuditedSystem;
  /** By key epoch: those that bills can be checked with. */
  readonly usable: ReadonlyMap<number, UsableKey>;
}

/** What the keys are checked against. */
export interface KeyChecks {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly curve: Bn254;
  readonly blockTag: number;
}

/** @param keys all that were registered, in the order of the chain */
export async function checkKeys(
  { provider, deployment, curve, blockTag }: KeyChecks,
  keys: readonly RegisteredKey[],
): Promise<AuditedKeys> {
  const problems: string[] = [];
  const usable = new Map<number, UsableKey>();
  const contract = settlementContract(deployment, { provider });
  const vault = CreditVault__factory.connect(deployment.contracts.vault.address, provider);
  const count = await answerOf(contract.keyEpochs({ blockTag }));
  if (count !== BigInt(keys.length)) {
    problems.push(`the contract counts ${count ?? "no"} keys, the events ${keys.length}`);
  }
  const epochOfKey = new Map<string, number>();
  for (const [i, key] of keys.entries()) {
    const { keyEpoch } = key;
    if (keyEpoch !== i + 1)
      problems.push(`key epoch ${keyEpoch} was registered as number ${i + 1}`);
    const decoded = decodeKey(curve, key);
    if (decoded === null) problems.push(`the key of epoch ${keyEpoch} is inconsistent`);
    else {
      if (!usable.has(keyEpoch)) usable.set(keyEpoch, { a2: decoded.a2 });
      const hash = bytesToHex(keyHashOf(curve, decoded));
      const earlier = epochOfKey.get(hash);
      if (earlier !== undefined) {
        problems.push(`key epochs ${earlier} and ${keyEpoch} have the same key`);
      }
      epochOfKey.set(hash, keyEpoch);
      problems.push(...noticeProblems({ deployment, curve, key: decoded, registered: key }));
      // The vault refuses keys of the settlement contract; one that is registered there later it cannot.
      if ((await answerOf(vault.isMintKey(`0x${hash}`, { blockTag }))) === true) {
        problems.push(
          `the key of epoch ${keyEpoch} is also a key of the mint: withdrawals buy receipts with it`,
        );
      }
    }
    problems.push(
      ...(await periodProblems({ provider, deployment, registered: key, before: keys[i - 1] })),
    );
    const endPeriod = BigInt(keys[i + 1]?.firstPeriod ?? OPEN_END);
    const stored = await answerOf(contract.epochKey(keyEpoch, { blockTag }));
    if (stored === null || !isSame(stored, key) || stored.endPeriod !== endPeriod) {
      problems.push(`the contract holds another key for epoch ${keyEpoch} than was registered`);
    }
  }
  return { audited: toAudited("keys", problems), usable };
}

/** The key of a registration, `null` unless it is one. */
export function decodeKey(
  curve: Bn254,
  { keyEpoch, a1, a2 }: Pick<RegisteredKey, "keyEpoch" | "a1" | "a2">,
): UtilityPublicKey | null {
  try {
    const key = { keyEpoch, a1: g1FromWords(curve, a1), a2: g2FromWords(curve, a2) };
    return isConsistentKey(curve, key) ? key : null;
  } catch {
    // Not a point of its group.
    return null;
  }
}

function noticeProblems({
  deployment,
  curve,
  key,
  registered: { keyEpoch, firstPeriod, notice },
}: {
  readonly deployment: Deployment;
  readonly curve: Bn254;
  readonly key: UtilityPublicKey;
  readonly registered: RegisteredKey;
}): string[] {
  let signer: string;
  try {
    signer = recoverNoticeSigner(systemOf(deployment), {
      keyEpoch,
      firstPeriod,
      keyHash: keyHashOf(curve, key),
      signature: getBytes(notice),
    });
  } catch {
    return [`the notice of key epoch ${keyEpoch} has no valid signature`];
  }
  return signer === deployment.noticeSigner.toLowerCase()
    ? []
    : [`the notice of key epoch ${keyEpoch} is signed by ${signer}, not by the notice signer`];
}

async function periodProblems({
  provider,
  deployment: { lead },
  registered: { keyEpoch, firstPeriod, block: number },
  before,
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly registered: RegisteredKey;
  readonly before: RegisteredKey | undefined;
}): Promise<string[]> {
  if (before === undefined) {
    return firstPeriod === 0 ? [] : [`key epoch ${keyEpoch} begins at ${firstPeriod}, not at 0`];
  }
  const problems: string[] = [];
  if (firstPeriod <= before.firstPeriod) {
    problems.push(`key epoch ${keyEpoch} does not begin after epoch ${before.keyEpoch}`);
  }
  const block = await provider.getBlock(number);
  if (block !== null && firstPeriod < earliestFirstPeriod(block.timestamp, lead)) {
    problems.push(`key epoch ${keyEpoch} was announced with less than the lead`);
  }
  return problems;
}

type Stored = Pick<RegisteredKey, "a1" | "a2"> & { readonly firstPeriod: bigint };

function isSame(stored: Stored, { a1, a2, firstPeriod }: RegisteredKey): boolean {
  return (
    stored.a1.x === a1.x &&
    stored.a1.y === a1.y &&
    stored.a2.xC1 === a2.xC1 &&
    stored.a2.xC0 === a2.xC0 &&
    stored.a2.yC1 === a2.yC1 &&
    stored.a2.yC0 === a2.yC0 &&
    stored.firstPeriod === BigInt(firstPeriod)
  );
}
