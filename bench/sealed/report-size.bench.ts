/**
 * How many bits a range proof of a report should hold: a day of half-hours with readings in 0…5000 (13 bits),
 * proved in proofs of several sizes. And whole reports, as meters send them. Times are processor time.
 */
import { randomSecretKey } from "../../src/algebra/index.js";
import {
  commit,
  createSealedSystem,
  decodeReport,
  DecryptionKey,
  EncryptionKey,
  encodeRangeProof,
  findBadRanges,
  MeterRegistry,
  proveRanges,
  rangesPerProof,
  ReportVerifier,
  SealedMeter,
  type ReportingRules,
  type SealedSystem,
} from "../../src/sealed/index.js";
import { randomScalars } from "../../src/sealed/scalars.js";
import { MemoryStore } from "../../src/store/index.js";
import type { Benchmark, Row } from "../harness.js";

const range = { lo: 0n, hi: 5000n };
const context = new Uint8Array(32);
const READINGS = 96;

/** Milliseconds of processor time, the least of three: what other work on the machine hardly disturbs. */
function cpuMs(operation: () => unknown): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    operation();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

function sizes(system: SealedSystem): Row[] {
  const witnesses = Array.from({ length: READINGS }, (_, i) => {
    const opening = { value: BigInt(i), blinding: randomScalars(1)[0]! };
    return { opening, range, commitment: commit(system, opening) };
  });
  const rows: Row[] = [];
  for (const bits of [64, 128, 256, 512, 1024, 2048]) {
    const prove = () => {
      let at = 0;
      return rangesPerProof(
        witnesses.map((w) => w.range),
        bits,
      ).map((count) => {
        const statements = witnesses.slice(at, (at += count));
        return { context, statements, proof: proveRanges(system, context, statements) };
      });
    };
    const claims = prove();
    const proving = cpuMs(prove);
    const checking = cpuMs(() => {
      if (findBadRanges(system, claims).length > 0) throw new Error("a proof does not hold");
    });
    const bytes = claims.reduce((sum, c) => sum + encodeRangeProof(system, c.proof).length, 0);
    rows.push(
      { what: `proofs of ${bits} bits: making, a reading`, value: proving / READINGS, unit: "ms" },
      {
        what: `proofs of ${bits} bits: checking, a reading`,
        value: checking / READINGS,
        unit: "ms",
      },
      { what: `proofs of ${bits} bits: a reading`, value: bytes / READINGS, unit: "bytes" },
    );
  }
  return rows;
}

async function reports(system: SealedSystem): Promise<Row[]> {
  const secret = randomScalars(1)[0]!;
  const rules: ReportingRules = {
    deployment: "bench",
    key: new EncryptionKey(system, new DecryptionKey(system, secret).publicPoint),
    normal: range,
    possible: { lo: -(1n << 31n), hi: (1n << 31n) - 1n },
    billAbnormal: false,
    step: 1800,
    authority: new Uint8Array(32),
  };
  const rows: Row[] = [];
  for (const count of [1, 48, 1488]) {
    const registry = new MeterRegistry();
    const place = { system, rules, secretKey: randomSecretKey(), store: new MemoryStore() };
    const meter = new SealedMeter({ ...place, installed: 0, now: () => 1e9 });
    registry.register(meter.address);
    const readings = Array.from({ length: count }, (_, i) => ({
      interval: 3600 * i,
      value: BigInt(i % 5000),
    }));
    const before = process.cpuUsage();
    const message = await meter.report(readings, 1800 * count);
    const used = process.cpuUsage(before);
    const making = (used.user + used.system) / 1000;
    const verifier = new ReportVerifier({ system, rules, meters: registry });
    const checking = cpuMs(() => {
      const [error] = verifier.check([decodeReport(system, rules, message)]);
      if (error !== null) throw error ?? new Error("nothing was checked");
    });
    rows.push(
      { what: `report of ${count}: making`, value: making, unit: "ms" },
      { what: `report of ${count}: checking alone`, value: checking, unit: "ms" },
      { what: `report of ${count}`, value: message.length, unit: "bytes" },
    );
  }
  return rows;
}

const benchmark: Benchmark = {
  name: "report-size",
  async run() {
    const system = await createSealedSystem();
    return [...sizes(system), ...(await reports(system))];
  },
};
export default benchmark;
