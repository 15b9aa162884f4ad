/** What carries a wallet's requests to the counter. */
import type { Carrier } from "../exchange/index.js";

export interface Channel {
  /** Each request goes in a connection of its own: `REQUEST_BYTES` there, `ANSWER_BYTES` back. */
  readonly carry: Carrier;
  /** What the channel shows and hides, in a sentence for the resident. */
  readonly says: string;
}
