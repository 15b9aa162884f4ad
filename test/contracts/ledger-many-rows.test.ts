/** A page of 4,097 rows, one more than twelve levels hold: what the contract judges costs no more than the paths. */
import { expect } from "chai";
import type { Challenge } from "../../src/ledger/audit/fault.js";
import type { IntervalPages } from "../../src/ledger/pages.js";
import type { ConsumptionRow } from "../../src/ledger/rows.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import { compareBytes } from "../../src/ledger/sum-tree.js";
import { TestRandom } from "../support/random.js";
import { deployed, LAST, networkHelpers } from "./support/ledger-world.js";

const ROWS = 4097;
const MOST_GAS = 200_000n;

describe("ConsumptionLedger: a page of 4,097 rows", function () {
  this.timeout(300_000);

  it("given each contradiction in it, when it is shown, then it is proved for at most 200,000 gas", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const random = new TestRandom("4,097 rows");
    const strangers = Array.from({ length: ROWS - rows.length }, (): ConsumptionRow => ({
      ...rows[0]!,
      pseudonym: random.bytes(32) as Pseudonym,
    }));
    const all = [...rows, ...strangers].sort((a, b) => compareBytes(a.pseudonym, b.pseudonym));
    const claim = w.claims.find(({ interval }) => interval === LAST)!;
    const placeOf = (row: ConsumptionRow | undefined): number => all.indexOf(row!);
    const stranger = placeOf(strangers[0]);
    const isClaimed = (row: ConsumptionRow): boolean =>
      compareBytes(row.pseudonym, claim.pseudonym) === 0;
    const larger = { ...all[7]!, wattHours: all[7]!.wattHours + 1n };

    const cases: readonly [
      kind: string,
      content: readonly ConsumptionRow[],
      shown: (pages: IntervalPages) => Challenge,
    ][] = [
      [
        "order",
        [all[ROWS - 1]!, ...all.slice(1, -1), all[0]!],
        (p) => {
          const seen = w.indexed(p);
          return { kind: "order", rows: [seen.prove(0)!, seen.prove(ROWS - 1)!] };
        },
      ],
      ["parcel", all.with(7, larger), (p) => ({ kind: "parcel", row: w.indexed(p).prove(7)! })],
      [
        "missing-row",
        [...all.filter((row) => !isClaimed(row)), { ...all[0]!, pseudonym: LARGEST }],
        (p) => ({
          kind: "missing-row",
          claim,
          neighbours: w.indexed(p).neighboursOf(claim.pseudonym)!,
        }),
      ],
      [
        "not-enrolled",
        all,
        (p) => ({
          kind: "not-enrolled",
          row: w.indexed(p).prove(stranger)!,
          entries: w.honest.list.around(all[stranger]!.pseudonym),
        }),
      ],
      ["unsigned", all, (p) => ({ kind: "unsigned", row: w.indexed(p).prove(ROWS - 1)! })],
    ];
    for (const [kind, content, shown] of cases) {
      const before = await networkHelpers.takeSnapshot();
      const pages = w.rewritten({ content });
      expect(pages.consumption.statement.rows, kind).to.equal(ROWS);
      await w.anchor(pages);
      const transaction = await w.challenge(pages, shown(pages));
      await expect(transaction).to.emit(w.contract, "ContradictionProved");
      const { gasUsed } = (await transaction.wait())!;
      expect(gasUsed <= MOST_GAS, `${kind}: ${gasUsed} gas`).to.equal(true);
      await before.restore();
    }
  });
});

const LARGEST = new Uint8Array(32).fill(0xff) as Pseudonym;
