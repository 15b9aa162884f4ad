/** The bills of a visit: collected, each checked against the chain, saved at each change. */
import { settlementContract } from "../../../src/chain/deploy/deployment.js";
import { nullifierOf } from "../../../src/chain/settle/settlement-outcome.js";
import type { SettleableBill } from "../../../src/sipster/bill-file.js";
import type { App } from "../app/page.js";
import { announce } from "../ui/announce.js";
import { count } from "../ui/format.js";
import {
  checkBill,
  MAX_FILE_LENGTH,
  readBill,
  standingOf,
  type BillReport,
  type ChainToCheckAgainst,
} from "./bill-check.js";
import { KeyReader } from "./key-reader.js";
import type { SavedBill } from "./saved-progress.js";

export interface Entry extends SavedBill {
  report: BillReport;
}

export class BillList {
  readonly entries: Entry[] = [];
  #chain: ChainToCheckAgainst | null = null;
  #looking = false;

  /** @param changed called when bills come or go, to save them */
  constructor(
    private readonly app: App,
    private readonly changed: () => void,
  ) {}

  /** The chain, when it answers. */
  get chain(): ChainToCheckAgainst | null {
    return this.#chain;
  }

  /** Takes files that were picked or dropped. A bill of the same meter and period is replaced. */
  async add(files: readonly File[]): Promise<void> {
    let added = 0;
    for (const file of files) {
      // Of a file that is too large, one character more than a bill may have says that it is.
      const text = (await file.slice(0, 4 * MAX_FILE_LENGTH).text()).slice(0, MAX_FILE_LENGTH + 1);
      const bill = { name: file.name, text };
      if (this.entries.some(({ text }) => text === bill.text)) continue;
      const same = this.find(idOfText(bill.text));
      if (same !== undefined) this.entries.splice(this.entries.indexOf(same), 1);
      this.enter(bill);
      added++;
    }
    announce(added === 0 ? "These bills are here already" : `${count(added, "file")} added`);
    this.changed();
  }

  /** Takes a bill without saving it: it was saved before. */
  enter(bill: SavedBill): void {
    const report: BillReport = { bill: null, checks: [], verdict: { status: "checking" } };
    const entry: Entry = { ...bill, report };
    this.entries.push(entry);
    void this.check(entry);
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    announce(`${entry.name} removed`);
    this.changed();
  }

  clear(): void {
    this.entries.length = 0;
    this.changed();
  }

  /** Bills as they are kept: a file that is too large to be one is not. */
  get saved(): SavedBill[] {
    return this.entries
      .filter(({ text }) => text.length <= MAX_FILE_LENGTH)
      .map(({ name, text }) => ({ name, text }));
  }

  /** Takes over what another tab of this browser has collected and removed. */
  follow(before: readonly SavedBill[], after: readonly SavedBill[]): void {
    const has = (bills: readonly SavedBill[], text: string) => bills.some((b) => b.text === text);
    for (const entry of [...this.entries]) {
      if (has(before, entry.text) && !has(after, entry.text)) {
        this.entries.splice(this.entries.indexOf(entry), 1);
      }
    }
    for (const bill of after) if (!has(this.entries, bill.text)) this.enter(bill);
  }

  find(id: string | null): Entry | undefined {
    return this.entries.find(({ report }) => report.bill !== null && idOf(report.bill) === id);
  }

  async check(entry: Entry): Promise<void> {
    await checkBill(entry.text, this.#chain, (report) => {
      entry.report = report;
      this.app.update();
    });
  }

  checkAll(): void {
    for (const entry of this.entries) void this.check(entry);
  }

  /** Called when the state of the chain changes: what could not be checked before is checked now. */
  chainChanged(): void {
    const { provider } = this.app.chain;
    if (provider === null) {
      this.#chain = null;
    } else if (this.#chain?.contract.runner !== provider) {
      const { deployment } = this.app.config;
      const contract = settlementContract(deployment, { provider });
      let last = this.app.chain.heads!;
      const heads = () => (last = this.app.chain.heads ?? last);
      this.#chain = { deployment, contract, keys: new KeyReader(contract), heads };
      this.checkAll();
    } else {
      void this.lookAgain();
    }
  }

  /** Looks again at bills that are settled and not for good: their block may be gone, or final. */
  async lookAgain(): Promise<void> {
    const chain = this.#chain;
    if (chain === null || this.#looking || this.app.chain.heads === null) return;
    this.#looking = true;
    for (const entry of [...this.entries]) {
      const { bill, verdict } = entry.report;
      if (bill === null || verdict.status !== "settled" || verdict.finality === "final") continue;
      try {
        const standing = await standingOf(chain, bill, verdict.by?.transaction ?? null);
        if (standing === null) await this.check(entry);
        else entry.report = { ...entry.report, verdict: { status: "settled", ...standing } };
      } catch {
        // The node did not answer: the frame of the page says so, and the next block comes soon.
      }
    }
    this.#looking = false;
    this.app.update();
  }
}

/** Names a bill by what settles once: meter and period. */
export function idOf({ meter, bill }: SettleableBill): string {
  return nullifierOf({ meter, period: bill.period });
}

function idOfText(text: string): string | null {
  try {
    return idOf(readBill(text));
  } catch {
    return null; // Its report says what is wrong with it.
  }
}
