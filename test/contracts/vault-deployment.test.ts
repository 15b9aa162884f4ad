import { expect } from "chai";
import { ethers, networkHelpers } from "./support/deployment.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  GOODS,
  deployedVault,
  messagesRoot,
  mintKeys,
} from "./support/vault.js";

const { loadFixture } = networkHelpers;
const GOODS_ROOT = messagesRoot(GOODS.messages);

describe("CreditVault, deployed", () => {
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
    await vault.registerMintKeys(1, 0, mintKeys());
    await token.mint(who, 1000n);
    await token.connect(people.admin).approve(address, 1000n);
    await vault.deposit(1n, 1, 3, GOODS_ROOT);
    await vault.decline(1n, await vault.depositHashOf(1n));
    const leaf = { point: { x: 1n, y: 2n }, path: [] };
    for (const call of [
      vault.interface.encodeFunctionData("refund", [1n]),
      vault.interface.encodeFunctionData("withdraw", [who]),
      vault.interface.encodeFunctionData("deposit", [1n, 1, 3, GOODS_ROOT]),
      vault.interface.encodeFunctionData("dispute", [1n, 0n, 1, leaf, leaf]),
    ]) {
      await token.callDuringTransfer(address, call);
      for (const attempt of [vault.deposit(1n, 1, 3, GOODS_ROOT), vault.withdraw(who)]) {
        await expect(attempt).to.be.revertedWithCustomError(vault, "ReentrancyGuardReentrantCall");
      }
    }
  });
});
