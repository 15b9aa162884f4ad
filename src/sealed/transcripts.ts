/** Transcripts of this room: one domain a protocol, and always the caller's context. */
import { Transcript } from "../algebra/index.js";

/**
 * `context` says what the proof is for: deployment, meter, intervals. A proof holds in its own
 * context only.
 */
export function openTranscript(protocol: string, context: Uint8Array): Transcript {
  return new Transcript(`sipster/sealed/${protocol}@1`).append("context", context);
}
