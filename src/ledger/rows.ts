/** Rows of L_OCD and how they are hashed. A row of L_BC is price × parcel: it has no form of its own. */
import { sha256 } from "../channel/onion/index.js";
import { eip712Type } from "../algebra/index.js";
import { keccak256 } from "./keccak.js";
import type { IntervalNumber, Pseudonym } from "./one-time-key.js";
import type { Slot } from "./parcels.js";
import type { SchnorrHints } from "./schnorr.js";
import {
  SumPaths,
  SumTree,
  verifySumPath,
  type SumLeaf,
  type SumPath,
  type SumRoot,
} from "./sum-tree.js";

/** A row of L_OCD: an admitted report. Rows are in rising order of pseudonyms. */
export interface ConsumptionRow extends SchnorrHints {
  readonly pseudonym: Pseudonym;
  readonly category: Slot;
  /** Size of the parcel; 0 for presence. */
  readonly wattHours: bigint;
  /** The report's one-time public key, 33 bytes. */
  readonly key: Uint8Array;
  /** Schnorr signature of the report under `key`, 65 bytes. */
  readonly signature: Uint8Array;
}

/** A row at its position, with the path to the root that was signed and anchored. */
export interface ProvedRow {
  readonly index: number;
  readonly row: ConsumptionRow;
  readonly path: SumPath;
}

const ROW = eip712Type(
  "Row(uint32 interval,bytes32 pseudonym,uint8 category,uint64 wattHours,bytes32 evidence)",
);

/** What a row commits to beside its numbers: who signed the report, and how. */
export function evidenceOf(row: Pick<ConsumptionRow, "key" | "signature">): Uint8Array {
  return sha256(row.key, row.signature);
}

/** Keccak-256 of the fields packed in 109 bytes, as the contract packs them; nodes have 128. */
export function rowLeaf(interval: IntervalNumber, row: ConsumptionRow): SumLeaf {
  const packed = new Uint8Array(109);
  packed.set(ROW, 0);
  const view = new DataView(packed.buffer);
  view.setUint32(32, interval);
  packed.set(row.pseudonym, 36);
  packed[68] = row.category;
  view.setBigUint64(69, row.wattHours);
  packed.set(evidenceOf(row), 77);
  return { hash: keccak256(packed), load: row.wattHours };
}

/** The tree of a page's rows. */
export function rowTree(interval: IntervalNumber, rows: readonly ConsumptionRow[]): SumTree {
  return new SumTree(rows.map((row) => rowLeaf(interval, row)));
}

/** Is the row at its position in the page that this statement is about? */
export function isRowOf(
  statement: { readonly interval: IntervalNumber } & PageRoot,
  { index, row, path }: ProvedRow,
): boolean {
  return verifySumPath({
    tree: rootOf(statement),
    index,
    leaf: rowLeaf(statement.interval, row),
    path,
  });
}

/** Is a row at its position in a page? */
export type RowCheck = (row: ProvedRow) => boolean;

/** The same as {@link isRowOf}, and each row that is shown is checked once, however often it is asked about. */
export function rowCheck(statement: { readonly interval: IntervalNumber } & PageRoot): RowCheck {
  const known = new WeakMap<ProvedRow, boolean>();
  const paths = new SumPaths(rootOf(statement));
  return (proved) => {
    const before = known.get(proved);
    if (before !== undefined) return before;
    const { index, row, path } = proved;
    const isThere = paths.verify(index, rowLeaf(statement.interval, row), path);
    known.set(proved, isThere);
    return isThere;
  };
}

/** What a statement says of its page's tree. */
export interface PageRoot {
  readonly root: Uint8Array;
  readonly load: bigint;
  readonly rows: number;
}

function rootOf({ root, load, rows }: PageRoot): SumRoot {
  return { root, total: load, leaves: rows };
}
