import { expect } from "chai";
import { P1, affine } from "./support/curve.js";
import { deployed, ethers, networkHelpers } from "./support/deployment.js";
import {
  DISPUTE_PERIOD,
  GOODS,
  Status,
  basket,
  deployVault,
  deployedVault,
  rootOf,
  signatureLeaf,
  withAcknowledged,
  withOpenDeposit,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;

describe("CreditVault, answered", () => {
  describe("acknowledge", () => {
    it("publishes the signatures and keeps their root, up to the last second", async () => {
      const { vault, id, depositHash, acknowledgeBy, mint } = await loadFixture(withOpenDeposit);
      await time.setNextBlockTimestamp(acknowledgeBy);
      await expect(mint.acknowledge(id, depositHash, GOODS.signatures))
        .to.emit(vault, "Acknowledged")
        .withArgs(
          id,
          depositHash,
          GOODS.signatures.map(({ x, y }) => [x, y]),
          acknowledgeBy + BigInt(DISPUTE_PERIOD),
        );
      const { status, signaturesRoot, disputableUntil } = await vault.depositOf(id);
      expect(status).to.equal(Status.Acknowledged);
      expect(disputableUntil).to.equal(acknowledgeBy + BigInt(DISPUTE_PERIOD));
      expect(signaturesRoot).to.equal(rootOf(GOODS.signatures.map(signatureLeaf)));
      expect(await vault.depositHashOf(id)).to.equal(depositHash);
    });

    it("refuses when it is too late, and twice", async () => {
      const { vault, id, depositHash, acknowledgeBy, mint } = await loadFixture(withOpenDeposit);
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(acknowledgeBy + 1n);
      await expect(mint.acknowledge(id, depositHash, GOODS.signatures))
        .to.be.revertedWithCustomError(vault, "VaultAcknowledgeTooLate")
        .withArgs(id, acknowledgeBy, acknowledgeBy + 1n);
      await snapshot.restore();
      await mint.acknowledge(id, depositHash, GOODS.signatures);
      await expect(mint.acknowledge(id, depositHash, GOODS.signatures))
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
      const decided = await open(GOODS.messages);
      await fork.restore();
      // The same number, from here on another's deposit: cheaper, or for other messages.
      const other = basket("other", [100, 10, 1]);
      const replaced = await open(other.messages, 1n);
      expect(replaced.id).to.equal(decided.id);
      for (const call of [
        mint.acknowledge(decided.id, decided.depositHash, GOODS.signatures),
        mint.decline(decided.id, decided.depositHash),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(vault, "VaultDepositDiffers")
          .withArgs(decided.id, replaced.depositHash, decided.depositHash);
      }
      expect((await vault.depositOf(decided.id)).status).to.equal(Status.Open);
      expect((await vault.depositOf(decided.id)).depositor).to.equal(people.resident.address);
    });

    it("given the same deposit in two vaults of one settlement: the answer to one is refused by the other", async () => {
      const { one, two } = await loadFixture(async function twoVaults() {
        const base = await deployed();
        return { one: await deployVault(base, ethers), two: await deployVault(base, ethers) };
      });
      const [here, there] = [await one.open(GOODS.messages), await two.open(GOODS.messages)];
      expect(there.id).to.equal(here.id);
      const mint = two.vault.connect(two.people.mint);
      for (const call of [
        mint.acknowledge(there.id, here.depositHash, GOODS.signatures),
        mint.decline(there.id, here.depositHash),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(two.vault, "VaultDepositDiffers")
          .withArgs(there.id, there.depositHash, here.depositHash);
      }
    });

    it("given a mint that loses its role with a deposit open: answers nothing any more, and the deposit is refunded", async () => {
      const { vault, people, id, depositHash } = await loadFixture(withOpenDeposit);
      const role = await vault.MINT_ROLE();
      await vault.connect(people.admin).revokeRole(role, people.mint.address);
      const mint = vault.connect(people.mint);
      for (const call of [
        mint.acknowledge(id, depositHash, GOODS.signatures),
        mint.decline(id, depositHash),
      ]) {
        await expect(call).to.be.revertedWithCustomError(vault, "AccessControlUnauthorizedAccount");
      }
      await time.setNextBlockTimestamp((await vault.depositOf(id)).acknowledgeBy + 1n);
      await vault.connect(people.stranger).refund(id);
      expect(await vault.dueTo(people.resident.address)).to.equal(111n);
    });
  });

  describe("collect", () => {
    it("pays deposits that nobody can dispute any more", async () => {
      const base = await loadFixture(withAcknowledged);
      const { vault, vaultAddress, id, treasury, people, token, openAndAcknowledge } = base;
      const { id: second } = await openAndAcknowledge(GOODS, 89n);
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
      const second = await open(GOODS.messages);
      const third = await open(GOODS.messages);
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
      const declined = await open(GOODS.messages);
      await vault.connect(people.mint).decline(declined.id, declined.depositHash);
      await time.increaseTo(disputableUntil + 1n);
      await treasury.collect([id], people.treasurer.address);
      expect(await token.balanceOf(vaultAddress)).to.equal(5000n + 111n);
      expect(await vault.owed()).to.equal(111n);
    });
  });
});
