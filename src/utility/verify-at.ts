/** Payments that are checked together, some at the present time and some at that of their posts. */
import type { SipsterError } from "../errors/sipster-error.js";
import type { CheckedRequest, OrderCheck } from "./order-check.js";

interface Dated {
  readonly checked: CheckedRequest;
  /** When the order was posted, Unix seconds; `null`: it came just now. */
  readonly postedAt: bigint | null;
}

/** What is wrong with each payment, now or when its order was posted; `null` if nothing. */
export function verifyAt(
  check: OrderCheck,
  requests: readonly Dated[],
  now: bigint,
): (SipsterError | null)[] {
  const verdicts: (SipsterError | null)[] = [];
  for (const time of new Set(requests.map(({ postedAt }) => postedAt ?? now))) {
    const at = requests.flatMap(({ postedAt }, i) => ((postedAt ?? now) === time ? [i] : []));
    const checked = at.map((i) => requests[i]!.checked);
    check.verify(checked, time).forEach((verdict, j) => (verdicts[at[j]!] = verdict));
  }
  return verdicts;
}
