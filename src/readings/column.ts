/** A growing column of numbers: a million readings in a few tens of megabytes. */

type Values = Float64Array | Uint32Array | Uint16Array | Uint8Array;

export class Column<A extends Values> {
  #length = 0;
  #values: A;

  constructor(private readonly type: new (length: number) => A) {
    this.#values = new type(4);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.type(Math.ceil(this.#values.length * 1.5));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  get length(): number {
    return this.#length;
  }
}
