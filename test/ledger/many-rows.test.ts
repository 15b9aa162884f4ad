/** A page of 4,097 rows: one more than fits in a tree of twelve levels. */
import { expect } from "chai";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { auditRows } from "../../src/ledger/audit/rows.js";
import { EnrolmentList, type EnrolmentEntry } from "../../src/ledger/enrolment.js";
import { excerptOf, sampleRows } from "../../src/ledger/excerpt.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import { HOME_SLOTS, parcelSize, type Slot } from "../../src/ledger/parcels.js";
import { encodeBundle, reportMessage } from "../../src/ledger/report.js";
import { isMissingIn } from "../../src/ledger/row-proof.js";
import { rowCheck } from "../../src/ledger/rows.js";
import { ORDER } from "../../src/ledger/curve.js";
import { signSchnorrs } from "../../src/ledger/schnorr.js";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { FIRST, INITIAL_AVERAGE, TestNeighbourhood, testPrice } from "./support.js";

const ROWS = 4097;
const OPEN = FIRST + 2;
const IN_A_PACKET = 7;

describe("A page of 4,097 rows", () => {
  it("is admitted, signed, priced and proved row by row, and a row that it lacks is seen", async () => {
    const n = await TestNeighbourhood.open("many rows", 0);
    // Whole homes, the last of which sends nothing in some of its slots.
    const entriesOfHomes = Math.ceil(ROWS / HOME_SLOTS.length) * HOME_SLOTS.length;
    const category = (i: number): Slot => HOME_SLOTS[i % HOME_SLOTS.length]!;
    const names = Array.from({ length: entriesOfHomes }, (_, i) => ({
      pseudonym: n.random.bytes(32) as Pseudonym,
      category: category(i),
      secret: 1n + n.random.below(ORDER - 1n),
    }));
    const signed = signSchnorrs(
      names.map(({ pseudonym, category: c, secret }) => {
        const size = parcelSize(c, INITIAL_AVERAGE);
        return {
          secret,
          message: reportMessage({ ledger: n.ledger, interval: OPEN, pseudonym, wattHours: size }),
        };
      }),
    );
    const entries = names.map(({ pseudonym, category: c }, i): EnrolmentEntry => {
      const { key, keyY } = signed[i]!;
      return { pseudonym, category: c, key, keyY };
    });
    n.lists.set(OPEN, new EnrolmentList(OPEN, entries));
    const centre = await n.openControlCentre();
    const provider = await n.openProvider();
    for (const page of await n.prologue(centre)) await provider.remember(page);
    await centre.begin(await n.list(OPEN));
    const packets = Array.from({ length: Math.ceil(ROWS / IN_A_PACKET) }, (_, p) => {
      const sent = names.slice(p * IN_A_PACKET, Math.min((p + 1) * IN_A_PACKET, ROWS));
      const reports = sent.map((name, i) => {
        const { signature, commitmentY } = signed[p * IN_A_PACKET + i]!;
        return { pseudonym: name.pseudonym, category: name.category, signature, commitmentY };
      });
      return encodeBundle({ interval: OPEN, secret: n.random.bytes(32), reports });
    });
    for (const answer of await centre.admit(packets)) expect(answer.refused).to.deep.equal([]);
    const page = await centre.close(await n.list(OPEN + 2));
    expect(page.rows).to.have.lengthOf(ROWS);

    const billing = await provider.bill(page, page.statement);
    const pages = new IndexedPages({ consumption: page, billing }, n.rules, n.book);
    expect(await auditRows(pages, await n.list(OPEN))).to.deep.equal([]);
    const isRow = rowCheck(page.statement);
    for (const index of [0, 1, 2047, 2048, 4094, 4095, 4096]) {
      const proved = pages.prove(index)!;
      expect(proved.path).to.have.lengthOf(13);
      expect(isRow(proved), `row ${index}`).to.equal(true);
      expect(isRow({ ...proved, index: index ^ 1 }), `row ${index} elsewhere`).to.equal(false);
    }
    for (const index of sampleRows(page.statement))
      expect(isRow(pages.prove(index)!)).to.equal(true);

    // The last row, alone in its half of the tree, is dropped.
    const last = page.rows[ROWS - 1]!;
    const short = rewritePage(page, n.controlCentreKey, { content: page.rows.slice(0, -1) });
    const price = testPrice.priceAt(OPEN, short.statement.load);
    const shown = { consumption: short, billing: priceAt(short, n.providerKey, price) };
    const indexed = new IndexedPages(shown, n.rules, n.book);
    const { own } = excerptOf(indexed, [last.pseudonym], []);
    const [proof] = [...own.values()];
    const { rows } = short.statement;
    expect(isMissingIn({ isRow: rowCheck(short.statement), rows }, last, proof!)).to.equal(true);
  });
});
