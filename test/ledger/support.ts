/** A small neighbourhood for tests: meters, residents, registrar, keys, and honest intervals. */
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import type { LedgerFault } from "../../src/ledger/audit/fault.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import type { LedgerRules } from "../../src/ledger/audit/rules.js";
import { decodeAdmission, encodeAdmission, type Admission } from "../../src/ledger/admission.js";
import { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { ORDER } from "../../src/ledger/curve.js";
import { EnrolmentList, Registrar } from "../../src/ledger/enrolment.js";
import { excerptOf, type PageExcerpt } from "../../src/ledger/excerpt.js";
import { LedgerMeter, type SentBundle, type SignedTerms } from "../../src/ledger/meter.js";
import type { IntervalNumber } from "../../src/ledger/one-time-key.js";
import { PageBook, type PageStatements } from "../../src/ledger/page-book.js";
import type { IntervalPages } from "../../src/ledger/pages.js";
import { PiecewiseLinearPrice } from "../../src/ledger/price.js";
import { ServiceProvider } from "../../src/ledger/provider.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { LedgerResident, type OwnBill } from "../../src/ledger/resident.js";
import {
  ledgerId,
  StatementSigner,
  StatementVerifier,
  type LedgerDomain,
} from "../../src/ledger/statements.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { TestRandom } from "../support/random.js";

export const testDomain: LedgerDomain = {
  chainId: 31337n,
  contract: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
};
export const ledger = ledgerId(testDomain);
export const INITIAL_AVERAGE = 200n;
/** The first page of a deployment; reports begin two later. */
export const FIRST = 761_328;
export const testPrice = new PiecewiseLinearPrice([
  { load: 1000n, price: 7_000n },
  { load: 3000n, price: 14_228n },
  { load: 9000n, price: 60_001n },
]);

/** What one honest interval leaves behind, before anyone settles it. */
export interface TestInterval {
  readonly pages: IntervalPages;
  readonly list: EnrolmentList;
  /** The statements of this page and of those before. */
  readonly book: PageBook;
  readonly bundles: readonly SentBundle[];
  /** The control centre's, in the order of the bundles. */
  readonly answers: readonly Admission[];
  readonly residents: readonly LedgerResident[];
  /** The list of the interval two later, which the page's terms name. */
  readonly next: EnrolmentList;
}

export interface TestKeys {
  readonly controlCentre: Uint8Array;
  readonly receipts: Uint8Array;
  readonly provider: Uint8Array;
}

export class TestNeighbourhood {
  readonly random: TestRandom;
  readonly ledger: Uint8Array;
  readonly secretKeys: TestKeys;
  readonly controlCentreKey: StatementSigner;
  readonly receiptKey: StatementSigner;
  readonly providerKey: StatementSigner;
  readonly meters: LedgerMeter[] = [];
  /** Of the meters. */
  readonly stores: Store[] = [];
  readonly registrar: Registrar;
  readonly book: PageBook;
  readonly lists = new Map<IntervalNumber, EnrolmentList>();

  readonly homes: number;
  readonly domain: LedgerDomain;
  readonly leastHomes: number;

  private constructor({
    seed,
    homes,
    domain,
    leastHomes,
    registrar,
  }: {
    readonly seed: string;
    readonly homes: number;
    readonly domain: LedgerDomain;
    readonly leastHomes: number;
    readonly registrar: Registrar;
  }) {
    this.registrar = registrar;
    this.homes = homes;
    this.domain = domain;
    this.leastHomes = leastHomes;

    this.random = new TestRandom(seed);
    this.ledger = ledgerId(domain);
    this.secretKeys = {
      controlCentre: this.random.bytes(32),
      receipts: this.random.bytes(32),
      provider: this.random.bytes(32),
    };
    this.controlCentreKey = new StatementSigner(domain, this.secretKeys.controlCentre);
    this.receiptKey = new StatementSigner(domain, this.secretKeys.receipts);
    this.providerKey = new StatementSigner(domain, this.secretKeys.provider);
    this.book = new PageBook(this.rules);
  }

  /** @param stores of the meters; in memory when absent. */
  static async open(
    seed: string,
    homes: number,
    {
      domain = testDomain,
      leastHomes = 1,
      stores = [] as readonly Store[],
    }: { domain?: LedgerDomain; leastHomes?: number; stores?: readonly Store[] } = {},
  ): Promise<TestNeighbourhood> {
    const registrar = await Registrar.open(new MemoryStore());
    const n = new TestNeighbourhood({ seed, homes, domain, leastHomes, registrar });
    for (let i = 0; i < homes; i++) {
      const secretKey = 1n + n.random.below(ORDER - 1n);
      const secrets = { secretKey, root: n.random.bytes(32) };
      const store = stores[i] ?? new MemoryStore();
      n.stores.push(store);
      const meter = await LedgerMeter.open(n.rules, store, secrets);
      n.meters.push(meter);
      await n.registrar.enrol(meter.enrolment(), FIRST + 2);
    }
    return n;
  }

  get rules(): LedgerRules {
    return {
      verifier: new StatementVerifier(this.domain),
      ledger: this.ledger,
      controlCentre: this.controlCentreKey.address,
      provider: this.providerKey.address,
      receiptKeys: [{ address: this.receiptKey.address, first: FIRST, last: FIRST + 1000 }],
      leastHomes: this.leastHomes,
      firstInterval: FIRST,
      initialAverage: INITIAL_AVERAGE,
      price: testPrice,
    };
  }

  openControlCentre(store: Store = new MemoryStore()): Promise<LedgerControlCentre> {
    return LedgerControlCentre.open({
      store,
      signer: this.controlCentreKey,
      receipts: this.receiptKey,
      ledger: this.ledger,
      leastHomes: this.leastHomes,
      firstInterval: FIRST,
      initialAverage: INITIAL_AVERAGE,
    });
  }

  openProvider(store: Store = new MemoryStore()): Promise<ServiceProvider> {
    return ServiceProvider.open(this.rules, this.providerKey, store);
  }

  /** The list of an interval; lists are made in order, once. */
  async list(interval: IntervalNumber): Promise<EnrolmentList> {
    let list = this.lists.get(interval);
    if (list === undefined) {
      list =
        interval < FIRST + 2
          ? new EnrolmentList(interval, [])
          : await this.registrar.list(interval);
      this.lists.set(interval, list);
    }
    return list;
  }

  /** The two pages without reports that a deployment begins with. */
  async prologue(centre: LedgerControlCentre): Promise<PageStatements[]> {
    const pages: PageStatements[] = [];
    for (const interval of [FIRST, FIRST + 1]) {
      await centre.begin(await this.list(interval));
      const consumption = await centre.close(await this.list(interval + 2));
      this.book.add({ consumption });
      pages.push({ consumption });
    }
    return pages;
  }

  /** What meters fetch before an interval. */
  termsOf(interval: IntervalNumber): SignedTerms {
    const page = this.book.originOf(interval)!.consumption;
    return { page, source: this.book.inForce(page.statement.source)?.consumption };
  }

  /** Runs honest intervals from FIRST + 2 on, and shows each to `see` before anyone settles it. */
  async run(
    intervals: number,
    wattHours: (home: number, interval: IntervalNumber) => bigint,
    see: (interval: TestInterval) => void | Promise<void>,
  ): Promise<void> {
    const centre = await this.openControlCentre();
    const provider = await this.openProvider();
    const residents = await Promise.all(
      this.meters.map(() => LedgerResident.open(this.rules, new MemoryStore())),
    );
    for (const page of await this.prologue(centre)) await provider.remember(page);
    for (let interval = FIRST + 2; interval < FIRST + 2 + intervals; interval++) {
      const list = await this.list(interval);
      await centre.begin(list);
      const terms = this.termsOf(interval);
      const bundles: SentBundle[] = [];
      for (const [home, meter] of this.meters.entries()) {
        bundles.push((await meter.report(interval, wattHours(home, interval), terms))!);
      }
      const answers = await centre.admit(bundles.map(({ bundle }) => encodeBundle(bundle)));
      for (const [i, resident] of residents.entries()) {
        await resident.remember(bundles[i]!, decodeAdmission(encodeAdmission(answers[i]!)));
      }
      const next = await this.list(interval + 2);
      const consumption = await centre.close(next);
      const billing = await provider.bill(consumption, consumption.statement);
      this.book.add({ consumption, billing });
      const { book } = this;
      await see({ pages: { consumption, billing }, list, book, bundles, answers, residents, next });
    }
  }

  /** Every resident's and an auditor's view of an interval's pages, honest or forged. */
  async judge(
    interval: TestInterval,
    pages: IntervalPages,
    shown: (excerpt: PageExcerpt) => PageExcerpt = (excerpt) => excerpt,
  ): Promise<{ readonly auditor: readonly LedgerFault[]; readonly residents: readonly OwnBill[] }> {
    const anchored = { consumption: pages.consumption, billing: pages.billing };
    interval.book.add(anchored);
    const indexed = new IndexedPages(pages, this.rules, interval.book);
    const residents: OwnBill[] = [];
    for (const resident of interval.residents) {
      const { pseudonyms, indices } = resident.questions(pages.consumption.statement);
      const excerpt = shown(excerptOf(indexed, pseudonyms, indices));
      residents.push(await resident.settle(excerpt, indices, indexed));
    }
    const claims = residents.flatMap((own) => own.claims);
    const { faults } = await this.#audit(interval, pages, claims);
    return { auditor: faults, residents };
  }

  async #audit(interval: TestInterval, pages: IntervalPages, claims: OwnBill["claims"]) {
    const auditor = await LedgerAuditor.open(this.rules, new MemoryStore());
    const { interval: number } = pages.consumption.statement;
    for (let i = FIRST; i < number; i++) auditor.book.add(interval.book.inForce(i)!);
    return auditor.audit(pages, { list: interval.list, claims });
  }
}

export const kinds = (faults: readonly LedgerFault[]): string[] => [
  ...new Set(faults.map((f) => f.kind)),
];
