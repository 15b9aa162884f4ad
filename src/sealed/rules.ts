/** What meters, control centre and trustees of one deployment agree on beforehand. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { EncryptionKey } from "./elgamal.js";
import { Writer } from "./encoding.js";
import { rangeBits, type Range } from "./ranges.js";
import type { SealedSystem } from "./system.js";

export interface ReportingRules {
  /** Name of the deployment; reports of another one do not hold here. */
  readonly deployment: string;
  /** D, the key of the trustees. */
  readonly key: EncryptionKey;
  /** Readings in it travel unmarked, with proof. */
  readonly normal: Range;
  /** What a meter can measure at all: abnormal readings travel marked, with proof of this range. */
  readonly possible: Range;
  /** Are abnormal readings billed like others? They are left out otherwise. */
  readonly billAbnormal: boolean;
  /** Seconds of a whole interval. */
  readonly step: number;
  /** Ed25519 key of the control centre: it signs tariffs, groups and requests. */
  readonly authority: Uint8Array;
}

/** The range that a reading is proved to be in. */
export function provedRange(rules: ReportingRules, flagged: boolean): Range {
  return flagged ? rules.possible : rules.normal;
}

const digests = new WeakMap<ReportingRules, Uint8Array>();

/** Hash of all rules. @throws sealed/bad-range */
export function rulesDigest(system: SealedSystem, rules: ReportingRules): Uint8Array {
  let digest = digests.get(rules);
  if (digest === undefined) digests.set(rules, (digest = hashRules(system, rules)));
  return digest;
}

function hashRules(system: SealedSystem, rules: ReportingRules): Uint8Array {
  const name = utf8ToBytes(rules.deployment);
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/rules@2"));
  writer.int(name.length, 4).bytes(name).points(rules.key.point);
  for (const range of [rules.normal, rules.possible]) {
    rangeBits(range);
    writer.signed(range.lo).signed(range.hi);
  }
  writer
    .int(rules.billAbnormal ? 1 : 0, 1)
    .int(rules.step, 4)
    .bytes(rules.authority);
  return keccak_256(writer.done());
}
