/**
 * A meter's clock. It goes on and never back; where an outage lost it, the meter asks for the time. The
 * answer is the utility's, signed over the question's nonce, and the wallet's, which confirms it under
 * the view key after a look at its own clock: neither sets the clock alone.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { equalBytes, equalSecrets } from "../algebra/index.js";
import type { TimeNotice } from "./meter-notice.js";
import type { SystemId } from "./system.js";
import type { ViewKey } from "./view-key.js";
import { confirmTime } from "./wallet-confirmation.js";

/** A clock that shows a little less than before stands still; one that shows less has lost the time. */
const CLOCK_TOLERANCE_MS = 120_000;

/**
 * The time, in ms since 1970 in UTC, for what the hardware's clock shows; `null` where it was lost.
 * `clock` is the latest moment known.
 */
export function meterTime(
  state: { readonly clock: number; readonly clockOffset: bigint; readonly clockLost: boolean },
  now: number,
): number | null {
  const time = now + Number(state.clockOffset);
  if (state.clockLost || !(time >= state.clock - CLOCK_TOLERANCE_MS)) return null;
  return Math.max(time, state.clock);
}

/** How old an answer may be: so much a clock that is set by it may lag. */
export const TIME_ANSWER_MS = 120_000;

/** `notice` carries the notice signer's signature, which is checked apart. */
export interface TimeAnswer {
  readonly notice: TimeNotice;
  readonly confirmation: Uint8Array;
}

export class TimeQuestion {
  readonly nonce = randomBytes(32);

  /** `askedAt` on a clock that counts milliseconds from anywhere. */
  constructor(private readonly askedAt: number) {}

  /** Is this the answer to this question, in time, confirmed by the holder of the view key? */
  isAnswer(
    { notice, confirmation }: TimeAnswer,
    by: { readonly now: number; readonly viewKey: ViewKey; readonly systemId: SystemId },
  ): boolean {
    const age = by.now - this.askedAt;
    const expected = confirmTime(by.viewKey, by.systemId, notice);
    return (
      equalBytes(notice.nonce, this.nonce) &&
      age >= 0 &&
      age <= TIME_ANSWER_MS &&
      equalSecrets(expected, confirmation)
    );
  }
}
