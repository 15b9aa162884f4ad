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
import { encodeResidue, write } from "../../src/aggregation/messages.js";

const HOMES = 10_000;
const LABELS = 3;
const none = new Uint8Array(32);
const identities = Array.from({ length: HOMES }, () => ed25519KeyPair());
const roster: Roster = {
  group: "bench",
  version: 1,
  aggregatorKey: none,
  maxValue: 1_000_000n,
  quorum: 2,
  size: HOMES,
  members: identities.map(({ publicKey }, i) => ({
    member: `home-${i}`,
    identityKey: publicKey,
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
const place = { roster, context };
const aggregator = await Aggregator.start({
  ...place,
  identity: ed25519KeyPair(),
  keySum: keySum.total(),
});
for (let l = 0; l < LABELS; l++) await aggregator.openLabel(BigInt(l));
for (let home = 0; home < HOMES; home++) {
  const key = keyOf(home);
  const messages = Array.from({ length: LABELS }, (_, l) => {
    const ciphertext = encrypt({
      bounds: roster,
      key,
      context: context.id,
      label: BigInt(l),
      value: BigInt(home),
    });
    return write({
      place,
      kind: "contribution",
      label: BigInt(l),
      body: encodeResidue(ciphertext),
      key: identities[home]!,
    });
  });
  await aggregator.take(messages);
}
const expected = (BigInt(HOMES) * BigInt(HOMES - 1)) / 2n;
for (let l = 0; l < LABELS; l++) {
  const { sum } = await aggregator.close(BigInt(l));
  if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  JSON.stringify({ peakMiB: process.resourceUsage().maxRSS / 1024, seconds }) + "\n",
);
