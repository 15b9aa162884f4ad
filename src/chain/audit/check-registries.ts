/** Checking that meters and settled bits are what the events say. */
import type { BillSettlement } from "../bindings/index.js";
import { mapLimit } from "../map-limit.js";
import { answerOf } from "./answer.js";
import type { History } from "./history.js";
import { toAudited, type AuditedSystem } from "./result.js";

/** Questions to the node at once. */
const AT_ONCE = 64;

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
export async function checkNullifiers({
  contract,
  history: { meters, claims },
  periods,
  blockTag,
}: {
  readonly contract: BillSettlement;
  readonly history: History;
  readonly periods: readonly number[];
  readonly blockTag: number;
}): Promise<AuditedNullifiers> {
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
        const who = meter ?? `number ${index}, which is not a meter`;
        const what = isClaimed ? "an event and no bit" : "a bit and no event";
        problems.push(`${who}: ${what} for period ${period}`);
      }
    }
  }
  return { audited: toAudited("nullifiers", problems), bitIsSet };
}
