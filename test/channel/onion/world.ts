/** Five relays and a last node on a virtual clock, and one who watches the links. */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  decodeDelivery,
  LocalBuilder,
  LocalPeeler,
  OnionClient,
  OnionNode,
  VirtualClock,
  type OnionPeer,
  type OnionSession,
  type Round,
  type RoundId,
} from "../../../src/channel/onion/index.js";
import { MemoryStore, type Store } from "../../../src/store/index.js";

export const RELAYS = 5;
export const HOPS = 3;
export const EPOCH = 7;
export const SLOT = 1000;

/** One batch on its way, as an observer of the links sees it. */
export interface Seen {
  readonly to: string;
  readonly hop: number;
  readonly time: number;
  readonly round: number;
  readonly packets: readonly Uint8Array[];
}

export class World {
  readonly clock = new VirtualClock();
  readonly builder = new LocalBuilder();
  readonly peers = new Map<string, OnionPeer>();
  readonly relays: OnionNode[] = [];
  readonly stores: Store[] = [];
  readonly watched: Seen[] = [];
  /** Messages that the last node read, dummies left out. */
  readonly read: Uint8Array[] = [];
  centre!: OnionNode;
  readonly #rounds = new Map<string, Round>();

  /** @param lie of the last node: which messages it does not answer. */
  static async open(
    between: (relay: number, peer: OnionPeer, world: World) => OnionPeer = (_, peer) => peer,
    isWithheld: (message: Uint8Array) => boolean = () => false,
  ): Promise<World> {
    const w = new World();
    const { clock } = w;
    const peerOf = (key: string) => w.peers.get(key);
    for (let i = 0; i < RELAYS; i++) {
      w.stores.push(new MemoryStore());
      const node = await OnionNode.open({
        peeler: new LocalPeeler(),
        store: w.stores[i]!,
        clock,
        peerOf,
        timetable: w.timetable,
      });
      w.relays.push(node);
      w.peers.set(bytesToHex(node.publicKey), w.#watch(`relay ${i}`, between(i, node, w)));
      await node.enter(EPOCH);
    }
    const application = {
      deliver: async (payloads: readonly Uint8Array[]) =>
        payloads.map((payload) => {
          const message = decodeDelivery(payload);
          if (message !== undefined) w.read.push(message);
          const answered = message !== undefined && !isWithheld(message);
          return answered ? Uint8Array.of(1, ...message) : undefined;
        }),
      failed: (error: unknown) => {
        throw error;
      },
    };
    w.centre = await OnionNode.open({
      peeler: new LocalPeeler(),
      store: new MemoryStore(),
      clock,
      peerOf,
      application,
      timetable: w.timetable,
    });
    w.peers.set(bytesToHex(w.centre.publicKey), w.#watch("centre", w.centre));
    await w.centre.enter(EPOCH);
    return w;
  }

  #watch(to: string, peer: OnionPeer): OnionPeer {
    return {
      exchange: (round, hop, packets) => {
        this.watched.push({ to, hop, time: this.clock.now(), round: round.round, packets });
        return peer.exchange(round, hop, packets);
      },
    };
  }

  get network() {
    return {
      clock: this.clock,
      builder: this.builder,
      peerOf: (key: string) => this.peers.get(key),
    };
  }

  client(store: Store = new MemoryStore()): Promise<OnionClient> {
    return OnionClient.open({ store, relays: this.relays.map((r) => r.publicKey), hops: HOPS });
  }

  /** A round that begins now, from now on in everyone's timetable. */
  round(number: number, epoch = EPOCH): Round {
    const round = { epoch, round: number, start: this.clock.now(), hops: HOPS, slot: SLOT };
    this.#rounds.set(`${epoch}/${number}`, round);
    return round;
  }

  readonly timetable = ({ epoch, round }: RoundId): Round | undefined =>
    this.#rounds.get(`${epoch}/${round}`);

  /** Runs rounds for all sessions at once. */
  async run(sessions: readonly OnionSession[], rounds = 2): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      const round = this.round(i);
      const launches = await Promise.all(sessions.map((s) => s.prepare(this.network, round)));
      const ends = launches.map((launch) => launch());
      await this.clock.run();
      await Promise.all(ends);
    }
  }

  /** Senders with a message each, or none. */
  async senders(messages: readonly (Uint8Array | undefined)[]): Promise<OnionSession[]> {
    return Promise.all(
      messages.map(async (message) => {
        const client = await this.client();
        return client.begin({
          destination: this.centre.publicKey,
          messages: message === undefined ? [] : [message],
          count: 1,
        });
      }),
    );
  }
}

export const message = (i: number): Uint8Array => Uint8Array.of(i, 9, 9);
export const isAnswered = (session: OnionSession, i: number): boolean =>
  session.answers[0] !== undefined &&
  bytesToHex(session.answers[0]) === bytesToHex(Uint8Array.of(1, ...message(i)));
