/** A ledger whose control centre anchors invented pages: the contract takes what the role says, and judges it later. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Challenge } from "../../../src/ledger/audit/fault.js";
import {
  anchorConsumptionCall,
  challengeCall,
  type ContractCall,
} from "../../../src/ledger/contract-calls.js";
import type { Pseudonym } from "../../../src/ledger/one-time-key.js";
import type { ConsumptionPage } from "../../../src/ledger/pages.js";
import type { Slot } from "../../../src/ledger/parcels.js";
import { receiptLeaves, receiptSalts, type Claim } from "../../../src/ledger/receipts.js";
import { rowTree, type ConsumptionRow, type ProvedRow } from "../../../src/ledger/rows.js";
import { receiptStruct, type ConsumptionStatement } from "../../../src/ledger/statements.js";
import { FIRST, INITIAL_AVERAGE, TestNeighbourhood } from "../../ledger/support.js";
import { deployLedger } from "./ledger-world.js";

export const word = (name: string): Uint8Array => keccak_256(utf8ToBytes(name));

/** A pseudonym whose first byte says where it sorts. */
export function pseudonymAt(place: number): Pseudonym {
  const pseudonym = word(`pseudonym ${place}`);
  pseudonym[0] = place;
  return pseudonym as Pseudonym;
}

/** A row under the pseudonym of a place. */
export function rowAt(place: number, category: number, wattHours: bigint): ConsumptionRow {
  return {
    pseudonym: pseudonymAt(place),
    category: category as Slot,
    wattHours,
    key: Uint8Array.of(2, ...word("key")),
    signature: Uint8Array.of(2, ...word("point"), ...word("scalar")),
  };
}

/** A row with its path in a page. */
export function proved({ statement, rows }: ConsumptionPage, index: number): ProvedRow {
  return { index, row: rows[index]!, path: rowTree(statement.interval, rows).path(index) };
}

export async function invented() {
  const chain = await deployLedger("invented");
  const { contract, controlCentre, stranger } = chain;
  const n = await TestNeighbourhood.open("invented", 0, { domain: chain.domain });
  const { rules } = n;
  const send = async ({ method, args }: ContractCall, from: unknown = stranger) =>
    contract.connect(from as never).getFunction(method)(...args);

  /** Anchors a page of an interval: FIRST + 2 and the rows given, unless it says otherwise. */
  const anchor = async (
    changes: Partial<ConsumptionStatement>,
    rows: readonly ConsumptionRow[] = [],
  ): Promise<ConsumptionPage> => {
    const { interval = FIRST + 2 } = changes;
    const { root, total } = rowTree(interval, rows);
    const statement: ConsumptionStatement = {
      interval,
      revision: 0,
      withheld: 0,
      rows: rows.length,
      load: total,
      root,
      source: interval === FIRST ? 0 : interval - 1,
      homes: 1,
      average: INITIAL_AVERAGE,
      mask: 0,
      enrolment: word("enrolment"),
      ...changes,
    };
    await send(anchorConsumptionCall(statement), controlCentre);
    return { statement, signature: new Uint8Array(65), rows };
  };
  /** A challenge to a page; the pages that it is judged by are itself unless they are given. */
  const challenge = (
    page: ConsumptionPage,
    what: Challenge,
    { origin = page, source = page }: { origin?: ConsumptionPage; source?: ConsumptionPage } = {},
  ) => {
    const [judged, two, one] = [page, origin, source].map((consumption) => ({ consumption }));
    return send(challengeCall({ page: judged!, origin: two, source: one }, rules, what));
  };
  /** A receipt of the control centre for a report that it may never have published. */
  const claim = ({
    interval,
    place,
    category,
    which = 0,
  }: {
    readonly interval: number;
    readonly place: number;
    readonly category: number;
    readonly which?: number;
  }): Claim => {
    const of = { pseudonym: pseudonymAt(place), category: category as Slot };
    const salts = receiptSalts(word("secret"));
    const leaves = receiptLeaves(salts, new Map([[which, of]]));
    const signature = n.receiptKey.sign(receiptStruct({ interval, leaves }));
    return { interval, leaves, which, salt: salts[which]!, ...of, signature };
  };
  return { ...chain, n, ledgerRules: rules, send, anchor, challenge, claim };
}

export type InventedWorld = Awaited<ReturnType<typeof invented>>;
