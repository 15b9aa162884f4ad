/** What a role may do, and what a governing act was, in words. Works in a browser. */
import type { Role } from "../deploy/deployment.js";
import type { GovernanceEvent } from "./history.js";

/** What the holder of a role may do: follows "may" or "the right to". */
export const POWERS: Readonly<Record<Role, string>> = {
  admin: "grant and revoke roles",
  keyRegistrar: "register the utility's keys",
  meterRegistrar: "register and retire meters",
  parameterRegistrar: "announce public parameters",
  pauser: "pause registrations and deposits",
  mint: "answer deposits",
  treasurer: "collect answered deposits",
};

/** Begins in lower case and ends without a stop. */
export function describeAct(event: GovernanceEvent): string {
  switch (event.act) {
    case "role-granted":
      return `gave ${event.holder} ${right(event.role)}`;
    case "role-revoked":
      return `took from ${event.holder} ${right(event.role)}`;
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
      return `registered the mint's keys number ${event.mintKeyId}, from period ${event.firstPeriod} on`;
  }
}

function right(role: Role | null): string {
  return role === null
    ? "a right that this program does not know"
    : `the right to ${POWERS[role]} (${role})`;
}
