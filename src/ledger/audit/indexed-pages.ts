/** The pages of one interval with what is looked up in them, which is made once, when first asked for. */
import { equalBytes } from "../../algebra/index.js";
import type { ChainedTree } from "../merkle.js";
import type { Pseudonym } from "../one-time-key.js";
import {
  billTree,
  consumptionTree,
  type BillPage,
  type ConsumptionPage,
  type PricePage,
} from "../pages.js";
import type { BillRow, ConsumptionRow } from "../rows.js";
import { auditPrice } from "./billing.js";
import type { Finding, Proved } from "./finding.js";
import type { LedgerRules } from "./rules.js";
import { auditBillTotals, auditConsumptionTotals } from "./totals.js";

/** What is published about one interval. */
export interface IntervalPages {
  readonly consumption: ConsumptionPage;
  readonly price: PricePage;
  readonly bills: BillPage;
}

interface Row {
  readonly pseudonym: Pseudonym;
}

/** A page's rows, their tree, and where each pseudonym is. */
export class IndexedRows<R extends Row> {
  #tree: ChainedTree | undefined;
  #places: Map<string, number> | undefined;

  /** @param root the stated root, from which rows are to be proved. */
  constructor(
    readonly rows: readonly R[],
    private readonly root: Uint8Array,
    private readonly plant: () => ChainedTree,
  ) {}

  get tree(): ChainedTree {
    return (this.#tree ??= this.plant());
  }

  /** Do the rows hash to the stated root? If not, nothing can be proved from them. */
  get hold(): boolean {
    return equalBytes(this.tree.root, this.root);
  }

  /** The rows with these numbers and their proofs; undefined if the page does not hold. */
  prove(...indices: readonly number[]): Proved<R>[] | undefined {
    if (!this.hold) return undefined;
    return indices.map((i) => ({ row: this.rows[i]!, proof: this.tree.proof(i) }));
  }

  /** Where the row with this pseudonym is; undefined if there is none. */
  placeOf(pseudonym: Pseudonym): number | undefined {
    this.#places ??= new Map(this.rows.map((row, i) => [nameOf(row.pseudonym), i]));
    return this.#places.get(nameOf(pseudonym));
  }
}

const nameOf = (pseudonym: Pseudonym): string => Buffer.from(pseudonym).toString("latin1");

export class IndexedPages {
  readonly consumptionRows: IndexedRows<ConsumptionRow>;
  readonly billRows: IndexedRows<BillRow>;
  readonly consumption: ConsumptionPage;
  readonly price: PricePage;
  readonly bills: BillPage;
  #priceFaults: readonly Finding[] | undefined;
  #totalFaults: readonly Finding[] | undefined;

  /** @param rules the published parameters that the pages must follow. */
  constructor(
    { consumption, price, bills }: IntervalPages,
    readonly rules: LedgerRules,
  ) {
    [this.consumption, this.price, this.bills] = [consumption, price, bills];
    this.consumptionRows = indexConsumption(consumption);
    const { statement, rows } = bills;
    this.billRows = new IndexedRows(rows, statement.root, () =>
      billTree(statement.interval, bills),
    );
  }

  /** What is wrong with the price. @throws ledger/no-price if the rules give none */
  get priceFaults(): readonly Finding[] {
    return (this.#priceFaults ??= auditPrice(this));
  }

  /** What is wrong with the sums of L_OCD and of L_BC. */
  get totalFaults(): readonly Finding[] {
    return (this.#totalFaults ??= [
      ...auditConsumptionTotals(this.consumption, this.consumptionRows),
      ...auditBillTotals(this),
    ]);
  }
}

export function indexConsumption(page: ConsumptionPage): IndexedRows<ConsumptionRow> {
  const { statement, rows } = page;
  return new IndexedRows(rows, statement.root, () => consumptionTree(statement.interval, page));
}
