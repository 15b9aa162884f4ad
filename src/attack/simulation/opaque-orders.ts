/**
 * Orders as bytes, with random values where the real ones have what cryptography makes: the token's
 * seed, the coin, their signatures and hashes. Everything else is written by the real encoders. The
 * tests compare such a run with one of the real roles.
 */
import { toAddress } from "../../algebra/index.js";
import { encodePayment } from "../../ecash/blind-bls/payment.js";
import { expiryOf, requestContent } from "../../exchange/index.js";
import { encodeHashBound } from "../../sipster/hash-bound-token.js";
import type { Seed } from "../../sipster/index.js";
import type { Chance } from "../random.js";
import { ORDER } from "../view/request-log.js";

/** What all orders of a deployment share. */
export interface Deployment {
  readonly keyEpoch: number;
  readonly mintKeyId: number;
  /** 20 bytes. */
  readonly payee: Uint8Array;
}

export const DEPLOYMENT: Deployment = {
  keyEpoch: 1,
  mintKeyId: 3,
  payee: new Uint8Array(20).fill(0xaa),
};

const OPAQUE: readonly (readonly [number, number])[] = [
  [ORDER.seed, ORDER.tokenCounter],
  [ORDER.coin, ORDER.coinCounter],
  [ORDER.coinSignature, ORDER.payee],
  [ORDER.signature, ORDER.bytes],
];
/** The chance that a counter gives a point of the curve: tokens and coins try from 0 on. */
const POINT = 0.378;

export class OpaqueOrders {
  readonly #templates = new Map<string, Uint8Array>();

  constructor(
    private readonly chance: Chance,
    private readonly deployment: Deployment = DEPLOYMENT,
  ) {}

  /** The content of a fresh order that is sent at this time. */
  make(denomination: number, at: number): Uint8Array {
    const content = this.#template(denomination, expiryOf(at)).slice();
    for (const [from, to] of OPAQUE) this.chance.fill(content, from, to);
    content[ORDER.tokenCounter] = this.#counter();
    content[ORDER.coinCounter] = this.#counter();
    return content;
  }

  /** The same token and coin, signed again at another time. */
  again(content: Uint8Array, at: number): Uint8Array {
    const copy = content.slice();
    const view = new DataView(copy.buffer);
    const expiry = expiryOf(at);
    if (view.getBigUint64(ORDER.expiry) === expiry) return copy;
    view.setBigUint64(ORDER.expiry, expiry);
    this.chance.fill(copy, ORDER.signature, ORDER.bytes);
    return copy;
  }

  #template(denomination: number, expiry: bigint): Uint8Array {
    const key = `${denomination} ${expiry}`;
    let content = this.#templates.get(key);
    if (content === undefined) {
      const { keyEpoch, mintKeyId, payee } = this.deployment;
      const zeros = (length: number): Uint8Array => new Uint8Array(length);
      const seed = zeros(32) as Seed;
      content = requestContent({
        kind: "buy",
        order: {
          token: encodeHashBound({ suite: "hash-bound", keyEpoch, denomination, seed, ctr: 0 }),
          payment: encodePayment({
            ...{ mintKeyId, denomination, address: toAddress(zeros(20)), ctr: 0 },
            ...{ coinSignature: zeros(64), tokenHash: zeros(32), payee: toAddress(payee) },
            ...{ keyEpoch, expiry, signature: zeros(65) },
          }),
        },
      });
      this.#templates.set(key, content);
    }
    return content;
  }

  #counter(): number {
    let counter = 0;
    while (this.chance.unit() > POINT) counter++;
    return counter;
  }
}
