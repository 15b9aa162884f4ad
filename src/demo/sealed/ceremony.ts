/** A key ceremony with all trustees in this process, each with its store and each checking every message. */
import {
  CeremonyTrustee,
  createCommittee,
  createMember,
  type KeyShare,
  type SealedSystem,
} from "../../sealed/index.js";
import { MemoryStore } from "../../store/index.js";

/** The shares of a fresh key. @throws sealed/bad-committee */
export async function generateShares(
  system: SealedSystem,
  count: number,
  threshold: number,
): Promise<KeyShare[]> {
  const members = Array.from({ length: count }, () => createMember(system));
  const committee = createCommittee(system, { name: "sipster sealed", threshold, members });
  const trustees = members.map(
    (self, i) => new CeremonyTrustee({ system, committee, index: i + 1, self }, new MemoryStore()),
  );
  const all = <T>(step: (trustee: CeremonyTrustee) => Promise<T>): Promise<T[]> =>
    Promise.all(trustees.map(step));
  const dealings = await all((t) => t.deal());
  const complaints = await all((t) => t.complain(dealings));
  const extractions = await all((t) => t.extract(complaints));
  const transcripts = await all((t) => t.conclude(extractions));
  return all((t) => t.finish(transcripts));
}
