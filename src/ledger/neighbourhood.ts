/**
 * A neighbourhood in one process, on a virtual clock, every party of it with its own keys and state: meters that
 * report through each other's relays to a control centre, and residents who check what is published.
 */
import { setImmediate } from "node:timers/promises";
import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import {
  decodeDelivery,
  OnionClient,
  OnionNode,
  VirtualClock,
  type Builder,
  type NodeCounts,
  type OnionNetwork,
  type OnionPeer,
  type OnionSession,
  type Peeler,
  type Round,
  type RoundId,
} from "../channel/onion/index.js";
import { MemoryStore, type Store } from "../store/index.js";
import { dueByRegister, type PageName } from "./account.js";
import { decodeAdmission, encodeAdmission } from "./admission.js";
import type { LedgerFault } from "./audit/fault.js";
import type { IndexedPages } from "./audit/indexed-pages.js";
import type { LedgerRules } from "./audit/rules.js";
import { LedgerControlCentre } from "./control-centre.js";
import { auditBill, encodeQuestion, type BillCounter } from "./direct/signed-bill.js";
import { EnrolmentList, Registrar } from "./enrolment.js";
import { excerptOf, type PageExcerpt } from "./excerpt.js";
import { LedgerMeter, type SignedTerms } from "./meter.js";
import { PSEUDONYM_BYTES, type IntervalNumber, type Pseudonym } from "./one-time-key.js";
import { PageBook } from "./page-book.js";
import type { ConsumptionPage } from "./pages.js";
import { HOME_SLOTS } from "./parcels.js";
import { encodeBundle } from "./report.js";
import { LedgerResident, type OwnBill } from "./resident.js";
import type { StatementSigner } from "./statements.js";

export interface NeighbourhoodOptions {
  readonly homes: number;
  /** Keys of the relays; number i stands in home i, which does not send through it. */
  readonly relays: readonly Peeler[];
  /** Key of the control centre's node, and of the provider's. */
  readonly destinations: { readonly centre: Peeler; readonly counter: Peeler };
  /** Builds the packets of all homes. */
  readonly builder: Builder;
  /** Relays on a route. */
  readonly hops: number;
  /** Rounds an interval: what one loses, the next brings. */
  readonly rounds: number;
  readonly rules: LedgerRules;
  /** The control centre's keys: for statements, and for receipts. */
  readonly controlCentre: StatementSigner;
  readonly receipts: StatementSigner;
  /** Where the control centre keeps L_OCD. */
  readonly store: Store;
  /** The provider's counter, in the direct variant. */
  readonly counter?: BillCounter | undefined;
  /** Stands between a relay and those who send to it: for tests of relays that fail. */
  readonly between?: (relay: number, peer: OnionPeer) => OnionPeer;
}

/** Length of a slot on the virtual clock, in milliseconds: nobody waits for it. */
const SLOT = 1000;

interface Home {
  readonly meter: LedgerMeter;
  readonly resident: LedgerResident;
  readonly client: OnionClient;
}

/** What one home is shown of a page. */
interface Shown {
  readonly resident: LedgerResident;
  readonly excerpt: PageExcerpt;
  /** Rows that were drawn at random. */
  readonly indices: readonly number[];
  /** What is wrong with the provider's answers and bills. */
  readonly faults: readonly LedgerFault[];
}

export class Neighbourhood {
  #registrar!: Registrar;
  readonly #lists = new Map<IntervalNumber, Promise<EnrolmentList>>();
  readonly #book: PageBook;
  readonly #homes: Home[] = [];
  readonly #clock = new VirtualClock();
  readonly #relays: OnionNode[] = [];
  readonly #peers = new Map<string, OnionPeer>();
  readonly #network: OnionNetwork;
  #centreNode!: OnionNode;
  #counterNode!: OnionNode;
  #centre!: LedgerControlCentre;
  /** The one that runs: everyone's timetable. */
  #round: Round | undefined;
  #failure: unknown;

  private constructor(private readonly options: NeighbourhoodOptions) {
    this.#book = new PageBook(options.rules);
    const peerOf = (key: string): OnionPeer | undefined => this.#peers.get(key);
    this.#network = { clock: this.#clock, builder: options.builder, peerOf };
  }

  /** @throws channel/onion-route if there are fewer relays than hops for some home */
  static async start(options: NeighbourhoodOptions): Promise<Neighbourhood> {
    const neighbourhood = new Neighbourhood(options);
    await neighbourhood.#start();
    return neighbourhood;
  }

  /** What the relays, the provider's node and last the control centre's have counted. */
  get counts(): readonly NodeCounts[] {
    return this.#nodes.map(({ counts }) => counts);
  }

  /**
   * Ends the period of every meter.
   * @param voided pages that were proved wrong since they were billed.
   * @returns the watt-hours of each home that are due by its register.
   */
  closePeriod(voided: readonly PageName[]): Promise<bigint[]> {
    return Promise.all(
      this.#homes.map(async ({ meter }) => {
        const account = await meter.closePeriod(voided);
        return account === undefined ? 0n : dueByRegister(account);
      }),
    );
  }

  /** The pages of the first two intervals: without reports, they carry the terms of the first that have any. */
  async prologue(): Promise<ConsumptionPage[]> {
    const { firstInterval } = this.options.rules;
    const pages: ConsumptionPage[] = [];
    for (const interval of [firstInterval, firstInterval + 1]) {
      const list = new EnrolmentList(interval, []);
      this.#lists.set(interval, Promise.resolve(list));
      await this.#centre.begin(list);
      pages.push(await this.#close(interval));
    }
    return pages;
  }

  /**
   * One interval: every home reports what it consumed, in rounds, and the control centre closes.
   * @param wattHours consumption of each home.
   * @param meanwhile what others do while the relays work in their threads.
   */
  async report(
    interval: IntervalNumber,
    wattHours: readonly bigint[],
    meanwhile: () => Promise<void> = () => Promise.resolve(),
  ): Promise<{ readonly list: EnrolmentList; readonly page: ConsumptionPage }> {
    for (const node of this.#nodes) await node.enter(interval);
    const list = await this.#list(interval);
    // The registrar works while the meters and relays do.
    void this.#list(interval + 2);
    await this.#centre.begin(list);
    const terms = this.#termsOf(interval);
    const bundles = await Promise.all(
      this.#homes.map(({ meter, resident }, i) =>
        meter.report(interval, wattHours[i]!, terms && this.#checked(terms, resident)),
      ),
    );
    const sessions = this.#homes.map(({ client }, i) => {
      const bundle = bundles[i];
      // A home without terms sends as many packets as the others.
      const messages = bundle === undefined ? [] : [encodeBundle(bundle.bundle)];
      const isAnswer = (answer: Uint8Array): boolean => decodeAdmission(answer) !== undefined;
      return client.begin({
        destination: this.#centreNode.publicKey,
        messages,
        count: 1,
        isAnswer,
      });
    });
    const beside = async (): Promise<void> => {
      // The relays have their work before the others begin.
      await setImmediate();
      await meanwhile();
    };
    await Promise.all([this.#rounds(sessions, interval, 0), beside()]);
    for (const [i, { resident }] of this.#homes.entries()) {
      const [answer] = sessions[i]!.answers;
      const bundle = bundles[i];
      if (bundle !== undefined) {
        await resident.remember(bundle, answer && decodeAdmission(answer));
      }
    }
    return { list, page: await this.#close(interval) };
  }

  /**
   * Shows each home its part of an interval's page; in the direct variant after asking for its rows. Meters act on it
   * at once; what the residents make of it is another matter, for which nothing of the next interval waits.
   * @param pages indexed by a book of what the chain has.
   * @param bills that the provider sent unasked, by row.
   */
  async show(
    pages: IndexedPages,
    bills: ReadonlyMap<number, Uint8Array> = new Map(),
  ): Promise<() => Promise<OwnBill[]>> {
    const { consumption, billing } = pages;
    this.#book.add({ consumption, billing });
    const { statement } = consumption;
    const questions = this.#homes.map(({ resident }) => resident.questions(statement));
    const asked = await this.#ask(
      pages,
      questions.map(({ pseudonyms }) => pseudonyms),
    );
    const shown: Shown[] = [];
    for (const [i, { resident, meter }] of this.#homes.entries()) {
      const { pseudonyms, indices } = questions[i]!;
      const faults = [...asked[i]!];
      for (const place of pseudonyms.map((name) => pages.placeOf(name))) {
        const bill = place === undefined ? undefined : bills.get(place);
        if (bill !== undefined) faults.push(...auditBill(pages, place!, bill));
      }
      const excerpt = excerptOf(pages, pseudonyms, indices);
      if (billing !== undefined) await meter.conclude({ consumption, billing }, excerpt.own);
      shown.push({ resident, excerpt, indices, faults });
    }
    return async () => {
      const outcomes: OwnBill[] = [];
      for (const { resident, excerpt, indices, faults } of shown) {
        const own = await resident.settle(excerpt, indices, pages);
        outcomes.push({ ...own, faults: [...own.faults, ...faults] });
      }
      return outcomes;
    };
  }

  /** A page was proved wrong on-chain. */
  async setVoid(interval: IntervalNumber, revision: number): Promise<void> {
    this.#book.setVoid(interval, revision);
    await this.#centre.setVoid(interval, revision);
  }

  get #nodes(): readonly OnionNode[] {
    return [...this.#relays, this.#counterNode, this.#centreNode];
  }

  async #start(): Promise<void> {
    const { options } = this;
    const { rules, hops, destinations } = options;
    for (const [i, peeler] of options.relays.entries()) {
      const node = await this.#node(peeler);
      this.#relays.push(node);
      const peer = options.between?.(i, node) ?? node;
      this.#peers.set(bytesToHex(node.publicKey), peer);
    }
    this.#centre = await LedgerControlCentre.open({
      ...options,
      ...rules,
      signer: options.controlCentre,
    });
    this.#centreNode = await this.#node(destinations.centre, async (packets) =>
      (await this.#centre.admit(packets)).map(encodeAdmission),
    );
    const { counter } = options;
    const answer = async (questions: readonly Uint8Array[]) =>
      questions.map((question) => counter?.answer(question) ?? NOTHING);
    this.#counterNode = await this.#node(destinations.counter, answer);
    for (const node of [this.#counterNode, this.#centreNode]) {
      this.#peers.set(bytesToHex(node.publicKey), node);
    }
    this.#registrar = await Registrar.open(new MemoryStore(), rules.curve);
    for (let i = 0; i < options.homes; i++) {
      const meter = await LedgerMeter.open(rules, new MemoryStore());
      await this.#registrar.enrol(meter.enrolment(), rules.firstInterval + 2);
      const relays = this.#relays.filter((_, relay) => relay !== i).map((r) => r.publicKey);
      const client = await OnionClient.open({ store: new MemoryStore(), relays, hops });
      const resident = await LedgerResident.open(rules, new MemoryStore());
      this.#homes.push({ meter, resident, client });
    }
  }

  /** A node; the last one of a route hands `deliver` the messages, and answers dummies by itself. */
  #node(
    peeler: Peeler,
    deliver?: (messages: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>,
  ): Promise<OnionNode> {
    const { clock, peerOf } = this.#network;
    const timetable = ({ epoch, round }: RoundId): Round | undefined =>
      this.#round?.epoch === epoch && this.#round.round === round ? this.#round : undefined;
    const options = { peeler, store: new MemoryStore(), clock, peerOf, timetable };
    if (deliver === undefined) return OnionNode.open(options);
    const application = {
      deliver: async (payloads: readonly Uint8Array[]) => {
        const messages = payloads.map(decodeDelivery);
        const answers = await deliver(messages.filter((m) => m !== undefined));
        let next = 0;
        return messages.map((m) => (m === undefined ? NOTHING : answers[next++]!));
      },
      failed: (error: unknown) => {
        this.#failure ??= error;
      },
    };
    return OnionNode.open({ ...options, application });
  }

  /** Runs the rounds of an epoch for all homes at once. */
  async #rounds(sessions: readonly OnionSession[], epoch: number, first: number): Promise<void> {
    const { hops, rounds } = this.options;
    for (let i = first; i < first + rounds; i++) {
      const round: Round = { epoch, round: i, start: this.#clock.now(), hops, slot: SLOT };
      this.#round = round;
      const launches = await Promise.all(sessions.map((s) => s.prepare(this.#network, round)));
      const ends = launches.map((launch) => launch());
      await this.#clock.run();
      await Promise.all(ends);
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async #close(interval: IntervalNumber): Promise<ConsumptionPage> {
    const next = await this.#list(interval + 2);
    this.#lists.delete(interval);
    const page = await this.#centre.close(next);
    this.#book.add({ consumption: page });
    return page;
  }

  /** The enrolment of an interval, made once. */
  #list(interval: IntervalNumber): Promise<EnrolmentList> {
    const known = this.#lists.get(interval);
    if (known !== undefined) return known;
    const list = this.#registrar.list(interval);
    // Who asks for it is told when it fails; until then nobody may have asked.
    list.catch(() => undefined);
    this.#lists.set(interval, list);
    return list;
  }

  /** The terms that meters fetch for an interval. */
  #termsOf(interval: IntervalNumber): SignedTerms | undefined {
    const page = this.#book.originOf(interval)?.consumption;
    if (page === undefined) return undefined;
    return { page, source: this.#book.inForce(page.statement.source)?.consumption };
  }

  /** The terms, if the resident finds them to be those of the chain. */
  #checked({ page, source }: SignedTerms, resident: LedgerResident): SignedTerms | undefined {
    const anchored = this.#book.inForce(page.statement.interval)!;
    const chain = { anchored, source: source && { consumption: source } };
    const faults = resident.checkTerms({ consumption: page, ...chain });
    return faults.length === 0 ? { page, source } : undefined;
  }

  /** What is wrong with the provider's answers about homes' rows, each asked for in a packet of its own. */
  async #ask(
    pages: IndexedPages,
    pseudonyms: readonly (readonly Pseudonym[])[],
  ): Promise<LedgerFault[][]> {
    if (this.options.counter === undefined) return pseudonyms.map(() => []);
    const { interval } = pages.consumption.statement;
    // As many questions as a home can have reports: their number says nothing.
    const names = pseudonyms.map((own) =>
      HOME_SLOTS.map((_, i) => own[i] ?? (randomBytes(PSEUDONYM_BYTES) as Pseudonym)),
    );
    const sessions = this.#homes.map(({ client }, i) => {
      const questions = names[i]!.map((pseudonym) => encodeQuestion({ interval, pseudonym }));
      return client.begin({
        destination: this.#counterNode.publicKey,
        messages: questions,
        count: HOME_SLOTS.length,
      });
    });
    await this.#rounds(sessions, interval, this.options.rounds);
    return names.map((own, i) =>
      own.flatMap((name, q) => {
        const place = pages.placeOf(name);
        return place === undefined ? [] : auditBill(pages, place, sessions[i]!.answers[q]);
      }),
    );
  }
}

const NOTHING = new Uint8Array();
