/** Which coin was shown with which token. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeRequest, type Carrier } from "../../src/exchange/index.js";
import type { Exchange } from "./exchange.js";

export class Watched {
  /** `coin token` of each order, in order. */
  readonly pairs: string[] = [];
  /** Kind of each request. */
  readonly kinds: string[] = [];

  constructor(private readonly x: Exchange) {}

  watch(carrier: Carrier = this.x.carrier): Carrier {
    return (bytes) => {
      const { request } = decodeRequest(bytes);
      this.kinds.push(request.kind);
      if (request.kind === "buy") {
        const { token, payment } = request.order;
        this.pairs.push(`${this.x.ecash.coinId(payment)} ${bytesToHex(token)}`);
      }
      return carrier(bytes);
    };
  }

  /** The pairs, each once, in an order of its own. */
  get distinct(): string[] {
    return [...new Set(this.pairs)].sort();
  }

  /** Most tokens that one coin was shown with, and most coins that one token was. */
  get most(): number {
    const count = (part: 0 | 1): number => {
      const times = new Map<string, number>();
      for (const pair of this.distinct) {
        const name = pair.split(" ")[part]!;
        times.set(name, (times.get(name) ?? 0) + 1);
      }
      return Math.max(0, ...times.values());
    };
    return Math.max(count(0), count(1));
  }
}
