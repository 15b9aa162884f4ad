import { expect } from "chai";
import { timetableArguments } from "../../src/ledger/contract-calls.js";
import { PiecewiseLinearPrice, TimetablePrice } from "../../src/ledger/price.js";
import { TestRandom } from "../support/random.js";
import { ethers, FIRST } from "./support/ledger-world.js";

describe("Price functions", () => {
  const random = new TestRandom("price functions");

  it("give the same piecewise linear price on-chain as in the library", async () => {
    for (let round = 0; round < 6; round++) {
      let load = random.below(1000n);
      const points = Array.from({ length: 1 + round }, () => {
        load += 1n + random.below(10_000n);
        return { load, price: random.below(1n << 40n) };
      });
      const price = new PiecewiseLinearPrice(points);
      const contract = await ethers.deployContract("PiecewiseLinearPrice", [points]);
      const edges = points.flatMap((p) => [p.load - 1n, p.load, p.load + 1n]);
      const loads = [
        0n,
        (1n << 64n) - 1n,
        ...edges,
        ...Array.from({ length: 12 }, () => random.below(load + 500n)),
      ];
      for (const at of loads) {
        expect(await contract.priceAt(0, at), `${at}`).to.equal(price.priceAt(0, at));
      }
      expect(await contract.points()).to.deep.equal(points.map((p) => [p.load, p.price]));
    }
  });

  it("interpolate the largest numbers without overflow", async () => {
    const max = (1n << 64n) - 1n;
    const points = [
      { load: 0n, price: max },
      { load: max, price: 0n },
    ];
    const contract = await ethers.deployContract("PiecewiseLinearPrice", [points]);
    const price = new PiecewiseLinearPrice(points);
    for (const at of [0n, 1n, max / 2n, max - 1n, max]) {
      expect(await contract.priceAt(0, at)).to.equal(price.priceAt(0, at));
    }
  });

  it("give the same timetable on-chain as in the library, and none outside it", async () => {
    for (const count of [1, 2, 7, 96]) {
      const schedule = Array.from({ length: count }, () => random.int(3));
      const price = new TimetablePrice(FIRST, [67_200n, 11_760n, 3_990n], schedule);
      const contract = await ethers.deployContract("TimetablePrice", [
        ...timetableArguments(price),
      ]);
      for (let i = FIRST; i < FIRST + count; i++) {
        expect(await contract.priceAt(i, 5)).to.equal(price.priceAt(i));
      }
      for (const outside of [FIRST - 1, FIRST + count]) {
        await expect(contract.priceAt(outside, 5))
          .to.be.revertedWithCustomError(contract, "PriceIntervalOutOfRange")
          .withArgs(outside, FIRST, FIRST + count - 1);
      }
      expect(await contract.levels()).to.deep.equal([67_200n, 11_760n, 3_990n]);
    }
  });

  it("are not deployed when they cannot be", async () => {
    const linear = await ethers.getContractFactory("PiecewiseLinearPrice");
    const timetable = await ethers.getContractFactory("TimetablePrice");
    const point = (load: number) => ({ load, price: 1 });
    for (const points of [[], [point(2), point(2)], [point(3), point(2)]]) {
      await expect(linear.deploy(points)).to.be.revertedWithCustomError(
        linear,
        "PriceFunctionInvalid",
      );
    }
    const timetables: [number, number[], string][] = [
      [0, [1], "0x"],
      [1, [], "0x00"],
      [1, new Array<number>(17).fill(1), "0x00"],
      [2, [1], "0x0000"],
      [2, [1, 2], "0x02"],
      [3, [1, 2], "0x0020"],
    ];
    for (const [count, levels, schedule] of timetables) {
      await expect(timetable.deploy(FIRST, count, levels, schedule)).to.be.revertedWithCustomError(
        timetable,
        "PriceFunctionInvalid",
      );
    }
  });
});
