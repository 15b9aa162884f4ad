/** A small neighbourhood for tests: meters, residents, registrar, keys, and a scratch disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LedgerRules } from "../../src/ledger/audit/rules.js";
import { IndexedPages, type IntervalPages } from "../../src/ledger/audit/indexed-pages.js";
import { ControlCentre } from "../../src/ledger/control-centre.js";
import { ORDER } from "../../src/ledger/curve.js";
import { Registrar, type EnrolmentList } from "../../src/ledger/enrolment.js";
import { LedgerMeter } from "../../src/ledger/meter.js";
import type { Interval } from "../../src/ledger/one-time-key.js";
import { PiecewiseLinearPrice } from "../../src/ledger/price.js";
import { ServiceProvider } from "../../src/ledger/provider.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { LedgerResident } from "../../src/ledger/resident.js";
import {
  ledgerId,
  StatementSigner,
  StatementVerifier,
  type LedgerDomain,
} from "../../src/ledger/statements.js";
import { TestRandom } from "../support/random.js";

export const testDomain: LedgerDomain = {
  chainId: 31337n,
  contract: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
};
export const ledger = ledgerId(testDomain);
export const verifier = new StatementVerifier(testDomain);
export const INITIAL_AVERAGE = 200n;
export const testPrice = new PiecewiseLinearPrice([
  { load: 1000n, price: 7_000n },
  { load: 3000n, price: 14_228n },
  { load: 9000n, price: 60_001n },
]);

/** What one interval leaves behind. */
export interface TestInterval {
  readonly pages: IntervalPages;
  readonly list: EnrolmentList;
}

export class TestNeighbourhood {
  readonly random: TestRandom;
  readonly ledger: Uint8Array;
  readonly meters: readonly LedgerMeter[];
  readonly secretKeys: { readonly controlCentre: Uint8Array; readonly provider: Uint8Array };
  readonly controlCentreKey: StatementSigner;
  readonly providerKey: StatementSigner;

  constructor(
    seed: string,
    readonly homes: number,
    readonly domain: LedgerDomain = testDomain,
  ) {
    this.random = new TestRandom(seed);
    this.ledger = ledgerId(domain);
    this.secretKeys = {
      controlCentre: this.random.bytes(32),
      provider: this.random.bytes(32),
    };
    this.controlCentreKey = new StatementSigner(domain, this.secretKeys.controlCentre);
    this.providerKey = new StatementSigner(domain, this.secretKeys.provider);
    this.meters = Array.from({ length: homes }, () => {
      const secretKey = 1n + this.random.below(ORDER - 1n);
      return new LedgerMeter(this.ledger, { secretKey, root: this.random.bytes(32) });
    });
  }

  rules(k = 1): LedgerRules {
    return {
      verifier: new StatementVerifier(this.domain),
      ledger: this.ledger,
      controlCentre: this.controlCentreKey.address,
      provider: this.providerKey.address,
      k,
      initialAverage: INITIAL_AVERAGE,
      price: testPrice,
    };
  }

  /** A registrar that has seen every meter as it is now. */
  registrar(): Registrar {
    const registrar = new Registrar();
    for (const meter of this.meters) registrar.enrol(meter.enrolment());
    return registrar;
  }

  openControlCentre(directory: string, k = 1): Promise<ControlCentre> {
    return ControlCentre.open({
      directory,
      signer: this.controlCentreKey,
      ledger: this.ledger,
      k,
      initialAverage: INITIAL_AVERAGE,
    });
  }

  /**
   * Runs honest intervals, each home consuming what `wattHours` says, and shows each to `see` with
   * the residents, who remember what they sent and have not settled yet.
   */
  async run(
    intervals: readonly Interval[],
    wattHours: (home: number, interval: Interval) => bigint,
    see: (interval: TestInterval, residents: readonly LedgerResident[]) => void | Promise<void>,
    k = 1,
  ): Promise<void> {
    const rules = this.rules(k);
    await withDirectory(async (directory) => {
      const centre = await this.openControlCentre(directory, k);
      const provider = new ServiceProvider(rules, this.providerKey);
      const registrar = this.registrar();
      const residents = this.meters.map(() => new LedgerResident(rules));
      for (const interval of intervals) {
        const list = registrar.list(interval);
        await centre.begin(list);
        const sent = this.meters.map((meter, home) =>
          meter.report(interval, wattHours(home, interval), centre.average),
        );
        const answers = await centre.admit(sent.map(({ bundle }) => encodeBundle(bundle)));
        residents.forEach((resident, i) => resident.remember(sent[i]!.sent, answers[i]));
        const consumption = await centre.close();
        for (const meter of this.meters) meter.conclude(consumption.statement);
        const pages = { consumption, ...provider.bill(consumption) };
        await see({ pages, list }, residents);
      }
    });
  }
}

export const indexed = (pages: IntervalPages, rules: LedgerRules): IndexedPages =>
  new IndexedPages(pages, rules);

/** Runs `body` with a directory that is removed afterwards. */
export async function withDirectory<T>(body: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "sipster-ledger-"));
  try {
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
