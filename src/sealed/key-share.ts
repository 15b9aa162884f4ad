/** What a key ceremony leaves with a trustee. */
import type { Committee } from "./committee.js";
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
export function checkShare(
  system: SealedSystem,
  share: KeyShare,
  index: number = share.index,
  committee?: Committee,
): void {
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
