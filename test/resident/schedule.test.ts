import { expect } from "chai";
import { shuffled } from "../../src/algebra/index.js";
import { poisson } from "../../src/resident/index.js";

describe("schedule", () => {
  it("shuffles to a permutation, not always the same", () => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const a = shuffled(items);
    expect(a.toSorted((x, y) => x - y)).to.deep.equal(items);
    expect(Array.from({ length: 5 }, () => shuffled(items).join())).to.satisfy(
      (all: string[]) => new Set(all).size > 1,
    );
  });

  it("waits", async () => {
    await poisson(0.001).wait();
  });
});
