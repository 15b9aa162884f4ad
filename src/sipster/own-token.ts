/**
 * Does a token come from this meter? The resident holds the view key, so it makes the token of a number
 * again and compares. A token that someone else made up would be paid for nothing: no bill has it.
 */
import { equalBytes, type Bn254 } from "../algebra/index.js";
import { classicBlindedPoint } from "./classic/classic-token.js";
import { encodeHashBound, generateHashBoundToken } from "./hash-bound-token.js";
import type { SystemId } from "./system.js";
import type { NumberedToken } from "./token-series.js";
import type { ViewKey } from "./view-key.js";

/** Is this the token that the holder of the view key makes for its denomination and number? */
export function isOwnToken(
  curve: Bn254,
  { systemId, viewKey }: { readonly systemId: SystemId; readonly viewKey: ViewKey },
  { token, number }: NumberedToken,
): boolean {
  const { keyEpoch, denomination } = token;
  const n = BigInt(number);
  if (token.suite === "classic") {
    const { point } = classicBlindedPoint(curve, { systemId, viewKey, keyEpoch, n });
    return equalBytes(curve.g1.encode(point), token.blinded);
  }
  const index = { keyEpoch, denomination, n };
  const own = generateHashBoundToken({ curve, systemId, viewKey, index }).token;
  return equalBytes(encodeHashBound(own), encodeHashBound(token));
}
