/** The hashes of the public parameters, and the board of unanswered orders. */
import { expect } from "chai";
import { keccak256 } from "ethers";
import { addPeriods, encodeTerms, periodOfTime, termsHash } from "../../src/sipster/index.js";
import { someTerms } from "../support/parameters.js";
import { deployed, deployOn, ethers, networkHelpers, shared } from "./support/deployment.js";

const { loadFixture, time } = networkHelpers;
const LEAD = 2;
const DAY = 86_400n;
const [first, second, third] = ["first", "second", "third"].map((text) => ethers.id(text)) as [
  string,
  string,
  string,
];

async function production() {
  const base = await deployOn(shared, { lead: LEAD });
  return { ...base, registry: base.settlement.connect(base.roles.parameterRegistrar) };
}

describe("BillSettlement's public parameters", () => {
  it("given terms as encoded, when announced, then the chain holds keccak256 of the bytes", async () => {
    const { settlement, registry } = await loadFixture(production);
    const hash = keccak256(encodeTerms(someTerms));
    expect(hash).to.equal(termsHash(someTerms));
    await expect(registry.announceTerms(hash, 0))
      .to.emit(settlement, "TermsAnnounced")
      .withArgs(0, 0, hash);
    expect(await settlement.termsCount()).to.equal(1);
    expect([...(await settlement.termsAt(0))]).to.deep.equal([hash, 0n]);
  });

  it("given terms in force, when others are announced, then they wait for the lead", async () => {
    const { settlement, registry } = await loadFixture(production);
    await expect(registry.announceTerms(first, 202701))
      .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
      .withArgs(202701, 0);
    await registry.announceTerms(first, 0);
    const earliest = addPeriods(periodOfTime(await time.latest()), LEAD);
    for (const sooner of [0, addPeriods(earliest, -1)]) {
      await expect(registry.announceTerms(second, sooner))
        .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
        .withArgs(sooner, earliest);
    }
    await registry.announceTerms(second, earliest);
    await expect(registry.announceTerms(third, earliest))
      .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
      .withArgs(earliest, addPeriods(earliest, 1));
    // The history stays.
    expect((await settlement.termsAt(0)).hash).to.equal(first);
    expect([...(await settlement.termsAt(1))]).to.deep.equal([second, BigInt(earliest)]);
  });

  it("given a network in force, when another is announced, then it holds 24 hours later", async () => {
    const { settlement, registry } = await loadFixture(production);
    for (const [number, hash, notice] of [
      [0, first, 0n],
      [1, second, DAY],
      [2, third, DAY],
    ] as const) {
      const tx = registry.announceNetwork(hash);
      const block = await ethers.provider.getBlock((await tx).blockNumber!);
      const inForceAt = BigInt(block!.timestamp) + notice;
      await expect(tx).to.emit(settlement, "NetworkAnnounced").withArgs(number, inForceAt, hash);
      expect([...(await settlement.networkAt(number))]).to.deep.equal([hash, inForceAt]);
    }
    expect(await settlement.networkCount()).to.equal(3);
  });

  it("given a development deployment, when parameters are announced, then they hold at once", async () => {
    const { settlement, roles } = await loadFixture(deployed);
    const registry = settlement.connect(roles.parameterRegistrar);
    await registry.announceTerms(first, 0);
    await registry.announceTerms(second, 201304);
    await registry.announceNetwork(first);
    await registry.announceNetwork(second);
    const { inForceAt } = await settlement.networkAt(1);
    expect(inForceAt).to.equal(BigInt(await time.latest()));
  });

  it("given a hash of zero, when announced, then it is refused", async () => {
    const { settlement, registry } = await loadFixture(production);
    for (const attempt of [
      registry.announceTerms(ethers.ZeroHash, 0),
      registry.announceNetwork(ethers.ZeroHash),
    ]) {
      await expect(attempt).to.be.revertedWithCustomError(
        settlement,
        "SettlementParametersHashZero",
      );
    }
  });
});

describe("OrderBoard", () => {
  it("given any order and any answer, when posted by anyone, then the events carry them", async () => {
    const board = await ethers.deployContract("OrderBoard");
    const [, someone] = await ethers.getSigners();
    const order = "0x0102";
    const orderHash = keccak256(order);
    expect(await board.post.staticCall(order)).to.equal(orderHash);
    await expect(board.connect(someone!).post(order))
      .to.emit(board, "OrderPosted")
      .withArgs(orderHash, someone!.address, order);
    await expect(board.connect(someone!).answer(orderHash, "0x03"))
      .to.emit(board, "OrderAnswered")
      .withArgs(orderHash, someone!.address, "0x03");
  });
});
