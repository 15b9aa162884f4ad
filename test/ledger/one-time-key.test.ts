import { expect } from "chai";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import { EnrolmentList, Registrar } from "../../src/ledger/enrolment.js";
import { PuncturablePrf } from "../../src/ledger/ggm.js";
import { MAX_INTERVALS, oneTimes, type Pseudonym } from "../../src/ledger/one-time-key.js";
import { MAX_PARCELS } from "../../src/ledger/parcels.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("one-time-key");
const meters = Array.from({ length: 3 }, () => {
  const secretKey = 1n + random.below(ORDER - 1n);
  return { secretKey, tree: PuncturablePrf.fromRoot(random.bytes(32)) };
});

function registrar(): Registrar {
  const r = new Registrar();
  for (const { secretKey, tree } of meters) r.enrol({ publicKey: publicKeyOf(secretKey), tree });
  return r;
}

describe("One-time pseudonyms and keys", () => {
  it("differ in every interval, for every index and every meter", () => {
    const seen = new Set<string>();
    let count = 0;
    for (const { tree } of meters) {
      for (const interval of [0, 1, 2, 47, 48, 761_328, MAX_INTERVALS - 1]) {
        for (const { pseudonym, tweak } of oneTimes(tree, interval, 10)) {
          seen.add(bytesToHex(pseudonym)).add(tweak.toString(16));
          count += 2;
        }
      }
    }
    expect(seen.size).to.equal(count);
  });

  it("do not depend on how many are asked for, nor on what is forgotten", () => {
    const { tree } = meters[0]!;
    const forgetful = tree.clone();
    forgetful.punctureBefore(48 * 256);
    expect(oneTimes(forgetful, 48, 2)).to.deep.equal(oneTimes(tree, 48, 5).slice(0, 2));
  });

  it("belong to the meter's key: pk' = pk + t·G is the public key of sk + t", () => {
    const { Point } = secp256k1;
    const list = registrar().list(7);
    for (const { secretKey, tree } of meters) {
      for (const { pseudonym, tweak } of oneTimes(tree, 7, MAX_PARCELS)) {
        const expected = Point.BASE.multiply(secretKey).add(Point.BASE.multiply(tweak));
        expect(list.keyOf(pseudonym)).to.deep.equal(expected.toBytes(true));
        expect(publicKeyOf((secretKey + tweak) % ORDER)).to.deep.equal(expected.toBytes(true));
      }
    }
  });

  it("exist for intervals in range only", () => {
    for (const interval of [-1, MAX_INTERVALS, 1.5, NaN]) {
      expectError(() => oneTimes(meters[0]!.tree, interval, 1), "ledger/interval-range");
    }
  });
});

describe("The enrolment list", () => {
  it("knows no pseudonym of another interval, and none made up", () => {
    const list = registrar().list(7);
    const [other] = oneTimes(meters[0]!.tree, 8, 1);
    expect(list.keyOf(other!.pseudonym)).to.equal(undefined);
    expect(list.keyOf(random.bytes(32) as Pseudonym)).to.equal(undefined);
    expect(list.homes).to.equal(3);
  });

  it("is the same whatever the order of the meters, so it tells nothing of it", () => {
    const backwards = new Registrar();
    for (const { secretKey, tree } of meters.toReversed()) {
      backwards.enrol({ publicKey: publicKeyOf(secretKey), tree });
    }
    expect(backwards.list(7).digest).to.deep.equal(registrar().list(7).digest);
  });

  it("has a digest that any entry changes", () => {
    const entries = oneTimes(meters[0]!.tree, 3, 4).map(({ pseudonym, tweak }) => ({
      pseudonym,
      key: publicKeyOf(tweak),
    }));
    const whole = new EnrolmentList(3, 1, entries).digest;
    const without = new EnrolmentList(3, 1, entries.slice(1)).digest;
    const [first, second, ...rest] = entries;
    const swapped = [
      { pseudonym: first!.pseudonym, key: second!.key },
      { pseudonym: second!.pseudonym, key: first!.key },
    ];
    expect(without).not.to.deep.equal(whole);
    expect(new EnrolmentList(3, 1, [...swapped, ...rest]).digest).not.to.deep.equal(whole);
  });

  it("is made in order: past intervals are forgotten by the registrar too", () => {
    const r = registrar();
    r.list(7);
    r.list(9);
    expectError(() => r.list(8), "ledger/leaf-gone");
  });

  it("refuses a meter whose key is no point", () => {
    const enrolment = { publicKey: new Uint8Array(33), tree: meters[0]!.tree };
    expectError(() => new Registrar().enrol(enrolment), "ledger/bad-key");
  });
});
