/** Gas of the ledger's functions, with the same bytes in every run, so that it is exact. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { priceAt, rewritePage } from "../../../src/demo/ledger/cheats/rewrite.js";
import type { Challenge } from "../../../src/ledger/audit/fault.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  type ContractCall,
  type JudgedPages,
} from "../../../src/ledger/contract-calls.js";
import type { Pseudonym } from "../../../src/ledger/one-time-key.js";
import type { IntervalPages } from "../../../src/ledger/pages.js";
import type { Category } from "../../../src/ledger/parcels.js";
import { receiptLeaves, receiptSalts, type Claim } from "../../../src/ledger/receipts.js";
import { rowTree, type ConsumptionRow } from "../../../src/ledger/rows.js";
import { receiptStruct } from "../../../src/ledger/statements.js";
import { compareBytes } from "../../../src/ledger/sum-tree.js";
import { FIRST, INITIAL_AVERAGE, TestNeighbourhood, testPrice } from "../../ledger/support.js";
import { deployLedger, ethers } from "./ledger-world.js";

const bytes = (name: string): Uint8Array => keccak_256(utf8ToBytes(name));

function rowsOf(interval: number, count: number): ConsumptionRow[] {
  return Array.from({ length: count }, (_, i) => bytes(`pseudonym ${interval} ${i}`) as Pseudonym)
    .sort(compareBytes)
    .map((pseudonym) => {
      const key = Uint8Array.of(2, ...bytes("key"));
      const signature = Uint8Array.of(2, ...bytes("point"), ...bytes("scalar"));
      return { pseudonym, category: 2, wattHours: INITIAL_AVERAGE, key, signature };
    });
}

/** Pages of an interval with made-up rows, a price that is one too high, and an enrolment of the same pseudonyms. */
function pagesOf(n: TestNeighbourhood, interval: number, count: number): IntervalPages {
  const rows = rowsOf(interval, count);
  const blank = {
    interval,
    revision: 0,
    withheld: count === 0 ? 0 : 1,
    rows: 0,
    load: 0n,
    root: new Uint8Array(32),
    source: interval === FIRST ? 0 : interval - 1,
    homes: count,
    average: INITIAL_AVERAGE,
    mask: 0,
    enrolment: bytes("enrolment"),
  };
  const signature = new Uint8Array(65);
  const page = { statement: blank, signature, rows };
  const consumption = rewritePage(page, n.controlCentreKey, {});
  const unit = testPrice.priceAt(interval, consumption.statement.load) + 1n;
  return { consumption, billing: priceAt(consumption, n.providerKey, unit) };
}

function claimOf({
  neighbourhood: n,
  interval,
  name,
  category,
}: {
  readonly neighbourhood: TestNeighbourhood;
  readonly interval: number;
  readonly name: string;
  readonly category: Category;
}): Claim {
  const pseudonym = bytes(name) as Pseudonym;
  const salts = receiptSalts(bytes("secret"));
  const leaves = receiptLeaves(salts, new Map([[0, { pseudonym, category }]]));
  const signature = n.receiptKey.sign(receiptStruct({ interval, leaves }));
  return { interval, leaves, which: 0, salt: salts[0]!, pseudonym, category, signature };
}

/** Gas by what is done. */
export async function measureLedgerGas(): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  const { contract, domain, controlCentre, provider, admin } = await deployLedger("gas");
  const n = await TestNeighbourhood.open("gas", 0, { domain });
  gas["bytes of code"] = ethers.dataLength(await ethers.provider.getCode(domain.contract));

  const { rules } = n;
  const send = async (call: ContractCall, from: unknown): Promise<number> => {
    const sent = await contract.connect(from as never).getFunction(call.method)(...call.args);
    return Number((await sent.wait())!.gasUsed);
  };
  const counts = [0, 10, 1000, 1024];
  const all = counts.map((count, i) => pagesOf(n, FIRST + i, count));
  for (const [i, pages] of all.entries()) {
    const { load } = pages.consumption.statement;
    const consumption = await send(
      anchorConsumptionCall(pages.consumption.statement),
      controlCentre,
    );
    const call = anchorBillingCall(rules.controlCentre, load, pages.billing.statement);
    const billing = await send(call, provider);
    gas[`anchorConsumption, ${counts[i]!} rows`] = consumption;
    gas[`anchorBilling, ${counts[i]!} rows`] = billing;
    gas[`an interval, ${counts[i]!} rows`] = consumption + billing;
  }

  const pages = all[3]!;
  const interval = FIRST + 3;
  const { rows } = pages.consumption;
  const tree = rowTree(interval, rows);
  const proved = (index: number) => ({ index, row: rows[index]!, path: tree.path(index) });
  const claim = claimOf({ neighbourhood: n, interval, name: "never published", category: 2 });
  const after = rows.findIndex((row) => compareBytes(row.pseudonym, claim.pseudonym) > 0);
  const judged: JudgedPages = { page: pages, origin: all[1], source: all[2] };
  const challenges: Challenge[] = [
    { kind: "price" },
    { kind: "missing-row", claim, neighbours: [proved(after - 1), proved(after)] },
    { kind: "unsigned", row: proved(5) },
    {
      kind: "withheld",
      category: 0,
      claims: [claimOf({ neighbourhood: n, interval, name: "withheld", category: 0 })],
    },
    { kind: "unshown", index: 7 },
  ];
  for (const challenge of challenges) {
    const call = challengeCall(judged, rules, challenge);
    gas[`${call.method}, 1024 rows`] = await send(call, admin);
  }
  return gas;
}
