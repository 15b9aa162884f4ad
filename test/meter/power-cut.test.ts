import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { FileMemory, Meter, type NonVolatileMemory } from "../../src/meter/index.js";
import { combine, verifyCombined, type Token } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { chargesOf, installMeter } from "../support/meter.js";
import { world } from "../support/settlement.js";

const curve = await createMclBn254();
const w = world(curve, "hash-bound");

class PowerCut extends Error {}

/** Fails at write number `cutAt`, either before the record is replaced or right after. */
class CutMemory implements NonVolatileMemory {
  record: Uint8Array | null = null;
  writes = 0;
  constructor(
    private readonly cutAt: number,
    private readonly side: "before" | "after",
  ) {}
  read(): Uint8Array | null {
    return this.record;
  }
  write(record: Uint8Array): void {
    const cut = this.writes++ === this.cutAt;
    if (!cut || this.side === "after") this.record = record;
    if (cut) throw new PowerCut();
  }
}

const batches = [chargesOf([130_000, 5_500]), chargesOf([275_250], 2), chargesOf([99_400], 3)];
const total = 510;

/** What a careful operator does: after a cut, open the memory again and repeat the call. */
function runWithCut(memory: CutMemory): { meter: Meter; received: Token[] } {
  let meter: Meter | null = null;
  const received: Token[] = [];
  const attempt = <T>(step: (m: Meter) => T): T => {
    try {
      if (meter === null) {
        meter =
          memory.read() === null ? installMeter(curve, memory).meter : Meter.open(curve, memory);
      }
      return step(meter);
    } catch (error) {
      const cause = (error as Error).cause;
      if (!(error instanceof PowerCut) && !(cause instanceof PowerCut)) throw error;
      meter = null;
      return attempt(step);
    }
  };
  for (const batch of batches) received.push(...attempt((m) => m.record(batch)));
  attempt((m) => m.closePeriod(201303));
  return { meter: meter!, received };
}

describe("power cut", () => {
  const encode = (t: Token): string => Buffer.from(w.suite.encode(t)).toString("hex");

  for (const side of ["before", "after"] as const) {
    it(`${side} any write: no unit lost, none twice, and the bill settles`, () => {
      const writes = new CutMemory(-1, side);
      runWithCut(writes);
      expect(writes.writes).to.equal(5);
      for (let cutAt = 0; cutAt < writes.writes; cutAt++) {
        const { meter, received } = runWithCut(new CutMemory(cutAt, side));
        const tokens = [...meter.reemit("last")];
        const all = new Set(tokens.map(encode));
        expect(all.size, `cut at write ${cutAt}`).to.equal(tokens.length);
        // Whatever left the meter before or after the cut is among what it emits again.
        for (const t of received) expect(all.has(encode(t))).to.equal(true);
        expect(tokens.reduce((sum, t) => sum + t.denomination, 0)).to.equal(total);
        const bill = meter.closePeriod(201303);
        const receipts = tokens.map((t) => w.issuer.issue(t));
        const combined = combine(curve, receipts, meter.lastBlinding(), w.key);
        expect(verifyCombined(curve, w.key, curve.g1.decode(bill.r), combined)).to.equal(true);
      }
    });
  }

  it("after a failed write the meter refuses everything until it is opened again", () => {
    const memory = new CutMemory(1, "before");
    const { meter } = installMeter(curve, memory);
    expectError(() => meter.record(batches[0]!), "meter/memory-failed");
    expectError(() => meter.record(batches[0]!), "meter/memory-failed");
    expectError(() => meter.closePeriod(1), "meter/memory-failed");
    expect(Meter.open(curve, memory).record(batches[0]!)).to.have.length(1);
  });

  it("kill -9 between memory and emission: the process that comes next emits the same tokens", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "sipster-meter-"));
    try {
      const path = join(folder, "meter.json");
      const memory = new FileMemory(path);
      installMeter(curve, memory);
      memory.close();
      const script = resolve(import.meta.dirname, "killed-meter.ts");
      const child = spawn(process.execPath, ["--import", "tsx", script, path], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      expect(signal).to.equal("SIGKILL");
      const after = new FileMemory(path);
      const meter = Meter.open(curve, after);
      expect(meter.openUnits).to.equal(300n);
      const before = [...meter.reemit("open")].map(encode);
      expect(meter.record(chargesOf([310_000]))).to.deep.equal([]);
      expect([...meter.reemit("open")].map(encode)).to.deep.equal(before);
      after.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
