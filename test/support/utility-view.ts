/** Everything that a utility with its mint gets to see, in order, as bytes: for distinguishing tests. */
import { decodeRequest, type Carrier } from "../../src/exchange/index.js";

/** One request and its answer, as bytes, and when it came. */
export interface SeenMessage {
  /** Unix seconds. */
  readonly at: number;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  /** Who sent it: known to the test, not to the utility. */
  readonly home: string;
}

export class UtilityView {
  /** Withdrawals: whose account, and the blinded messages. */
  readonly withdrawals: { readonly account: string; readonly request: string }[] = [];
  readonly messages: SeenMessage[] = [];
  /** What is settled in public: each meter's bill and combined receipt. */
  readonly settlements: { readonly meter: string; readonly file: string }[] = [];

  withdrawal(account: string, request: Uint8Array): void {
    this.withdrawals.push({ account, request: hex(request) });
  }

  /** A carrier of one home; what goes over it is seen. */
  watch(home: string, now: () => number, carrier: Carrier): Carrier {
    return async (request) => {
      const answer = await carrier(request);
      this.messages.push({ at: now(), request, answer, home });
      return answer;
    };
  }

  settlement(meter: string, file: string): void {
    this.settlements.push({ meter, file });
  }

  /** The orders, as hexadecimal. */
  get orders(): string[] {
    return this.messages
      .filter(({ request }) => decodeRequest(request).request.kind === "buy")
      .map(({ request }) => hex(request));
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
