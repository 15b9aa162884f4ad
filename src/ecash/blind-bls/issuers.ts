/** A mint that has the keys of several ids: which of them signs a withdrawal. */
import type { Bn254 } from "../../algebra/index.js";
import type { ECashIssuer } from "../ecash.js";
import { blindSigner } from "./blind-signer.js";
import { BlindBlsIssuer } from "./issuer.js";
import type { MintSecretKeys } from "./mint-keys.js";
import { decodeRequest } from "./request.js";

/** Signs withdrawals of any of the ids: the vault's deposits and accounts name theirs. */
export function issuersOf(
  curve: Bn254,
  mints: readonly MintSecretKeys[],
): ReadonlyMap<number, ECashIssuer> {
  return new Map(
    mints.map((secret) => [
      secret.mintKeyId,
      new BlindBlsIssuer(curve, blindSigner(curve, secret)),
    ]),
  );
}

/**
 * One issuer for all ids; a request of another id is refused by the newest.
 * @param mints oldest first
 * @throws ecash/no-mint-key
 */
export function issuerOf(curve: Bn254, mints: readonly MintSecretKeys[]): ECashIssuer {
  const issuers = issuersOf(curve, mints);
  const newest = issuers.get(mints.at(-1)!.mintKeyId)!;
  const of = (request: Uint8Array): ECashIssuer =>
    issuers.get(decodeRequest(request).mintKeyId) ?? newest;
  return {
    price: (request) => of(request).price(request),
    issue: (request) => of(request).issue(request),
  };
}
