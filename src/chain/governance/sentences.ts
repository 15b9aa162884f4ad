/** What a governing act was, in a sentence. Works in a browser. */
import type { GovernanceEvent } from "./history.js";

/** Begins in lower case and ends without a stop. */
export function describeAct(event: GovernanceEvent): string {
  switch (event.act) {
    case "role-granted":
      return `granted ${event.role ?? "an unknown role"} to ${event.holder}`;
    case "role-revoked":
      return `revoked ${event.role ?? "an unknown role"} from ${event.holder}`;
    case "paused":
      return `paused by ${event.by}`;
    case "resumed":
      return `resumed by ${event.by}`;
    case "key-registered":
      return `registered the key of epoch ${event.keyEpoch}, from period ${event.firstPeriod} on`;
    case "terms-announced":
      return `announced terms ${event.hash}, from period ${event.firstPeriod} on`;
    case "network-announced":
      return `announced network parameters ${event.hash}`;
    case "meter-retired":
      return `retired meter ${event.meter} after period ${event.lastPeriod}`;
    case "mint-keys-registered":
      return `registered mint key id ${event.mintKeyId}, from period ${event.firstPeriod} on`;
  }
}
