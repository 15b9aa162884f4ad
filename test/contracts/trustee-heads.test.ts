import { expect } from "chai";
import { Wallet } from "ethers";
import { network } from "hardhat";
import { TrusteeHeads__factory } from "../../src/chain/bindings/index.js";
import { TransactionSender } from "../../src/chain/transactions/transaction-sender.js";
import { TrusteeHeadAnchors } from "../../src/chain/trustee-heads.js";
import { expectRejection } from "../support/errors.js";

const { ethers } = await network.create();

describe("TrusteeHeads", () => {
  const head = (byte: string): string => byte.repeat(32);

  async function deployed() {
    const [payer] = await ethers.getSigners();
    const [a, b] = [1, 2].map(() => Wallet.createRandom(ethers.provider));
    for (const { address } of [a!, b!]) {
      await payer!.sendTransaction({ to: address, value: 10n ** 18n });
    }
    const contract = await new TrusteeHeads__factory(a!).deploy();
    await contract.waitForDeployment();
    return { contract, a: a!, b: b! };
  }

  it("given two trustees, when each anchors, then each finds its own latest head", async () => {
    const { contract, a, b } = await deployed();
    const address = await contract.getAddress();
    const finality = { rule: "confirmations", blocks: 0 } as const;
    const [ofA, ofB] = (await Promise.all(
      [a, b].map(
        async (signer) =>
          new TrusteeHeadAnchors({
            address,
            sender: await TransactionSender.create(signer),
            finality,
          }),
      ),
    )) as [TrusteeHeadAnchors, TrusteeHeadAnchors];
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

  const twoBlocks = { rule: "confirmations", blocks: 2 } as const;
  const mine = () => ethers.provider.send("evm_mine", []) as Promise<unknown>;
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((done) => setTimeout(done, 5));
  };

  it("given an anchor that a reorganisation removes, then it is sent again and counts when its block is final, not before", async () => {
    const { contract, a } = await deployed();
    const address = await contract.getAddress();
    const sender = await TransactionSender.create(a);
    await mine();
    await mine();
    const heads = new TrusteeHeadAnchors({ address, sender, finality: twoBlocks, pollMs: 5 });
    const before: unknown = await ethers.provider.send("evm_snapshot", []);
    let isDone = false;
    const anchored = heads.anchor({ count: 4, head: head("aa") }).then(() => (isDone = true));
    await until(async () => (await contract.latest(a.address)).count === 4n);
    // The block is gone, and with it the anchor: another one takes its place.
    await ethers.provider.send("evm_revert", [before]);
    await until(async () => (await contract.latest(a.address)).count === 4n);
    expect(isDone).to.equal(false);
    // A restart before it is final sees it all the same: a log without its entries was cut.
    expect(await heads.latest()).to.deep.equal({ count: 4, head: head("aa") });
    await mine();
    await new Promise((done) => setTimeout(done, 30));
    expect(isDone).to.equal(false);
    await mine();
    await anchored;
    expect(isDone).to.equal(true);
    const nonce = await a.getNonce();
    await heads.anchor({ count: 4, head: head("aa") });
    expect(await a.getNonce()).to.equal(nonce);
  });

  it("given another process that anchored further or otherwise, then the trustee's anchor is refused", async () => {
    const { contract, a } = await deployed();
    const address = await contract.getAddress();
    const finality = { rule: "confirmations", blocks: 0 } as const;
    const sender = await TransactionSender.create(a);
    const heads = new TrusteeHeadAnchors({ address, sender, finality, pollMs: 5 });
    await contract.anchor(5, `0x${head("bb")}`);
    for (const count of [4, 5]) {
      await expectRejection(
        heads.anchor({ count, head: head("cc") }),
        "contract/TrusteeHeadsCountNotIncreasing",
      );
    }
    expect(await heads.latest()).to.deep.equal({ count: 5, head: head("bb") });
  });

  it("given a chain that makes no final block, then the anchor does not count", async () => {
    const { contract, a } = await deployed();
    const address = await contract.getAddress();
    const sender = await TransactionSender.create(a);
    await mine();
    await mine();
    const place = { address, sender, finality: twoBlocks, pollMs: 5, patienceMs: 20 };
    const heads = new TrusteeHeadAnchors(place);
    await expectRejection(heads.anchor({ count: 1, head: head("dd") }), "chain/anchor-not-final");
    expect(await heads.latest()).to.deep.equal({ count: 1, head: head("dd") });
  });
});
