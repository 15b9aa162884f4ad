/** What is due when, in memory: the books hold it durably, and one process has them open at a time. */
export class Agenda {
  readonly #due = new Map<string, number>();

  set(key: string, due: number | null): void {
    if (due === null) this.#due.delete(key);
    else this.#due.set(key, due);
  }

  has(key: string): boolean {
    return this.#due.has(key);
  }

  /** How many keys begin with `prefix`. */
  count(prefix: string): number {
    let count = 0;
    for (const key of this.#due.keys()) if (key.startsWith(prefix)) count++;
    return count;
  }

  /** The earliest time; `null` if nothing is planned. */
  next(): number | null {
    let next: number | null = null;
    for (const due of this.#due.values()) if (next === null || due < next) next = due;
    return next;
  }

  /** What is due at `now`, of the keys that begin with `prefix`. */
  dueAt(now: number, prefix: string): string[] {
    return [...this.#due]
      .filter(([key, due]) => due <= now && key.startsWith(prefix))
      .map(([key]) => key.slice(prefix.length));
  }
}
