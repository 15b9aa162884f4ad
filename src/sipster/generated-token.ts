/** What tokens of both suites have in common. */
import type { G1Point } from "../algebra/index.js";

declare const brand: unique symbol;

/** 32 bytes that identify a token to everyone, and that a coin is paid for. */
export type TokenHash = Uint8Array & { readonly [brand]: "TokenHash" };

/** What a meter makes of one index: the token, its point, and the token's share of the bill's blinding. */
export interface GeneratedToken<Token> {
  readonly token: Token;
  /** T, or R̃ in the classic suite. */
  readonly point: G1Point;
  /** 0 in the hash-bound suite, rᵢ in the classic one: secret. */
  readonly blinding: bigint;
}
