/** What lies exactly at a limit: times, lists, lengths and points that the other tests pass by. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { denominationsCodec } from "../../src/sipster/codecs.js";
import {
  confirmTime,
  findBadBills,
  hashBoundGenerator,
  hashBoundSuite,
  meterGenerator,
  parseDenominations,
  parseTerms,
  encodeTerms,
  parseViewKey,
  signMeterNotice,
  TimeQuestion,
  withEpoch,
  type SystemTerms,
  type TimeNotice,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { someTerms } from "../support/parameters.js";
import { meterPeriod, settleable, sharedTokenKey, system, world } from "../support/settlement.js";

const curve = await createMclBn254();
const viewKey = parseViewKey(new Uint8Array(32).fill(8));
const { systemId } = system;

describe("an answer to the question for the time", () => {
  const question = new TimeQuestion(1_000);
  const answer = (nonce = question.nonce, key = viewKey) => {
    const said = { kind: "time", nonce, time: 5_000 } as const;
    const notice: TimeNotice = signMeterNotice(system, said, new Uint8Array(32).fill(7));
    return { notice, confirmation: confirmTime(key, systemId, notice) };
  };
  const fits = (now: number, given = answer()): boolean =>
    question.isAnswer(given, { now, viewKey, systemId });

  it("counts from the moment of asking to two minutes after, both included", () => {
    expect([999, 1_000, 121_000, 121_001].map((now) => fits(now))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });

  it("given another nonce, or a word under another view key, then it does not count at any moment", () => {
    const wrong = [
      answer(new Uint8Array(32).fill(1)),
      answer(question.nonce, parseViewKey(new Uint8Array(32).fill(9))),
    ];
    for (const given of wrong) {
      for (const now of [1_000, 60_000, 121_001]) expect(fits(now, given)).to.equal(false);
    }
  });
});

describe("lists and numbers at their limits", () => {
  it("a denomination takes four bytes of a record, after two for their number", () => {
    const parts: Uint8Array[] = [];
    denominationsCodec.write(parseDenominations([1, 10, 100]), parts);
    expect(Buffer.concat(parts).toString("hex")).to.equal("0003000000010000000a00000064");
  });

  it("a notice of a known epoch with its own first period changes nothing; with another it contradicts", () => {
    const known = [{ keyEpoch: 3, firstPeriod: 201305 }];
    expect(withEpoch(known, { keyEpoch: 3, firstPeriod: 201305 }, 201301)).to.equal(known);
    for (const [keyEpoch, firstPeriod] of [
      [3, 201306],
      [4, 201305],
      [2, 201305],
    ] as const) {
      expectError(() => withEpoch(known, { keyEpoch, firstPeriod }, 201301), "sipster/bad-epochs");
    }
    expect(withEpoch(known, { keyEpoch: 4, firstPeriod: 201306 }, 201306)).to.deep.equal([
      { keyEpoch: 4, firstPeriod: 201306 },
    ]);
  });

  it("terms take at most 1,000 confirmations, and days up to the 28th", () => {
    const taken = (changes: Partial<SystemTerms>): SystemTerms =>
      parseTerms(encodeTerms({ ...someTerms, ...changes }));
    const { schedule } = someTerms;
    taken({ finality: { rule: "confirmations", blocks: 1000 } });
    taken({ schedule: { ...schedule, refreshing: { first: 28, last: 28 } } });
    for (const changes of [
      { finality: { rule: "confirmations", blocks: 1001 } },
      { schedule: { ...schedule, refreshing: { first: 21, last: 29 } } },
      { schedule: { ...schedule, refreshing: { first: 29, last: 29 } } },
      { schedule: { ...schedule, posting: 29 } },
    ] as const) {
      expectError(() => taken(changes), "sipster/bad-parameters");
    }
  });
});

describe("tokens of a suite", () => {
  const keys = { systemId, viewKey, keyEpoch: 0x0102_0304 };

  it("carry all four bytes of their key epoch", () => {
    const { token } = hashBoundGenerator({ curve, systemId, viewKey, keyEpoch: keys.keyEpoch })(
      0n,
      10,
    );
    const suite = hashBoundSuite(curve, systemId);
    expect(suite.decode(suite.encode(token))).to.deep.equal(token);
    expect(token.keyEpoch).to.equal(0x0102_0304);
  });

  it("are classic for a meter with a token key, and hash-bound for one without", () => {
    const made = [null, sharedTokenKey].map((tokenKey) =>
      meterGenerator(curve, { ...keys, tokenKey })(0n, 1),
    );
    expect(made.map(({ token }) => token.suite)).to.deep.equal(["hash-bound", "classic"]);
  });
});

describe("a batch in which a point is the identity", () => {
  it("names the bill whose R, and the one whose receipt, is the identity, and those alone", () => {
    const w = world({ curve, name: "hash-bound" });
    const good = meterPeriod(w, [10, 1]);
    const bill = { r: good.r, combined: settleable(w, good) };
    const identity = curve.g1.sub(bill.r, bill.r);
    const bills = [
      bill,
      { r: identity, combined: identity },
      bill,
      { ...bill, combined: identity },
      { ...bill, r: identity },
    ];
    expect(findBadBills(curve, w.key, bills)).to.deep.equal([1, 3, 4]);
    expect(findBadBills(curve, w.key, [{ r: identity, combined: identity }])).to.deep.equal([0]);
  });
});
