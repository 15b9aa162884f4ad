/** Everything that a utility with its mint gets to see, in order, as bytes: for distinguishing tests. */
import type { Transport } from "../../src/utility/index.js";

export class UtilityView {
  /** Withdrawals: whose account, and the blinded messages. */
  readonly withdrawals: { readonly account: string; readonly request: string }[] = [];
  /** Orders: the messages, and nothing of who sent them. */
  readonly orders: string[] = [];
  /** What is settled in public: each meter's bill and combined receipt. */
  readonly settlements: { readonly meter: string; readonly file: string }[] = [];

  withdrawal(account: string, request: Uint8Array): void {
    this.withdrawals.push({ account, request: hex(request) });
  }

  /** The transport of one connection; what goes over it is seen. */
  watch(transport: Transport): Transport {
    return (request) => {
      this.orders.push(hex(request));
      return transport(request);
    };
  }

  settlement(meter: string, file: string): void {
    this.settlements.push({ meter, file });
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
