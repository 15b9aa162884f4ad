import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { FileMemory, TrustedMeter, type NonVolatileMemory } from "../../src/meter/index.js";
import { combine, verifyCombined, type Token } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import {
  centPerKwh,
  FEBRUARY,
  HALF_HOUR,
  installMeter,
  JANUARY,
  keyNotice,
  tokensOf,
  unitsOf,
} from "../support/meter.js";
import { world } from "../support/settlement.js";

const curve = await createMclBn254();
const w = world({ curve, name: "hash-bound" });

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

const energy = [130_000, 5_500, 275_250, 99_400];
const total = 510;

/** What a careful operator does: after a cut, open the memory again and give the same readings. */
function runWithCut(memory: CutMemory): { meter: TrustedMeter; received: Token[] } {
  let meter: TrustedMeter | null = null;
  const received: Token[] = [];
  const attempt = <T>(step: (m: TrustedMeter) => T): T => {
    try {
      meter ??=
        memory.read() === null
          ? installMeter(curve, memory).meter
          : new TrustedMeter(curve, memory, [centPerKwh]);
      return step(meter);
    } catch (error) {
      const cause = (error as Error).cause;
      if (!(error instanceof PowerCut) && !(cause instanceof PowerCut)) throw error;
      meter = null;
      return attempt(step);
    }
  };
  attempt((m) => {
    m.followKeyNotice(keyNotice(1, 0));
  });
  let register = 0;
  energy.forEach((wattHours, i) => {
    register += wattHours;
    const [from, to] = [JANUARY + i * HALF_HOUR, JANUARY + (i + 1) * HALF_HOUR];
    const reading = { kind: "import", wattHours: register, from, to } as const;
    attempt((m) => {
      m.advance(to, [reading]);
    });
    received.push(...attempt((m) => [...tokensOf(m, 201301)]));
  });
  attempt((m) => {
    m.advance(FEBRUARY + 1);
  });
  return { meter: meter!, received };
}

describe("power cut", () => {
  const encode = (t: Token): string => Buffer.from(w.suite.encode(t)).toString("hex");

  for (const side of ["before", "after"] as const) {
    it(`${side} any write: no unit lost, none twice, and the bill settles`, () => {
      const writes = new CutMemory(-1, side);
      runWithCut(writes);
      expect(writes.writes).to.equal(7);
      for (let cutAt = 0; cutAt < writes.writes; cutAt++) {
        const { meter, received } = runWithCut(new CutMemory(cutAt, side));
        const tokens = [...tokensOf(meter, 201301)];
        const all = new Set(tokens.map(encode));
        expect(all.size, `cut at write ${cutAt}`).to.equal(tokens.length);
        // What left the meter before or after the cut is among what it emits again.
        for (const t of received) expect(all.has(encode(t))).to.equal(true);
        expect(unitsOf(tokens)).to.equal(total);
        const { bill, blinding } = meter.bill(201301);
        const receipts = tokens.map((t) => w.issuer.issue(t));
        const combined = combine({ curve, receipts, blinding, key: w.key });
        expect(
          verifyCombined({ curve, key: w.key, r: curve.g1.decode(bill.r), combined }),
        ).to.equal(true);
      }
    });
  }

  it("after a failed write the meter refuses everything until it is opened again", () => {
    const memory = new CutMemory(2, "before");
    const home = installMeter(curve, memory);
    for (let i = 0; i < 2; i++) expectError(() => home.meter.advance(home.now, [used]), code);
    expectError(() => home.meter.bill(201301), code);
    expectError(() => [...home.tokens(201301)], code);
    const again = new TrustedMeter(curve, memory, [centPerKwh]);
    again.advance(home.now, [used]);
    expect([...tokensOf(again, 201301)]).to.have.length(1);
  });

  it("kill -9 between memory and emission: the process that comes next emits the same tokens", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "sipster-meter-"));
    try {
      const path = join(folder, "meter");
      const installed = new FileMemory(path);
      installMeter(curve, installed);
      installed.close();
      const script = resolve(import.meta.dirname, "killed-meter.ts");
      const child = spawn(process.execPath, ["--import", "tsx", script, path], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      expect(signal).to.equal("SIGKILL");
      const memory = new FileMemory(path);
      const meter = new TrustedMeter(curve, memory, [centPerKwh]);
      expect(meter.status.units).to.equal(300n);
      const before = [...tokensOf(meter, 201301)].map(encode);
      const to = JANUARY + HALF_HOUR;
      meter.advance(to, [{ kind: "import", wattHours: 310_000, from: JANUARY, to }]);
      expect([...tokensOf(meter, 201301)].map(encode)).to.deep.equal(before);
      memory.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const code = "meter/memory-failed";
const used = { kind: "import", wattHours: 130_000, from: JANUARY, to: JANUARY } as const;
