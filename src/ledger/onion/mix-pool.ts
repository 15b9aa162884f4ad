/**
 * A mix (Chaum, *Untraceable Electronic Mail, Return Addresses, and Digital Pseudonyms*, CACM 24(2),
 * 1981): holds what comes in and lets it go in batches and in random order, so that the order of
 * arrival says nothing about the order of departure. A batch leaves when it is full, or when its
 * first item has waited for the delay (a threshold-or-timed mix in the terms of Serjantov,
 * Dingledine and Syverson, *From a Trickle to a Flood*, Information Hiding 2002).
 */
import { randomInt } from "node:crypto";

export interface Mixing {
  /** Items of a full batch. 1 passes everything on at once, in order. */
  readonly batch: number;
  /** Milliseconds after which a batch leaves although it is not full. */
  readonly delay: number;
}

export class MixPool<T> {
  #held: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly mixing: Mixing,
    private readonly release: (batch: readonly T[]) => void,
  ) {}

  add(item: T): void {
    this.#held.push(item);
    if (this.#held.length >= this.mixing.batch) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.mixing.delay);
  }

  /** Lets everything go now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held.length === 0) return;
    const batch = this.#held;
    this.#held = [];
    this.release(shuffle(batch));
  }

  /** Forgets what it holds. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }
}

/** A random order, each equally likely (Fisher and Yates), in place. */
export function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
