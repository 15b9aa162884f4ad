/**
 * Lattice stream aggregation at 1,000 homes: the WebAssembly kernel against the same scheme in plain
 * BigInt arithmetic, and the memory of a streaming aggregator at 10,000 homes.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import {
  Aggregator,
  agreeGroup,
  decrypt,
  ed25519KeyPair,
  encrypt,
  keyContext,
  KeySum,
  openStream,
  randomPrfKey,
  type Contribution,
  type Roster,
} from "../../src/aggregation/index.js";
import { shake256 } from "../../src/aggregation/kernel.js";
import { shake256 as nobleShake256 } from "@noble/hashes/sha3.js";
import * as plain from "../../test/aggregation/plain-psa.js";
import { medianMs, type Benchmark, type Row } from "../harness.js";

const HOMES = 1000;
const maxValue = 1_000_000n;
const US = 1000;
/** Short samples, many of them: a sample of few milliseconds is rarely interrupted. */
const often = { runs: 101, warmUp: 40 };

/** A roster of the right size without keys: the set-up is measured apart. */
function rosterOf(size: number): Roster {
  const none = new Uint8Array(32);
  return {
    group: "bench",
    version: 1,
    aggregatorKey: none,
    maxValue,
    quorum: 2,
    size,
    members: Array.from({ length: size }, (_, i) => ({
      member: `home-${i}`,
      identityKey: none,
      agreementKey: none,
      encapsulationKey: none,
      signature: none,
    })),
    hash: none,
  };
}

async function atThousandHomes(): Promise<Row[]> {
  const roster = rosterOf(HOMES);
  const context = keyContext(roster, "load-wh", 1);
  const keys = Array.from({ length: HOMES }, randomPrfKey);
  const keySum = keys.reduce((sum, key) => sum.add(key), new KeySum()).total();
  const vector = plain.toVector(keys[0]!);
  const sumVector = plain.toVector(keySum);

  let label = 0n;
  const encryption = await medianMs(() => {
    for (let i = 0; i < 8; i++) encrypt(roster, keys[i]!, context.id, ++label, 140n);
    return 8;
  }, often);
  const plainEncryption = await medianMs(() => {
    plain.encrypt(HOMES, vector, context.id, ++label, 140n);
  }, often);

  const messages = (at: bigint): Contribution[] =>
    keys.map((key, member) => ({
      context: Uint8Array.from(context.id),
      member,
      label: at,
      ciphertext: encrypt(roster, key, context.id, at, BigInt(member)),
    }));
  const expected = (BigInt(HOMES) * BigInt(HOMES - 1)) / 2n;
  const check = (sum: bigint): void => {
    if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
  };
  const batches = Array.from({ length: 6 }, (_, i) => messages(BigInt(i)));
  const ciphertexts = batches[0]!.map((m) => m.ciphertext);
  const decryption = await medianMs(() => {
    for (let i = 0; i < 8; i++) {
      let sum = 0n;
      for (const c of ciphertexts) sum += c;
      check(decrypt(roster, keySum, context.id, 0n, sum));
    }
    return 8;
  }, often);
  const plainDecryption = await medianMs(() => {
    check(plain.decrypt(HOMES, sumVector, context.id, 0n, ciphertexts));
  }, often);

  const aggregator = new Aggregator(roster, context, ed25519KeyPair(), keySum);
  let next = 0;
  const arrival = await medianMs(
    () => {
      for (const message of batches[next++]!) aggregator.add(message);
      return HOMES;
    },
    { runs: 5, warmUp: 1 },
  );
  batches.forEach((_, i) => {
    check(aggregator.close(BigInt(i)).sum);
  });

  return [
    {
      what: "encryption, 1,000 homes",
      value: encryption * US,
      unit: "µs",
      target: "≤ 300, ≥ 4 ×",
      comparedWith: { what: "plain BigInt", value: plainEncryption * US },
    },
    {
      what: "decryption, 1,000 ciphertexts added and decoded",
      value: decryption * US,
      unit: "µs",
      target: "≤ 300, ≥ 4 ×",
      comparedWith: { what: "plain BigInt", value: plainDecryption * US },
    },
    { what: "checking and counting one contribution", value: arrival * US, unit: "µs" },
  ];
}

async function parts(): Promise<Row[]> {
  const message = new Uint8Array(64);
  const hash = await medianMs(() => {
    for (let i = 0; i < 8; i++) shake256(33_536, message);
    return 8;
  }, often);
  const nobleHash = await medianMs(() => {
    nobleShake256(message, { dkLen: 33_536 });
  }, often);

  const size = 20;
  const members = Array.from({ length: size }, (_, i) => `home-${i}`);
  const start = performance.now();
  const agreed = await agreeGroup({ group: "bench", members, maxValue });
  const pairs = (size * (size - 1)) / 2;
  const setUp = (performance.now() - start) / pairs;
  const stream = await openStream(agreed, { stream: "load-wh" });
  const repairs: number[] = [];
  for (let label = 1n; label <= 9n; label++) {
    const present = stream.members.slice(1);
    for (const member of present) stream.aggregator.add(await member.encrypt(label, 1n));
    const dropSet = stream.aggregator.declareMissing(label);
    const began = performance.now();
    for (const member of present) await member.repair(dropSet);
    repairs.push((performance.now() - began) / present.length);
  }
  repairs.sort((a, b) => a - b);
  return [
    {
      what: "of which hashing a label to 2,096 elements",
      value: hash * US,
      unit: "µs",
      comparedWith: { what: "noble", value: nobleHash * US },
    },
    { what: "repair share, group of 20", value: repairs[4]! * US, unit: "µs" },
    { what: "key set-up, for each pair of a group", value: setUp, unit: "ms" },
  ];
}

/** Peak resident memory of a process of its own. */
function memory(): Row[] {
  const script = resolve(import.meta.dirname, "ten-thousand-homes.ts");
  const child = spawnSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  const { peakMiB, seconds } = JSON.parse(child.stdout) as { peakMiB: number; seconds: number };
  return [
    {
      what: "peak memory, 10,000 homes in one group",
      value: peakMiB,
      unit: "MiB",
      target: "≤ 512",
    },
    { what: "all 10,000 keys and 3 labels of them", value: seconds, unit: "s" },
  ];
}

const benchmark: Benchmark = {
  name: "psa",
  run: async () => [...(await atThousandHomes()), ...(await parts()), ...memory()],
};
export default benchmark;
