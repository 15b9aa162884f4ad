/** What a key ceremony leaves with a trustee. */
import type { Committee } from "./committee.js";
import { Reader, Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import type { Point, SealedSystem } from "./system.js";

/** What everybody knows of a shared key. */
export interface SharedKey {
  readonly threshold: number;
  /** D = x·G, to which meters encrypt. */
  readonly publicKey: Point;
  /** X_j = x_j·G of trustee j, at index j − 1. */
  readonly verificationKeys: readonly Point[];
}

/** One trustee's share x_j of x. */
export interface KeyShare extends SharedKey {
  /** j. */
  readonly index: number;
  readonly secret: bigint;
}

/** Does the share belong to trustee `index` of a committee like this? @throws sealed/bad-share */
export function checkShare({
  system,
  share,
  index = share.index,
  committee,
}: {
  readonly system: SealedSystem;
  readonly share: KeyShare;
  readonly index?: number;
  readonly committee?: Committee;
}): void {
  const expected = share.verificationKeys[index - 1];
  const own = system.generator.multiScalarMul([share.secret]);
  const sameCommittee =
    committee === undefined ||
    (committee.threshold === share.threshold &&
      committee.members.length === share.verificationKeys.length);
  if (expected === undefined || !sameCommittee || !system.group.equals(own, expected)) {
    throw sealedErrors.error(
      "bad-share",
      `the share is not that of trustee ${index} for this key`,
      { trustee: index },
    );
  }
}

/** For the trustee's store: it holds the secret. */
export function encodeKeyShare(system: SealedSystem, share: KeyShare): Uint8Array {
  const { index, threshold, secret, publicKey, verificationKeys } = share;
  return new Writer(system)
    .int(index, 1)
    .int(threshold, 1)
    .scalars(secret)
    .int(verificationKeys.length, 1)
    .points(publicKey, ...verificationKeys)
    .done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range, bad-share */
export function decodeKeyShare(system: SealedSystem, bytes: Uint8Array): KeyShare {
  const reader = new Reader(system, bytes);
  const [index, threshold] = [reader.int(1), reader.int(1)];
  const secret = reader.scalar();
  const count = reader.int(1);
  const publicKey = reader.point();
  const verificationKeys = Array.from({ length: count }, () => reader.point());
  reader.end();
  const share = { index, threshold, secret, publicKey, verificationKeys };
  checkShare({ system, share });
  return share;
}
