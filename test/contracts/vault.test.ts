import { expect } from "chai";
import { ethers, networkHelpers } from "./support/deployment.js";
import { tag } from "./support/bills.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  GOODS,
  MINT_KEY_ID,
  Status,
  deployedVault,
  messagesRoot,
  mintKeys,
  withAcknowledged,
  withOpenDeposit,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const GOODS_ROOT = messagesRoot(GOODS.messages);

describe("CreditVault", () => {
  describe("deposit", () => {
    it("takes the money and records what the mint has to answer for", async () => {
      const { vault, vaultAddress, token, people } = await loadFixture(deployedVault);
      const tx = vault.connect(people.resident).deposit(111n, MINT_KEY_ID, 3, GOODS_ROOT);
      const block = await ethers.provider.getBlock((await tx).blockNumber!);
      const acknowledgeBy = BigInt(block!.timestamp + ACKNOWLEDGE_PERIOD);
      const { chainId } = await ethers.provider.getNetwork();
      const depositHash = ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(
          [
            "bytes32",
            "uint256",
            "address",
            "address",
            "uint256",
            "uint32",
            "uint256",
            "bytes32",
            "uint64",
          ],
          [
            tag("SIPSTER-V1-DEPOSIT"),
            chainId,
            vaultAddress,
            people.resident.address,
            111n,
            MINT_KEY_ID,
            3n,
            GOODS_ROOT,
            acknowledgeBy,
          ],
        ),
      );
      await expect(tx)
        .to.emit(vault, "Deposited")
        .withArgs(
          1,
          people.resident.address,
          GOODS_ROOT,
          111n,
          MINT_KEY_ID,
          3n,
          acknowledgeBy,
          depositHash,
        );
      expect(await vault.depositHashOf(1)).to.equal(depositHash);
      expect(await token.balanceOf(vaultAddress)).to.equal(111n);
      expect(await vault.owed()).to.equal(111n);
      expect(await vault.depositCount()).to.equal(1n);
      expect([...(await vault.depositOf(1))]).to.deep.equal([
        people.resident.address,
        acknowledgeBy,
        Status.Open,
        3n,
        111n,
        BigInt(MINT_KEY_ID),
        0n,
        GOODS_ROOT,
        ethers.ZeroHash,
      ]);
    });

    it("is of the settlement's system", async () => {
      const { vault, settlement } = await loadFixture(deployedVault);
      expect(await vault.systemId()).to.equal(await settlement.systemId());
      expect(await vault.settlement()).to.equal(await settlement.getAddress());
    });

    it("refuses nothing, too much, and money that is not there", async () => {
      const { vault, token, people } = await loadFixture(deployedVault);
      const resident = vault.connect(people.resident);
      for (const amount of [0n, 1n << 128n]) {
        await expect(resident.deposit(amount, MINT_KEY_ID, 3, GOODS_ROOT))
          .to.be.revertedWithCustomError(vault, "VaultAmountOutOfRange")
          .withArgs(amount);
      }
      await expect(
        vault.connect(people.stranger).deposit(1n, MINT_KEY_ID, 3, GOODS_ROOT),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
      expect(await vault.depositCount()).to.equal(0n);
    });

    it("takes the largest amount that fits, and gives it back", async () => {
      const { vault, token, people } = await loadFixture(deployedVault);
      const most = (1n << 128n) - 1n;
      const resident = vault.connect(people.resident);
      await token.mint(people.resident.address, most);
      await token.connect(people.resident).approve(await vault.getAddress(), most);
      const before = await token.balanceOf(people.resident.address);
      await resident.deposit(most, MINT_KEY_ID, 3, GOODS_ROOT);
      expect((await vault.depositOf(1)).amount).to.equal(most);
      await time.increase(ACKNOWLEDGE_PERIOD + 1);
      await vault.refund(1);
      await resident.withdraw(people.resident.address);
      expect(await token.balanceOf(people.resident.address)).to.equal(before);
    });

    it("refuses no message, more than 256, and a mint key id that is not registered", async () => {
      const { vault, people } = await loadFixture(deployedVault);
      const resident = vault.connect(people.resident);
      for (const count of [0n, 257n, 65_537n]) {
        await expect(resident.deposit(1n, MINT_KEY_ID, count, GOODS_ROOT))
          .to.be.revertedWithCustomError(vault, "VaultCountOutOfRange")
          .withArgs(count, 256n);
      }
      for (const mintKeyId of [0, MINT_KEY_ID + 1]) {
        await expect(resident.deposit(1n, mintKeyId, 3, GOODS_ROOT))
          .to.be.revertedWithCustomError(vault, "VaultMintKeyIdUnknown")
          .withArgs(mintKeyId);
      }
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
        ACKNOWLEDGE_PERIOD,
        DISPUTE_PERIOD,
      ]);
      await vault.connect(people.admin).registerMintKeys(1, 0, mintKeys());
      await token.mint(who, 1000n);
      await token.connect(people.admin).approve(await vault.getAddress(), 1000n);
      await expect(vault.connect(people.admin).deposit(100n, 1, 3, GOODS_ROOT))
        .to.be.revertedWithCustomError(vault, "VaultTransferShort")
        .withArgs(100n, 99n);
    });

    it("can be paused, and nothing that is owed can", async () => {
      const { vault, id, acknowledgeBy, people, token } = await loadFixture(withOpenDeposit);
      const resident = vault.connect(people.resident);
      await vault.connect(people.pauser).pause();
      await expect(resident.deposit(1n, MINT_KEY_ID, 3, GOODS_ROOT)).to.be.revertedWithCustomError(
        vault,
        "EnforcedPause",
      );
      await time.increaseTo(acknowledgeBy + 1n);
      await vault.refund(id);
      await expect(resident.withdraw(people.resident.address)).to.changeTokenBalance(
        ethers,
        token,
        people.resident,
        111n,
      );
      await vault.connect(people.pauser).unpause();
      await resident.deposit(1n, MINT_KEY_ID, 3, GOODS_ROOT);
    });
  });

  describe("refund and withdraw", () => {
    it("make a deposit due once the mint's time is over, at anyone's call, and pay its depositor", async () => {
      const { vault, id, acknowledgeBy, people, token } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(acknowledgeBy + 1n);
      const tx = vault.connect(people.stranger).refund(id);
      await expect(tx).to.emit(vault, "Refunded").withArgs(id, people.resident.address, 111n);
      await expect(tx).to.changeTokenBalance(ethers, token, people.resident, 0n);
      expect((await vault.depositOf(id)).status).to.equal(Status.Refunded);
      expect(await vault.dueTo(people.resident.address)).to.equal(111n);
      expect(await vault.owed()).to.equal(111n);

      const to = people.stranger.address;
      const paid = vault.connect(people.resident).withdraw(to);
      await expect(paid).to.emit(vault, "Withdrawn").withArgs(people.resident.address, to, 111n);
      await expect(paid).to.changeTokenBalance(ethers, token, people.stranger, 111n);
      expect(await vault.dueTo(people.resident.address)).to.equal(0n);
      expect(await vault.owed()).to.equal(0n);
    });

    it("refuse while the mint may still acknowledge, to the last second", async () => {
      const { vault, id, acknowledgeBy } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(acknowledgeBy);
      await expect(vault.refund(id))
        .to.be.revertedWithCustomError(vault, "VaultRefundTooEarly")
        .withArgs(id, acknowledgeBy, acknowledgeBy);
    });

    it("refuse a second time, an unknown deposit, and an acknowledged one", async () => {
      const { vault, id, acknowledgeBy } = await loadFixture(withOpenDeposit);
      await time.increaseTo(acknowledgeBy + 1n);
      await vault.refund(id);
      await expect(vault.refund(id))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Open, Status.Refunded);
      await expect(vault.refund(2n))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(2n, Status.Open, Status.None);
      await expect(vault.depositHashOf(2n)).to.be.revertedWithCustomError(
        vault,
        "VaultDepositStatus",
      );
      const acknowledged = await loadFixture(withAcknowledged);
      await time.increaseTo(acknowledged.disputableUntil + 1n);
      await expect(acknowledged.vault.refund(acknowledged.id))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(acknowledged.id, Status.Open, Status.Acknowledged);
    });

    it("pay nobody to whom nothing is due, nor to the zero address", async () => {
      const { vault, people } = await loadFixture(withOpenDeposit);
      for (const person of [people.resident, people.stranger, people.treasurer]) {
        await expect(vault.connect(person).withdraw(person.address))
          .to.be.revertedWithCustomError(vault, "VaultNothingDue")
          .withArgs(person.address);
      }
      await expect(
        vault.connect(people.resident).withdraw(ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(vault, "VaultZeroAddress");
    });

    it("come at once when the mint declines, and then the mint cannot come back", async () => {
      const { vault, id, depositHash, mint, people } = await loadFixture(withOpenDeposit);
      const tx = mint.decline(id, depositHash);
      await expect(tx).to.emit(vault, "Declined").withArgs(id);
      await expect(tx).to.emit(vault, "Refunded").withArgs(id, people.resident.address, 111n);
      expect(await vault.dueTo(people.resident.address)).to.equal(111n);
      for (const call of [
        mint.acknowledge(id, depositHash, GOODS.signatures),
        mint.decline(id, depositHash),
        vault.refund(id),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
          .withArgs(id, Status.Open, Status.Refunded);
      }
    });
  });
});
