/**
 * The two suites behind one interface, so that meter, resident and utility run either. They differ
 * in what a token is; receipts, bills, combining and verifying are the same algorithms.
 */
import type { Bn254, G1Point } from "../algebra/index.js";
import {
  classicTokenHash,
  classicTokenPoint,
  decodeClassic,
  encodeClassic,
  generateClassicToken,
} from "./classic/classic-token.js";
import { sipsterErrors } from "./errors.js";
import {
  decodeHashBound,
  encodeHashBound,
  generateHashBoundToken,
  hashBoundTokenHash,
  hashBoundTokenPoint,
} from "./hash-bound-token.js";
import type { HexAddress, SystemId } from "./system.js";
import type { GeneratedToken, SuiteName, Token, TokenHash } from "./token.js";
import type { ViewKey } from "./view-key.js";

/** Reading and checking tokens: what the resident and the utility do. */
export interface Suite {
  readonly name: SuiteName;
  readonly curve: Bn254;
  readonly systemId: SystemId;
  /** Fixed length for each suite. @throws sipster/wrong-suite */
  encode(token: Token): Uint8Array;
  /** @throws sipster/bad-token, sipster/bad-denomination */
  decode(bytes: Uint8Array): Token;
  /** @throws sipster/wrong-suite */
  hash(token: Token): TokenHash;
  /**
   * The point of which the receipt is a multiple, after every check of the token.
   * @throws sipster/wrong-suite, token-not-a-point, token-signature-invalid, bad-signature
   */
  point(token: Token): G1Point;
}

/** Making tokens: what the meter does. `n` counts the tokens of this denomination, which is in units. */
export type TokenGenerator = (n: bigint, denomination: number) => GeneratedToken;

export function hashBoundSuite(curve: Bn254, systemId: SystemId): Suite {
  const own = (token: Token) => {
    if (token.suite === "hash-bound") return token;
    throw wrongSuite(token, "hash-bound");
  };
  return {
    name: "hash-bound",
    curve,
    systemId,
    encode: (token) => encodeHashBound(own(token)),
    decode: decodeHashBound,
    hash: (token) => hashBoundTokenHash(systemId, own(token)),
    point: (token) => hashBoundTokenPoint(curve, systemId, own(token)),
  };
}

/** `tokenKey` is the address of the token key that all meters share. */
export function classicSuite(curve: Bn254, systemId: SystemId, tokenKey: HexAddress): Suite {
  const own = (token: Token) => {
    if (token.suite === "classic") return token;
    throw wrongSuite(token, "classic");
  };
  return {
    name: "classic",
    curve,
    systemId,
    encode: (token) => encodeClassic(own(token)),
    decode: decodeClassic,
    hash: (token) => classicTokenHash(systemId, own(token)),
    point: (token) => classicTokenPoint({ curve, systemId, token: own(token), tokenKey }),
  };
}

export function hashBoundGenerator({
  curve,
  systemId,
  viewKey,
  keyEpoch,
}: {
  readonly curve: Bn254;
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly keyEpoch: number;
}): TokenGenerator {
  return (n, denomination) =>
    generateHashBoundToken({ curve, systemId, viewKey, index: { keyEpoch, denomination, n } });
}

/** Refuses denominations other than 1: @throws sipster/bad-denomination */
export function classicGenerator({
  curve,
  systemId,
  viewKey,
  keyEpoch,
  tokenKeySecret,
}: {
  readonly curve: Bn254;
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly keyEpoch: number;
  readonly tokenKeySecret: Uint8Array;
}): TokenGenerator {
  return (n, denomination) => {
    if (denomination !== 1) {
      throw sipsterErrors.error(
        "bad-denomination",
        `a classic token is worth one unit, not ${denomination}`,
        { denomination },
      );
    }
    return generateClassicToken({ curve, systemId, viewKey, tokenKeySecret, keyEpoch, index: n });
  };
}

/** The generator of a meter: of the classic suite with a token key, hash-bound without one. */
export function meterGenerator(
  curve: Bn254,
  { systemId, viewKey, keyEpoch, tokenKey }: GeneratorKeys,
): TokenGenerator {
  return tokenKey === null
    ? hashBoundGenerator({ curve, systemId, viewKey, keyEpoch })
    : classicGenerator({ curve, systemId, viewKey, keyEpoch, tokenKeySecret: tokenKey });
}

export interface GeneratorKeys {
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly keyEpoch: number;
  readonly tokenKey: Uint8Array | null;
}

function wrongSuite(token: Token, expected: SuiteName) {
  return sipsterErrors.error(
    "wrong-suite",
    `a ${token.suite} token was given where ${expected} tokens are used`,
  );
}
