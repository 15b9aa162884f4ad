/**
 * Tokens of both suites. A token stands for `denomination` units of money; the receipt for it is
 * S = a·T, where T is the token's point.
 */
import type { ClassicToken } from "./classic/classic-token.js";
import type { GeneratedToken as Generated } from "./generated-token.js";
import type { HashBoundToken } from "./hash-bound-token.js";

export type { TokenHash } from "./generated-token.js";

export type SuiteName = "hash-bound" | "classic";
export type Token = HashBoundToken | ClassicToken;
export type GeneratedToken = Generated<Token>;
