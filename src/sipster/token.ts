/**
 * Tokens of both suites. A token stands for `denomination` units of money; the receipt for it is
 * S = a·T, where T is the token's point.
 */
import type { G1Point } from "../algebra/index.js";
import type { HashBoundToken } from "./hash-bound-token.js";
import type { ClassicToken } from "./classic/classic-token.js";

declare const brand: unique symbol;

/** 32 bytes that identify a token to everyone, and that a coin is paid for. */
export type TokenHash = Uint8Array & { readonly [brand]: "TokenHash" };

export type SuiteName = "hash-bound" | "classic";
export type Token = HashBoundToken | ClassicToken;

/** What a meter makes of one index: the token, its point, and the token's share of the bill's blinding. */
export interface GeneratedToken {
  readonly token: Token;
  /** T, or R̃ in the classic suite. */
  readonly point: G1Point;
  /** 0 in the hash-bound suite, rᵢ in the classic one: secret. */
  readonly blinding: bigint;
}
