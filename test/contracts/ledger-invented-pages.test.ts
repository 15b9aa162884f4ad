import { expect } from "chai";
import type { Challenge } from "../../src/ledger/audit/fault.js";
import type { ConsumptionPage } from "../../src/ledger/pages.js";
import {
  EnrolmentList,
  type EnrolmentEntry,
  type ProvedEntry,
} from "../../src/ledger/enrolment.js";
import { HOME_SLOTS, nextAverage, type Slot } from "../../src/ledger/parcels.js";
import type { Claim } from "../../src/ledger/receipts.js";
import { compareBytes, SumTree } from "../../src/ledger/sum-tree.js";
import type { ConsumptionStatement } from "../../src/ledger/statements.js";
import { INITIAL_AVERAGE } from "../ledger/support.js";
import { ethers, FIRST, networkHelpers } from "./support/ledger-world.js";
import { invented, proved, rowAt, word, type InventedWorld } from "./support/invented-pages.js";

const expectProof = (w: InventedWorld, sent: Promise<unknown>) =>
  expect(sent).to.emit(w.contract, "ContradictionProved");

const expectNone = (w: InventedWorld, sent: Promise<unknown>) =>
  expect(sent).to.be.revertedWithCustomError(w.contract, "LedgerNoContradiction");

const expectUnknown = (w: InventedWorld, sent: Promise<unknown>) =>
  expect(sent).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");

describe("ConsumptionLedger: sizes of parcels", () => {
  it("given rows of every category, of their sizes and of others, then those that the terms do not allow are proved", async () => {
    const w = await networkHelpers.loadFixture(invented);
    // Terms of category 2 masked; then a page that withholds category 1, and has rows of both.
    const origin = await w.anchor({ interval: FIRST, average: 400n, mask: 1 << 2 });
    await w.anchor({ interval: FIRST + 1, average: 800n });
    const rows = [
      rowAt(0, 0, 100n),
      rowAt(1, 1, 200n),
      rowAt(2, 2, 400n),
      rowAt(3, 3, 800n),
      rowAt(4, 4, 1600n),
      rowAt(5, 5, 0n),
      rowAt(6, 6, 0n),
      rowAt(7, 6, 6400n),
      rowAt(8, 0, 101n),
      rowAt(9, 3, 400n),
      rowAt(10, 5, 3200n),
      rowAt(11, 255, 0n),
    ];
    const page = await w.anchor({ withheld: 1 << 1, average: 800n }, rows);
    const isProved = [false, true, true, false, false, false, true, true, true, true, true, true];
    for (const [index, isWrong] of isProved.entries()) {
      const sent = w.challenge(page, { kind: "parcel", row: proved(page, index) }, { origin });
      await (isWrong ? expectProof : expectNone)(w, sent);
    }
  });

  it("given an average whose largest size has more than 64 bits, then no size overflows", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const average = 2n ** 63n;
    const origin = await w.anchor({ interval: FIRST, average });
    await w.anchor({ interval: FIRST + 1 });
    const page = await w.anchor({}, [rowAt(0, 0, 2n ** 61n), rowAt(1, 4, 0n)]);
    const parcel = (index: number) =>
      w.challenge(page, { kind: "parcel", row: proved(page, index) }, { origin });
    await expectNone(w, parcel(0));
    // Four times the average has 66 bits, and the lower 64 of them are zero.
    await expectProof(w, parcel(1));
  });

  it("given another page than the one two before, or one that was replaced, then it does not carry the terms", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const replaced = await w.anchor({ interval: FIRST, average: 404n });
    const origin = await w.anchor({ interval: FIRST, revision: 1, average: 400n });
    const between = await w.anchor({ interval: FIRST + 1 });
    const page = await w.anchor({}, [rowAt(0, 0, 100n)]);
    const next = await w.anchor({ interval: FIRST + 3 });
    const row = proved(page, 0);
    for (const what of [
      { kind: "parcel", row },
      { kind: "not-enrolled", row, entries: [] },
    ] satisfies Challenge[]) {
      for (const wrong of [replaced, between, page, next]) {
        await expectUnknown(w, w.challenge(page, what, { origin: wrong }));
      }
      const forged = { ...origin, statement: { ...origin.statement, average: 404n } };
      await expectUnknown(w, w.challenge(page, what, { origin: forged }));
    }
    await expectNone(w, w.challenge(page, { kind: "parcel", row }, { origin }));
  });
});

describe("ConsumptionLedger: terms", () => {
  it("given the first page, then its terms are those of the deployment, and nothing is masked", async () => {
    for (const [wrong, isWrong] of [
      [{}, false],
      [{ average: INITIAL_AVERAGE + 4n }, true],
      [{ average: 0n }, true],
      [{ mask: 1 }, true],
    ] as const) {
      const w = await networkHelpers.loadFixture(invented);
      const page = await w.anchor({ interval: FIRST, ...wrong });
      await (isWrong ? expectProof : expectNone)(w, w.challenge(page, { kind: "terms" }));
    }
  });

  it("given pages of any load, count and average, then the next average is that of the rule, and no other", async () => {
    const sources: Partial<ConsumptionStatement>[] = [
      { rows: 3, load: 1003n, homes: 3, average: 204n },
      { rows: 3, load: 999n, homes: 10, average: 204n },
      { rows: 0, load: 0n, homes: 3, average: 204n },
      { rows: 3, load: 9000n, homes: 0, average: 204n },
      { rows: 1, load: 9000n, homes: 3, average: 204n },
      { rows: 3, load: 9000n, homes: 1, average: 204n },
      { rows: 3, load: 0n, homes: 3, average: 4n },
      { rows: 3, load: 12n, homes: 1, average: 4n },
      { rows: 3, load: 2n ** 64n - 1n, homes: 1, average: 2n ** 64n - 4n },
    ];
    for (const said of sources) {
      for (const wrong of [0n, 4n, -4n, 1n]) {
        const w = await networkHelpers.loadFixture(invented);
        const source = await w.anchor({ interval: FIRST, withheld: 5, ...said });
        const average = nextAverage(source.statement) + wrong;
        if (average <= 0n || average >= 2n ** 64n) continue;
        const page = await w.anchor({ interval: FIRST + 1, average, mask: 5 });
        const sent = w.challenge(page, { kind: "terms" }, { source });
        await (wrong === 0n ? expectNone : expectProof)(w, sent);
      }
      const w = await networkHelpers.loadFixture(invented);
      const source = await w.anchor({ interval: FIRST, withheld: 5, ...said });
      const average = nextAverage(source.statement);
      const page = await w.anchor({ interval: FIRST + 1, average, mask: 4 });
      await expectProof(w, w.challenge(page, { kind: "terms" }, { source }));
    }
  });

  it("given another page than the one that the terms name, or one that was replaced, then they are not judged by it", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const first = await w.anchor({ interval: FIRST });
    const replaced = await w.anchor({ interval: FIRST + 1, average: 404n });
    const source = await w.anchor({ interval: FIRST + 1, revision: 1 });
    const page = await w.anchor({ interval: FIRST + 2 });
    const terms = (by: ConsumptionPage) => w.challenge(page, { kind: "terms" }, { source: by });
    await expectUnknown(w, terms(first)).withArgs(FIRST, 0);
    await expectUnknown(w, terms(replaced)).withArgs(FIRST + 1, 0);
    await expectUnknown(w, terms(page)).withArgs(FIRST + 2, 0);
    const forged = { ...source, statement: { ...source.statement, average: 404n } };
    await expectUnknown(w, terms(forged)).withArgs(FIRST + 1, 1);
    await expectNone(w, terms(source));
  });
});

describe("ConsumptionLedger: receipts for reports that were not published", () => {
  async function pageOf(places: readonly number[], withheld = 0) {
    const w = await networkHelpers.loadFixture(invented);
    await w.anchor({ interval: FIRST });
    await w.anchor({ interval: FIRST + 1 });
    const rows = places.map((place) => rowAt(place, 2, 200n));
    return { w, page: await w.anchor({ withheld }, rows) };
  }
  /** Shows a receipt for a report at a place, and the rows at these positions. */
  const missing = ({ w, page }: Awaited<ReturnType<typeof pageOf>>, place: number, at: number[]) =>
    w.challenge(page, {
      kind: "missing-row",
      claim: w.claim({ interval: FIRST + 2, place, category: 2 }),
      neighbours: at.map((index) => proved(page, index)),
    });

  it("given a page, when its first, its last or two neighbours leave a gap, then a report in it is missing", async () => {
    for (const [place, neighbours, isMissing] of [
      [5, [0], true],
      [95, [2], true],
      [25, [0, 1], true],
      [45, [1, 2], true],
      [5, [2], false],
      [5, [1], false],
      [95, [0], false],
      [95, [1], false],
      [25, [0], false],
      [45, [2], false],
      [25, [1, 2], false],
      [45, [0, 1], false],
      [10, [0], false],
      [90, [2], false],
      [10, [0, 1], false],
      [30, [0, 1], false],
    ] as const) {
      const shown = await pageOf([10, 30, 90]);
      await (isMissing ? expectProof : expectNone)(shown.w, missing(shown, place, [...neighbours]));
    }
  });

  it("given a page of one row, then what is before or behind it is missing; given none, then everything is", async () => {
    for (const [place, isMissing] of [
      [5, true],
      [10, false],
      [20, true],
    ] as const) {
      const shown = await pageOf([10]);
      await (isMissing ? expectProof : expectNone)(shown.w, missing(shown, place, [0]));
      await expect(missing(shown, 5, []))
        .to.be.revertedWithCustomError(shown.w.contract, "LedgerRowsUnfit")
        .withArgs(0);
    }
    const empty = await pageOf([]);
    await expectProof(empty.w, missing(empty, 5, []));
  });

  it("given a receipt for a category that the page withholds, then its report is not missing", async () => {
    for (const [withheld, isMissing] of [
      [1 << 2, false],
      [0b11011, true],
    ] as const) {
      const shown = await pageOf([10], withheld);
      await (isMissing ? expectProof : expectNone)(shown.w, missing(shown, 5, [0]));
    }
  });
});

describe("ConsumptionLedger: withheld categories", () => {
  it("given receipts of enough homes, then a category was withheld without need; presence and what was published were not", async () => {
    const byPlace = (a: Claim, b: Claim) => compareBytes(a.pseudonym, b.pseudonym);
    for (const [category, withheld, count, isWrong] of [
      [0, 1 << 0, 1, true],
      [3, 1 << 3, 1, true],
      [4, 1 << 4, 2, true],
      [4, 0b01111, 2, false],
      [3, 0b10111, 1, false],
      [5, 1 << 5, 1, false],
    ] as const) {
      const w = await networkHelpers.loadFixture(invented);
      const page = await w.anchor({ interval: FIRST, withheld });
      const claims = Array.from({ length: count }, (_, i) =>
        w.claim({ interval: FIRST, place: i, category }),
      );
      const what = { kind: "withheld", category: category as 0, claims: claims.sort(byPlace) };
      const withheldBy = (shown: readonly Claim[]) =>
        w.challenge(page, { ...what, claims: shown } as Challenge);
      for (const other of [
        claims.slice(1),
        [...claims, w.claim({ interval: FIRST, place: 9, category })],
      ]) {
        await expect(withheldBy(other))
          .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
          .withArgs(other.length);
      }
      await (isWrong ? expectProof : expectNone)(w, withheldBy(claims));
    }
  });

  it("given two receipts, when the first or the second is of another category or interval, or not signed, then they prove nothing", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const page = await w.anchor({ interval: FIRST, withheld: 1 << 4 });
    const at = (place: number, changes: { interval?: number; category?: number } = {}) =>
      w.claim({ interval: FIRST, place, category: 4, ...changes });
    const show = (claims: readonly Claim[]) =>
      w.challenge(page, { kind: "withheld", category: 4, claims });
    const invalid = async (claims: readonly Claim[], ...args: number[]) =>
      expect(show(claims))
        .to.be.revertedWithCustomError(w.contract, "LedgerReceiptInvalid")
        .withArgs(...args);
    const unsigned = (claim: Claim): Claim => ({ ...claim, signature: new Uint8Array(65) });
    await invalid([at(1, { category: 3 }), at(2)], FIRST, 0);
    await invalid([at(1), at(2, { category: 3 })], FIRST, 1);
    await invalid([at(1, { interval: FIRST + 1 }), at(2)], FIRST + 1, 0);
    await invalid([at(1), at(2, { interval: FIRST + 1 })], FIRST + 1, 0);
    await invalid([unsigned(at(1)), at(2)], FIRST, 0);
    await invalid([at(1), unsigned(at(2))], FIRST, 0);
    await invalid([at(2), at(1)], FIRST, 1);
    await invalid([at(1), at(1)], FIRST, 1);
    await expectProof(w, show([at(1), at(2)])).withArgs(FIRST, 9, 0, 4, w.stranger.address);
  });
});

describe("ConsumptionLedger: entries of an enrolment", () => {
  const INTERVAL = FIRST + 2;
  const entryAt = (place: number, category: number): EnrolmentEntry => {
    const { pseudonym, key } = rowAt(place, category, 0n);
    return { pseudonym, category: category as Slot, key };
  };

  /** A page with a row at a place, and the page two before it, which carries an enrolment. */
  async function pagesOf(enrolled: { root: Uint8Array; homes: number }, place: number) {
    const w = await networkHelpers.loadFixture(invented);
    const { root: enrolment, homes } = enrolled;
    const origin = await w.anchor({ interval: FIRST, homes, enrolment });
    await w.anchor({ interval: FIRST + 1 });
    const page = await w.anchor({ interval: INTERVAL }, [rowAt(place, 2, 200n)]);
    const row = proved(page, 0);
    const challenge = (entries: readonly ProvedEntry[]) =>
      w.challenge(page, { kind: "not-enrolled", row, entries }, { origin });
    return { w, challenge };
  }

  it("given an entry behind the last that the homes have, then it is none, and its row is proved to be of nobody", async () => {
    // Two homes have 14 entries; the tree has a fifteenth, and no more levels for it.
    const slots = [...HOME_SLOTS, ...HOME_SLOTS];
    const entries = [...slots.map((slot, i) => entryAt(i, slot)), entryAt(200, 2)];
    const list = new EnrolmentList(INTERVAL, entries);
    expect(list.homes).to.equal(2);
    const { w, challenge } = await pagesOf(list, 200);
    const [behind] = list.around(entries.at(-1)!.pseudonym);
    const [last] = list.around(entries.at(-2)!.pseudonym);
    for (const shown of [[behind!], [last!, behind!]]) {
      await expect(challenge(shown))
        .to.be.revertedWithCustomError(w.contract, "LedgerEntryUnknown")
        .withArgs(INTERVAL, behind!.index);
    }
    await expectProof(w, challenge([last!]));
  });

  it("given entries with keys of other lengths, in the anchored tree, then they are none", async () => {
    for (const length of [32, 34, 59]) {
      const entry = { ...entryAt(5, 2), key: new Uint8Array(length).fill(2) };
      const types = ["bytes32", "uint32", "bytes32", "uint8", "bytes"];
      const type = ethers.id("Entry(uint32 interval,bytes32 pseudonym,uint8 category,bytes33 key)");
      const packed = [type, INTERVAL, entry.pseudonym, entry.category, entry.key];
      const leaf = {
        hash: ethers.getBytes(ethers.solidityPackedKeccak256(types, packed)),
        load: 0n,
      };
      // One home has seven entries, one of them of its presence.
      const others = Array.from({ length: 6 }, (_, i) => ({
        hash: word(`entry ${i}`),
        load: i === 0 ? 1n : 0n,
      }));
      const tree = new SumTree([leaf, ...others]);
      const { w, challenge } = await pagesOf({ root: tree.root, homes: 1 }, 5);
      await expect(challenge([{ index: 0, entry, path: tree.path(0) }]))
        .to.be.revertedWithCustomError(w.contract, "LedgerEntryUnknown")
        .withArgs(INTERVAL, 0);
    }
  });

  it("given an entry of another key, category or meter for a row's name, then the row is proved wrong; given its own, not", async () => {
    for (const [change, isWrong] of [
      [{}, false],
      [{ category: 3 as const }, true],
      [{ key: Uint8Array.of(3, ...word("key")) }, true],
    ] as const) {
      const entries = HOME_SLOTS.map((slot, i) => entryAt(i, slot));
      const enrolled = entries.with(2, { ...entries[2]!, ...change });
      const list = new EnrolmentList(INTERVAL, enrolled);
      const { w, challenge } = await pagesOf(list, 2);
      await (isWrong ? expectProof : expectNone)(w, challenge(list.around(entries[2]!.pseudonym)));
    }
  });

  it("given nobody enrolled, then every row is of nobody, and no entry needs to be shown; given one home, it does", async () => {
    const list = new EnrolmentList(INTERVAL, []);
    const { w, challenge } = await pagesOf(list, 2);
    await expectProof(w, challenge([]));
    const one = new EnrolmentList(
      INTERVAL,
      HOME_SLOTS.map((slot, i) => entryAt(i + 10, slot)),
    );
    const seven = await pagesOf(one, 2);
    await expect(seven.challenge([]))
      .to.be.revertedWithCustomError(seven.w.contract, "LedgerRowsUnfit")
      .withArgs(0);
    await expectProof(seven.w, seven.challenge(one.around(rowAt(2, 2, 0n).pseudonym)));
  });
});
