/**
 * A node of the onion network. In each slot of a round it takes batches of packets; at the slot's end it peels
 * them all, drops what it has seen before, and passes the rest on in random order, one batch to each next node, or
 * reads them if it is the last. At its deadline it gives each sender exactly one answer a packet, in the order of
 * its packets: the one that came, or random bytes that nobody but the packet's origin can tell from one. So a
 * neighbour that is dead, slow or lying changes nothing that others see.
 */
import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { shuffled } from "../../algebra/index.js";
import type { Store } from "../../store/index.js";
import { channelErrors } from "../errors.js";
import { ANSWER_MESSAGE_BYTES, answerBytes, buildAnswer, wrapAnswer } from "./answer.js";
import type { Clock } from "./clock.js";
import { hopData, type Malformed, type Peeled } from "./packet.js";
import type { Peeler } from "./peeler.js";
import { answerTime, releaseTime, roundData, type Round, type RoundId } from "./round.js";
import { SeenPackets } from "./seen-packets.js";

/** How others reach a node: in this process, or by anything that carries batches. */
export interface OnionPeer {
  /**
   * Takes packets that are at hop `hop` of their routes. Resolves at the deadline with one answer a packet, in order.
   * A round is named; its times are those of the receiver's own timetable.
   * @throws channel/round-over
   */
  exchange(
    round: RoundId,
    hop: number,
    packets: readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]>;
}

/** What a node is the last hop for. */
export interface Application {
  /** Answers each payload of a batch, in its order; undefined stands for no answer. */
  deliver(payloads: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Is told when `deliver` throws: the packets of that batch then get random answers. */
  failed(error: unknown): void;
}

export interface NodeOptions {
  readonly peeler: Peeler;
  readonly store: Store;
  readonly clock: Clock;
  /** The node with this public key (in hexadecimal); undefined if unknown. */
  readonly peerOf: (key: string) => OnionPeer | undefined;
  /** The published times of a round; undefined for one that is not in the timetable. */
  readonly timetable: (id: RoundId) => Round | undefined;
  /** Takes the packets whose last hop this is; without it, such packets are malformed. */
  readonly application?: Application;
  /** Bytes of the longest answer, the same in the whole network; 256 when absent. */
  readonly answerRoom?: number;
}

export interface NodeCounts {
  /** Packets taken, no matter who sent them. */
  taken: number;
  forwarded: number;
  delivered: number;
  /** Answers given: as many as packets taken. */
  answered: number;
  /** Time spent on peeling, in milliseconds. */
  peelMilliseconds: number;
  readonly dropped: Record<Malformed | "replayed" | "unknown-node", number>;
}

/** A packet on its way, and the answer that came for it. */
interface Passage {
  readonly packet: Uint8Array;
  secret: Uint8Array | undefined;
  answer: Uint8Array | undefined;
}

interface Stage {
  readonly epoch: number;
  readonly taken: Passage[];
  isReleased: boolean;
  /** Told at the deadline. */
  readonly waiting: (() => void)[];
}

export class OnionNode implements OnionPeer {
  readonly counts: NodeCounts = {
    taken: 0,
    forwarded: 0,
    delivered: 0,
    answered: 0,
    peelMilliseconds: 0,
    dropped: { length: 0, version: 0, key: 0, mac: 0, payload: 0, replayed: 0, "unknown-node": 0 },
  };
  readonly #stages = new Map<string, Stage>();
  /** Epochs that this node was started in, without its memory of them. */
  readonly #refused = new Set<number>();

  private constructor(
    private readonly options: NodeOptions,
    private readonly seen: SeenPackets,
  ) {}

  /**
   * Starts with what the store holds.
   * @param running the epoch that has begun already, if one has: refused unless the store remembers it.
   */
  static async open(options: NodeOptions, running?: number): Promise<OnionNode> {
    const node = new OnionNode(options, await SeenPackets.open(options.store));
    if (running !== undefined && !node.seen.knows(running)) node.#refused.add(running);
    return node;
  }

  get #answerRoom(): number {
    return this.options.answerRoom ?? ANSWER_MESSAGE_BYTES;
  }

  get publicKey(): Uint8Array {
    return this.options.peeler.publicKey;
  }

  /** What it remembers of rounds: their names, by hop, and the packets whose answers are not yet given. */
  get held(): { readonly stages: number; readonly packets: number } {
    const stages = [...this.#stages.values()];
    return {
      stages: stages.length,
      packets: stages.reduce((sum, { taken }) => sum + taken.length, 0),
    };
  }

  /** Goes on to an epoch before it begins. */
  async enter(epoch: number): Promise<void> {
    if (!this.#refused.has(epoch)) await this.seen.enter(epoch);
    for (const [name, stage] of this.#stages)
      if (stage.epoch < epoch - 1) this.#stages.delete(name);
  }

  async exchange(
    id: RoundId,
    hop: number,
    packets: readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]> {
    const stage = this.#stageOf(id, hop);
    if (stage === undefined || stage.isReleased) {
      throw channelErrors.error(
        "round-over",
        `round ${id.round} of epoch ${id.epoch} takes no packets at hop ${hop} now`,
        { epoch: id.epoch, round: id.round, hop },
      );
    }
    const mine = packets.map((packet): Passage => ({
      packet,
      secret: undefined,
      answer: undefined,
    }));
    stage.taken.push(...mine);
    this.counts.taken += mine.length;
    await new Promise<void>((resolve) => stage.waiting.push(resolve));
    this.counts.answered += mine.length;
    return mine.map(({ answer }) => answer ?? randomBytes(answerBytes(this.#answerRoom)));
  }

  #stageOf(id: RoundId, hop: number): Stage | undefined {
    const round = this.seen.knows(id.epoch) ? this.options.timetable(id) : undefined;
    if (round === undefined || !Number.isInteger(hop) || hop < 0 || hop > round.hops) {
      return undefined;
    }
    const name = `${round.epoch}/${round.round}/${hop}`;
    const known = this.#stages.get(name);
    if (known !== undefined) return known;
    const { clock } = this.options;
    if (clock.now() > releaseTime(round, hop)) return undefined;
    const stage: Stage = { epoch: round.epoch, taken: [], isReleased: false, waiting: [] };
    this.#stages.set(name, stage);
    clock.schedule(releaseTime(round, hop), () => this.#release(round, hop, stage));
    clock.schedule(answerTime(round, hop), () => {
      for (const resolve of stage.waiting) resolve();
      stage.taken.length = 0;
      // The name stays for the epoch, so that a round cannot be opened twice.
      return Promise.resolve();
    });
    return stage;
  }

  async #release(round: Round, hop: number, stage: Stage): Promise<void> {
    stage.isReleased = true;
    const passages = shuffled(stage.taken);
    const packets = passages.map(({ packet }) => packet);
    const { layers, milliseconds } = await this.options.peeler.peel(
      packets,
      hopData(roundData(round), hop),
    );
    this.counts.peelMilliseconds += milliseconds;
    const opened = passages.flatMap((passage, i) => {
      const layer = layers[i]!;
      if (layer.ok) return [{ passage, layer }];
      this.counts.dropped[layer.reason]++;
      return [];
    });
    const isNew = await this.seen.add(
      round.epoch,
      opened.map(({ layer }) => layer.secret),
    );
    const fresh = opened.filter((_, i) => isNew[i]);
    this.counts.dropped.replayed += opened.length - fresh.length;
    for (const { passage, layer } of fresh) passage.secret = layer.secret;
    const isLast = hop === round.hops;
    const read = fresh.filter(({ layer }) => layer.next === undefined);
    if (isLast) await this.#deliver(read);
    else this.counts.dropped.payload += read.length;
    this.#forward(round, hop, isLast ? [] : fresh.filter(({ layer }) => layer.next !== undefined));
  }

  async #deliver(opened: readonly Opened[]): Promise<void> {
    const { application } = this.options;
    if (opened.length === 0) return;
    if (application === undefined) {
      this.counts.dropped.payload += opened.length;
      return;
    }
    try {
      const messages = await application.deliver(opened.map(({ layer }) => layer.payload));
      this.counts.delivered += opened.length;
      for (const [i, { passage }] of opened.entries()) {
        const message = messages[i];
        if (message !== undefined) {
          passage.answer = buildAnswer(passage.secret!, message, this.#answerRoom);
        }
      }
    } catch (error) {
      application.failed(error);
    }
  }

  /** Passes packets on, one batch to each next node; what comes back in time is wrapped. */
  #forward(round: Round, hop: number, opened: readonly Opened[]): void {
    const batches = new Map<string, Opened[]>();
    for (const one of opened) {
      const to = bytesToHex(one.layer.next!.to);
      const batch = batches.get(to);
      if (batch === undefined) batches.set(to, [one]);
      else batch.push(one);
    }
    for (const [to, batch] of batches) {
      const peer = this.options.peerOf(to);
      if (peer === undefined) {
        this.counts.dropped["unknown-node"] += batch.length;
        continue;
      }
      this.counts.forwarded += batch.length;
      const packets = batch.map(({ layer }) => layer.next!.packet);
      peer.exchange(round, hop + 1, packets).then(
        (answers) => {
          for (const [i, { passage }] of batch.entries()) {
            const answer = answers[i];
            if (answer?.length === answerBytes(this.#answerRoom))
              passage.answer = wrapAnswer(passage.secret!, answer);
          }
        },
        // A neighbour that fails leaves its packets to random answers, like one that says nothing.
        () => undefined,
      );
    }
  }
}

interface Opened {
  readonly passage: Passage;
  readonly layer: Peeled & { readonly ok: true };
}
