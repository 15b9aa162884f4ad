/** A growing column of numbers: a million readings in a few tens of megabytes, and never copied. */

type Values = Float64Array | Uint32Array | Uint16Array | Uint8Array;

/** Values of a full piece: 2^14. */
const pieceBits = 14;
const pieceLength = 1 << pieceBits;
const inPiece = pieceLength - 1;

export class Column<A extends Values> {
  #length = 0;
  /** All full but the last; the first grows to its full length, so that short columns stay small. */
  readonly #pieces: A[];

  constructor(private readonly type: new (length: number) => A) {
    this.#pieces = [new type(4)];
  }

  push(value: number): void {
    const index = this.#length++;
    const at = index & inPiece;
    let piece = this.#pieces[index >>> pieceBits];
    if (piece === undefined) {
      piece = new this.type(pieceLength);
      this.#pieces.push(piece);
    } else if (at === piece.length) {
      const larger = new this.type(Math.min(pieceLength, piece.length * 4));
      larger.set(piece);
      piece = larger;
      this.#pieces[0] = larger;
    }
    piece[at] = value;
  }

  get(index: number): number {
    return this.#pieces[index >>> pieceBits]![index & inPiece]!;
  }

  set(index: number, value: number): void {
    this.#pieces[index >>> pieceBits]![index & inPiece] = value;
  }

  get length(): number {
    return this.#length;
  }
}

/** The indexes of a column in the order of its values; equal ones stay in the order of arrival. */
export function inOrder(column: Column<Float64Array>): Uint32Array {
  const order = new Uint32Array(column.length);
  let sorted = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && column.get(i) < column.get(i - 1)) sorted = false;
  }
  return sorted ? order : order.sort((a, b) => column.get(a) - column.get(b) || a - b);
}
