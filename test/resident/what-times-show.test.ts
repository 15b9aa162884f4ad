import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import {
  COMMON_DEADLINE,
  MOST_LINKAGE,
  NEXT_MONTH,
  whatTimesShow,
  type Timetable,
} from "../../src/resident/index.js";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/privacy.md"), "utf8")
  .replace(/^> /gm, "")
  .replace(/\s+/g, " ");

describe("what a wallet says of its times", () => {
  it("given an offered policy with its own days, then the sentence has its days and the bound, and docs/privacy.md has the sentence", () => {
    const deadline = whatTimesShow({ kind: "common-deadline" }, COMMON_DEADLINE);
    expect(deadline).to.contain(`day ${COMMON_DEADLINE.opening} of its month`);
    expect(deadline).to.contain(`day ${COMMON_DEADLINE.paying.last} of the next`);
    expect(deadline).to.contain(`at most ${MOST_LINKAGE} `);
    const next = whatTimesShow({ kind: "next-month" }, NEXT_MONTH);
    expect(next).to.contain("show nothing");
    for (const sentence of [deadline, next]) {
      expect(sentence).to.match(/^[^.]+(?:0\.02[^.]*)?\.$/);
      expect(page).to.contain(sentence);
    }
  });

  it("given a utility whose terms open or end earlier, then the wallet does not claim the bound", () => {
    const earlier: Timetable[] = [
      { ...COMMON_DEADLINE, opening: COMMON_DEADLINE.opening - 1 },
      { ...COMMON_DEADLINE, paying: { first: 2, last: COMMON_DEADLINE.paying.last - 1 } },
    ];
    for (const timetable of earlier) {
      const said = whatTimesShow({ kind: "common-deadline" }, timetable);
      expect(said).to.contain("show some of your use");
      expect(said).to.contain(`day ${timetable.opening} of its month`);
    }
  });

  it("given a careless policy, then the sentence says what shows", () => {
    const of = (policy: Parameters<typeof whatTimesShow>[0]) =>
      whatTimesShow(policy, COMMON_DEADLINE);
    expect(of({ kind: "delayed", days: 0 })).to.contain("each is sent at once");
    expect(of({ kind: "delayed", days: 5 })).to.contain("within 5 days");
    expect(of({ kind: "at-once" })).to.contain("show your bill");
  });
});
