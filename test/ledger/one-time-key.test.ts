import { expect } from "chai";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import { EnrolmentList, Registrar } from "../../src/ledger/enrolment.js";
import { PuncturablePrf } from "../../src/ledger/ggm.js";
import { MAX_INTERVALS, oneTimes, type Pseudonym } from "../../src/ledger/one-time-key.js";
import { HOME_SLOTS, type Slot } from "../../src/ledger/parcels.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("one-time-key");
const meters = Array.from({ length: 3 }, () => {
  const secretKey = 1n + random.below(ORDER - 1n);
  return { secretKey, tree: PuncturablePrf.fromRoot(random.bytes(32)) };
});

async function registrar(store = new MemoryStore()): Promise<Registrar> {
  const r = await Registrar.open(store);
  for (const { secretKey, tree } of meters) {
    await r.enrol({ publicKey: publicKeyOf(secretKey), tree }, 0);
  }
  return r;
}

describe("One-time pseudonyms and keys", () => {
  it("differ in every interval, for every index and every meter", async () => {
    const seen = new Set<string>();
    let count = 0;
    for (const { tree } of meters) {
      for (const interval of [0, 1, 2, 47, 48, 761_328, MAX_INTERVALS - 1]) {
        for (const { pseudonym, tweak } of oneTimes({ tree, interval, count: 10 })) {
          seen.add(bytesToHex(pseudonym)).add(tweak.toString(16));
          count += 2;
        }
      }
    }
    expect(seen.size).to.equal(count);
  });

  it("do not depend on how many are asked for, nor on what is forgotten", async () => {
    const { tree } = meters[0]!;
    const forgetful = tree.clone();
    forgetful.punctureBefore(48 * 256);
    expect(oneTimes({ tree: forgetful, interval: 48, count: 2 })).to.deep.equal(
      oneTimes({ tree, interval: 48, count: 5 }).slice(0, 2),
    );
  });

  it("belong to the meter's key: pk' = pk + t·G is the public key of sk + t", async () => {
    const { Point } = secp256k1;
    const list = await (await registrar()).list(7);
    for (const { secretKey, tree } of meters) {
      for (const { pseudonym, tweak } of oneTimes({
        tree,
        interval: 7,
        count: HOME_SLOTS.length,
      })) {
        const expected = Point.BASE.multiply(secretKey).add(Point.BASE.multiply(tweak));
        expect(list.entryOf(pseudonym)!.key).to.deep.equal(expected.toBytes(true));
        expect(publicKeyOf((secretKey + tweak) % ORDER)).to.deep.equal(expected.toBytes(true));
      }
    }
  });

  it("exist for intervals in range only", async () => {
    for (const interval of [-1, MAX_INTERVALS, 1.5, NaN]) {
      expectError(
        () => oneTimes({ tree: meters[0]!.tree, interval, count: 1 }),
        "ledger/interval-range",
      );
    }
  });
});

describe("The enrolment list", () => {
  it("knows no pseudonym of another interval, and none made up", async () => {
    const list = await (await registrar()).list(7);
    const [other] = oneTimes({ tree: meters[0]!.tree, interval: 8, count: 1 });
    expect(list.entryOf(other!.pseudonym)).to.equal(undefined);
    expect(list.entryOf(random.bytes(32) as Pseudonym)).to.equal(undefined);
    expect(list.homes).to.equal(3);
  });

  it("is the same for every order of the meters, so it tells nothing of it", async () => {
    const backwards = await Registrar.open(new MemoryStore());
    for (const { secretKey, tree } of meters.toReversed()) {
      await backwards.enrol({ publicKey: publicKeyOf(secretKey), tree }, 0);
    }
    expect((await backwards.list(7)).root).to.deep.equal((await (await registrar()).list(7)).root);
  });

  it("has a root that any entry changes, and counts a home by its presence", async () => {
    const entries = (await (await registrar()).list(3)).entries;
    const whole = new EnrolmentList(3, entries);
    const [first, second, ...rest] = entries;
    const swapped = [
      { ...first!, key: second!.key },
      { ...second!, key: first!.key },
    ];
    const moved = { ...first!, category: ((first!.category + 1) % 5) as Slot };
    const others = [entries.slice(1), [...swapped, ...rest], [moved, second!, ...rest]];
    for (const other of others) {
      expect(new EnrolmentList(3, other).root).not.to.deep.equal(whole.root);
    }
    expect(new EnrolmentList(4, entries).root).not.to.deep.equal(whole.root);
    expect(whole.homes).to.equal(3);
    expect(entries).to.have.lengthOf(3 * HOME_SLOTS.length);
  });

  it("shows an entry alone, or those between which a stranger would be", async () => {
    const list = await (await registrar()).list(3);
    for (const entry of list.entries) {
      const [proved, ...others] = list.around(entry.pseudonym);
      expect([proved!.entry, others]).to.deep.equal([entry, []]);
    }
    const strangers = [new Uint8Array(32), new Uint8Array(32).fill(255), random.bytes(32)];
    for (const stranger of strangers as Pseudonym[]) {
      const around = list.around(stranger);
      const places = around.map(({ index }) => index);
      const last = list.entries.length - 1;
      if (places.length === 1) expect([0, last]).to.include(places[0]);
      else expect(places[1]).to.equal(places[0]! + 1);
    }
  });

  it("is made in order: past intervals are forgotten by the registrar too", async () => {
    const r = await registrar();
    await r.list(7);
    await r.list(9);
    await expectRejection(r.list(8), "ledger/leaf-gone");
  });

  it("refuses a meter whose key is not a point", async () => {
    const enrolment = { publicKey: new Uint8Array(33), tree: meters[0]!.tree };
    await expectRejection(
      (await Registrar.open(new MemoryStore())).enrol(enrolment, 0),
      "ledger/bad-key",
    );
  });
});
