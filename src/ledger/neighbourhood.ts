/**
 * A neighbourhood in one process, every party of it with its own keys and state: meters that report
 * through each other's relays to a control centre, and residents who check what is published.
 */
import { setImmediate } from "node:timers/promises";
import { isSipsterError } from "../errors/sipster-error.js";
import { decodeAdmission, encodeAdmission } from "./admission.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { MemoryStore, type Store } from "../store/index.js";
import type { IndexedPages } from "./audit/indexed-pages.js";
import type { LedgerFault } from "./audit/fault.js";
import type { LedgerRules } from "./audit/rules.js";
import { LedgerControlCentre } from "./control-centre.js";
import { PublicKey, SecretKey } from "./curve.js";
import { auditBill, encodeQuestion, type BillCounter } from "./direct/signed-bill.js";
import { EnrolmentList, Registrar } from "./enrolment.js";
import { excerptOf } from "./excerpt.js";
import { LedgerMeter, type SignedTerms } from "./meter.js";
import { PSEUDONYM_BYTES, type IntervalNumber, type Pseudonym } from "./one-time-key.js";
import { PageBook } from "./page-book.js";
import { HOME_SLOTS } from "./parcels.js";
import { chooseRoute, OnionClient, type NodeRecord } from "./onion/client.js";
import type { Mixing } from "./onion/mix-pool.js";
import { OnionNode, type Application, type NodeCounts } from "./onion/node.js";
import type { Relays } from "./onion/relay-group.js";
import type { Transport } from "./onion/transport.js";
import type { ConsumptionPage } from "./pages.js";
import { encodeBundle } from "./report.js";
import { LedgerResident, type OwnBill } from "./resident.js";
import type { StatementSigner } from "./statements.js";

export interface NeighbourhoodOptions {
  readonly homes: number;
  /** Relays; number i stands in home i, which does not send through it. */
  readonly relays: Relays;
  /** Relays on a route. */
  readonly hops: number;
  readonly transport: Transport;
  readonly mixing: Mixing;
  /** Milliseconds to wait for an answer before another route is tried. */
  readonly timeout: number;
  readonly rules: LedgerRules;
  /** The control centre's keys: for statements, and for receipts. */
  readonly controlCentre: StatementSigner;
  readonly receipts: StatementSigner;
  /** Where the control centre keeps L_OCD. */
  readonly store: Store;
  /** The provider's counter, in the direct variant. */
  readonly counter?: BillCounter | undefined;
}

/** How often a report is sent, each time by another route. */
const ATTEMPTS = 4;
/** Homes that build their packets before any of these leaves. */
const TOGETHER = 32;

interface Home {
  readonly meter: LedgerMeter;
  readonly resident: LedgerResident;
  readonly client: OnionClient;
  /** The relays that the home may use, and the one it enters by. */
  readonly relays: readonly NodeRecord[];
  readonly entry: NodeRecord;
}

/** Where packets end: the control centre, or the provider. */
interface Destination {
  readonly node: OnionNode;
  readonly record: NodeRecord;
}

export class Neighbourhood {
  readonly #registrar = new Registrar();
  readonly #lists = new Map<IntervalNumber, EnrolmentList>();
  readonly #book: PageBook;
  readonly #homes: Home[] = [];
  #centreNode!: Destination;
  #counterNode: Destination | undefined;
  #centre!: LedgerControlCentre;
  #failure: unknown;

  private constructor(private readonly options: NeighbourhoodOptions) {
    this.#book = new PageBook(options.rules);
  }

  /** @throws ledger/onion-route if there are fewer relays than hops for some home */
  static async start(options: NeighbourhoodOptions): Promise<Neighbourhood> {
    const neighbourhood = new Neighbourhood(options);
    await neighbourhood.#start();
    return neighbourhood;
  }

  /** What the relays, the provider's node if there is one, and last the control centre's have counted. */
  async counts(): Promise<readonly NodeCounts[]> {
    const own = this.#destinations.map(({ node }) => node.counts);
    return [...(await this.options.relays.counts()), ...own];
  }

  /** Watt-hours that the meters carry to the next interval. */
  get carried(): readonly bigint[] {
    return this.#homes.map(({ meter }) => meter.carried);
  }

  /** Watt-hours that were sent and not proved to be billed. */
  get open(): readonly bigint[] {
    return this.#homes.map(({ meter }) => meter.open);
  }

  /** The pages of the first two intervals: without reports, they carry the terms of the first that have any. */
  async prologue(): Promise<ConsumptionPage[]> {
    const { firstInterval } = this.options.rules;
    const pages: ConsumptionPage[] = [];
    for (const interval of [firstInterval, firstInterval + 1]) {
      this.#lists.set(interval, new EnrolmentList(interval, []));
      await this.#centre.begin(this.#lists.get(interval)!);
      pages.push(await this.#close(interval));
    }
    return pages;
  }

  /**
   * One interval: every home reports what it consumed, and the control centre closes.
   * @param wattHours consumption of each home.
   * @throws ledger/no-answer, ledger/relay-failed after several routes
   */
  async report(
    interval: IntervalNumber,
    wattHours: readonly bigint[],
  ): Promise<{ readonly list: EnrolmentList; readonly page: ConsumptionPage }> {
    await this.options.relays.enter(interval);
    for (const { node } of this.#destinations) await node.enter(interval);
    const list = this.#lists.get(interval)!;
    await this.#centre.begin(list);
    const terms = this.#termsOf(interval);
    let turn = Promise.resolve();
    await Promise.all(
      this.#homes.map(async (home, i) => {
        // Packets leave, and relays work on them, while the next homes build theirs.
        if (i % TOGETHER === 0) turn = turn.then(() => setImmediate());
        await turn;
        const bundle = await home.meter.report(interval, wattHours[i]!, terms);
        if (bundle === undefined) return;
        const packet = encodeBundle(bundle.bundle);
        const answer = await this.#send(home, this.#centreNode, packet, interval);
        await home.resident.remember(bundle, decodeAdmission(answer));
      }),
    );
    return { list, page: await this.#close(interval) };
  }

  /**
   * What each home makes of an interval's page; in the direct variant after asking for its rows.
   * @param pages indexed by a book of what the chain has.
   * @param bills that the provider sent unasked, by row.
   */
  async settle(
    pages: IndexedPages,
    bills: ReadonlyMap<number, Uint8Array> = new Map(),
  ): Promise<OwnBill[]> {
    const { consumption, billing } = pages;
    this.#book.add({ consumption, billing });
    return Promise.all(
      this.#homes.map(async (home) => {
        const { pseudonyms, indices } = home.resident.questions(consumption.statement);
        const answers = await this.#ask(home, pages, pseudonyms);
        for (const place of pseudonyms.map((name) => pages.placeOf(name))) {
          const bill = place === undefined ? undefined : bills.get(place);
          if (bill !== undefined) answers.push(...auditBill(pages, place!, bill));
        }
        const excerpt = excerptOf(pages, pseudonyms, indices);
        const own = await home.resident.settle(excerpt, indices, pages);
        if (billing !== undefined) {
          await home.meter.conclude({ consumption, billing }, excerpt.own);
        }
        return { ...own, faults: [...own.faults, ...answers] };
      }),
    );
  }

  /** A page was proved wrong on-chain. */
  async setVoid(interval: IntervalNumber, revision: number): Promise<void> {
    this.#book.setVoid(interval, revision);
    await this.#centre.setVoid(interval, revision);
  }

  async stop(): Promise<void> {
    for (const { client } of this.#homes) await client.close();
    for (const { node } of this.#destinations) await node.stop();
  }

  async #start(): Promise<void> {
    const { options } = this;
    const { rules, relays, hops } = options;
    const records = relays.nodes.map(({ key, address }): NodeRecord => ({
      key: PublicKey.parse(key).prepare(),
      address,
    }));
    for (let i = 0; i < options.homes; i++) {
      const others = records.filter((_, relay) => relay !== i);
      // Checks that there are enough; the first of a random route is as good an entry as any.
      const [entry] = chooseRoute(others, hops);
      const meter = await LedgerMeter.open(rules, new MemoryStore());
      this.#registrar.enrol(meter.enrolment());
      this.#homes.push({
        meter,
        resident: await LedgerResident.open(rules, new MemoryStore()),
        client: new OnionClient(options.transport, options.timeout),
        relays: others,
        entry: entry!,
      });
    }
    this.#centre = await LedgerControlCentre.open({
      store: options.store,
      signer: options.controlCentre,
      receipts: options.receipts,
      ledger: rules.ledger,
      leastHomes: rules.leastHomes,
      firstInterval: rules.firstInterval,
      initialAverage: rules.initialAverage,
    });
    this.#centreNode = await this.#serve(async (packets) =>
      (await this.#centre.admit(packets)).map(encodeAdmission),
    );
    const { counter } = options;
    if (counter !== undefined) {
      this.#counterNode = await this.#serve(async (questions) =>
        questions.map((question) => counter.answer(question)),
      );
    }
  }

  get #destinations(): readonly Destination[] {
    return this.#counterNode === undefined
      ? [this.#centreNode]
      : [this.#counterNode, this.#centreNode];
  }

  /** A node for packets whose last hop it is. */
  async #serve(deliver: Application["deliver"]): Promise<Destination> {
    const { transport, mixing, relays, rules } = this.options;
    const key = SecretKey.random();
    const application: Application = {
      deliver,
      failed: (error) => {
        this.#failure ??= error;
      },
    };
    // It passes nothing on, so it knows nobody.
    const addressOf = (): undefined => undefined;
    const node = new OnionNode(
      { key, transport, mixing, addressOf, application },
      rules.firstInterval,
    );
    const address = await node.start();
    await relays.introduce({ key: key.publicKey.encoded, address });
    return { node, record: { key: key.publicKey.prepare(), address } };
  }

  async #close(interval: IntervalNumber): Promise<ConsumptionPage> {
    const next = this.#registrar.list(interval + 2);
    this.#lists.set(interval + 2, next);
    this.#lists.delete(interval);
    const page = await this.#centre.close(next);
    this.#book.add({ consumption: page });
    return page;
  }

  /** The terms that meters fetch for an interval. */
  #termsOf(interval: IntervalNumber): SignedTerms | undefined {
    const page = this.#book.originOf(interval)?.consumption;
    if (page === undefined) return undefined;
    return { page, source: this.#book.inForce(page.statement.source)?.consumption };
  }

  /** What is wrong with the provider's answers about a home's rows, each asked for in a packet of its own. */
  async #ask(
    home: Home,
    pages: IndexedPages,
    pseudonyms: readonly Pseudonym[],
  ): Promise<LedgerFault[]> {
    const counter = this.#counterNode;
    if (counter === undefined) return [];
    const { interval } = pages.consumption.statement;
    // As many questions as a home can have reports: their number says nothing.
    const names = HOME_SLOTS.map((_, i) => pseudonyms[i] ?? randomBytes(PSEUDONYM_BYTES));
    const faults = await Promise.all(
      names.map(async (name) => {
        const question = encodeQuestion({ interval, pseudonym: name as Pseudonym });
        const answer = await this.#send(home, counter, question, interval);
        const place = pages.placeOf(name as Pseudonym);
        return place === undefined ? [] : auditBill(pages, place, answer);
      }),
    );
    return faults.flat();
  }

  /** Sends a packet until it is answered, each time by another route. */
  async #send(
    home: Home,
    { record }: Destination,
    payload: Uint8Array,
    interval: IntervalNumber,
  ): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const route = chooseRoute(home.relays, this.options.hops, home.entry);
      try {
        return await home.client.send(route, record, payload, interval);
      } catch (error) {
        if (this.#failure !== undefined) throw this.#failure;
        const mayRetry =
          isSipsterError(error, "ledger/no-answer") || isSipsterError(error, "ledger/relay-failed");
        if (!mayRetry || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
