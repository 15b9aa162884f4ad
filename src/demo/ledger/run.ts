/** One run of the consumption ledger: every party in this process, the relays in a thread beside it. */
import {
  IndexedPages,
  LedgerAuditor,
  ledgerId,
  Neighbourhood,
  ServiceProvider,
  StatementSigner,
  StatementVerifier,
  type BillingPage,
  type ConsumptionPage,
  type EnrolmentList,
  type LedgerFault,
  type LedgerRules,
  type OwnBill,
  type PageName,
  type PageStatements,
} from "../../ledger/index.js";
import { LocalPeeler, OnionThreads, type Peeler } from "../../channel/onion/index.js";
import { encodeQuestion } from "../../ledger/direct/signed-bill.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { MemoryStore } from "../../store/index.js";
import { openLedgerChain, type LedgerChain } from "./chain.js";
import {
  CENTRE_CHEATS,
  cheatAsCentre,
  DoublingCounter,
  overprice,
  type CentreCheat,
  type Cheat,
} from "./cheats/cheats.js";
import { priceAt } from "./cheats/rewrite.js";
import type { HomeTable, Slot } from "./home-table.js";
import type { CheatOutcome, IntervalOutcome, Outcome, RunOptions } from "./outcome.js";

/** The onion is half of the work, and the rest waits for it. */
const ONION_THREADS = 2;

/** Pages before the first with reports: they carry the terms of those that follow. */
const PROLOGUE = 2;

/** @throws ledger/onion-route if there are too few relays, and what the chain throws */
export async function runLedger(table: HomeTable, options: RunOptions): Promise<Outcome> {
  const first = table.slots[0]!.interval - PROLOGUE;
  options.progress("deploying the contracts");
  const chain = await openLedgerChain(options.rpc, {
    price: options.price,
    firstInterval: first,
    lastInterval: table.slots.at(-1)!.interval,
    leastHomes: options.leastHomes,
    initialAverage: table.average,
  });
  try {
    const threads = new OnionThreads(ONION_THREADS);
    try {
      return await (await Run.open(table, options, chain)).all(threads);
    } finally {
      await threads.stop();
    }
  } finally {
    await chain.close();
  }
}

interface Signers {
  readonly controlCentre: StatementSigner;
  readonly receipts: StatementSigner;
  readonly provider: StatementSigner;
}

/** What the parties make of an interval. */
interface Content extends CentreCheat {
  readonly list: EnrolmentList;
  readonly billing: BillingPage;
  readonly isDoubling: boolean;
  /** Of anchoring the consumption. */
  readonly gas: bigint;
}

/** What an interval came to, before the contract has judged it. */
interface Judged {
  readonly pages: IndexedPages;
  readonly audit: readonly LedgerFault[];
  readonly own: readonly OwnBill[];
}

class Run {
  readonly #intervals: IntervalOutcome[] = [];
  readonly #cheats: CheatOutcome[] = [];
  readonly #unexpected: LedgerFault[] = [];
  readonly #amounts: { amount: bigint; rows: number }[];
  readonly #counter: DoublingCounter;
  /** Pages that were proved wrong. */
  readonly #voided: PageName[] = [];

  private readonly table: HomeTable;
  private readonly options: RunOptions;
  private readonly chain: LedgerChain;
  private readonly signers: Signers;
  private readonly rules: LedgerRules;
  private readonly provider: ServiceProvider;
  private readonly auditor: LedgerAuditor;

  private constructor({
    table,
    options,
    chain,
    signers,
    rules,
    provider,
    auditor,
  }: {
    readonly table: HomeTable;
    readonly options: RunOptions;
    readonly chain: LedgerChain;
    readonly signers: Signers;
    readonly rules: LedgerRules;
    readonly provider: ServiceProvider;
    readonly auditor: LedgerAuditor;
  }) {
    this.table = table;
    this.options = options;
    this.chain = chain;
    this.signers = signers;
    this.rules = rules;
    this.provider = provider;
    this.auditor = auditor;

    this.#amounts = table.homes.map(() => ({ amount: 0n, rows: 0 }));
    this.#counter = new DoublingCounter(signers.provider);
  }

  static async open(table: HomeTable, options: RunOptions, chain: LedgerChain): Promise<Run> {
    const domain = { chainId: chain.chainId, contract: chain.contract };
    const signers = {
      controlCentre: new StatementSigner(domain, chain.keys.controlCentre),
      receipts: new StatementSigner(domain, chain.keys.receipts),
      provider: new StatementSigner(domain, chain.keys.provider),
    };
    const firstInterval = table.slots[0]!.interval - PROLOGUE;
    const last = table.slots.at(-1)!.interval;
    const rules: LedgerRules = {
      verifier: new StatementVerifier(domain),
      ledger: ledgerId(domain),
      controlCentre: signers.controlCentre.address,
      provider: signers.provider.address,
      receiptKeys: [{ address: signers.receipts.address, first: firstInterval, last }],
      leastHomes: options.leastHomes,
      firstInterval,
      initialAverage: table.average,
      price: options.price,
    };
    const provider = await ServiceProvider.open(rules, signers.provider, new MemoryStore());
    const auditor = await LedgerAuditor.open(rules, new MemoryStore());
    return new Run({ table, options, chain, signers, rules, provider, auditor });
  }

  async all(threads: OnionThreads): Promise<Outcome> {
    const { table, options, rules, signers } = this;
    const relays: Peeler[] = [];
    for (let i = 0; i < options.relays; i++) relays.push(await threads.peeler());
    const neighbourhood = await Neighbourhood.start({
      homes: table.homes.length,
      relays,
      destinations: { centre: new LocalPeeler(), counter: await threads.peeler() },
      builder: threads,
      hops: options.hops,
      rounds: options.rounds,
      rules,
      controlCentre: signers.controlCentre,
      receipts: signers.receipts,
      store: new MemoryStore(),
      counter: options.direct ? this.#counter : undefined,
    });
    for (const page of await neighbourhood.prologue()) {
      await this.chain.anchorConsumption(page.statement);
      await this.provider.remember({ consumption: page });
      this.auditor.book.add({ consumption: page });
    }
    for (const [i, slot] of table.slots.entries()) {
      if (i % 8 === 0) options.progress(`interval ${i + 1} of ${table.slots.length}`);
      const isLast = slot === table.slots.at(-1);
      if (isLast && options.cheat !== undefined) {
        await this.#dishonest(neighbourhood, slot, options.cheat);
      } else {
        await this.#honest(neighbourhood, slot);
      }
    }
    const byRegister = await neighbourhood.closePeriod(this.#voided);
    return {
      direct: options.direct,
      intervals: this.#intervals,
      bills: table.homes.map((home, i) => ({
        home,
        ...this.#amounts[i]!,
        byRegister: byRegister[i]!,
      })),
      cheats: this.#cheats,
      unexpected: this.#unexpected,
      contract: this.chain.contract,
      nodes: neighbourhood.counts,
    };
  }

  async #honest(neighbourhood: Neighbourhood, slot: Slot): Promise<void> {
    const { list, page } = await neighbourhood.report(slot.interval, slot.wattHours);
    const gas = await this.chain.anchorConsumption(page.statement);
    const billing = await this.provider.bill(page, page.statement);
    const content = { list, anchored: page, published: page, billing, isDoubling: false, gas };
    const { audit, own } = await this.#settle(neighbourhood, slot, content);
    this.#unexpected.push(...audit, ...own.flatMap((bill) => bill.faults));
  }

  async #dishonest(neighbourhood: Neighbourhood, slot: Slot, cheat: Cheat): Promise<void> {
    const { list, page } = await neighbourhood.report(slot.interval, slot.wattHours);
    const { anchored, published } = this.#centre(cheat, page);
    const gas = await this.chain.anchorConsumption(anchored.statement);
    const { billing, refused } = await this.#price(cheat, published, anchored);
    const content = { list, anchored, published, billing, isDoubling: cheat === "row", gas };
    const judged = await this.#settle(neighbourhood, slot, content);
    const outcome = await this.#judge(judged, cheat);
    if (outcome.isVoid) this.#returnRows(anchored.statement, judged.own);
    this.#cheats.push({ ...outcome, start: slot.start, provider: refused });
  }

  #centre(cheat: Cheat, page: ConsumptionPage): CentreCheat {
    const centreCheat = CENTRE_CHEATS.find((c) => c === cheat);
    if (centreCheat === undefined) return { anchored: page, published: page };
    const terms = this.auditor.book.termsOf(page.statement.interval)!;
    const by = { signer: this.signers.controlCentre, ledger: this.rules.ledger };
    return cheatAsCentre({ cheat: centreCheat, page, terms, by });
  }

  /** The provider's part; one that finds a fault says so, and here goes along with it. */
  async #price(
    cheat: Cheat,
    page: ConsumptionPage,
    anchored: ConsumptionPage,
  ): Promise<{ readonly billing: BillingPage; readonly refused: boolean }> {
    const { provider: signer } = this.signers;
    try {
      const billing = await this.provider.bill(page, anchored.statement);
      const isDear = cheat === "price";
      return { billing: isDear ? overprice(page, billing, signer) : billing, refused: false };
    } catch (error) {
      if (!isSipsterError(error, "ledger/page-refused")) throw error;
      const { interval, load } = page.statement;
      const price = this.rules.price.priceAt(interval, load);
      return { billing: priceAt(page, signer, price), refused: true };
    }
  }

  /** Anchors the price of an interval and shows it to all. */
  async #settle(
    neighbourhood: Neighbourhood,
    slot: Slot,
    { list, anchored, published, billing, isDoubling, gas: first }: Content,
  ): Promise<Judged> {
    const { statement } = anchored;
    const second = await this.chain.anchorBilling(this.rules, statement.load, billing);
    const onChain: PageStatements = { consumption: anchored, billing };
    this.auditor.book.add(onChain);
    this.#counter.open({ consumption: published, billing });

    const pages = new IndexedPages(
      { consumption: published, billing },
      this.rules,
      this.auditor.book,
    );
    const bills = isDoubling ? this.#doubleARow(published) : undefined;
    const own = await neighbourhood.settle(pages, this.options.direct ? undefined : bills);
    own.forEach(({ amount, rows }, i) => {
      this.#amounts[i]!.amount += amount;
      this.#amounts[i]!.rows += rows;
    });
    const claims = own.flatMap((bill) => bill.claims);
    const evidence = { list, claims, anchored: onChain };
    const shown = { consumption: published, billing };
    const { faults, silentHomes } = await this.auditor.audit(shown, evidence);
    const { rows, load, root, withheld } = statement;
    const { price } = billing.statement;
    const gas = first + second;
    const outcome = { start: slot.start, rows, load, price, root, withheld, gas };
    this.#intervals.push({ ...outcome, silentHomes: silentHomes ?? 0 });
    return { pages, audit: faults, own };
  }

  /** In the middle of the page, the provider charges one report the double. */
  #doubleARow({ rows, statement }: ConsumptionPage): ReadonlyMap<number, Uint8Array> {
    const places = [...rows.keys()].filter((i) => rows[i]!.wattHours > 0n);
    const place = places[Math.floor(places.length / 2)];
    if (place === undefined) return new Map();
    this.#counter.doubled = place;
    const { pseudonym } = rows[place]!;
    const question = encodeQuestion({ interval: statement.interval, pseudonym });
    return new Map([[place, this.#counter.answer(question)]]);
  }

  /** Takes the rows of a void page from the bills: their energy is due by the registers. */
  #returnRows(page: PageName, own: readonly OwnBill[]): void {
    this.#voided.push({ interval: page.interval, revision: page.revision });
    own.forEach(({ amount, rows }, i) => {
      this.#amounts[i]!.amount -= amount;
      this.#amounts[i]!.rows -= rows;
    });
  }

  async #judge(
    { pages, audit, own }: Judged,
    cheat: Cheat,
  ): Promise<Omit<CheatOutcome, "start" | "provider">> {
    const faults = [...audit, ...own.flatMap((bill) => bill.faults)];
    const provable = faults.find((f) => f.challenge !== undefined);
    const isProved = provable?.challenge !== undefined;
    const { anchored: page, origin, source } = pages;
    return {
      cheat,
      residents: this.table.homes.filter((_, i) => own[i]!.faults.length > 0),
      auditor: audit.length > 0,
      // A wrong bill to one home leaves the page as it is.
      isVoid: isProved && provable.kind !== "bill",
      transaction:
        provable?.challenge === undefined
          ? null
          : await this.chain.challenge(
              { page: provable.about ?? page, origin, source },
              this.rules,
              provable.challenge,
            ),
      faults,
    };
  }
}
