/** What the tests of `deploy`, `settle` and `audit` share: a chain, a system on it, a folder, a month each. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeDeployment } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { writeBillFile, type SettleableBill } from "../../src/sipster/index.js";
import { PERIOD, TestSystem } from "../chain/fixture.js";
import { temporaryDirectory } from "../support/temporary.js";

export interface SettleDocument {
  readonly format: string;
  readonly chainId: string;
  readonly bills: {
    file: string;
    meter: string;
    period: number;
    status: string;
    tx?: string;
    gasUsed?: string | null;
    error?: { code: string; cause: string; consequence: string; cure: string };
  }[];
  readonly totals: Record<string, number | string>;
}

export interface AuditDocument {
  readonly format: string;
  readonly ok: boolean;
  readonly settlements: { verdict: string }[];
  readonly periods: { period: number; settled: number; unsettled: string[] }[];
  readonly totals: Record<string, number>;
}

/** The world of the suite in which it is called, started before its tests and ended after them. */
export class ChainCommands {
  readonly #directory = temporaryDirectory();
  chain!: ServedChain;
  system!: TestSystem;
  /** The month of this test, as `YYYYMM`. */
  period = PERIOD;

  constructor(name: string) {
    before(async () => {
      this.chain = await serveLocalChain();
      this.system = await TestSystem.on(this.chain, name, { meters: 5 });
    });
    after(() => this.chain.close());
    beforeEach(() => {
      this.period += this.period % 100 === 12 ? 89 : 1;
    });
  }

  path(...names: string[]): string {
    return join(this.#directory(), ...names);
  }

  /** The options that name chain and records. */
  deployments(): string[] {
    return ["--rpc", this.chain.url, "--deployments", this.path("deployments")];
  }

  /** The option of the account that pays. */
  node(): string[] {
    return ["--account", this.chain.accounts[0]!];
  }

  writeFile(name: string, text: string, mode = 0o600): string {
    writeFileSync(this.path(name), text, { mode });
    return this.path(name);
  }

  saveRecord = (): void => {
    mkdirSync(this.path("deployments"));
    this.writeFile("deployments/31337.json", writeDeployment(this.system.deployment));
  };

  billFile(bill: SettleableBill, name = `${bill.meter}-${bill.bill.period}.json`): string {
    return this.writeFile(name, writeBillFile(this.system.curve, bill));
  }

  billFiles(bills: readonly SettleableBill[]): string[] {
    return bills.map((bill, i) => this.billFile(bill, `${i}.json`));
  }
}
