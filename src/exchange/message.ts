/** What requests and answers share: sized fields, a version, padding with zeros. */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes } from "../algebra/index.js";

/** Of the encoding of requests and answers. */
export const VERSION = 1;

/** Length u16 ‖ bytes. */
export function sized(bytes: Uint8Array): Uint8Array {
  return concatBytes(intToBytes(bytes.length, 2), bytes);
}

/** `content` and zeros, `length` bytes. */
export function pad(content: Uint8Array, length: number, fail: (why: string) => Error): Uint8Array {
  if (content.length > length) throw fail(`it needs ${content.length} bytes of ${length}`);
  const bytes = new Uint8Array(length);
  bytes.set(content);
  return bytes;
}

export class MessageReader extends ByteReader {
  constructor(
    private readonly all: Uint8Array,
    private readonly refuse: (why: string) => Error,
  ) {
    super(all, refuse);
  }

  /** How many bytes are read. */
  get at(): number {
    return this.all.length - this.left;
  }

  version(): void {
    const version = this.number(1);
    if (version !== VERSION) throw this.refuse(`it is of version ${version} and not ${VERSION}`);
  }

  sized(): Uint8Array {
    return this.take(this.number(2));
  }

  /** A payment: never empty. */
  payment(): Uint8Array {
    const payment = this.sized();
    if (payment.length === 0) throw this.refuse("it comes without a payment");
    return payment;
  }

  /** To be called when every field is read: the rest is zeros. */
  onlyPadding(): void {
    for (let i = this.at; i < this.all.length; i++) {
      if (this.all[i] !== 0) throw this.refuse(`byte ${i} of the padding is not zero`);
    }
  }
}
