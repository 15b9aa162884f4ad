import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { eip712Type, intToBytes } from "../../src/algebra/index.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import { isBilledIn, isMissingIn } from "../../src/ledger/row-proof.js";
import { rowCheck, rowLeaf, rowTree, type ConsumptionRow } from "../../src/ledger/rows.js";
import { compareBytes } from "../../src/ledger/sum-tree.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("row proof");
const INTERVAL = 761_330;
const rows = Array.from({ length: 9 }, (_, i): ConsumptionRow => ({
  pseudonym: random.bytes(32) as Pseudonym,
  category: (i % 5) as 0,
  wattHours: BigInt(50 << (i % 5)),
  key: random.bytes(33),
  signature: random.bytes(65),
})).sort((a, b) => compareBytes(a.pseudonym, b.pseudonym));
const tree = rowTree(INTERVAL, rows);
const statement = { interval: INTERVAL, rows: rows.length, load: tree.total, root: tree.root };
const isRow = rowCheck(statement);
const prove = (index: number) => ({ index, row: rows[index]!, path: tree.path(index) });
const page = { isRow, rows: rows.length };
/** A name just before or behind a row's. */
function beside(index: number, step: 1 | -1): { pseudonym: Pseudonym } {
  const number = BigInt(`0x${Buffer.from(rows[index]!.pseudonym).toString("hex")}`);
  return { pseudonym: intToBytes(number + BigInt(step), 32) as Pseudonym };
}

describe("A row's leaf", () => {
  it("is the hash of each field at its place, as written out with the independent library", () => {
    const type = eip712Type(
      "Row(uint32 interval,bytes32 pseudonym,uint8 category,uint64 wattHours,bytes32 evidence)",
    );
    for (const row of rows) {
      const evidence = sha256(concatBytes(row.key, row.signature));
      const fields = [intToBytes(INTERVAL, 4), row.pseudonym, Uint8Array.of(row.category)];
      const packed = concatBytes(type, ...fields, intToBytes(row.wattHours, 8), evidence);
      expect(rowLeaf(INTERVAL, row)).to.deep.equal({
        hash: keccak_256(packed),
        load: row.wattHours,
      });
    }
  });
});

describe("A path to a row", () => {
  it("shows the report that has its name, category and size, and no other", () => {
    for (const [index, row] of rows.entries()) {
      expect(isBilledIn(isRow, row, { row: prove(index) })).to.equal(true);
      const other = prove((index + 1) % rows.length);
      const lies = [
        [{ ...row, pseudonym: other.row.pseudonym }, prove(index)],
        [{ ...row, category: 5 as const }, prove(index)],
        [{ ...row, wattHours: row.wattHours + 1n }, prove(index)],
        [row, other],
        [row, { ...prove(index), path: other.path }],
        [row, { ...prove(index), row: { ...row, wattHours: row.wattHours + 1n } }],
      ] as const;
      for (const [report, proof] of lies) {
        expect(isBilledIn(isRow, report, { row: proof })).to.equal(false);
      }
      expect(isBilledIn(isRow, row, { neighbours: [prove(index)] })).to.equal(false);
    }
  });
});

describe("Neighbours in a page", () => {
  it("show that nothing is between them, before the first row or behind the last", () => {
    const [first, last] = [prove(0), prove(rows.length - 1)];
    expect(isMissingIn(page, beside(0, -1), { neighbours: [first] })).to.equal(true);
    expect(isMissingIn(page, beside(rows.length - 1, 1), { neighbours: [last] })).to.equal(true);
    for (let i = 0; i + 1 < rows.length; i++) {
      const neighbours = [prove(i), prove(i + 1)];
      expect(isMissingIn(page, beside(i, 1), { neighbours })).to.equal(true);
      expect(isMissingIn(page, beside(i + 1, -1), { neighbours })).to.equal(true);
    }
  });

  it("when a liar shows others, a single one, strangers, or none, show nothing", () => {
    const [first, second, third, last] = [prove(0), prove(1), prove(2), prove(rows.length - 1)];
    const stranger = { ...second, row: { ...second.row, pseudonym: beside(0, 1).pseudonym } };
    const lies = [
      [beside(1, 1), [first, third]],
      [beside(0, 1), [second, first]],
      [beside(0, 1), [first, stranger]],
      [beside(0, 1), [stranger, second]],
      [beside(0, 1), [first, second, third]],
      [beside(0, 1), [first]],
      [beside(1, -1), [second]],
      [beside(rows.length - 1, -1), [last]],
      [rows[0]!, [first]],
      [rows[0]!, [first, second]],
      [rows[1]!, [first, second]],
      [beside(2, 1), [first, second]],
      [beside(0, -1), [first, second]],
      [beside(0, -1), []],
    ] as const;
    for (const [i, [name, neighbours]] of lies.entries()) {
      expect(isMissingIn(page, name, { neighbours }), `lie ${i}`).to.equal(false);
    }
    expect(isMissingIn(page, beside(0, 1), { row: first })).to.equal(false);
    const empty = { isRow: rowCheck({ ...statement, rows: 0 }), rows: 0 };
    expect(isMissingIn(empty, beside(0, 1), { neighbours: [] })).to.equal(true);
    expect(isMissingIn(empty, beside(0, 1), { neighbours: [first] })).to.equal(false);
  });
});
