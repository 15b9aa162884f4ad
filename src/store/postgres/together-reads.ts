/** Reads of single keys that are asked for at the same time, as one query. */

type Values = ReadonlyMap<string, Uint8Array>;

export class TogetherReads {
  /** The keys of the next query, and its answer; `null` until one is asked for. */
  #next: { readonly keys: Set<string>; readonly values: Promise<Values> } | null = null;

  /** @param read the values of the keys that are there */
  constructor(private readonly read: (keys: readonly string[]) => Promise<Values>) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#next ??= this.#start();
    this.#next.keys.add(key);
    return (await this.#next.values).get(key);
  }

  #start() {
    const keys = new Set<string>();
    // After the present turn: everything that it asks for is then among the keys.
    const values = Promise.resolve().then(() => {
      this.#next = null;
      return this.read([...keys]);
    });
    return { keys, values };
  }
}
