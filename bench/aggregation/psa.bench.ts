/**
 * Lattice stream aggregation at 1,000 homes: the WebAssembly kernel against the same scheme in plain
 * BigInt arithmetic in processor time, and the memory of a streaming aggregator at 10,000 homes.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import {
  agreeGroup,
  decrypt,
  encrypt,
  keyContext,
  KeySum,
  openStream,
  randomPrfKey,
  type Roster,
} from "../../src/aggregation/index.js";
import { hashLabel, prfOfHash } from "../../src/aggregation/prf.js";
import { encryptWith } from "../../src/aggregation/psa.js";
import { shake256 } from "../../src/aggregation/kernel.js";
import { shake256 as nobleShake256 } from "@noble/hashes/sha3.js";
import * as plain from "../../test/aggregation/plain-psa.js";
import { cpuMs, medianMs, type Benchmark, type Row } from "../harness.js";

const HOMES = 1000;
const maxValue = 1_000_000n;
const US = 1000;
/** Short samples, many of them: a sample of few milliseconds is rarely interrupted. */
const often = { runs: 101, warmUp: 40, clock: cpuMs };

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
    for (let i = 0; i < 8; i++)
      encrypt({ bounds: roster, key: keys[i]!, context: context.id, label: ++label, value: 140n });
    return 8;
  }, often);
  const plainEncryption = await medianMs(() => {
    plain.encrypt({ size: HOMES, key: vector, context: context.id, label: ++label, value: 140n });
  }, often);

  const expected = (BigInt(HOMES) * BigInt(HOMES - 1)) / 2n;
  const check = (sum: bigint): void => {
    if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
  };
  const ciphertexts = keys.map((key, i) =>
    encrypt({ bounds: roster, key, context: context.id, label: 0n, value: BigInt(i) }),
  );
  const hash = hashLabel(context.id, ++label);
  const ahead = await medianMs(() => {
    for (let i = 0; i < 8; i++) encryptWith(roster, prfOfHash(keys[i]!, hash), 140n);
    return 8;
  }, often);
  const decryption = await medianMs(() => {
    for (let i = 0; i < 8; i++) {
      let sum = 0n;
      for (const c of ciphertexts) sum += c;
      check(
        decrypt({ bounds: roster, keySum, context: context.id, label: 0n, ciphertextSum: sum }),
      );
    }
    return 8;
  }, often);
  const plainDecryption = await medianMs(() => {
    check(
      plain.decrypt({
        size: HOMES,
        keySum: sumVector,
        context: context.id,
        label: 0n,
        ciphertexts,
      }),
    );
  }, often);

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
    {
      what: "encryption with the label hashed ahead",
      value: ahead * US,
      unit: "µs",
      target: "≤ 15",
      comparedWith: { what: "hashed when needed", value: encryption * US },
    },
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
  const start = cpuMs();
  const agreed = await agreeGroup({ group: "bench", members, maxValue });
  const pairs = (size * (size - 1)) / 2;
  const setUp = (cpuMs() - start) / pairs;
  const stream = await openStream(agreed, { stream: "load-wh" });
  const times = { contribution: [] as number[], intake: [] as number[], repair: [] as number[] };
  for (let at = 1n; at <= 9n; at++) {
    const present = stream.members.slice(1);
    await stream.aggregator.openLabel(at);
    const sent: Uint8Array[] = [];
    for (const member of present) {
      member.prepare(at);
      const began = cpuMs();
      sent.push(await member.encrypt(at, 1n));
      times.contribution.push(cpuMs() - began);
    }
    let began = cpuMs();
    await stream.aggregator.take(sent);
    times.intake.push((cpuMs() - began) / present.length);
    const dropSet = await stream.aggregator.postDropSet(at);
    for (const member of present) await member.see(dropSet);
    began = cpuMs();
    for (const member of present) await member.repair(at);
    times.repair.push((cpuMs() - began) / present.length);
    await stream.aggregator.abandon(at);
  }
  const middle = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)]! * US;
  return [
    {
      what: "of which hashing a label to 2,096 elements",
      value: hash * US,
      unit: "µs",
      comparedWith: { what: "noble", value: nobleHash * US },
    },
    {
      what: "a member's contribution, hashed ahead, signed and stored",
      value: middle(times.contribution),
      unit: "µs",
    },
    {
      what: "checking, storing and receipting one contribution",
      value: middle(times.intake),
      unit: "µs",
    },
    { what: "repair, group of 20, signed and stored", value: middle(times.repair), unit: "µs" },
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
