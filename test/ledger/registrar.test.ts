/** Lists that are not those of homes, and those who ask a registrar for them. */
import { expect } from "chai";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { auditRows } from "../../src/ledger/audit/rows.js";
import { publicKeyOf } from "../../src/ledger/curve.js";
import { EnrolmentList, Registrar, type EnrolmentEntry } from "../../src/ledger/enrolment.js";
import { PuncturablePrf } from "../../src/ledger/ggm.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import { PRESENCE } from "../../src/ledger/parcels.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, kinds, TestNeighbourhood } from "./support.js";

const OPEN = FIRST + 2;

describe("A registrar that lies, or is lied to", () => {
  const PARCEL = 3;
  const changed: Record<string, (entries: readonly EnrolmentEntry[]) => EnrolmentEntry[]> = {
    "a pseudonym with two keys": (entries) => [
      ...entries,
      { ...entries[0]!, key: entries[1]!.key },
    ],
    "parcels of a home that is not counted": (entries) => [
      ...entries,
      { ...entries[0]!, category: PARCEL, pseudonym: new Uint8Array(32).fill(9) as Pseudonym },
    ],
    "a home with two parcels of a size": (entries) =>
      entries.map((e) => (e.category === 0 ? { ...e, category: PARCEL } : e)),
    "homes without parcels": (entries) => entries.filter((e) => e.category === PRESENCE),
    "a key that is too long": (entries) =>
      entries.map((e, i) => (i === 0 ? { ...e, key: new Uint8Array(34) } : e)),
  };

  for (const [what, change] of Object.entries(changed)) {
    it(`given a list with ${what}, the control centre signs no terms for it, and an auditor says why`, async () => {
      const n = await TestNeighbourhood.open("lying list", 3);
      const centre = await n.openControlCentre();
      await centre.begin(await n.list(FIRST));
      const lying = new EnrolmentList(OPEN, change((await n.list(OPEN)).entries));
      await expectRejection(centre.close(lying), "ledger/wrong-list");
      if (what.includes("too long")) return;
      // One who signs them all the same is named by all who read the list.
      await n.run(
        1,
        () => 500n,
        async ({ pages, book }) => {
          const { statement } = book.originOf(OPEN)!.consumption;
          const terms = { ...statement, homes: lying.homes, enrolment: lying.root };
          const consumption = { statement: terms, signature: new Uint8Array(65) };
          book.add({ consumption });
          const faults = await auditRows(new IndexedPages(pages, n.rules, book), lying);
          expect(kinds(faults)).to.include("enrolment");
          book.add({ consumption: { ...consumption, statement } });
        },
      );
    });
  }

  it("given one key tree under two keys, lists the first alone: no row can contradict an entry", async () => {
    const n = await TestNeighbourhood.open("two keys", 3);
    const { tree } = n.meters[0]!.enrolment();
    const publicKey = publicKeyOf(5n);
    await n.registrar.enrol({ publicKey, tree }, OPEN);
    const list = await n.list(OPEN);
    expect(list.fault).to.equal(undefined);
    expect(list.homes).to.equal(3);
    const honest = await TestNeighbourhood.open("two keys", 3);
    expect(list.root).to.deep.equal((await honest.list(OPEN)).root);
  });

  it("given a meter that is enrolled, refuses it: it would count as two homes", async () => {
    const n = await TestNeighbourhood.open("twice", 2);
    const { publicKey } = n.meters[1]!.enrolment();
    const tree = PuncturablePrf.fromRoot(new Uint8Array(32).fill(4));
    await expectRejection(n.registrar.enrol({ publicKey, tree }, OPEN), "ledger/known-meter");
    expect((await n.list(OPEN)).homes).to.equal(2);
  });

  it("told to change a list that is made, refuses, and makes the anchored one again after a restart", async () => {
    const store = new MemoryStore();
    const n = await TestNeighbourhood.open("list made", 3);
    const [first, second, third] = n.meters.map((meter) => meter.enrolment());
    const registrar = await Registrar.open(store);
    for (const enrolment of [first!, second!]) await registrar.enrol(enrolment, OPEN);
    const anchored = await registrar.list(OPEN);
    await expectRejection(registrar.enrol(third!, OPEN), "ledger/list-made");
    await expectRejection(registrar.exclude(0, OPEN), "ledger/list-made");
    await registrar.enrol(third!, OPEN + 1);
    await registrar.exclude(0, OPEN + 2);
    const again = await Registrar.open(store);
    expect((await again.list(OPEN)).root).to.deep.equal(anchored.root);
    for (const [i, homes] of [3, 2].entries()) {
      expect((await again.list(OPEN + 1 + i)).homes).to.equal(homes);
    }
  });

  it("told to leave a meter out when later lists are made, makes every anchored one again after a restart", async () => {
    const store = new MemoryStore();
    const n = await TestNeighbourhood.open("lists ahead", 3);
    const registrar = await Registrar.open(store);
    for (const meter of n.meters.slice(0, 2)) await registrar.enrol(meter.enrolment(), OPEN);
    const roots = async (of: Registrar): Promise<Uint8Array[]> => {
      const made: Uint8Array[] = [];
      for (const i of [0, 1, 2]) made.push((await of.list(OPEN + i)).root);
      return made;
    };
    const anchored = await roots(registrar);
    await registrar.exclude(0, OPEN + 3);
    await registrar.enrol(n.meters[2]!.enrolment(), OPEN + 3);
    const again = await Registrar.open(store);
    expect(await roots(again)).to.deep.equal(anchored);
    expect((await again.list(OPEN + 3)).homes).to.equal(2);
  });

  it("run twice on one store, gives no number to two meters", async () => {
    const store = new MemoryStore();
    const n = await TestNeighbourhood.open("two registrars", 2);
    const [one, other] = [await Registrar.open(store), await Registrar.open(store)];
    const [first, second] = n.meters.map((meter) => meter.enrolment());
    expect(await one.enrol(first!, OPEN)).to.equal(0);
    await expectRejection(other.enrol(second!, OPEN), "ledger/other-process");
    const again = await Registrar.open(store);
    expect((await again.list(OPEN)).homes).to.equal(1);
    expect(await again.enrol(second!, OPEN + 1)).to.equal(1);
  });
});
