/**
 * A streaming aggregator at 10,000 homes of one group, in a process of its own so that its memory can
 * be read: homes send their keys and then their values one after the other, and nothing of them is
 * kept but sums. A home's key comes from a seed, so that the homes take no memory either.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
  Aggregator,
  ed25519KeyPair,
  encrypt,
  keyContext,
  KeySum,
  prfKeyFromSeed,
  type PrfKey,
  type Roster,
} from "../../src/aggregation/index.js";

const HOMES = 10_000;
const LABELS = 3;
const none = new Uint8Array(32);
const roster: Roster = {
  group: "bench",
  version: 1,
  aggregatorKey: none,
  maxValue: 1_000_000n,
  quorum: 2,
  size: HOMES,
  members: Array.from({ length: HOMES }, (_, i) => ({
    member: `home-${i}`,
    identityKey: none,
    agreementKey: none,
    encapsulationKey: none,
    signature: none,
  })),
  hash: none,
};
const context = keyContext(roster, "load-wh", 1);

function keyOf(home: number): PrfKey {
  return prfKeyFromSeed(sha256(Uint8Array.of(home >> 8, home & 0xff)));
}

const start = performance.now();
const keySum = new KeySum();
for (let home = 0; home < HOMES; home++) keySum.add(keyOf(home));
const aggregator = new Aggregator(roster, context, ed25519KeyPair(), keySum.total());
for (let home = 0; home < HOMES; home++) {
  const key = keyOf(home);
  for (let l = 0; l < LABELS; l++) {
    const label = BigInt(l);
    const ciphertext = encrypt(roster, key, context.id, label, BigInt(home));
    aggregator.add({ context: context.id, member: home, label, ciphertext });
  }
}
const expected = (BigInt(HOMES) * BigInt(HOMES - 1)) / 2n;
for (let l = 0; l < LABELS; l++) {
  const { sum } = aggregator.close(BigInt(l));
  if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  JSON.stringify({ peakMiB: process.resourceUsage().maxRSS / 1024, seconds }) + "\n",
);
