/**
 * A node of the onion network: takes packets from its neighbours, peels a layer, and passes them on
 * to the next node or, when it is the last, to its own `deliver`. Answers go back the way the packets
 * came. Both directions are mixed.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { POINT_BYTES, type SecretKey } from "../curve.js";
import { buildAnswer, wrapAnswer } from "./answer.js";
import { epochData, type Circuit, type Frame } from "./frames.js";
import { LinkPool } from "./link-pool.js";
import { MixPool, type Mixing } from "./mix-pool.js";
import { peelOnion, type Malformed } from "./peel.js";
import { ReplayCache } from "./replay-cache.js";
import type { Link, Listener, Transport } from "./transport.js";

/** Why a packet or an answer was dropped without a word. */
export type Dropped = Malformed | "epoch" | "replayed" | "unknown-circuit";

/** Why a relay sends a packet back: first byte of its answer. */
export const RELAY_FAILURE = { unknownNode: 1, unreachable: 2 } as const;

/** What a node is the last hop for. */
export interface Application {
  /** Answers each payload of a batch, in its order. */
  deliver(payloads: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** Is told when `deliver` throws: the packets of that batch are then not answered. */
  failed(error: unknown): void;
}

export interface NodeOptions {
  readonly key: SecretKey;
  readonly transport: Transport;
  readonly mixing: Mixing;
  /** Address of the node with this public key (33 bytes in hexadecimal); undefined if unknown. */
  readonly addressOf: (key: string) => string | undefined;
  /** Takes the packets whose last hop this is; without it, such packets are malformed. */
  readonly application?: Application;
}

/** Where the answer to a packet goes, and what hides it. */
interface Return {
  readonly link: Link;
  readonly circuit: Circuit;
  readonly sharedSecret: Uint8Array;
  readonly epoch: number;
}

interface Outgoing {
  readonly to: string;
  readonly packet: Uint8Array;
  readonly back: Return;
}

interface Incoming {
  readonly payload: Uint8Array;
  readonly back: Return;
}

export interface NodeCounts {
  peeled: number;
  /** Time spent on peeling, in milliseconds, malformed packets included. */
  peelMilliseconds: number;
  forwarded: number;
  delivered: number;
  answered: number;
  readonly dropped: Record<Dropped, number>;
}

export class OnionNode {
  readonly counts: NodeCounts = {
    peeled: 0,
    peelMilliseconds: 0,
    forwarded: 0,
    delivered: 0,
    answered: 0,
    dropped: {
      length: 0,
      version: 0,
      key: 0,
      mac: 0,
      payload: 0,
      epoch: 0,
      replayed: 0,
      "unknown-circuit": 0,
    },
  };
  readonly #seen = new ReplayCache();
  readonly #outgoing: MixPool<Outgoing>;
  readonly #incoming: MixPool<Incoming>;
  readonly #answers: MixPool<{ readonly back: Return; readonly answer: Uint8Array }>;
  readonly #links: LinkPool<Return>;
  #listener: Listener | undefined;
  #epoch: number;

  /** @param epoch the current epoch. */
  constructor(
    private readonly options: NodeOptions,
    epoch: number,
  ) {
    this.#epoch = epoch;
    const { mixing } = options;
    this.#outgoing = new MixPool(mixing, (batch) => batch.forEach((o) => void this.#forward(o)));
    this.#incoming = new MixPool(mixing, (batch) => {
      this.#deliver(batch).catch((error: unknown) => options.application!.failed(error));
    });
    this.#answers = new MixPool(mixing, (batch) => {
      for (const { back, answer } of batch) this.#reply(back, answer);
    });
    this.#links = new LinkPool(
      options.transport,
      (back, answer) => {
        this.#answers.add({ back, answer: wrapAnswer(back.sharedSecret, answer) });
      },
      () => {
        this.counts.dropped["unknown-circuit"]++;
      },
    );
  }

  /** Begins to accept links. Returns the address. */
  async start(): Promise<string> {
    this.#listener = await this.options.transport.listen((link) => (frame) => {
      if (frame.type === "packet") this.#receive(link, frame);
      else this.counts.dropped["unknown-circuit"]++;
    });
    return this.#listener.address;
  }

  async stop(): Promise<void> {
    for (const pool of [this.#outgoing, this.#incoming, this.#answers]) pool.drop();
    await this.#links.close();
    await this.#listener?.close();
  }

  /** Goes on to an epoch: packets of this one and the one before are accepted, and answered. */
  async enter(epoch: number): Promise<void> {
    this.#epoch = epoch;
    this.#seen.forgetBefore(epoch - 1);
    await this.#links.forget((back) => back.epoch < epoch - 1);
  }

  #receive(link: Link, { circuit, epoch, onion }: Frame & { readonly type: "packet" }): void {
    if (epoch !== this.#epoch && epoch !== this.#epoch - 1) {
      this.counts.dropped.epoch++;
      return;
    }
    const start = performance.now();
    const peeled = peelOnion(onion, this.options.key, epochData(epoch));
    this.counts.peelMilliseconds += performance.now() - start;
    this.counts.peeled++;
    if (!peeled.ok) {
      this.counts.dropped[peeled.reason]++;
      return;
    }
    const { payload, next, sharedSecret } = peeled;
    if (this.#seen.check(epoch, sharedSecret)) {
      this.counts.dropped.replayed++;
      return;
    }
    const back = { link, circuit, sharedSecret, epoch };
    if (next === undefined) {
      if (this.options.application === undefined) this.counts.dropped.payload++;
      else this.#incoming.add({ payload, back });
    } else if (payload.length !== POINT_BYTES) {
      this.counts.dropped.payload++;
    } else {
      this.#outgoing.add({ to: bytesToHex(payload), packet: next, back });
    }
  }

  async #forward({ to, packet, back }: Outgoing): Promise<void> {
    const address = this.options.addressOf(to);
    if (address === undefined) {
      this.#fail(back, RELAY_FAILURE.unknownNode);
      return;
    }
    try {
      await this.#links.send(address, back.epoch, packet, back);
      this.counts.forwarded++;
    } catch {
      this.#fail(back, RELAY_FAILURE.unreachable);
    }
  }

  async #deliver(batch: readonly Incoming[]): Promise<void> {
    const messages = await this.options.application!.deliver(batch.map(({ payload }) => payload));
    this.counts.delivered += batch.length;
    for (const [i, { back }] of batch.entries()) {
      this.#answers.add({ back, answer: buildAnswer(back.sharedSecret, messages[i]!) });
    }
  }

  #fail(back: Return, reason: number): void {
    this.#answers.add({ back, answer: buildAnswer(back.sharedSecret, Uint8Array.of(reason)) });
  }

  #reply({ link, circuit }: Return, answer: Uint8Array): void {
    link.send({ type: "answer", circuit, answer });
    this.counts.answered++;
  }
}
