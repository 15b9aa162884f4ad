/**
 * Payments over the onion: the second carrier behind the wallet's channel. A wallet sends the same number of packets in
 * every round of the timetable, whether or not it has something to pay; a request waits for its round, and goes again
 * in the next one, by another route, until it is answered or has been sent as often as it may be.
 */
import { ANSWER_BYTES, REQUEST_BYTES, type Carrier } from "../../exchange/index.js";
import type { Channel } from "../channel.js";
import { channelErrors } from "../errors.js";
import { decodeDelivery, type OnionClient, type OnionNetwork } from "./client.js";
import type { Application } from "./node.js";
import type { Round } from "./round.js";

/** A request and a byte that says what it is fit in a packet beside this many relays. */
export const MOST_PAYMENT_HOPS = 2;

/** Room for the counter's answer: what a network that carries payments has as `answerRoom`. */
export const PAYMENT_ANSWER_ROOM = ANSWER_BYTES;

export interface OnionPaymentsOptions {
  /** With at most {@link MOST_PAYMENT_HOPS} hops. */
  readonly client: OnionClient;
  /** With {@link PAYMENT_ANSWER_ROOM}. */
  readonly network: OnionNetwork;
  /** Public key of the counter's node, from the public parameters. */
  readonly counter: Uint8Array;
  /** Packets that every wallet sends in every round. */
  readonly packets: number;
  /** Rounds in which a request is sent before it counts as unanswered. */
  readonly attempts: number;
}

interface Waiting {
  readonly request: Uint8Array;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

export class OnionPayments implements Channel {
  readonly says =
    "Payments go in rounds through relays, with as many packets from every home: the first relay sees your network address, the last one the utility, and none of them what you ask. All relays of a route together would see both.";
  #waiting: Waiting[] = [];

  constructor(private readonly options: OnionPaymentsOptions) {}

  /** Rejects with channel/no-answer when no round has brought one. */
  readonly carry: Carrier = (request) =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject, attempts: 0 });
    });

  /** One round: to be called for each of the timetable, with nothing to pay as well. */
  async round(round: Round): Promise<void> {
    const { client, network, counter, packets, attempts } = this.options;
    const sent = this.#waiting.slice(0, packets);
    const messages = sent.map(({ request }) => request);
    const session = client.begin({
      destination: counter,
      messages,
      count: packets,
      isAnswer: isWhole,
    });
    await (
      await session.prepare(network, round)
    )();
    const over = new Set<Waiting>();
    for (const [i, waiting] of sent.entries()) {
      const answer = session.answers[i];
      waiting.attempts++;
      if (answer !== undefined) waiting.resolve(answer);
      else if (waiting.attempts < attempts) continue;
      else waiting.reject(unanswered(attempts));
      over.add(waiting);
    }
    this.#waiting = this.#waiting.filter((waiting) => !over.has(waiting));
  }
}

const isWhole = ({ length }: Uint8Array): boolean => length === ANSWER_BYTES;

function unanswered(rounds: number): Error {
  const message = `no answer came over the onion in ${rounds} rounds`;
  return channelErrors.error("no-answer", message, { rounds });
}

/**
 * The counter's node reads payments: what is not a request of its one size gets no answer, as a dummy does.
 * @param failed is told what the counter throws; that request gets no answer, and the others do.
 */
export function paymentCounter(answer: Carrier, failed: Application["failed"]): Application {
  const answerTo = async (payload: Uint8Array): Promise<Uint8Array | undefined> => {
    const request = decodeDelivery(payload);
    if (request?.length !== REQUEST_BYTES) return undefined;
    try {
      return await answer(request);
    } catch (error) {
      failed(error);
      return undefined;
    }
  };
  return { deliver: (payloads) => Promise.all(payloads.map(answerTo)), failed };
}
