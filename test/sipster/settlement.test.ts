import { expect } from "chai";
import { createMclBn254, GROUP_ORDER, nobleBn254 } from "../../src/algebra/index.js";
import type { hashBoundSuite } from "../../src/sipster/index.js";
import {
  addressOf,
  billGen,
  classicSuite,
  combine,
  findBadBills,
  findBadReceipts,
  generateUtilityKey,
  publicKeyOf,
  ReceiptIssuer,
  recoverMeter,
  signBill,
  signDigest,
  verifyCombined,
  type ClassicToken,
  type SuiteName,
  type Token,
} from "../../src/sipster/index.js";
import { classicTokenHash } from "../../src/sipster/classic/classic-token.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import {
  meterPeriod,
  payAll,
  settleable,
  sharedTokenKey,
  system,
  world,
} from "../support/settlement.js";

const mcl = await createMclBn254();
const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

for (const name of ["hash-bound", "classic"] as const satisfies readonly SuiteName[]) {
  describe(`settling, ${name} suite`, () => {
    const w = world({ curve: mcl, name });
    const { g1 } = mcl;

    for (const units of [0, 1, 2, 100, 1000]) {
      it(`a bill of ${units} units verifies, for the auditor's implementation too`, () => {
        const period = meterPeriod(w, ones(units), { seed: `K=${units}` });
        const combined = settleable(w, period);
        expect(verifyCombined({ curve: mcl, key: w.key, r: period.r, combined })).to.equal(true);
        expect(w.issuer.verifies(period.r, combined)).to.equal(true);
        const { g1: n1, g2: n2 } = nobleBn254;
        const key = {
          keyEpoch: 1,
          a1: n1.decode(g1.encode(w.key.a1)),
          a2: n2.decode(mcl.g2.encode(w.key.a2)),
        };
        const r = n1.decode(period.bill.r);
        expect(
          verifyCombined({ curve: nobleBn254, key, r, combined: n1.decode(g1.encode(combined)) }),
        ).to.equal(true);
        expect(recoverMeter(system, period.bill)).to.equal(addressOf(period.billKey));
      });
    }

    const period = meterPeriod(w, ones(6));
    const receipts = payAll(w, period);
    const verifies = (list: typeof receipts): boolean => {
      const combined = combine({
        curve: mcl,
        receipts: list,
        blinding: period.blinding,
        key: w.key,
      });
      const verdict = verifyCombined({ curve: mcl, key: w.key, r: period.r, combined });
      expect(w.issuer.verifies(period.r, combined)).to.equal(verdict);
      return verdict;
    };

    it("all receipts, in any order, verify", () => {
      expect(verifies(receipts)).to.equal(true);
      expect(verifies(receipts.toReversed())).to.equal(true);
    });

    it("one receipt missing is rejected", () => {
      expect(verifies(receipts.slice(1))).to.equal(false);
    });

    it("one receipt doubled is rejected", () => {
      expect(verifies([...receipts, receipts[0]!])).to.equal(false);
    });

    it("a foreign receipt in place of one's own is rejected", () => {
      const other = payAll(w, meterPeriod(w, [1], { seed: "another meter" }));
      expect(verifies([...other, ...receipts.slice(1)])).to.equal(false);
    });

    it("a receipt of another key epoch is rejected", () => {
      const later = world({ curve: mcl, name, keyEpoch: 2 });
      const point = w.suite.point(period.generated[0]!.token);
      const wrong = { ...period.generated[0]!.token, keyEpoch: 2 } as Token;
      if (name === "hash-bound") {
        // The epoch is part of the token, so its point is another one.
        const reissued = later.issuer.issue(withPoint(later.suite, wrong));
        expect(verifies([reissued, ...receipts.slice(1)])).to.equal(false);
      }
      expectError(() => w.issuer.issue(wrong), "sipster/wrong-key-epoch");
      expectError(() => later.issuer.issue(period.generated[0]!.token), "sipster/wrong-key-epoch");
      const other = mcl.g1.mul(point, 7n);
      expect(verifies([other, ...receipts.slice(1)])).to.equal(false);
    });

    it("receipts +Δ and −Δ are found and named", () => {
      const delta = g1.mul(g1.generator, 9n);
      const items = period.generated.map(({ point }, i) => ({ point, receipt: receipts[i]! }));
      expect(findBadReceipts(mcl, w.key, items)).to.deep.equal([]);
      items[1] = { ...items[1]!, receipt: g1.add(receipts[1]!, delta) };
      expect(findBadReceipts(mcl, w.key, items)).to.deep.equal([1]);
      items[4] = { ...items[4]!, receipt: g1.sub(receipts[4]!, delta) };
      expect(findBadReceipts(mcl, w.key, items)).to.deep.equal([1, 4]);
    });

    it("a tagged key (a receipt under another key than the pinned one) is found", () => {
      const tagged = new ReceiptIssuer(w.suite, generateUtilityKey(name, 1));
      const items = period.generated.map(({ point, token }, i) => ({
        point,
        receipt: i === 3 ? tagged.issue(token) : receipts[i]!,
      }));
      expect(findBadReceipts(mcl, w.key, items)).to.deep.equal([3]);
    });

    it("the identity settles nothing", () => {
      expect(
        verifyCombined({ curve: mcl, key: w.key, r: g1.identity, combined: g1.identity }),
      ).to.equal(false);
    });

    it("bad bills of many are named", () => {
      const bills = [0, 1, 2, 3, 4].map((n) => {
        const p = meterPeriod(w, ones(n), { seed: `bill ${n}` });
        return { r: p.r, combined: settleable(w, p) };
      });
      expect(findBadBills(mcl, w.key, bills)).to.deep.equal([]);
      bills[2] = { ...bills[2]!, combined: g1.add(bills[2]!.combined, g1.generator) };
      bills[4] = { ...bills[4]!, r: g1.identity };
      expect(findBadBills(mcl, w.key, bills)).to.deep.equal([2, 4]);
    });

    it("a key made for one suite never serves the other", () => {
      const other = name === "classic" ? "hash-bound" : "classic";
      expectError(
        () => new ReceiptIssuer(w.suite, generateUtilityKey(other, 1)),
        "sipster/wrong-suite",
      );
      const token = meterPeriod(world({ curve: mcl, name: other }), [1]).generated[0]!.token;
      expectError(() => w.issuer.issue(token), "sipster/wrong-suite");
      expectError(() => w.suite.encode(token), "sipster/wrong-suite");
      expectError(() => w.suite.hash(token), "sipster/wrong-suite");
    });

    it("tokens survive encoding; other lengths are refused", () => {
      for (const { token } of period.generated) {
        const bytes = w.suite.encode(token);
        expect(w.suite.decode(bytes)).to.deep.equal(token);
        expectError(() => w.suite.decode(bytes.subarray(1)), "sipster/bad-token");
      }
    });
  });
}

/** The token with the first counter that gives a point. */
function withPoint(suite: ReturnType<typeof hashBoundSuite>, token: Token): Token {
  for (let ctr = 0; ctr < 256; ctr++) {
    const candidate = { ...token, ctr } as Token;
    try {
      suite.point(candidate);
      return candidate;
    } catch {
      continue;
    }
  }
  return expect.fail("no counter gives a point");
}

describe("what the shared token key of the classic suite is worth", () => {
  // The attacker has opened one meter and reads the token key, which all meters share.
  const stolen = sharedTokenKey;

  it("classic: a whole bill is settled for one unit, by submitting its R as a token", () => {
    const w = world({ curve: mcl, name: "classic" });
    const victim = meterPeriod(w, ones(500));
    const forged: ClassicToken = {
      suite: "classic",
      keyEpoch: 1,
      denomination: 1,
      blinded: victim.bill.r,
      signature: signDigest(
        classicTokenHash(system.systemId, { keyEpoch: 1, blinded: victim.bill.r }),
        stolen,
      ),
    };
    const oneReceipt = w.issuer.issue(forged);
    expect(verifyCombined({ curve: mcl, key: w.key, r: victim.r, combined: oneReceipt })).to.equal(
      true,
    );
  });

  it("hash-bound: no token has a chosen point, so R cannot be submitted at all", () => {
    const w = world({ curve: mcl, name: "hash-bound" });
    const victim = meterPeriod(w, [100, 100, 10]);
    // Everything an attacker can send is 41 bytes, and the point is their hash.
    const random = new TestRandom("forger");
    for (let i = 0; i < 50; i++) {
      const bytes = random.bytes(41);
      bytes.set([0, 0, 0, 1, 0, 0, 0, 1]);
      let receipt;
      try {
        receipt = w.issuer.issue(w.suite.decode(bytes));
      } catch {
        continue;
      }
      expect(verifyCombined({ curve: mcl, key: w.key, r: victim.r, combined: receipt })).to.equal(
        false,
      );
    }
    // A classic token, which does carry a point, is refused by type and by length.
    const classic = world({ curve: mcl, name: "classic" });
    const point = meterPeriod(classic, [1]).generated[0]!.token;
    expectError(() => w.issuer.issue(point), "sipster/wrong-suite");
    expectError(() => w.suite.decode(classic.suite.encode(point)), "sipster/bad-token");
  });
});

describe("token checks", () => {
  const w = world({ curve: mcl, name: "hash-bound" });
  const token = meterPeriod(w, [10]).generated[0]!.token;

  it("an altered denomination is another token with another point", () => {
    const altered = { ...token, denomination: 100 } as Token;
    expect(w.suite.hash(altered)).not.to.deep.equal(w.suite.hash(token));
    const receipt = w.issuer.issue(token);
    const reissued = w.issuer.issue(withPoint(w.suite, altered));
    expect(mcl.g1.equals(receipt, reissued)).to.equal(false);
  });

  it("a counter that gives no point is refused", () => {
    const bad = Array.from({ length: 256 }, (_, ctr) => ({ ...token, ctr }) as Token).filter(
      (t) => {
        try {
          w.suite.point(t);
          return false;
        } catch {
          return true;
        }
      },
    );
    expect(bad.length / 256).to.be.within(0.5, 0.75);
    for (const t of bad) expectError(() => w.suite.point(t), "sipster/token-not-a-point");
  });

  it("a denomination of 0 is refused", () => {
    const bytes = w.suite.encode({ ...token, denomination: 0 } as Token);
    expectError(() => w.suite.decode(bytes), "sipster/bad-denomination");
  });

  it("classic: a token altered in any byte does not verify", () => {
    const classic = world({ curve: mcl, name: "classic" });
    const bytes = classic.suite.encode(meterPeriod(classic, [1]).generated[0]!.token);
    for (let i = 0; i < bytes.length; i++) {
      const altered = Uint8Array.from(bytes);
      altered[i]! ^= 1;
      expect(() => classic.suite.point(classic.suite.decode(altered)), `byte ${i}`).to.throw();
    }
  });

  it("classic: a token under another token key is refused", () => {
    const classic = world({ curve: mcl, name: "classic" });
    const { token: genuine } = meterPeriod(classic, [1]).generated[0]!;
    const other = classicSuite(mcl, system.systemId, addressOf(new TestRandom("x").bytes(32)));
    expectError(() => other.point(genuine), "sipster/token-signature-invalid");
  });
});

describe("bills", () => {
  const w = world({ curve: mcl, name: "hash-bound" });

  it("a bill of zero units is −r·P1, and another every period", () => {
    const a = meterPeriod(w, [], { period: 201303 });
    const b = meterPeriod(w, [], { period: 201304 });
    const { g1 } = mcl;
    expect(g1.equals(a.r, g1.mul(g1.generator, GROUP_ORDER - a.blinding))).to.equal(true);
    expect(a.bill.r).not.to.deep.equal(b.bill.r);
  });

  it("every field is signed", () => {
    const { bill } = meterPeriod(w, [1]);
    const meter = recoverMeter(system, bill);
    const altered = [
      { ...bill, period: bill.period + 1 },
      { ...bill, keyEpoch: bill.keyEpoch + 1 },
      { ...bill, r: meterPeriod(w, [10]).bill.r },
    ];
    for (const b of altered) expect(recoverMeter(system, b)).not.to.equal(meter);
  });

  it("a key of zero is refused", () => {
    const zero = { suite: "hash-bound", keyEpoch: 1, scalar: 0n } as const;
    expectError(() => publicKeyOf(mcl, zero), "sipster/key-is-zero");
  });

  it("malformed signatures are refused", () => {
    const { bill, billKey } = meterPeriod(w, [1]);
    const bad = { ...bill, signature: bill.signature.subarray(1) };
    expectError(() => recoverMeter(system, bad), "sipster/bad-signature");
    const zero = { ...bill, signature: new Uint8Array(64) };
    expectError(() => recoverMeter(system, zero), "sipster/bad-signature");
    const again = signBill(
      system,
      billGen({ curve: mcl, period: 1, keyEpoch: 1, accumulated: mcl.g1.generator, blinding: 5n }),
      billKey,
    );
    expect(recoverMeter(system, again)).to.equal(addressOf(billKey));
  });
});
