/** A key ceremony with all trustees in this process, each following the protocol. */
import {
  createCommittee,
  createMember,
  KeyCeremony,
  type KeyShare,
  type SealedSystem,
} from "../../sealed/index.js";

/** The shares of a fresh key. @throws sealed/bad-committee */
export function generateShares(system: SealedSystem, count: number, threshold: number): KeyShare[] {
  const members = Array.from({ length: count }, () => createMember(system));
  const committee = createCommittee(system, "sipster sealed", threshold, members);
  const trustees = members.map((m, i) => new KeyCeremony(system, committee, i + 1, m));
  const dealings = trustees.map((t) => t.deal());
  const complaints = trustees.flatMap((t) => t.examine(dealings));
  const extractions = trustees.flatMap((t) => t.extract(complaints) ?? []);
  const objections = trustees.flatMap((t) => t.inspect(extractions));
  const disclosures = trustees.flatMap((t) => t.disclose(objections));
  return trustees.map((t) => t.finish(disclosures));
}
