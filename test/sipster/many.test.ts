/**
 * Every check that draws a weight for each item, with more items than one draw of the system's
 * generator gives weights for: 4,096 weights are its 65,536 bytes.
 */
import { expect } from "chai";
import {
  batchVerify,
  createMclBn254,
  randomness,
  randomScalars,
  randomWeights,
  shuffled,
  GROUP_ORDER,
  type G1Point,
} from "../../src/algebra/index.js";
import { findFalsePairings, type Case } from "../../src/chain/audit/judge.js";
import {
  generateMintKeys,
  mintChecks,
  mintPublicKeys,
  publicChecks,
} from "../../src/ecash/index.js";
import { publicKeyOf as ledgerKeyOf } from "../../src/ledger/curve.js";
import { signSchnorr, wrongSignatures } from "../../src/ledger/schnorr.js";
import { randomScalars as sealedScalars } from "../../src/sealed/scalars.js";
import {
  combine,
  findBadBills,
  findBadReceipts,
  generateUtilityKey,
  publicKeyOf,
  verifyCombined,
} from "../../src/sipster/index.js";

const curve = await createMclBn254();
const { g1 } = curve;

/** 1·P, 2·P, … : additions alone. */
function multiples(point: G1Point, count: number): G1Point[] {
  const points: G1Point[] = [];
  let at = point;
  for (let i = 0; i < count; i++) {
    points.push(at);
    at = g1.add(at, point);
  }
  return points;
}

for (const count of [4_097, 20_000]) {
  describe(`${count} items`, () => {
    const secret = generateUtilityKey("hash-bound", 1);
    const key = publicKeyOf(curve, secret);
    const messages = multiples(g1.generator, count);
    const signatures = multiples(key.a1, count);
    const signed = messages.map((message, i) => ({ message, signature: signatures[i]! }));
    const at = count - 1;
    const spoilt = signed.map((item, i) =>
      i === at ? { ...item, signature: g1.add(item.signature, g1.generator) } : item,
    );

    it("randomness is drawn whole: no piece is left zero, none repeats", () => {
      const bytes = randomness(16 * count);
      expect(bytes.length).to.equal(16 * count);
      expect(bytes.slice(-16).some((byte) => byte !== 0)).to.equal(true);
      // Weights of 128 bits: shorter ones let a wrong batch pass by chance.
      expect(randomWeights(64).filter((weight) => weight >= 1n << 120n).length).to.be.above(32);
      expect(new Set(randomWeights(count)).size).to.equal(count);
      expect(new Set(randomScalars(count, GROUP_ORDER)).size).to.equal(count);
      expect(new Set(sealedScalars(count)).size).to.equal(count);
      expect(new Set(shuffled(messages)).size).to.equal(count);
    });

    it("a batch check accepts the right ones and refuses one that is wrong", () => {
      expect(batchVerify(curve, signed, key.a2)).to.equal(true);
      expect(batchVerify(curve, spoilt, key.a2)).to.equal(false);
    });

    it("receipts are verified together, and the bad one is named", () => {
      const receipts = (items: typeof signed) =>
        items.map(({ message, signature }) => ({ point: message, receipt: signature }));
      expect(findBadReceipts(curve, key, receipts(signed))).to.deep.equal([]);
      expect(findBadReceipts(curve, key, receipts(spoilt))).to.deep.equal([at]);
    });

    it("a bill of so many tokens is combined and verifies", () => {
      const r = g1.sub(g1.sum(messages), g1.mul(g1.generator, 77n));
      expect(
        verifyCombined({
          curve,
          key,
          r,
          combined: combine({ curve, receipts: signatures, blinding: 77n, key }),
        }),
      ).to.equal(true);
      expect(
        verifyCombined({
          curve,
          key,
          r,
          combined: combine({ curve, receipts: signatures, blinding: 78n, key }),
        }),
      ).to.equal(false);
    });

    it("combined receipts of so many bills are checked, and the bad one is named", () => {
      const bills = (items: typeof signed) =>
        items.map(({ message, signature }) => ({ r: message, combined: signature }));
      expect(findBadBills(curve, key, bills(signed))).to.deep.equal([]);
      expect(findBadBills(curve, key, bills(spoilt))).to.deep.equal([at]);
    });

    it("coins are checked, with the mint's secret and with its public key", () => {
      const mint = generateMintKeys(3, [1]);
      const coins = multiples(mintPublicKeys(curve, mint).keys.get(1)!.b1, count).map(
        (signature, i) => ({ message: messages[i]!, signature }),
      );
      const forged = coins.map((c, i) => (i === at ? { ...c, signature: g1.generator } : c));
      for (const checks of [
        mintChecks(curve, [mint]),
        publicChecks(curve, [mintPublicKeys(curve, mint)]),
      ]) {
        const check = checks.get(3)!.get(1)!;
        expect(check(coins)).to.equal(true);
        expect(check(forged)).to.equal(false);
      }
    });

    it("the audit checks so many single settlements under one key", () => {
      const usable = { a2: key.a2 };
      const cases = (items: typeof signed): Case[] =>
        items.map(
          (pairing) =>
            ({ carrier: { opened: { pairing }, index: 0 }, key: usable }) as unknown as Case,
        );
      expect(findFalsePairings(curve, cases(signed)).size).to.equal(0);
      const wrong = [...findFalsePairings(curve, cases(spoilt))];
      expect(wrong.map(({ pairing }) => pairing?.message)).to.deep.equal([messages[at]]);
    });

    it("one ledger interval has so many signed rows", () => {
      const message = Uint8Array.of(1);
      const row = {
        key: ledgerKeyOf(5n),
        message,
        signature: signSchnorr(5n, ledgerKeyOf(5n), message),
      };
      const rows = Array.from({ length: count }, () => row);
      expect(wrongSignatures(rows)).to.deep.equal([]);
      rows[at] = { ...row, message: Uint8Array.of(2) };
      expect(wrongSignatures(rows)).to.deep.equal([at]);
    });
  });
}
