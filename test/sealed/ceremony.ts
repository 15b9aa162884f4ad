/** Runs a whole key ceremony in one process, with a hook for each message that a cheat may alter. */
import {
  createCommittee,
  createMember,
  type Committee,
  type TrusteeSecrets,
} from "../../src/sealed/committee.js";
import type { Dealing, Disclosure } from "../../src/sealed/dealing.js";
import type { Extraction } from "../../src/sealed/extraction.js";
import { KeyCeremony, type Fault, type SignedTranscript } from "../../src/sealed/key-ceremony.js";
import { encodeTranscript } from "../../src/sealed/ceremony-messages.js";
import type { KeyShare } from "../../src/sealed/key-share.js";
import { fast } from "./support.js";

/** Hooks get what a trustee sends and return what arrives; `undefined` for nothing. */
export interface Tampering {
  dealing?(dealing: Dealing): Dealing | undefined;
  complaints?(by: number, complaints: Disclosure[]): Disclosure[];
  extraction?(extraction: Extraction): Extraction | undefined;
  /** Sees the extractions of the others before it sends its own: a dealer that rushes. */
  rush?(honest: readonly Extraction[]): readonly Extraction[];
  transcript?(signed: SignedTranscript): SignedTranscript | undefined;
}

export interface Outcome {
  readonly shares: readonly KeyShare[];
  readonly faults: readonly (readonly Fault[])[];
}

export function committeeOf(count: number, threshold: number, name = "test") {
  const members = Array.from({ length: count }, () => createMember(fast));
  return { members, committee: createCommittee(fast, { name, threshold, members }) };
}

export function runCeremony(
  { members, committee }: { members: readonly TrusteeSecrets[]; committee: Committee },
  tamper: Tampering = {},
  previous?: readonly KeyShare[],
): Outcome {
  const trustees = members.map(
    (self, i) =>
      new KeyCeremony({ system: fast, committee, index: i + 1, self, previous: previous?.[i] }),
  );
  const through = <T>(value: T, hook: ((value: T) => T | undefined) | undefined): T[] => {
    const arrived = hook === undefined ? value : hook(value);
    return arrived === undefined ? [] : [arrived];
  };
  const dealings = trustees.flatMap((t) => through(t.deal(), tamper.dealing));
  const complaints = trustees.flatMap((t, i) => {
    const sent = t.examine(dealings);
    return tamper.complaints?.(i + 1, sent) ?? sent;
  });
  const extractions = trustees.flatMap((t) => {
    const extraction = t.extract(complaints);
    return extraction === null ? [] : through(extraction, tamper.extraction);
  });
  const posted = tamper.rush?.(extractions) ?? extractions;
  const transcripts = trustees.flatMap((t, i) => {
    const encoded = encodeTranscript(fast, t.conclude(posted));
    return through({ trustee: i + 1, encoded }, tamper.transcript);
  });
  const shares = trustees.map((t) => t.finish(transcripts));
  return { shares, faults: trustees.map((t) => t.faults) };
}
