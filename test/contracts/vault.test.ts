import { expect } from "chai";
import { P1, affine } from "./support/curve.js";
import { ethers, networkHelpers } from "./support/deployment.js";
import { tag } from "./support/bills.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  basket,
  deployedVault,
  messagesRoot,
  rootOf,
  signatureLeaf,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const Status = { None: 0n, Open: 1n, Acknowledged: 2n, Refunded: 3n, Collected: 4n };
const goods = basket("goods", [100, 10, 1]);
const goodsRoot = messagesRoot(goods.messages);

async function withOpenDeposit() {
  const base = await deployedVault();
  const { id, depositHash } = await base.open(goods.messages);
  const { acknowledgeBy } = await base.vault.depositOf(id);
  return { ...base, id, depositHash, acknowledgeBy, mint: base.vault.connect(base.people.mint) };
}

async function withAcknowledged() {
  const base = await withOpenDeposit();
  await base.mint.acknowledge(base.id, base.depositHash, goods.signatures);
  const { disputableUntil } = await base.vault.depositOf(base.id);
  return { ...base, disputableUntil, treasury: base.vault.connect(base.people.treasurer) };
}

describe("CreditVault", () => {
  describe("deposit", () => {
    it("takes the money and records what the mint has to answer for", async () => {
      const { vault, vaultAddress, token, people } = await loadFixture(deployedVault);
      const tx = vault.connect(people.resident).deposit(111n, MINT_KEY_ID, 3, goodsRoot);
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
            goodsRoot,
            acknowledgeBy,
          ],
        ),
      );
      await expect(tx)
        .to.emit(vault, "Deposited")
        .withArgs(
          1,
          people.resident.address,
          goodsRoot,
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
        goodsRoot,
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
        await expect(resident.deposit(amount, MINT_KEY_ID, 3, goodsRoot))
          .to.be.revertedWithCustomError(vault, "VaultAmountOutOfRange")
          .withArgs(amount);
      }
      await expect(
        vault.connect(people.stranger).deposit(1n, MINT_KEY_ID, 3, goodsRoot),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
      expect(await vault.depositCount()).to.equal(0n);
    });

    it("refuses no message, more than 256, and a mint key id that is not registered", async () => {
      const { vault, people } = await loadFixture(deployedVault);
      const resident = vault.connect(people.resident);
      for (const count of [0n, 257n, 65_537n]) {
        await expect(resident.deposit(1n, MINT_KEY_ID, count, goodsRoot))
          .to.be.revertedWithCustomError(vault, "VaultCountOutOfRange")
          .withArgs(count, 256n);
      }
      for (const mintKeyId of [0, MINT_KEY_ID + 1]) {
        await expect(resident.deposit(1n, mintKeyId, 3, goodsRoot))
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
      const { mintKeys } = await import("./support/vault.js");
      await vault.connect(people.admin).registerMintKeys(1, 0, mintKeys());
      await token.mint(who, 1000n);
      await token.connect(people.admin).approve(await vault.getAddress(), 1000n);
      await expect(vault.connect(people.admin).deposit(100n, 1, 3, goodsRoot))
        .to.be.revertedWithCustomError(vault, "VaultTransferShort")
        .withArgs(100n, 99n);
    });

    it("can be paused, and nothing that is owed can", async () => {
      const { vault, id, acknowledgeBy, people, token } = await loadFixture(withOpenDeposit);
      const resident = vault.connect(people.resident);
      await vault.connect(people.pauser).pause();
      await expect(resident.deposit(1n, MINT_KEY_ID, 3, goodsRoot)).to.be.revertedWithCustomError(
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
      await resident.deposit(1n, MINT_KEY_ID, 3, goodsRoot);
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
        mint.acknowledge(id, depositHash, goods.signatures),
        mint.decline(id, depositHash),
        vault.refund(id),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
          .withArgs(id, Status.Open, Status.Refunded);
      }
    });
  });

  describe("acknowledge", () => {
    it("publishes the signatures and keeps their root, up to the last second", async () => {
      const { vault, id, depositHash, acknowledgeBy, mint } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(acknowledgeBy);
      await expect(mint.acknowledge(id, depositHash, goods.signatures))
        .to.emit(vault, "Acknowledged")
        .withArgs(
          id,
          depositHash,
          goods.signatures.map(({ x, y }) => [x, y]),
          acknowledgeBy + BigInt(DISPUTE_PERIOD),
        );
      const { status, signaturesRoot, disputableUntil } = await vault.depositOf(id);
      expect(status).to.equal(Status.Acknowledged);
      expect(disputableUntil).to.equal(acknowledgeBy + BigInt(DISPUTE_PERIOD));
      expect(signaturesRoot).to.equal(rootOf(goods.signatures.map(signatureLeaf)));
      expect(await vault.depositHashOf(id)).to.equal(depositHash);
    });

    it("refuses when it is too late, and twice", async () => {
      const { vault, id, depositHash, acknowledgeBy, mint } = await loadFixture(withOpenDeposit);
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(acknowledgeBy + 1n);
      await expect(mint.acknowledge(id, depositHash, goods.signatures))
        .to.be.revertedWithCustomError(vault, "VaultAcknowledgeTooLate")
        .withArgs(id, acknowledgeBy, acknowledgeBy + 1n);
      await snapshot.restore();
      await mint.acknowledge(id, depositHash, goods.signatures);
      await expect(mint.acknowledge(id, depositHash, goods.signatures))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Open, Status.Acknowledged);
    });

    for (const [what, count] of [
      ["none", 0],
      ["one too few", 2],
      ["one too many", 4],
      ["as many as 128 KiB of calldata hold", 2040],
    ] as const) {
      it(`given a mint that floods or starves the depositor: refuses signatures, ${what}`, async () => {
        const { vault, id, depositHash, mint } = await loadFixture(withOpenDeposit);
        const signatures = Array.from({ length: count }, () => affine(P1));
        await expect(mint.acknowledge(id, depositHash, signatures, { gasLimit: 16_777_216n }))
          .to.be.revertedWithCustomError(vault, "VaultSignatureCount")
          .withArgs(id, 3n, BigInt(count));
      });
    }

    it("given a reorganisation that puts another deposit under the number: refuses to acknowledge and to decline it", async () => {
      const { vault, people, mint, open } = await loadFixture(async function beforeAnyDeposit() {
        const base = await deployedVault();
        return { ...base, mint: base.vault.connect(base.people.mint) };
      });
      const fork = await networkHelpers.takeSnapshot();
      const decided = await open(goods.messages);
      await fork.restore();
      // The same number, from here on another's deposit: cheaper, or for other messages.
      const other = basket("other", [100, 10, 1]);
      const replaced = await open(other.messages, 1n);
      expect(replaced.id).to.equal(decided.id);
      for (const call of [
        mint.acknowledge(decided.id, decided.depositHash, goods.signatures),
        mint.decline(decided.id, decided.depositHash),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(vault, "VaultDepositDiffers")
          .withArgs(decided.id, replaced.depositHash, decided.depositHash);
      }
      expect((await vault.depositOf(decided.id)).status).to.equal(Status.Open);
      expect((await vault.depositOf(decided.id)).depositor).to.equal(people.resident.address);
    });
  });

  describe("collect", () => {
    it("pays deposits that nobody can dispute any more", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, vaultAddress, id, treasury, people, token, openAndAcknowledge } = base;
      const { id: second } = await openAndAcknowledge(goods, 89n);
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
      const { vault, id, disputableUntil, treasury, people } = await loadFixture(withAcknowledged);
      await time.setNextBlockTimestamp(disputableUntil);
      await expect(treasury.collect([id], people.treasurer.address))
        .to.be.revertedWithCustomError(vault, "VaultCollectTooEarly")
        .withArgs(id, disputableUntil, disputableUntil);
    });

    it("given a treasurer that lies: refuses an open, an unknown, a refunded and a collected deposit, and one twice", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, id, disputableUntil, treasury, people, open, mint } = base;
      const to = people.treasurer.address;
      const second = await open(goods.messages);
      const third = await open(goods.messages);
      await mint.decline(third.id, third.depositHash);
      await time.increaseTo(disputableUntil + 1n);
      for (const [ids, number, actual] of [
        [[id, second.id], second.id, Status.Open],
        [[id, third.id], third.id, Status.Refunded],
        [[id, id], id, Status.Collected],
        [[99n], 99n, Status.None],
      ] as const) {
        await expect(treasury.collect([...ids], to))
          .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
          .withArgs(number, Status.Acknowledged, actual);
      }
      await expect(treasury.collect([id], ethers.ZeroAddress)).to.be.revertedWithCustomError(
        vault,
        "VaultZeroAddress",
      );
      await treasury.collect([id], to);
      await expect(treasury.collect([id], to))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(id, Status.Acknowledged, Status.Collected);
    });

    it("leaves tokens that were sent without a deposit, and what is due to depositors", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, vaultAddress, id, disputableUntil, treasury, people, token, open } = base;
      await token.mint(vaultAddress, 5000n);
      const declined = await open(goods.messages);
      await vault.connect(people.mint).decline(declined.id, declined.depositHash);
      await time.increaseTo(disputableUntil + 1n);
      await treasury.collect([id], people.treasurer.address);
      expect(await token.balanceOf(vaultAddress)).to.equal(5000n + 111n);
      expect(await vault.owed()).to.equal(111n);
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
      ACKNOWLEDGE_PERIOD,
      DISPUTE_PERIOD,
    ]);
    const vault = base.connect(people.admin);
    const address = await vault.getAddress();
    const { mintKeys } = await import("./support/vault.js");
    await vault.registerMintKeys(1, 0, mintKeys());
    await token.mint(who, 1000n);
    await token.connect(people.admin).approve(address, 1000n);
    await vault.deposit(1n, 1, 3, goodsRoot);
    await vault.decline(1n, await vault.depositHashOf(1n));
    const leaf = { point: { x: 1n, y: 2n }, path: [] };
    for (const call of [
      vault.interface.encodeFunctionData("refund", [1n]),
      vault.interface.encodeFunctionData("withdraw", [who]),
      vault.interface.encodeFunctionData("deposit", [1n, 1, 3, goodsRoot]),
      vault.interface.encodeFunctionData("dispute", [1n, 0n, 1, leaf, leaf]),
    ]) {
      await token.callDuringTransfer(address, call);
      for (const attempt of [vault.deposit(1n, 1, 3, goodsRoot), vault.withdraw(who)]) {
        await expect(attempt).to.be.revertedWithCustomError(vault, "ReentrancyGuardReentrantCall");
      }
    }
  });

  describe("deployment", () => {
    it("is refused without a settlement or a token, or with a role for nobody", async () => {
      const { settlement, token, vault, people } = await loadFixture(deployedVault);
      const who = people.admin.address;
      const right = [await settlement.getAddress(), await token.getAddress(), who, who, who, who];
      for (let i = 0; i < right.length; i++) {
        const wrong = right.with(i, ethers.ZeroAddress);
        await expect(
          ethers.deployContract("CreditVault", [
            ...wrong,
            ACKNOWLEDGE_PERIOD,
            DISPUTE_PERIOD,
          ] as never),
        ).to.be.revertedWithCustomError(vault, "VaultZeroAddress");
      }
    });

    const day = 86_400;
    for (const [what, acknowledge, dispute, error] of [
      ["no time to dispute", 3600, 0, [0n, 86_400n, 7_776_000n]],
      ["less than a day to dispute", 3600, day - 1, [BigInt(day - 1), 86_400n, 7_776_000n]],
      ["more than 90 days to dispute", 3600, 90 * day + 1, [7_776_001n, 86_400n, 7_776_000n]],
      ["less than an hour to acknowledge", 3599, day, [3599n, 3600n, 2_592_000n]],
      ["more than 30 days to acknowledge", 30 * day + 1, day, [2_592_001n, 3600n, 2_592_000n]],
    ] as const) {
      it(`is refused with ${what}`, async () => {
        const { settlement, token, vault, people } = await loadFixture(deployedVault);
        const who = people.admin.address;
        await expect(
          ethers.deployContract("CreditVault", [
            await settlement.getAddress(),
            await token.getAddress(),
            who,
            who,
            who,
            who,
            acknowledge,
            dispute,
          ]),
        )
          .to.be.revertedWithCustomError(vault, "VaultPeriodOutOfRange")
          .withArgs(...error);
      });
    }

    it("is accepted at the bounds", async () => {
      const { settlement, token, people } = await loadFixture(deployedVault);
      const who = people.admin.address;
      for (const [acknowledge, dispute] of [
        [3600, day],
        [30 * day, 90 * day],
      ] as const) {
        const vault = await ethers.deployContract("CreditVault", [
          await settlement.getAddress(),
          await token.getAddress(),
          who,
          who,
          who,
          who,
          acknowledge,
          dispute,
        ]);
        expect(await vault.disputePeriod()).to.equal(BigInt(dispute));
      }
    });
  });
});
