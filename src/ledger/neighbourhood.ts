/**
 * A neighbourhood in one process, every party of it with its own keys and state: meters that report
 * through each other's relays to a control centre, and residents who check what is published.
 */
import { setImmediate } from "node:timers/promises";
import { isSipsterError } from "../errors/sipster-error.js";
import { decodeAdmission, encodeAdmission } from "./admission.js";
import type { IndexedPages } from "./audit/indexed-pages.js";
import type { LedgerRules } from "./audit/rules.js";
import { ControlCentre } from "./control-centre.js";
import { PublicKey, SecretKey } from "./curve.js";
import type { BillCounter } from "./direct/bill-counter.js";
import { encodeQuestion } from "./direct/direct-bill.js";
import { Registrar, type EnrolmentList } from "./enrolment.js";
import { LedgerMeter } from "./meter.js";
import type { Interval } from "./one-time-key.js";
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
  /** The control centre's key. */
  readonly controlCentre: StatementSigner;
  /** Where the control centre keeps L_OCD. */
  readonly directory: string;
  readonly firstInterval: Interval;
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
  readonly #homes: Home[] = [];
  #centreNode!: Destination;
  #counterNode: Destination | undefined;
  #centre!: ControlCentre;
  #failure: unknown;

  private constructor(private readonly options: NeighbourhoodOptions) {}

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

  /**
   * One interval: every home reports what it consumed, and the control centre closes.
   * @param wattHours consumption of each home.
   * @throws ledger/no-answer, ledger/relay-failed after several routes
   */
  async report(
    interval: Interval,
    wattHours: readonly bigint[],
  ): Promise<{ readonly list: EnrolmentList; readonly page: ConsumptionPage }> {
    await this.options.relays.enter(interval);
    for (const { node } of this.#destinations) await node.enter(interval);
    const list = this.#registrar.list(interval);
    const { average } = this.#centre;
    await this.#centre.begin(list);
    let turn = Promise.resolve();
    await Promise.all(
      this.#homes.map(async (home, i) => {
        // Packets leave, and relays work on them, while the next homes build theirs.
        if (i % TOGETHER === 0) turn = turn.then(() => setImmediate());
        await turn;
        const { bundle, sent } = home.meter.report(interval, wattHours[i]!, average);
        const answer = await this.#send(home, this.#centreNode, encodeBundle(bundle), interval);
        home.resident.remember(sent, decodeAdmission(answer));
      }),
    );
    const page = await this.#centre.close();
    for (const { meter } of this.#homes) meter.conclude(page.statement);
    return { list, page };
  }

  /** What each home makes of an interval's pages; in the direct variant after asking for its rows. */
  async settle(pages: IndexedPages): Promise<OwnBill[]> {
    return Promise.all(
      this.#homes.map(async (home) => home.resident.settle(pages, await this.#ask(home, pages))),
    );
  }

  async stop(): Promise<void> {
    for (const { client } of this.#homes) await client.close();
    for (const { node } of this.#destinations) await node.stop();
    await this.#centre.stop();
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
      const meter = new LedgerMeter(rules.ledger);
      this.#registrar.enrol(meter.enrolment());
      this.#homes.push({
        meter,
        resident: new LedgerResident(rules),
        client: new OnionClient(options.transport, options.timeout),
        relays: others,
        entry: entry!,
      });
    }
    this.#centre = await ControlCentre.open({
      directory: options.directory,
      signer: options.controlCentre,
      ledger: rules.ledger,
      k: rules.k,
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
    const { transport, mixing, firstInterval, relays } = this.options;
    const key = SecretKey.random();
    const application: Application = {
      deliver,
      failed: (error) => {
        this.#failure ??= error;
      },
    };
    // It passes nothing on, so it knows nobody.
    const addressOf = (): undefined => undefined;
    const node = new OnionNode({ key, transport, mixing, addressOf, application }, firstInterval);
    const address = await node.start();
    await relays.introduce({ key: key.publicKey.encoded, address });
    return { node, record: { key: key.publicKey.prepare(), address } };
  }

  /** The provider's answers for a home's rows, each asked for in a packet of its own. */
  async #ask(
    home: Home,
    pages: IndexedPages,
  ): Promise<ReadonlyMap<number, Uint8Array> | undefined> {
    const counter = this.#counterNode;
    if (counter === undefined) return undefined;
    const { interval } = pages.consumption.statement;
    const answers = new Map<number, Uint8Array>();
    await Promise.all(
      home.resident.ownRows(pages).map(async (place) => {
        const { pseudonym } = pages.consumption.rows[place]!;
        const question = encodeQuestion({ interval, pseudonym });
        answers.set(place, await this.#send(home, counter, question, interval));
      }),
    );
    return answers;
  }

  /** Sends a packet until it is answered, each time by another route. */
  async #send(
    home: Home,
    { record }: Destination,
    payload: Uint8Array,
    interval: Interval,
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
