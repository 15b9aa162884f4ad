/** Every role, ended at every write of its store and opened again, holds what others hold it to. */
import { expect } from "chai";
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import type { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { LedgerMeter, type SentBundle } from "../../src/ledger/meter.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { LedgerResident } from "../../src/ledger/resident.js";
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, TestNeighbourhood } from "./support.js";

const OPEN = FIRST + 2;

class Killed extends Error {}

/** A store whose process ends at a write: before it, or after it is durable and before anyone hears of it. */
class MortalStore implements Store {
  /** Writes left to live. */
  life = Infinity;
  isDurable = false;
  constructor(private readonly inner: Store) {}

  async transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    let writes = false;
    const spy = (tx: Transaction): Transaction => ({
      get: (key) => tx.get(key),
      list: (prefix) => tx.list(prefix),
      put: (key, value) => {
        writes = true;
        tx.put(key, value);
      },
      delete: (key) => {
        writes = true;
        tx.delete(key);
      },
    });
    const result = await this.inner.transaction(async (tx) => {
      const value = await body(spy(tx));
      if (writes && this.life === 0 && !this.isDurable) throw new Killed();
      return value;
    });
    if (writes && this.life-- === 0) throw new Killed();
    return result;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Runs `body` with a process that ends at write 0, 1, 2 … until one lives through it. */
async function endedAtEveryWrite(
  body: (store: MortalStore, disk: Store) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  for (const isDurable of [false, true]) {
    for (let life = 0; ; life++) {
      const disk = new MemoryStore();
      const store = new MortalStore(disk);
      Object.assign(store, { life, isDurable });
      let killed = false;
      await body(store, disk).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        killed = true;
      });
      if (!killed) break;
      deaths++;
      expect(deaths).to.be.lessThan(100);
    }
  }
  return deaths;
}

describe("A control centre that is ended at any write", () => {
  it("has every report that it gave a receipt for, and closes with the same page and signature", async () => {
    const reference = await TestNeighbourhood.open("restart", 4);
    const bundles: SentBundle[] = [];
    const centre = await reference.openControlCentre();
    await reference.prologue(centre);
    for (const meter of reference.meters) {
      bundles.push((await meter.report(OPEN, 512n, reference.termsOf(OPEN)))!);
    }
    const packets = bundles.map(({ bundle }) => encodeBundle(bundle));
    await centre.begin(reference.list(OPEN));
    await centre.admit(packets);
    const expected = await centre.close(reference.list(OPEN + 2));

    let deaths = 0;
    for (const isDurable of [false, true]) {
      for (let life = 0; life < 7; life++) {
        const disk = new MemoryStore();
        const store = new MortalStore(disk);
        Object.assign(store, { life, isDurable });
        const given: number[] = [];
        const work = async (c: LedgerControlCentre): Promise<void> => {
          while (c.nextInterval < OPEN) {
            await c.begin(reference.list(c.nextInterval));
            await c.close(reference.list(c.nextInterval + 2));
          }
          await c.begin(reference.list(OPEN));
          for (const [i, packet] of packets.entries()) {
            const [answer] = await c.admit([packet]);
            expect(answer).to.have.property("receipt");
            given.push(i);
          }
        };
        await work(await reference.openControlCentre(store)).catch((error: unknown) => {
          expect(error).to.be.instanceOf(Killed);
          deaths++;
        });
        const again = await reference.openControlCentre(disk);
        const before = [...given];
        if (again.nextInterval === OPEN) {
          await again.begin(reference.list(OPEN));
          const answers = await again.admit(packets);
          for (const i of before) {
            const { refused } = answers[i] as unknown as { refused: { reason: string }[] };
            expect(refused.every(({ reason }) => reason === "replayed")).to.equal(true);
            expect(refused).to.have.lengthOf(bundles[i]!.sent.length);
          }
        } else {
          await work(again);
        }
        expect(await again.close(reference.list(OPEN + 2))).to.deep.equal(expected);
        expect(await again.page(OPEN)).to.deep.equal(expected);
      }
    }
    expect(deaths).to.be.at.least(10);
  });
});

describe("A meter that is ended at any write", () => {
  it("loses no watt-hour, signs one bundle an interval, and sends it again", async () => {
    const n = await TestNeighbourhood.open("meter restart", 1);
    await n.prologue(await n.openControlCentre());
    const secrets = { secretKey: 77n, root: n.random.bytes(32) };
    const deaths = await endedAtEveryWrite(async (store, disk) => {
      let meter: LedgerMeter | undefined;
      let reported: SentBundle | undefined;
      try {
        meter = await LedgerMeter.open(n.rules, store, secrets);
        await meter.report(FIRST + 1, 100n, undefined);
        reported = await meter.report(OPEN, 900n, n.termsOf(OPEN));
      } finally {
        const again = await LedgerMeter.open(n.rules, disk, secrets);
        const kept = again.sent(OPEN);
        if (reported !== undefined) expect(kept).to.deep.equal(reported);
        const had = again.open + again.carried;
        expect([0n, 100n, 1000n]).to.include(had);
        if (kept !== undefined) {
          await expectRejection(again.report(OPEN, 900n, n.termsOf(OPEN)), "ledger/leaf-gone");
        } else if (had === 100n) {
          const bundle = await again.report(OPEN, 900n, n.termsOf(OPEN));
          expect(bundle).not.to.equal(undefined);
          expect(again.open + again.carried).to.equal(1000n);
        }
      }
    });
    expect(deaths).to.equal(6);
  });
});

describe("A provider, a resident and an auditor that are ended at any write", () => {
  it("go on: one price a page, every claim, every statement", async () => {
    const n = await TestNeighbourhood.open("roles restart", 3);
    await n.run(
      1,
      (home) => BigInt(200 * home + 333),
      async ({ pages, book, bundles, list }) => {
        const deaths = await endedAtEveryWrite(async (store, disk) => {
          let first: unknown;
          try {
            const provider = await n.openProvider(store);
            for (const i of [0, 1]) await provider.remember(book.inForce(FIRST + i)!);
            first = await provider.bill(pages.consumption);
          } finally {
            const again = await n.openProvider(disk);
            for (const i of [0, 1]) await again.remember(book.inForce(FIRST + i)!);
            const second = await again.bill(pages.consumption);
            if (first !== undefined) expect(second).to.deep.equal(first);
          }
        });
        expect(deaths).to.equal(6);

        await endedAtEveryWrite(async (store, disk) => {
          let isKept = false;
          try {
            const resident = await LedgerResident.open(n.rules, store);
            await resident.remember(bundles[0]!, undefined);
            isKept = true;
          } finally {
            const again = await LedgerResident.open(n.rules, disk);
            const { pseudonyms } = again.questions(pages.consumption.statement);
            if (isKept) expect(pseudonyms).to.deep.equal(bundles[0]!.sent.map((s) => s.pseudonym));
          }
        });

        const disk = new MemoryStore();
        const auditor = await LedgerAuditor.open(n.rules, disk);
        const store = new MortalStore(disk);
        for (const i of [0, 1]) auditor.book.add(book.inForce(FIRST + i)!);
        await auditor.audit(pages, { list });
        const again = await LedgerAuditor.open(n.rules, store);
        expect(again.book.inForce(OPEN)!.consumption.statement).to.deep.equal(
          pages.consumption.statement,
        );
      },
    );
  });
});
