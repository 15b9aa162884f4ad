/**
 * Sealed readings: each operation on the fast group against the same on noble, decryption against the
 * linear search that was published, batches against proofs one by one. The figures of Johansen and
 * Buhl (2023) are those they print for their C program on another machine: text, not measured here.
 */
import { nobleSecp256k1 } from "../../src/algebra/index.js";
import {
  commit,
  createSealedSystem,
  decodeRangeProof,
  DecryptionKey,
  encodeRangeProof,
  EncryptionKey,
  findBadRanges,
  messageTable,
  proveEquality,
  proveRanges,
  SealedSystem,
  verifyEquality,
  verifyRanges,
  type Point,
} from "../../src/sealed/index.js";
import { randomScalars } from "../../src/sealed/scalars.js";
import { cpuMs, medianMs, type Benchmark, type Row } from "../harness.js";

const context = new Uint8Array(32);

/** Milliseconds of one operation, from `count` of them at a time. */
function each(count: number, operation: (i: number) => unknown, runs = 7): Promise<number> {
  return medianMs(
    () => {
      for (let i = 0; i < count; i++) operation(i);
      return count;
    },
    { runs, clock: cpuMs },
  );
}

/** A proof for `bits`-bit values, as a verifier gets it. */
function prepare(system: SealedSystem, bits: number, values: readonly bigint[]) {
  const range = { lo: 0n, hi: (1n << BigInt(bits)) - 1n };
  const witnesses = values.map((value) => {
    const opening = { value, blinding: randomScalars(1)[0]! };
    return { opening, range, commitment: commit(system, opening) };
  });
  const prove = () => proveRanges(system, context, witnesses);
  const bytes = encodeRangeProof(system, prove());
  const ranges = witnesses.map((w) => w.range);
  const claim = () => ({
    context,
    statements: witnesses,
    proof: decodeRangeProof(system, bytes, ranges),
  });
  return { prove, claim, verify: () => verifyRanges(system, claim()) };
}

async function rangeRows(fast: SealedSystem, oracle: SealedSystem): Promise<Row[]> {
  const [fast16, slow16] = [prepare(fast, 16, [40_000n]), prepare(oracle, 16, [40_000n])];
  const [fast64, slow64] = [prepare(fast, 64, [1n << 60n]), prepare(oracle, 64, [1n << 60n])];
  const eight = prepare(
    fast,
    16,
    Array.from({ length: 8 }, (_, i) => BigInt(i)),
  );
  const hundred = Array.from({ length: 100 }, (_, i) => prepare(fast, 16, [BigInt(i)]));
  const read = hundred.map((p) => p.claim());
  const verify16 = await each(10, fast16.verify);
  const noble = async (operation: () => unknown) => ({
    what: "noble",
    value: await each(1, operation, 3),
  });
  return [
    {
      what: "16-bit range proof, making (report: 6.4 ms)",
      value: await each(5, fast16.prove),
      unit: "ms",
      target: "≤ 15",
      comparedWith: await noble(slow16.prove),
    },
    {
      what: "16-bit range proof, reading and checking (report: 1.1 ms)",
      value: verify16,
      unit: "ms",
      target: "≤ 4",
      comparedWith: await noble(slow16.verify),
    },
    {
      what: "64-bit range proof, making",
      value: await each(2, fast64.prove),
      unit: "ms",
      target: "≤ 60",
      comparedWith: await noble(slow64.prove),
    },
    {
      what: "64-bit range proof, reading and checking",
      value: await each(5, fast64.verify),
      unit: "ms",
      target: "≤ 10",
      comparedWith: await noble(slow64.verify),
    },
    {
      what: "16-bit range proof, checking among 100",
      value: await medianMs(
        () => {
          if (findBadRanges(fast, read).length > 0) throw new Error("a proof does not hold");
          return read.length;
        },
        { clock: cpuMs },
      ),
      unit: "ms",
      target: "< 1.1",
      comparedWith: { what: "alone", value: verify16 },
    },
    {
      what: "reading an encoded 16-bit range proof, which the row above does not include",
      value: await each(20, () => fast16.claim()),
      unit: "ms",
    },
    {
      what: "8 values of 16 bits in one proof, reading and checking, a value",
      value: (await each(3, eight.verify)) / 8,
      unit: "ms",
      comparedWith: { what: "alone", value: verify16 },
    },
  ];
}

async function encryptionRows(fast: SealedSystem, oracle: SealedSystem): Promise<Row[]> {
  const [secret] = randomScalars(1) as [bigint];
  const decryption = new DecryptionKey(fast, secret);
  const key = new EncryptionKey(fast, decryption.publicPoint);
  const carried = oracle.group.decode(fast.group.encode(key.point));
  const slowKey = new EncryptionKey(oracle, carried);
  const micros = (ms: number): number => ms * 1000;
  const encrypt = micros(await each(200, (i) => key.encrypt(BigInt(i))));

  const small = messageTable(fast, 1 << 16);
  const to5 = { lo: 0n, hi: 100_000n };
  const ciphertexts = Array.from({ length: 20 }, (_, i) => key.encrypt(99_980n + BigInt(i)));
  const large = messageTable(fast, 1 << 24);
  const to32 = { lo: 0n, hi: 1n << 32n };
  const tops = Array.from({ length: 5 }, (_, i) => key.encrypt((1n << 32n) - BigInt(i)));

  const opening = { value: 500n, blinding: randomScalars(1)[0]! };
  const [nonce] = randomScalars(1) as [bigint];
  const pair = {
    opening,
    nonce,
    ciphertext: key.encrypt(500n, nonce),
    commitment: commit(fast, opening),
  };
  const proof = proveEquality({ system: fast, context, key, witnesses: [pair] });
  return [
    {
      what: "encrypting a reading (report: 300 µs)",
      value: encrypt,
      unit: "µs",
      target: "≤ 150",
      comparedWith: {
        what: "noble",
        value: micros(await each(2, (i) => slowKey.encrypt(BigInt(i)))),
      },
    },
    {
      what: "decrypting a value near 10⁵, table of 64 kB (report: 11,700 ms)",
      value: await each(20, (i) => decryption.decrypt(ciphertexts[i]!, small, to5)),
      unit: "ms",
      target: "≤ 2",
      comparedWith: { what: "linear search", value: await linearSearch(fast, 99_990n) },
    },
    {
      what: `decrypting a value near 2³², table of ${(large.bytes / 2 ** 20).toFixed(1)} MiB`,
      value: await each(5, (i) => decryption.decrypt(tops[i]!, large, to32)),
      unit: "ms",
      target: "≤ 50",
    },
    {
      what: "making that table",
      value: await medianMs(() => messageTable(fast, 1 << 24), { runs: 3, warmUp: 0 }),
      unit: "ms",
    },
    {
      what: "equality proof, making",
      value: await each(50, () => proveEquality({ system: fast, context, key, witnesses: [pair] })),
      unit: "ms",
    },
    {
      what: "equality proof, checking",
      value: await each(20, () =>
        verifyEquality({ system: fast, context, key: key.point, statements: [pair], proof }),
      ),
      unit: "ms",
    },
  ];
}

/** Milliseconds to find v by adding H again and again: the published decryption, on the fast group. */
function linearSearch({ group, messageBase }: SealedSystem, v: bigint): Promise<number> {
  const message: Point = group.mul(messageBase, v);
  return medianMs(
    () => {
      let p = group.identity;
      while (!group.equals(p, message)) p = group.add(p, messageBase);
    },
    { runs: 1, warmUp: 0 },
  );
}

const benchmark: Benchmark = {
  name: "sealed",
  async run() {
    const fast = await createSealedSystem();
    const oracle = new SealedSystem(nobleSecp256k1);
    return [...(await encryptionRows(fast, oracle)), ...(await rangeRows(fast, oracle))];
  },
};
export default benchmark;
