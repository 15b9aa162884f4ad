/** Checking that keys and meters are what the events say, and that the keys are keys. */
import type { Provider } from "ethers";
import type { Bn254 } from "../../algebra/index.js";
import { isConsistentKey } from "../../sipster/index.js";
import type { BillSettlement } from "../bindings/index.js";
import { g1FromWords, g2FromWords } from "../contract-values.js";
import { mapLimit } from "../map-limit.js";
import { answerOf } from "./answer.js";
import type { History, RegisteredKey } from "./history.js";
import type { UsableKey } from "./judge.js";
import type { AuditedSystem } from "./result.js";

/** Questions to the node at once. */
const AT_ONCE = 64;

export interface AuditedKeys {
  readonly audited: AuditedSystem;
  /** By key epoch: those that bills can be checked with. */
  readonly usable: ReadonlyMap<number, UsableKey>;
}

export async function checkKeys(
  provider: Provider,
  contract: BillSettlement,
  curve: Bn254,
  { keys }: History,
  activationDelay: number,
  blockTag: number,
): Promise<AuditedKeys> {
  const problems: string[] = [];
  const usable = new Map<number, UsableKey>();
  const count = await answerOf(contract.keyEpochs({ blockTag }));
  if (count !== BigInt(keys.length)) {
    problems.push(`the contract counts ${count ?? "no"} keys, the events ${keys.length}`);
  }
  for (const [i, key] of keys.entries()) {
    const { keyEpoch, activatesAt } = key;
    if (keyEpoch !== i + 1)
      problems.push(`key epoch ${keyEpoch} was registered as number ${i + 1}`);
    const decoded = decodeKey(curve, key);
    if (decoded === null) problems.push(`the key of epoch ${keyEpoch} is inconsistent`);
    else if (!usable.has(keyEpoch)) usable.set(keyEpoch, { a2: decoded.a2, activatesAt });
    const block = await provider.getBlock(key.block);
    if (block !== null && activatesAt < BigInt(block.timestamp + activationDelay)) {
      problems.push(`key epoch ${keyEpoch} was active before the delay had passed`);
    }
    if (!(await isStored(contract, key, blockTag))) {
      problems.push(`the contract holds another key for epoch ${keyEpoch} than was registered`);
    }
  }
  return { audited: toAudited("keys", problems), usable };
}

function decodeKey(curve: Bn254, { keyEpoch, a1, a2 }: RegisteredKey) {
  try {
    const key = { keyEpoch, a1: g1FromWords(curve, a1), a2: g2FromWords(curve, a2) };
    return isConsistentKey(curve, key) ? key : null;
  } catch {
    // Not a point of its group.
    return null;
  }
}

async function isStored(
  contract: BillSettlement,
  { keyEpoch, a1, a2, activatesAt }: RegisteredKey,
  blockTag: number,
): Promise<boolean> {
  const stored = await answerOf(contract.epochKey(keyEpoch, { blockTag }));
  if (stored === null) return false;
  const pairs = [
    [stored.a1.x, a1.x],
    [stored.a1.y, a1.y],
    [stored.a2.xC1, a2.xC1],
    [stored.a2.xC0, a2.xC0],
    [stored.a2.yC1, a2.yC1],
    [stored.a2.yC0, a2.yC0],
    [stored.activatesAt, activatesAt],
  ];
  return pairs.every(([a, b]) => a === b);
}

export async function checkMeters(
  contract: BillSettlement,
  { meters }: History,
  blockTag: number,
): Promise<AuditedSystem> {
  const problems: string[] = [];
  const count = await answerOf(contract.meterCount({ blockTag }));
  if (count !== BigInt(meters.length)) {
    problems.push(`the contract counts ${count ?? "no"} meters, the events ${meters.length}`);
  }
  if (new Set(meters.map((m) => m.index)).size !== meters.length) {
    problems.push("two meters have the same number");
  }
  await mapLimit(meters, AT_ONCE, async ({ meter, index, validFrom, validUntil }) => {
    const stored = await answerOf(contract.meterOf(meter, { blockTag }));
    const same =
      stored !== null &&
      stored.registered &&
      Number(stored.index) === index &&
      Number(stored.validFrom) === validFrom &&
      Number(stored.validUntil) === validUntil;
    if (!same) problems.push(`the contract says otherwise of meter ${meter} than the events`);
  });
  return toAudited("meters", problems);
}

export interface AuditedNullifiers {
  readonly audited: AuditedSystem;
  /** Is the bit of this meter number and period set? `null` if the contract does not answer. */
  readonly bitIsSet: (index: number, period: number) => boolean | null;
}

/** Reads the bits of all meters for the periods, and compares them with the events. */
export async function checkNullifiers(
  contract: BillSettlement,
  { meters, claims }: History,
  periods: readonly number[],
  blockTag: number,
): Promise<AuditedNullifiers> {
  const problems: string[] = [];
  const highest = Math.max(0, ...meters.map((m) => m.index));
  const places = periods.flatMap((period) =>
    Array.from({ length: (highest >> 8) + 1 }, (_, word) => ({ period, word })),
  );
  const words = new Map<string, bigint | null>();
  await mapLimit(places, AT_ONCE, async ({ period, word }) => {
    const bits = await answerOf(contract.settledWord(period, word, { blockTag }));
    if (bits === null) problems.push(`the contract does not give the bits of period ${period}`);
    words.set(`${period} ${word}`, bits);
  });
  const bitIsSet = (index: number, period: number): boolean | null => {
    const bits = words.get(`${period} ${index >> 8}`) ?? null;
    return bits === null ? null : ((bits >> BigInt(index & 255)) & 1n) === 1n;
  };
  const claimed = new Set(claims.map(({ meter, period }) => `${meter} ${period}`));
  const byIndex = new Map(meters.map(({ index, meter }) => [index, meter]));
  for (const period of periods) {
    for (let index = 0; index < ((highest >> 8) + 1) * 256; index++) {
      const meter = byIndex.get(index);
      const isClaimed = meter !== undefined && claimed.has(`${meter} ${period}`);
      if (bitIsSet(index, period) === !isClaimed) {
        const who = meter ?? `number ${index}, which is no meter`;
        const what = isClaimed ? "an event and no bit" : "a bit and no event";
        problems.push(`${who}: ${what} for period ${period}`);
      }
    }
  }
  return { audited: toAudited("nullifiers", problems), bitIsSet };
}

function toAudited(check: AuditedSystem["check"], problems: readonly string[]): AuditedSystem {
  return { check, result: problems.length === 0 ? "ok" : "failed", problems };
}
