/** Every role, ended at every write of its store and opened again, holds what others hold it to. */
import { expect } from "chai";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import type { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { nameOf, Registrar } from "../../src/ledger/enrolment.js";
import { excerptOf } from "../../src/ledger/excerpt.js";
import { LedgerMeter, type SentBundle } from "../../src/ledger/meter.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { LedgerResident, type OwnBill } from "../../src/ledger/resident.js";
import { OnionClient } from "../../src/channel/onion/client.js";
import { SeenPackets } from "../../src/channel/onion/seen-packets.js";
import { TestRandom } from "../support/random.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { endedAtEveryWrite, Killed, MortalStore, orKilled } from "./mortal-store.js";
import { FIRST, kinds, TestNeighbourhood, testPrice, type TestInterval } from "./support.js";

const OPEN = FIRST + 2;

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
    await centre.begin(await reference.list(OPEN));
    await centre.admit(packets);
    const expected = await centre.close(await reference.list(OPEN + 2));

    let deaths = 0;
    for (const isDurable of [false, true]) {
      for (let life = 0; life < 7; life++) {
        const disk = new MemoryStore();
        const store = new MortalStore(disk);
        Object.assign(store, { life, isDurable });
        const given: number[] = [];
        const work = async (c: LedgerControlCentre): Promise<void> => {
          while (c.nextInterval < OPEN) {
            await c.begin(await reference.list(c.nextInterval));
            await c.close(await reference.list(c.nextInterval + 2));
          }
          await c.begin(await reference.list(OPEN));
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
          await again.begin(await reference.list(OPEN));
          const answers = await again.admit(packets);
          for (const i of before) {
            const { refused } = answers[i] as unknown as { refused: { reason: string }[] };
            expect(refused.every(({ reason }) => reason === "replayed")).to.equal(true);
            expect(refused).to.have.lengthOf(bundles[i]!.sent.length);
          }
        } else {
          await work(again);
        }
        expect(await again.close(await reference.list(OPEN + 2))).to.deep.equal(expected);
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

  it("has every watt-hour in a proved row or in an account, also when it ends while one is closed", async () => {
    const n = await TestNeighbourhood.open("account restart", 1);
    await n.run(
      1,
      () => 900n,
      async ({ pages, book }) => {
        const [meter] = n.meters;
        const bundle = meter!.sent(OPEN)!;
        const indexed = new IndexedPages(pages, n.rules, book);
        const names = bundle.sent.map(({ pseudonym }) => pseudonym);
        const { own } = excerptOf(indexed, names, []);
        const { load } = pages.consumption.statement;
        expect(load > 0n).to.equal(true);
        const begun = await begunMeter(n, OPEN);
        const deaths = await endedAtEveryWrite(async (store, disk) => {
          for (const [key, bytes] of begun) {
            await disk.transaction(async (tx) => tx.put(key, bytes));
          }
          try {
            const mortal = await LedgerMeter.open(n.rules, store);
            await mortal.conclude(pages, own);
            await mortal.closePeriod();
          } finally {
            const again = await LedgerMeter.open(n.rules, disk);
            await again.conclude(pages, own);
            const account = await again.closePeriod();
            // Proved rows are in the account unless it was closed before the proofs came.
            expect(account).to.include({ first: 0, last: OPEN, register: 900n, proven: load });
            expect(await again.accounts()).to.have.lengthOf(1);
          }
        });
        expect(deaths).to.equal(4);
      },
    );
  });
});

/** What a meter's store holds after it has reported what the first meter has. */
async function begunMeter(
  n: TestNeighbourhood,
  interval: number,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const entries = await n.stores[0]!.transaction((tx) => tx.list(""));
  expect(n.meters[0]!.sent(interval)).not.to.equal(undefined);
  return entries;
}

describe("A provider that is ended at any write", () => {
  it("signs one price a page, and takes no terms from a page that was proved wrong", () =>
    withInterval("provider restart", async (n, { pages, book }) => {
      const deaths = await endedAtEveryWrite(async (store, disk) => {
        let first: unknown;
        try {
          const provider = await n.openProvider(store);
          for (const i of [0, 1]) await provider.remember(book.inForce(FIRST + i)!);
          first = await provider.bill(pages.consumption, pages.consumption.statement);
        } finally {
          const again = await n.openProvider(disk);
          for (const i of [0, 1]) await again.remember(book.inForce(FIRST + i)!);
          const second = await again.bill(pages.consumption, pages.consumption.statement);
          if (first !== undefined) expect(second).to.deep.equal(first);
        }
      });
      expect(deaths).to.equal(6);
      // Terms from the page before the last are right once that one is proved wrong, and not before.
      const disk = new MemoryStore();
      const provider = await n.openProvider(disk);
      for (const i of [0, 1]) await provider.remember(book.inForce(FIRST + i)!);
      const earlier = rewritePage(pages.consumption, n.controlCentreKey, { source: FIRST });
      await expectRejection(provider.bill(earlier, earlier.statement), "ledger/page-refused");
      await provider.setVoid(FIRST + 1, 0);
      for (const one of [provider, await n.openProvider(disk)]) {
        const { statement } = await one.bill(earlier, earlier.statement);
        expect(statement.interval).to.equal(OPEN);
      }
    }));
});

describe("A resident that is ended at any write", () => {
  it("has every claim until its interval is settled, and its bill and the proofs after", () =>
    withInterval("resident restart", async (n, interval) => {
      const { pages, book, bundles } = interval;
      const dropped = rewritePage(pages.consumption, n.controlCentreKey, {
        content: pages.consumption.rows.slice(1),
      });
      const price = testPrice.priceAt(OPEN, dropped.statement.load);
      const shown = { consumption: dropped, billing: priceAt(dropped, n.providerKey, price) };
      book.add(shown);
      const indexed = new IndexedPages(shown, n.rules, book);
      const missing = pages.consumption.rows[0]!.pseudonym;
      const home = bundles.findIndex(({ sent }) =>
        sent.some(({ pseudonym }) => nameOf(pseudonym) === nameOf(missing)),
      );
      const settle = async (resident: LedgerResident): Promise<OwnBill> => {
        const { pseudonyms, indices } = resident.questions(dropped.statement);
        return resident.settle(excerptOf(indexed, pseudonyms, indices), indices, indexed);
      };
      const answer = interval.answers[home]!;
      const expected = { rows: -1, amount: -1n };
      for (const life of [Infinity, 0, 1]) {
        for (const isDurable of [false, true]) {
          const disk = new MemoryStore();
          const store = Object.assign(new MortalStore(disk), { life, isDurable });
          const resident = await LedgerResident.open(n.rules, store);
          await orKilled(async () => {
            await resident.remember(bundles[home]!, answer);
            await settle(resident);
          });
          const again = await LedgerResident.open(n.rules, disk);
          // Before its first write was durable it had nothing: the meter hands it the packet again.
          if (life === 0 && !isDurable) await again.remember(bundles[home]!, answer);
          const bill = (await again.bill(OPEN)) ?? (await settle(again));
          if (life === Infinity) Object.assign(expected, { rows: bill.rows, amount: bill.amount });
          expect(bill).to.include(expected);
          expect(kinds(bill.faults)).to.include("missing-row");
          expect(bill.claims).to.have.lengthOf(1);
          expect((await again.bill(OPEN))!.claims).to.have.lengthOf(1);
          await again.forgetBefore(OPEN);
          expect(await again.bill(OPEN)).not.to.equal(undefined);
          await again.forgetBefore(OPEN + 1);
          expect(await again.bill(OPEN)).to.equal(undefined);
        }
      }
    }));
});

describe("An auditor that is ended at any write", () => {
  it("has every statement that it reported on, and every page that was proved wrong", () =>
    withInterval("auditor restart", async (n, { pages, book, list }) => {
      let reports = 0;
      const deaths = await endedAtEveryWrite(async (store, disk) => {
        let isReported = false;
        let isVoid = false;
        try {
          const auditor = await LedgerAuditor.open(n.rules, store);
          for (const i of [0, 1]) auditor.book.add(book.inForce(FIRST + i)!);
          expect((await auditor.audit(pages, { list })).faults).to.deep.equal([]);
          isReported = true;
          await auditor.setVoid(OPEN, 0);
          isVoid = true;
        } finally {
          const again = await LedgerAuditor.open(n.rules, disk);
          const kept = again.book.inForce(OPEN)?.consumption.statement;
          if (isReported) expect(kept).to.deep.equal(pages.consumption.statement);
          if (isVoid) expect(again.book.isVoid(pages.consumption.statement)).to.equal(true);
          for (const i of [0, 1]) again.book.add(book.inForce(FIRST + i)!);
          expect((await again.audit(pages, { list })).faults).to.deep.equal([]);
          reports++;
        }
      });
      expect(deaths).to.equal(4);
      expect(reports).to.equal(6);
    }));
});

describe("A registrar that is ended at any write", () => {
  it("has every meter that it gave a number, leaves out whom it left out, and forgets what it forgot", async () => {
    const n = await TestNeighbourhood.open("registrar restart", 2);
    const enrolments = n.meters.map((meter) => meter.enrolment());
    const deaths = await endedAtEveryWrite(async (store, disk) => {
      let numbers = 0;
      let isExcluded = false;
      let isForgotten = false;
      try {
        const registrar = await Registrar.open(store);
        for (const enrolment of enrolments) {
          expect(await registrar.enrol(enrolment, OPEN - 1)).to.equal(numbers);
          numbers++;
        }
        await registrar.exclude(1, OPEN + 1);
        isExcluded = true;
        await registrar.forgetBefore(OPEN);
        isForgotten = true;
      } finally {
        const again = await Registrar.open(disk);
        const { homes } = await again.list(OPEN);
        expect(homes).to.be.at.least(numbers);
        if (numbers === 2)
          expect((await again.list(OPEN)).root).to.deep.equal((await n.registrar.list(OPEN)).root);
        if (isExcluded) expect((await again.list(OPEN + 1)).homes).to.equal(1);
        if (isForgotten) {
          const thief = await Registrar.open(disk);
          await expectRejection(thief.list(OPEN - 1), "ledger/leaf-gone");
        }
      }
    });
    expect(deaths).to.equal(8);
  });
});

describe("A relay and a sender that are ended at any write", () => {
  it("drop every packet that went on, refuse an epoch that they cannot remember, and keep their entries", async () => {
    const random = new TestRandom("relay restart");
    const batches = [0, 1, 2].map(() => [random.bytes(32), random.bytes(32)]);
    const deaths = await endedAtEveryWrite(async (store, disk) => {
      const wentOn: Uint8Array[] = [];
      let isEntered = false;
      try {
        const seen = await SeenPackets.open(store);
        await seen.enter(OPEN);
        isEntered = true;
        for (const batch of batches) {
          await seen.add(OPEN, batch);
          wentOn.push(...batch);
        }
      } finally {
        const again = await SeenPackets.open(disk);
        if (isEntered) expect(again.knows(OPEN)).to.equal(true);
        if (again.knows(OPEN)) {
          expect(await again.add(OPEN, wentOn)).to.deep.equal(wentOn.map(() => false));
        }
      }
    });
    expect(deaths).to.equal(8);

    const relays = Array.from({ length: 9 }, () => random.bytes(32));
    const entries = async (store: Store): Promise<Uint8Array | undefined> => {
      await OnionClient.open({ store, relays, hops: 3 });
      return store.transaction((tx) => tx.get("onion/entries"));
    };
    const pinned = await endedAtEveryWrite(async (store, disk) => {
      let drawn: Uint8Array | undefined;
      try {
        drawn = await entries(store);
      } finally {
        const kept = await disk.transaction((tx) => tx.get("onion/entries"));
        const after = await entries(disk);
        for (const before of [drawn, kept])
          if (before !== undefined) expect(after).to.deep.equal(before);
      }
    });
    expect(pinned).to.equal(2);
  });
});

/** Shows an honest interval of three homes. */
async function withInterval(
  seed: string,
  see: (n: TestNeighbourhood, interval: TestInterval) => Promise<void>,
): Promise<void> {
  const n = await TestNeighbourhood.open(seed, 3);
  await n.run(
    1,
    (home) => BigInt(200 * home + 333),
    (interval) => see(n, interval),
  );
}
