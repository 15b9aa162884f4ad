/** A sum of residues, not reduced, and who is in it. */
export class Tally {
  sum = 0n;
  count = 0;
  readonly #in: Uint8Array;

  constructor(size: number) {
    this.#in = new Uint8Array(size);
  }

  has(member: number): boolean {
    return this.#in[member] === 1;
  }

  /** The caller has made sure that the member is not in it. */
  add(member: number, value: bigint): void {
    this.#in[member] = 1;
    this.count++;
    this.sum += value;
  }

  /** Members of the group that are not in it, ascending. */
  absent(): number[] {
    const absent: number[] = [];
    if (this.count === this.#in.length) return absent;
    for (let m = 0; m < this.#in.length; m++) if (this.#in[m] === 0) absent.push(m);
    return absent;
  }
}
