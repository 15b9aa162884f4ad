/**
 * What the times of a wallet's payments show to a party that sees them, in one sentence, as measured in
 * docs/privacy.md.
 */
import { COMMON_DEADLINE, type PaymentPolicy, type Timetable } from "./schedule.js";

/**
 * The most that two payments may show of whether one home sent them, in a crowd of a thousand: 2·AUC − 1,
 * the upper end of its 95 % interval. `sipster attack --check` holds the offered policies to it.
 */
export const MOST_LINKAGE = 0.02;

export function whatTimesShow(
  policy: PaymentPolicy,
  { opening, paying }: Pick<Timetable, "opening" | "paying">,
): string {
  switch (policy.kind) {
    case "next-month":
      return `The times of your payments show nothing of your use: each is drawn from days ${paying.first} to ${paying.last} of the next month.`;
    case "common-deadline": {
      const isMeasured =
        opening >= COMMON_DEADLINE.opening && paying.last >= COMMON_DEADLINE.paying.last;
      const drawn = `each is drawn between the use, or day ${opening} of its month if that is later, and the end of day ${paying.last} of the next`;
      return isMeasured
        ? `The times of your payments show little of your use: ${drawn}, which links two payments of one home among a thousand homes by at most ${MOST_LINKAGE} (0 is a guess, 1 is certain).`
        : `The times of your payments show some of your use: ${drawn}, which is earlier than the days for which at most ${MOST_LINKAGE} was measured.`;
    }
    case "delayed":
      return policy.days === 0
        ? "The times of your payments show when you use energy: each is sent at once."
        : `The times of your payments show when you use energy, to within ${policy.days} days.`;
    case "at-once":
      return "The times of your payments show your bill: all payments of a month leave at one time.";
  }
}
