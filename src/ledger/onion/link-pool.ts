/**
 * Links to other nodes, opened when first needed and again after they broke, and what waits for an
 * answer on them.
 */
import { randomCircuit, type Circuit, type Frame } from "./frames.js";
import type { Link, Transport } from "./transport.js";

interface Neighbour<W> {
  readonly link: Link;
  readonly waiting: Map<Circuit, W>;
}

export class LinkPool<W> {
  readonly #neighbours = new Map<string, Promise<Neighbour<W>>>();

  /**
   * @param answered is told of each answer, and what was waiting for it.
   * @param stray is told when a frame is no answer to anything.
   */
  constructor(
    private readonly transport: Transport,
    private readonly answered: (waiting: W, answer: Uint8Array) => void,
    private readonly stray: () => void,
  ) {}

  /**
   * Sends a packet; `waiting` is given back with the answer. Returns how to stop waiting for it.
   * @throws ledger/unreachable
   */
  async send(address: string, epoch: number, onion: Uint8Array, waiting: W): Promise<() => void> {
    const neighbour = await this.#neighbour(address);
    const circuit = randomCircuit();
    neighbour.waiting.set(circuit, waiting);
    neighbour.link.send({ type: "packet", circuit, epoch, onion });
    return () => {
      neighbour.waiting.delete(circuit);
    };
  }

  /** Stops waiting for the answers that `isOver` holds for. */
  async forget(isOver: (waiting: W) => boolean): Promise<void> {
    for (const { waiting } of await this.#opened()) {
      for (const [circuit, entry] of waiting) if (isOver(entry)) waiting.delete(circuit);
    }
  }

  async close(): Promise<void> {
    for (const { link } of await this.#opened()) link.close();
    this.#neighbours.clear();
  }

  async #opened(): Promise<Neighbour<W>[]> {
    const all = await Promise.allSettled(this.#neighbours.values());
    return all.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  async #neighbour(address: string): Promise<Neighbour<W>> {
    const known = this.#neighbours.get(address);
    if (known !== undefined) {
      const neighbour = await known.catch(() => undefined);
      if (neighbour?.link.isOpen === true) return neighbour;
      // Whoever comes first opens it again; the others find the new one.
      if (this.#neighbours.get(address) !== known) return this.#neighbour(address);
    }
    const opening = this.#open(address);
    this.#neighbours.set(address, opening);
    return opening;
  }

  async #open(address: string): Promise<Neighbour<W>> {
    const waiting = new Map<Circuit, W>();
    const receive = (frame: Frame): void => {
      const entry = frame.type === "answer" ? waiting.get(frame.circuit) : undefined;
      if (frame.type !== "answer" || entry === undefined) {
        this.stray();
        return;
      }
      waiting.delete(frame.circuit);
      this.answered(entry, frame.answer);
    };
    return { link: await this.transport.connect(address, receive), waiting };
  }
}
