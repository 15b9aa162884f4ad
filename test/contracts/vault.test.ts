import { expect } from "chai";
import { P } from "./support/curve.js";
import { ethers, networkHelpers, publicKey } from "./support/deployment.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  basket,
  depositDigest,
  deployedVault,
  mintSecret,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const Status = { None: 0n, Open: 1n, Acknowledged: 2n, Refunded: 3n, Collected: 4n };
const goods = basket("goods", [100, 10, 1]);

async function withOpenDeposit() {
  const base = await deployedVault();
  const id = await base.open(goods.messages);
  const { deadline } = await base.vault.depositOf(id);
  return { ...base, id, deadline, mint: base.vault.connect(base.people.mint) };
}

async function withAcknowledged() {
  const base = await withOpenDeposit();
  await base.mint.acknowledge(base.id, goods.signatures);
  const { deadline } = await base.vault.depositOf(base.id);
  return { ...base, deadline, treasury: base.vault.connect(base.people.treasurer) };
}

describe("CreditVault", () => {
  describe("deposit", () => {
    it("takes the money and records the digest of the messages", async () => {
      const { vault, vaultAddress, token, people, systemId } = await loadFixture(deployedVault);
      const digest = depositDigest(systemId, goods.messages);
      const tx = vault.connect(people.resident).deposit(111n, digest);
      const block = await ethers.provider.getBlock((await tx).blockNumber!);
      const deadline = BigInt(block!.timestamp + ACKNOWLEDGE_PERIOD);
      await expect(tx)
        .to.emit(vault, "Deposited")
        .withArgs(1, people.resident.address, digest, 111n, deadline);
      expect(await token.balanceOf(vaultAddress)).to.equal(111n);
      expect(await vault.owed()).to.equal(111n);
      expect(await vault.depositCount()).to.equal(1n);
      expect([...(await vault.depositOf(1))]).to.deep.equal([
        people.resident.address,
        deadline,
        Status.Open,
        111n,
        digest,
        ethers.ZeroHash,
      ]);
    });

    it("digests messages as written down", async () => {
      const { vault, systemId, settlement } = await loadFixture(deployedVault);
      expect(await vault.systemId()).to.equal(await settlement.systemId());
      for (const denominations of [[], [1], [100, 10, 1, 1, 4294967295]]) {
        const { messages } = basket("digest", denominations);
        expect(await vault.depositDigest(MINT_KEY_ID, messages)).to.equal(
          depositDigest(systemId, messages),
        );
      }
    });

    it("refuses nothing, and money that is not there", async () => {
      const { vault, token, people } = await loadFixture(deployedVault);
      const resident = vault.connect(people.resident);
      await expect(resident.deposit(0n, ethers.ZeroHash)).to.be.revertedWithCustomError(
        vault,
        "VaultAmountZero",
      );
      await expect(
        vault.connect(people.stranger).deposit(1n, ethers.ZeroHash),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
      expect(await vault.depositCount()).to.equal(0n);
    });

    it("refuses a token that delivers less than it was told to", async () => {
      const { settlement, people } = await loadFixture(deployedVault);
      const token = await ethers.deployContract("FeeToken");
      const who = people.admin.address;
      const vault = await ethers.deployContract("CreditVault", [
        await settlement.getAddress(),
        await token.getAddress(),
        who,
        who,
        who,
        who,
        1,
        1,
      ]);
      await token.mint(who, 1000n);
      await token.connect(people.admin).approve(await vault.getAddress(), 1000n);
      await expect(vault.connect(people.admin).deposit(100n, ethers.ZeroHash))
        .to.be.revertedWithCustomError(vault, "VaultTransferShort")
        .withArgs(100n, 99n);
    });

    it("can be paused, and nothing that is owed can", async () => {
      const { vault, id, deadline, people, token } = await loadFixture(withOpenDeposit);
      await vault.connect(people.pauser).pause();
      await expect(
        vault.connect(people.resident).deposit(1n, ethers.ZeroHash),
      ).to.be.revertedWithCustomError(vault, "EnforcedPause");
      await time.increaseTo(deadline + 1n);
      await expect(vault.refund(id)).to.changeTokenBalance(ethers, token, people.resident, 111n);
      await vault.connect(people.pauser).unpause();
      await vault.connect(people.resident).deposit(1n, ethers.ZeroHash);
    });
  });

  describe("refund", () => {
    it("pays back to the depositor once the mint's time is over, whoever asks", async () => {
      const { vault, id, deadline, people, token } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(deadline + 1n);
      const tx = vault.connect(people.stranger).refund(id);
      await expect(tx).to.emit(vault, "Refunded").withArgs(id, people.resident.address, 111n);
      await expect(tx).to.changeTokenBalance(ethers, token, people.resident, 111n);
      expect((await vault.depositOf(id)).status).to.equal(Status.Refunded);
      expect(await vault.owed()).to.equal(0n);
    });

    it("refuses while the mint may still acknowledge, to the last second", async () => {
      const { vault, id, deadline } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(deadline);
      await expect(vault.refund(id))
        .to.be.revertedWithCustomError(vault, "VaultRefundTooEarly")
        .withArgs(id, deadline, deadline);
    });

    it("refuses a second time, an unknown deposit, and an acknowledged one", async () => {
      const { vault, id, deadline } = await loadFixture(withOpenDeposit);
      await time.increaseTo(deadline + 1n);
      await vault.refund(id);
      await expect(vault.refund(id))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Open, Status.Refunded);
      await expect(vault.refund(2n))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(2n, Status.Open, Status.None);
      const acknowledged = await loadFixture(withAcknowledged);
      await time.increaseTo(acknowledged.deadline + 1n);
      await expect(acknowledged.vault.refund(acknowledged.id))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(acknowledged.id, Status.Open, Status.Acknowledged);
    });

    it("comes at once when the mint declines, and then the mint cannot come back", async () => {
      const { vault, id, mint, token, people } = await loadFixture(withOpenDeposit);
      await expect(mint.decline(id)).to.emit(vault, "Declined").withArgs(id);
      await expect(mint.acknowledge(id, goods.signatures)).to.be.revertedWithCustomError(
        vault,
        "VaultAcknowledgeTooLate",
      );
      await expect(vault.refund(id)).to.changeTokenBalance(ethers, token, people.resident, 111n);
      await expect(mint.decline(id))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Open, Status.Refunded);
    });
  });

  describe("acknowledge", () => {
    it("publishes the signatures, up to the last second", async () => {
      const { vault, id, deadline, mint } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(deadline);
      await expect(mint.acknowledge(id, goods.signatures))
        .to.emit(vault, "Acknowledged")
        .withArgs(
          id,
          goods.signatures.map(({ x, y }) => [x, y]),
          deadline + BigInt(DISPUTE_PERIOD),
        );
      const { status, signaturesHash } = await vault.depositOf(id);
      expect(status).to.equal(Status.Acknowledged);
      const words = goods.signatures.flatMap(({ x, y }) => [x, y]);
      expect(signaturesHash).to.equal(
        ethers.solidityPackedKeccak256(
          words.map(() => "uint256"),
          words,
        ),
      );
    });

    it("refuses when it is too late, twice, and without a signature", async () => {
      const { vault, id, deadline, mint } = await loadFixture(withOpenDeposit);
      await expect(mint.acknowledge(id, []))
        .to.be.revertedWithCustomError(vault, "VaultNoSignatures")
        .withArgs(id);
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(mint.acknowledge(id, goods.signatures))
        .to.be.revertedWithCustomError(vault, "VaultAcknowledgeTooLate")
        .withArgs(id, deadline, deadline + 1n);
      await snapshot.restore();
      await mint.acknowledge(id, goods.signatures);
      await expect(mint.acknowledge(id, goods.signatures))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Open, Status.Acknowledged);
    });
  });

  describe("collect", () => {
    it("pays deposits that nobody can dispute any more", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, vaultAddress, id, treasury, people, token, open, mint } = base;
      const second = await open(goods.messages, 89n);
      await mint.acknowledge(second, goods.signatures);
      await time.increase(DISPUTE_PERIOD + 1);
      const to = people.stranger.address;
      expect(await treasury.collect.staticCall([id, second], to)).to.equal(200n);
      const tx = treasury.collect([id, second], to);
      await expect(tx).to.emit(vault, "Collected").withArgs(id, to, 111n);
      await expect(tx).to.emit(vault, "Collected").withArgs(second, to, 89n);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [people.stranger, vaultAddress],
        [200n, -200n],
      );
      expect(await vault.owed()).to.equal(0n);
    });

    it("refuses while signatures may be disputed, to the last second", async () => {
      const { vault, id, deadline, treasury, people } = await loadFixture(withAcknowledged);
      await time.setNextBlockTimestamp(deadline);
      await expect(treasury.collect([id], people.treasurer.address))
        .to.be.revertedWithCustomError(vault, "VaultCollectTooEarly")
        .withArgs(id, deadline, deadline);
    });

    it("refuses an open, an unknown and a collected deposit, the same one twice, and nobody", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, id, deadline, treasury, people, open } = base;
      const to = people.treasurer.address;
      const second = await open(goods.messages);
      await time.increaseTo(deadline + 1n);
      await expect(treasury.collect([id, second], to))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(second, Status.Acknowledged, Status.Open);
      await expect(treasury.collect([id, id], to))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Acknowledged, Status.Collected);
      await expect(treasury.collect([99n], to))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(99n, Status.Acknowledged, Status.None);
      await expect(treasury.collect([id], ethers.ZeroAddress)).to.be.revertedWithCustomError(
        vault,
        "VaultZeroAddress",
      );
      await treasury.collect([id], to);
      await expect(treasury.collect([id], to))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Acknowledged, Status.Collected);
    });

    it("leaves tokens that were sent without a deposit where they are", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vaultAddress, id, deadline, treasury, people, token } = base;
      await token.mint(vaultAddress, 5000n);
      await time.increaseTo(deadline + 1n);
      await treasury.collect([id], people.treasurer.address);
      expect(await token.balanceOf(vaultAddress)).to.equal(5000n);
    });
  });

  describe("the mint's keys", () => {
    it("are registered once and given back", async () => {
      const { vault, mint } = await loadFixture(withOpenDeposit);
      const { a1, a2 } = publicKey(mintSecret(10));
      expect([...(await vault.mintKey(MINT_KEY_ID, 10))]).to.deep.equal(Object.values(a2));
      await expect(vault.mintKey(MINT_KEY_ID, 5))
        .to.be.revertedWithCustomError(vault, "VaultMintKeyUnknown")
        .withArgs(MINT_KEY_ID, 5);
      for (const key of [publicKey(mintSecret(10)), publicKey(mintSecret(5))]) {
        await expect(mint.registerMintKey(MINT_KEY_ID, 10, key.a1, key.a2))
          .to.be.revertedWithCustomError(vault, "VaultMintKeyExists")
          .withArgs(MINT_KEY_ID, 10);
      }
      await expect(mint.registerMintKey(MINT_KEY_ID + 1, 10, a1, a2))
        .to.emit(vault, "MintKeyRegistered")
        .withArgs(MINT_KEY_ID + 1, 10, Object.values(a1), Object.values(a2));
    });

    it("pass the checks of a utility's key", async () => {
      const { vault, mint } = await loadFixture(withOpenDeposit);
      const { a1, a2 } = publicKey(mintSecret(5));
      for (const [b1, b2, error] of [
        [{ x: a1.x, y: a1.y + P }, a2, "VaultMintKeyB1Invalid"],
        [a1, { ...a2, xC0: a2.xC0 ^ 1n }, "VaultMintKeyB2Invalid"],
        [a1, publicKey(mintSecret(6)).a2, "VaultMintKeyInconsistent"],
      ] as const) {
        await expect(mint.registerMintKey(MINT_KEY_ID, 5, b1, b2)).to.be.revertedWithCustomError(
          vault,
          error,
        );
      }
    });
  });

  it("cannot be re-entered by its token", async () => {
    const { settlement, people } = await loadFixture(deployedVault);
    const token = await ethers.deployContract("CallbackToken");
    const who = people.admin.address;
    const base = await ethers.deployContract("CreditVault", [
      await settlement.getAddress(),
      await token.getAddress(),
      who,
      who,
      who,
      who,
      3600,
      0,
    ]);
    const vault = base.connect(people.admin);
    const address = await vault.getAddress();
    await token.mint(who, 1000n);
    await token.connect(people.admin).approve(address, 1000n);
    await vault.deposit(1n, ethers.ZeroHash);
    await vault.decline(1n);
    for (const call of [
      vault.interface.encodeFunctionData("refund", [1n]),
      vault.interface.encodeFunctionData("deposit", [1n, ethers.ZeroHash]),
      vault.interface.encodeFunctionData("dispute", [1n, 1, [], [], 0n]),
    ]) {
      await token.callDuringTransfer(address, call);
      for (const attempt of [vault.deposit(1n, ethers.ZeroHash), vault.refund(1n)]) {
        await expect(attempt).to.be.revertedWithCustomError(vault, "ReentrancyGuardReentrantCall");
      }
    }
  });

  it("refuses to be deployed without a token or with a role for nobody", async () => {
    const { settlement, token, vault, people } = await loadFixture(deployedVault);
    const who = people.admin.address;
    const right = [await settlement.getAddress(), await token.getAddress(), who, who, who, who];
    for (let i = 1; i < right.length; i++) {
      const wrong = right.with(i, ethers.ZeroAddress);
      await expect(
        ethers.deployContract("CreditVault", [...wrong, 1, 1] as never),
      ).to.be.revertedWithCustomError(vault, "VaultZeroAddress");
    }
  });
});
