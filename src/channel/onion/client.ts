/**
 * The sender's end: the same number of packets in every round, whether or not there is something to say. What was
 * not answered in a round is sent again in the next by another route; when everything was, packets are dummies,
 * which the last node alone can tell.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { randomInt, shuffled } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { Store } from "../../store/index.js";
import { channelErrors } from "../errors.js";
import { openAnswer } from "./answer.js";
import { isLowOrder, KEY_BYTES } from "./kem.js";
import type { OnionPeer } from "./node.js";
import type { Onion } from "./packet.js";
import type { Builder, OnionOrder } from "./peeler.js";
import { endTime, roundData, type Round } from "./round.js";
import type { Clock } from "./clock.js";

/** Entries that a sender keeps: it shows itself to these nodes, and not to all in turn. */
export const PINNED_ENTRIES = 3;

/** First byte of what the last node reads. */
const KIND = { dummy: 0, message: 1 } as const;
const PINNED_KEY = "onion/entries";

/** A message for the last node; `undefined` is a dummy. */
export function encodeDelivery(message: Uint8Array | undefined): Uint8Array {
  const kind = message === undefined ? KIND.dummy : KIND.message;
  return concatBytes(Uint8Array.of(kind), message ?? Uint8Array.of(0));
}

/** What the last node reads; undefined for a dummy and for what is neither. */
export function decodeDelivery(bytes: Uint8Array): Uint8Array | undefined {
  return bytes[0] === KIND.message ? bytes.subarray(1) : undefined;
}

export interface ClientOptions {
  readonly store: Store;
  /** Public keys of the relays that this sender may use, its own not among them. */
  readonly relays: readonly Uint8Array[];
  /** Relays on a route. */
  readonly hops: number;
}

/** A relay, and the name that it is looked up by: its key in hexadecimal. */
interface Relay {
  readonly key: Uint8Array;
  readonly name: string;
}

/** The different keys that packets can be built for. */
function usable(keys: readonly Uint8Array[]): Uint8Array[] {
  const sound = keys.filter((key) => key.length === KEY_BYTES && !isLowOrder(key));
  return [...new Map(sound.map((key) => [bytesToHex(key), key])).values()];
}

const relayOf = (key: Uint8Array): Relay => ({ key, name: bytesToHex(key) });

/** The nodes of a packet, the last of which reads it, and the name of the first. */
interface Route {
  readonly entry: string;
  readonly nodes: readonly Uint8Array[];
}

export class OnionClient {
  private constructor(
    private readonly options: ClientOptions,
    private readonly relays: readonly Relay[],
    private readonly entries: readonly Relay[],
  ) {}

  /**
   * Starts with the pinned entries of the store. A relay that is listed twice counts once, and one whose key is none
   * not at all.
   * @throws channel/onion-route if there are too few relays
   */
  static async open(options: ClientOptions): Promise<OnionClient> {
    const { store, hops } = options;
    const relays = usable(options.relays);
    if (relays.length < hops || hops < 1) {
      const message = `a route of ${hops} relays cannot be chosen from ${relays.length}`;
      throw channelErrors.error("onion-route", message, { hops, nodes: relays.length });
    }
    const entries = await store.transaction(async (tx) => {
      const kept = await tx.get(PINNED_KEY);
      if (kept !== undefined) return split(kept);
      const drawn = shuffled(relays).slice(0, PINNED_ENTRIES);
      tx.put(PINNED_KEY, concatBytes(...drawn));
      return drawn;
    });
    return new OnionClient(options, relays.map(relayOf), entries.map(relayOf));
  }

  /** Begins to say something, over some rounds. */
  begin({
    destination,
    messages,
    count,
    isAnswer = () => true,
  }: {
    /** public key of the last node. */
    readonly destination: Uint8Array;
    readonly messages: readonly Uint8Array[];
    /** packets in each round: the same for every sender, and at least as many as messages. */
    readonly count: number;
    /** whether bytes are an answer at all; others count as none. */
    readonly isAnswer?: (message: Uint8Array) => boolean;
  }): OnionSession {
    // Which entry serves which round is drawn before anything is known of the answers.
    const first = randomInt(this.entries.length);
    const used = new Map<string, number>();
    const nodes = (round: number): Route => {
      const entry = this.entries[(first + round) % this.entries.length]!;
      return { entry: entry.name, nodes: [...this.#route(entry, used), destination] };
    };
    return new OnionSession({ route: nodes, messages, count, isAnswer });
  }

  /**
   * A route of different relays that begins at an entry. Of the others, those that served least in this session come
   * first, so that one bad relay seldom meets two rounds; what was answered plays no part.
   */
  #route(entry: Relay, used: Map<string, number>): Uint8Array[] {
    const timesOf = ({ name }: Relay): number => used.get(name) ?? 0;
    const others = shuffled(this.relays.filter(({ name }) => name !== entry.name));
    others.sort((a, b) => timesOf(a) - timesOf(b));
    const route = [entry, ...others.slice(0, this.options.hops - 1)];
    for (const relay of route) used.set(relay.name, timesOf(relay) + 1);
    return route.map(({ key }) => key);
  }
}

/** What a sender needs of the world. */
export interface OnionNetwork {
  readonly clock: Clock;
  readonly builder: Builder;
  readonly peerOf: (key: string) => OnionPeer | undefined;
  /** Bytes of the longest answer, the same in the whole network; 256 when absent. */
  readonly answerRoom?: number;
}

/** What a sender says over the rounds of an epoch, and what came back. */
export class OnionSession {
  /** In the order of the messages; undefined where no answer came. */
  readonly answers: (Uint8Array | undefined)[];

  private readonly route: (round: number) => Route;
  private readonly messages: readonly Uint8Array[];
  private readonly count: number;
  private readonly isAnswer: (message: Uint8Array) => boolean;

  constructor({
    route,
    messages,
    count,
    isAnswer,
  }: {
    readonly route: (round: number) => Route;
    readonly messages: readonly Uint8Array[];
    readonly count: number;
    readonly isAnswer: (message: Uint8Array) => boolean;
  }) {
    this.route = route;
    this.messages = messages;
    this.count = count;
    this.isAnswer = isAnswer;

    this.answers = messages.map(() => undefined);
  }

  /**
   * Builds the packets of a round: what is not answered, and dummies. Returns how to send them, which resolves
   * when the round is over, no matter what came back.
   * @throws channel/onion-route, channel/bad-key
   */
  async prepare(
    { builder, clock, peerOf, answerRoom }: OnionNetwork,
    round: Round,
  ): Promise<() => Promise<void>> {
    const open = [...this.answers.keys()].filter((m) => this.answers[m] === undefined);
    const routes = Array.from({ length: this.count }, () => this.route(round.round));
    const orders = routes.map(({ nodes }, n): OnionOrder => {
      const message = open[n] === undefined ? undefined : this.messages[open[n]];
      return { nodes, payload: encodeDelivery(message) };
    });
    const onions = await builder.build(orders, roundData(round));
    const entry = routes[0] && peerOf(routes[0].entry);
    return async () => {
      let answers: readonly Uint8Array[] = [];
      clock.schedule(round.start, () => {
        entry
          ?.exchange(
            round,
            0,
            onions.map(({ packet }) => packet),
          )
          .then(
            (got) => (answers = got),
            // A dead entry costs a round, like a dead relay behind it.
            () => undefined,
          );
        return Promise.resolve();
      });
      await new Promise<void>((resolve) => {
        clock.schedule(endTime(round), () => Promise.resolve(resolve()));
      });
      for (const [n, message] of open.entries()) {
        if (n >= this.count) break;
        const answer = opened(onions[n]!, answers[n], answerRoom);
        if (answer !== undefined && this.isAnswer(answer)) this.answers[message] = answer;
      }
    };
  }

  /** Sends in each of the rounds, one after the other. */
  async run(network: OnionNetwork, rounds: readonly Round[]): Promise<void> {
    for (const round of rounds) await (await this.prepare(network, round))();
  }
}

/** The message of the last node; undefined for anything else. */
function opened(
  { secrets }: Onion,
  answer: Uint8Array | undefined,
  room: number | undefined,
): Uint8Array | undefined {
  if (answer === undefined) return undefined;
  try {
    const { hop, message } = openAnswer(secrets, answer, room);
    return hop === secrets.length - 1 ? message : undefined;
  } catch (error) {
    if (isSipsterError(error, "channel/onion-answer")) return undefined;
    throw error;
  }
}

function split(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.slice(32 * i, 32 * i + 32));
}
