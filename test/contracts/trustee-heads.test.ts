import { expect } from "chai";
import { network } from "hardhat";
import { TrusteeHeads__factory } from "../../src/chain/bindings/index.js";
import { ChainHeads } from "../../src/chain/trustee-heads.js";

const { ethers } = await network.create();

describe("TrusteeHeads", () => {
  const head = (byte: string): string => byte.repeat(32);

  async function deployed() {
    const [a, b] = await ethers.getSigners();
    const contract = await new TrusteeHeads__factory(a!).deploy();
    return { contract, a: a!, b: b! };
  }

  it("given two trustees, when each anchors, then each finds its own latest head", async () => {
    const { contract, a, b } = await deployed();
    const address = await contract.getAddress();
    const [ofA, ofB] = [new ChainHeads(address, a), new ChainHeads(address, b)];
    expect(await ofA.latest()).to.equal(null);
    await ofA.anchor({ count: 3, head: head("ab") });
    await ofB.anchor({ count: 1, head: head("cd") });
    await ofA.anchor({ count: 7, head: head("ef") });
    expect(await ofA.latest()).to.deep.equal({ count: 7, head: head("ef") });
    expect(await ofB.latest()).to.deep.equal({ count: 1, head: head("cd") });
  });

  it("given an anchor, when a count that does not grow follows, then it is refused and the head stays", async () => {
    const { contract, a } = await deployed();
    await expect(contract.anchor(5, `0x${head("01")}`))
      .to.emit(contract, "TrusteeHeadAnchored")
      .withArgs(a.address, 5, `0x${head("01")}`);
    for (const count of [0, 4, 5]) {
      await expect(contract.anchor(count, `0x${head("02")}`))
        .to.be.revertedWithCustomError(contract, "TrusteeHeadsCountNotIncreasing")
        .withArgs(5, count);
    }
    expect((await contract.latest(a.address)).head).to.equal(`0x${head("01")}`);
  });
});
