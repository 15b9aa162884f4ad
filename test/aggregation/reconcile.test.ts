import { expect } from "chai";
import {
  agreeGroup,
  openStream,
  reconcileCharges,
  splitIntoGroups,
  sumLabel,
} from "../../src/aggregation/index.js";
import { expectError, expectRejection } from "../support/errors.js";

const units = new Map([
  ["a", 4300n],
  ["b", 0n],
  ["c", 12_900n],
  ["d", 1n],
  ["e", 777n],
]);
const total = 17_978n;

describe("reconciling charged units with redeemed coins", () => {
  it("finds the books right when every unit was paid once", async () => {
    expect(
      await reconcileCharges({ neighbourhood: "n", period: 202_611, units, redeemed: total }),
    ).to.deep.equal({
      period: 202_611,
      homes: 5,
      charged: total,
      redeemed: total,
      difference: 0n,
      equal: true,
    });
  });

  it("says by how much they are wrong, in which direction, over several groups", async () => {
    for (const wrong of [-1n, 1n, 500n]) {
      const result = await reconcileCharges({
        neighbourhood: "n",
        period: 1,
        units,
        redeemed: total + wrong,
        groupSize: 2,
      });
      expect(result.charged).to.equal(total);
      expect(result.difference).to.equal(wrong);
      expect(result.equal).to.equal(false);
    }
  });

  it("refuses a single home, negative units and negative coins", async () => {
    const base = { neighbourhood: "n", period: 1, units, redeemed: 1n };
    await expectRejection(
      reconcileCharges({ ...base, units: new Map([["a", 1n]]) }),
      "aggregation/group-too-small",
    );
    await expectRejection(
      reconcileCharges({ ...base, units: new Map([...units, ["f", -1n]]) }),
      "aggregation/value-out-of-range",
    );
    await expectRejection(reconcileCharges({ ...base, redeemed: -1n }), "aggregation/bad-terms");
  });
});

describe("splitting a neighbourhood into groups", () => {
  const homes = Array.from({ length: 11 }, (_, i) => `h${i}`);

  it("makes groups of nearly equal size that hold every home once", () => {
    const groups = splitIntoGroups(homes, 5);
    expect(groups.map((g) => g.length)).to.deep.equal([3, 4, 4]);
    expect(groups.flat()).to.deep.equal(homes);
    expect(splitIntoGroups(homes)).to.have.length(1);
    expect(splitIntoGroups(homes.slice(0, 3), 2).map((g) => g.length)).to.deep.equal([3]);
  });

  it("never leaves a home alone", () => {
    expectError(() => splitIntoGroups(homes.slice(0, 1)), "aggregation/group-too-small");
    expectError(() => splitIntoGroups(homes, 1), "aggregation/group-too-small");
    for (let count = 2; count <= 11; count++) {
      for (let most = 2; most <= 11; most++) {
        for (const group of splitIntoGroups(homes.slice(0, count), most)) {
          expect(group.length).to.be.at.least(2);
        }
      }
    }
  });

  it("sums a label of a group whether or not all have a value", async () => {
    const agreed = await agreeGroup({
      group: "g",
      members: ["a", "b", "c"],
      maxValue: 100n,
      quorum: 2,
    });
    const stream = await openStream(agreed, { stream: "s" });
    const all = new Map([
      ["a", 1n],
      ["b", 2n],
      ["c", 3n],
    ]);
    expect(await sumLabel({ stream, label: 1n, values: all })).to.deep.include({
      sum: 6n,
      present: 3,
      missing: [],
    });
    all.delete("b");
    expect(await sumLabel({ stream, label: 2n, values: all })).to.deep.include({
      sum: 4n,
      present: 2,
      missing: ["b"],
    });
  });
});
