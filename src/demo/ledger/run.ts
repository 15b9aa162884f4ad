/** One run of the consumption ledger: every party in this process, the relays in a thread beside it. */
import {
  IndexedPages,
  Neighbourhood,
  type BillingPage,
  type ConsumptionPage,
  type EnrolmentList,
  type LedgerFault,
  type OwnBill,
  type PageName,
} from "../../ledger/index.js";
import type { Peeler } from "../../channel/onion/index.js";
import { encodeQuestion } from "../../ledger/direct/signed-bill.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { MemoryStore } from "../../store/index.js";
import { openLedgerChain } from "./chain.js";
import {
  CENTRE_CHEATS,
  cheatAsCentre,
  DoublingCounter,
  overprice,
  type CentreCheat,
  type Cheat,
} from "./cheats/cheats.js";
import { priceAt } from "./cheats/rewrite.js";
import { openParties, PROLOGUE, type Parties } from "./parties.js";
import { startHelpers, type Helpers } from "./helpers.js";
import type { HomeTable, Slot } from "./home-table.js";
import type { CheatOutcome, IntervalOutcome, Outcome, RunOptions } from "./outcome.js";

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
    const helpers = await startHelpers(options.threads);
    try {
      return await new Run(await openParties({ table, options, chain, curve: helpers.curve })).all(
        helpers,
      );
    } finally {
      await helpers.stop();
    }
  } finally {
    await chain.close();
  }
}

/** What the parties make of an interval. */
interface Content extends CentreCheat {
  readonly list: EnrolmentList;
  readonly billing: BillingPage;
  readonly isDoubling: boolean;
  /** Of anchoring the consumption. */
  readonly gas: bigint;
}

/** An interval that is anchored and shown to all, before residents and auditor have judged it. */
interface Shown {
  readonly slot: Slot;
  readonly content: Content;
  readonly pages: IndexedPages;
  /** What the residents make of it. */
  readonly residents: () => Promise<readonly OwnBill[]>;
  /** Of anchoring it. */
  readonly gas: bigint;
}

/** What an interval came to. */
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
  /** Shown, and not yet judged. */
  #last: Shown | undefined;

  constructor(private readonly parts: Parties) {
    const { table, signers } = parts;
    this.#amounts = table.homes.map(() => ({ amount: 0n, rows: 0 }));
    this.#counter = new DoublingCounter(signers.provider);
  }

  async all({ builder, peeler }: Helpers): Promise<Outcome> {
    const { table, options, rules, signers } = this.parts;
    const relays: Peeler[] = [];
    for (let i = 0; i < options.relays; i++) relays.push(await peeler());
    const neighbourhood = await Neighbourhood.start({
      homes: table.homes.length,
      relays,
      destinations: { centre: await peeler(), counter: await peeler() },
      builder,
      hops: options.hops,
      rounds: options.rounds,
      rules,
      controlCentre: signers.controlCentre,
      receipts: signers.receipts,
      store: new MemoryStore(),
      counter: options.direct ? this.#counter : undefined,
    });
    for (const page of await neighbourhood.prologue()) {
      await this.parts.chain.anchorConsumption(page.statement);
      await this.parts.provider.remember({ consumption: page });
      this.parts.auditor.book.add({ consumption: page });
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
    await this.#judgeLast();
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
      contract: this.parts.chain.contract,
      nodes: neighbourhood.counts,
    };
  }

  async #honest(neighbourhood: Neighbourhood, slot: Slot): Promise<void> {
    const { list, page } = await this.#report(neighbourhood, slot);
    const gas = await this.parts.chain.anchorConsumption(page.statement);
    const billing = await this.parts.provider.bill(page, page.statement);
    const content = { list, anchored: page, published: page, billing, isDoubling: false, gas };
    this.#last = await this.#show(neighbourhood, slot, content);
  }

  /** Residents and auditor judge an interval while the relays are at the next one. */
  #report(neighbourhood: Neighbourhood, slot: Slot): ReturnType<Neighbourhood["report"]> {
    return neighbourhood.report(slot.interval, slot.wattHours, () => this.#judgeLast());
  }

  async #judgeLast(): Promise<void> {
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined) return;
    const { audit, own } = await this.#judged(last);
    this.#unexpected.push(...audit, ...own.flatMap((bill) => bill.faults));
  }

  async #dishonest(neighbourhood: Neighbourhood, slot: Slot, cheat: Cheat): Promise<void> {
    const { list, page } = await this.#report(neighbourhood, slot);
    const { anchored, published } = this.#centre(cheat, page);
    const gas = await this.parts.chain.anchorConsumption(anchored.statement);
    const { billing, refused } = await this.#price(cheat, published, anchored);
    const content = { list, anchored, published, billing, isDoubling: cheat === "row", gas };
    const judged = await this.#judged(await this.#show(neighbourhood, slot, content));
    const outcome = await this.#prove(judged, cheat);
    if (outcome.isVoid) this.#returnRows(anchored.statement, judged.own);
    this.#cheats.push({ ...outcome, start: slot.start, provider: refused });
  }

  #centre(cheat: Cheat, page: ConsumptionPage): CentreCheat {
    const centreCheat = CENTRE_CHEATS.find((c) => c === cheat);
    if (centreCheat === undefined) return { anchored: page, published: page };
    const terms = this.parts.auditor.book.termsOf(page.statement.interval)!;
    const by = { signer: this.parts.signers.controlCentre, ledger: this.parts.rules.ledger };
    return cheatAsCentre({ cheat: centreCheat, page, terms, by });
  }

  /** The provider's part; one that finds a fault says so, and here goes along with it. */
  async #price(
    cheat: Cheat,
    page: ConsumptionPage,
    anchored: ConsumptionPage,
  ): Promise<{ readonly billing: BillingPage; readonly refused: boolean }> {
    const { provider: signer } = this.parts.signers;
    try {
      const billing = await this.parts.provider.bill(page, anchored.statement);
      const isDear = cheat === "price";
      return { billing: isDear ? overprice(page, billing, signer) : billing, refused: false };
    } catch (error) {
      if (!isSipsterError(error, "ledger/page-refused")) throw error;
      const { interval, load } = page.statement;
      const price = this.parts.rules.price.priceAt(interval, load);
      return { billing: priceAt(page, signer, price), refused: true };
    }
  }

  /** Anchors the price of an interval and shows it to all. */
  async #show(neighbourhood: Neighbourhood, slot: Slot, content: Content): Promise<Shown> {
    const { anchored, published, billing, isDoubling, gas: first } = content;
    const { load } = anchored.statement;
    const second = await this.parts.chain.anchorBilling(this.parts.rules, load, billing);
    this.parts.auditor.book.add({ consumption: anchored, billing });
    this.#counter.open({ consumption: published, billing });

    const shown = { consumption: published, billing };
    const pages = new IndexedPages(shown, this.parts.rules, this.parts.auditor.book);
    const bills = isDoubling ? this.#doubleARow(published) : undefined;
    const residents = await neighbourhood.show(
      pages,
      this.parts.options.direct ? undefined : bills,
    );
    return { slot, content, pages, residents, gas: first + second };
  }

  /** What residents and auditor make of an interval. */
  async #judged({ slot, content, pages, residents, gas }: Shown): Promise<Judged> {
    const { list, anchored, published, billing } = content;
    const own = await residents();
    own.forEach(({ amount, rows }, i) => {
      this.#amounts[i]!.amount += amount;
      this.#amounts[i]!.rows += rows;
    });
    const claims = own.flatMap((bill) => bill.claims);
    const evidence = { list, claims, anchored: { consumption: anchored, billing } };
    const shown = { consumption: published, billing };
    const { faults, silentHomes } = await this.parts.auditor.audit(shown, evidence);
    const { rows, load, root, withheld } = anchored.statement;
    const { price } = billing.statement;
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

  async #prove(
    { pages, audit, own }: Judged,
    cheat: Cheat,
  ): Promise<Omit<CheatOutcome, "start" | "provider">> {
    const faults = [...audit, ...own.flatMap((bill) => bill.faults)];
    const provable = faults.find((f) => f.challenge !== undefined);
    const isProved = provable?.challenge !== undefined;
    const { anchored: page, origin, source } = pages;
    return {
      cheat,
      residents: this.parts.table.homes.filter((_, i) => own[i]!.faults.length > 0),
      auditor: audit.length > 0,
      // A wrong bill to one home leaves the page as it is.
      isVoid: isProved && provable.kind !== "bill",
      transaction:
        provable?.challenge === undefined
          ? null
          : await this.parts.chain.challenge(
              { page: provable.about ?? page, origin, source },
              this.parts.rules,
              provable.challenge,
            ),
      faults,
    };
  }
}
