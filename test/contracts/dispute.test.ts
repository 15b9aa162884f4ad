import { expect } from "chai";
import { P, P1, affine, type Affine } from "./support/curve.js";
import { deployed, ethers, networkHelpers } from "./support/deployment.js";
import {
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  basket,
  deployVault,
  deployedVault,
  shown,
  type Basket,
  type BlindedMessage,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const goods = basket("goods", [100, 10, 1]);
const [first, second] = goods.messages;
const [, , three] = goods.signatures;

/** The goods with signature or message number `i` replaced. */
const signedWith = (i: number, wrong: Affine): Basket => ({
  ...goods,
  signatures: goods.signatures.with(i, wrong),
});
const askedWith = (i: number, wrong: BlindedMessage): Basket => ({
  ...goods,
  messages: goods.messages.with(i, wrong),
});

/** Deposits for the messages, acknowledges with the signatures; the number of the deposit. */
async function acknowledged(what: Basket) {
  const base = await loadFixture(deployedVault);
  return { ...base, ...(await base.openAndAcknowledge(what)) };
}

describe("CreditVault.dispute", () => {
  for (const [what, wrong, index] of [
    ["made with another secret", signedWith(1, affine(P1)), 1],
    ["on another message", signedWith(0, three!), 0],
    ["by another denomination's key", askedWith(0, { ...first!, denomination: 1 }), 0],
    ["that is the identity", signedWith(2, { x: 0n, y: 0n }), 2],
    ["off the curve", signedWith(2, { x: three!.x, y: three!.y ^ 1n }), 2],
    ["not below p", signedWith(2, { x: three!.x + P, y: three!.y }), 2],
  ] as const) {
    it(`given a mint that lies with a signature ${what}: the deposit is due to its depositor, from any sender`, async () => {
      const { vault, id, people, token } = await acknowledged(wrong);
      const tx = vault.connect(people.stranger).dispute(id, ...shown(wrong, index));
      await expect(tx).to.emit(vault, "Disputed").withArgs(id, index);
      await expect(tx).to.emit(vault, "Refunded").withArgs(id, people.resident.address, 111n);
      await expect(
        vault.connect(people.resident).withdraw(people.resident.address),
      ).to.changeTokenBalance(ethers, token, people.resident, 111n);
      await time.increase(DISPUTE_PERIOD + 1);
      await expect(
        vault.connect(people.treasurer).collect([id], people.treasurer.address),
      ).to.be.revertedWithCustomError(vault, "VaultDepositStatus");
    });
  }

  for (const [what, wrong, error] of [
    ["off the curve", askedWith(1, { ...second!, y: second!.y ^ 1n }), "VaultMessageInvalid"],
    ["that is the identity", askedWith(1, { ...second!, x: 0n, y: 0n }), "VaultMessageInvalid"],
    ["not below p", askedWith(1, { ...second!, x: second!.x + P }), "VaultMessageInvalid"],
    [
      "of a denomination without a key",
      askedWith(1, { ...second!, denomination: 50 }),
      "VaultMintKeyUnknown",
    ],
  ] as const) {
    it(`given a depositor that lies with a message ${what}: it proves nothing`, async () => {
      const { vault, id } = await acknowledged(wrong);
      await expect(vault.dispute(id, ...shown(wrong, 1))).to.be.revertedWithCustomError(
        vault,
        error,
      );
    });
  }

  it("refuses when the signature is right", async () => {
    const { vault, id } = await acknowledged(goods);
    for (const index of [0, 1, 2]) {
      await expect(vault.dispute(id, ...shown(goods, index)))
        .to.be.revertedWithCustomError(vault, "VaultSignatureValid")
        .withArgs(id, index);
    }
  });

  it("given message 0 shown beside signature 2: proves no fault where there is none", async () => {
    const { vault, id } = await acknowledged(goods);
    await expect(vault.dispute(id, ...shown(goods, 0, 2)))
      .to.be.revertedWithCustomError(vault, "VaultSignatureNotPublished")
      .withArgs(id, 0n);
    const [, denomination, message, signature] = shown(goods, 0, 2);
    await expect(vault.dispute(id, 2, denomination, message, signature))
      .to.be.revertedWithCustomError(vault, "VaultMessageNotInDeposit")
      .withArgs(id, 2n);
  });

  it("refuses an index that no message has, and the padding behind the last", async () => {
    const { vault, id } = await acknowledged(goods);
    const [, denomination, message, signature] = shown(goods, 2);
    for (const index of [3n, 4n, 1n << 255n]) {
      await expect(vault.dispute(id, index, denomination, message, signature))
        .to.be.revertedWithCustomError(vault, "VaultDisputeIndex")
        .withArgs(id, index, 3n);
    }
  });

  it("refuses another message, another denomination, another signature, and paths of another length", async () => {
    const { vault, id } = await acknowledged(goods);
    const [index, denomination, message, signature] = shown(goods, 0);
    const other = affine(P1);
    const none: string[] = [];
    for (const [d, m, s, error] of [
      [1, message, signature, "VaultMessageNotInDeposit"],
      [denomination, { ...message, point: other }, signature, "VaultMessageNotInDeposit"],
      [denomination, { ...message, path: none }, signature, "VaultMessageNotInDeposit"],
      [
        denomination,
        { ...message, path: message.path.concat(ethers.ZeroHash) },
        signature,
        "VaultMessageNotInDeposit",
      ],
      [denomination, message, { ...signature, point: other }, "VaultSignatureNotPublished"],
      [
        denomination,
        message,
        { ...signature, path: signature.path.slice(1) },
        "VaultSignatureNotPublished",
      ],
    ] as const) {
      await expect(vault.dispute(id, index, d, m, s)).to.be.revertedWithCustomError(vault, error);
    }
  });

  for (const count of [1, 2, 3, 4, 5, 8, 9, 255, 256]) {
    it(`given ${count} messages with the last signature wrong: the last is disputed, and no other`, async () => {
      const right = basket("many", Array<number>(count).fill(1));
      const wrong = { ...right, signatures: right.signatures.with(count - 1, affine(P1)) };
      const { vault, id } = await acknowledged(wrong);
      for (const index of new Set([0, count >> 1, Math.max(0, count - 2)])) {
        if (index === count - 1) continue;
        await expect(vault.dispute(id, ...shown(wrong, index))).to.be.revertedWithCustomError(
          vault,
          "VaultSignatureValid",
        );
      }
      const tx = await vault.dispute(id, ...shown(wrong, count - 1));
      const receipt = await tx.wait();
      expect(Number(receipt!.gasUsed)).to.be.at.most(300_000);
    });
  }

  it("takes a dispute in the last second, and none after it", async () => {
    const wrong = signedWith(0, affine(P1));
    const { vault, id } = await acknowledged(wrong);
    const { disputableUntil } = await vault.depositOf(id);
    const snapshot = await networkHelpers.takeSnapshot();
    await time.setNextBlockTimestamp(disputableUntil + 1n);
    await expect(vault.dispute(id, ...shown(wrong, 0)))
      .to.be.revertedWithCustomError(vault, "VaultDisputeTooLate")
      .withArgs(id, disputableUntil, disputableUntil + 1n);
    await snapshot.restore();
    await time.setNextBlockTimestamp(disputableUntil);
    await expect(vault.dispute(id, ...shown(wrong, 0))).to.emit(vault, "Disputed");
  });

  it("is not won by giving the pairing too little gas", async () => {
    const { vault, id } = await acknowledged(goods);
    await expect(
      vault.dispute.staticCall(id, ...shown(goods, 0), { gasLimit: 150_000n }),
    ).to.be.revertedWithCustomError(vault, "BN254PrecompileFailed");
  });

  it("refuses deposits that are open or unknown", async () => {
    const { vault, open } = await loadFixture(deployedVault);
    const { id } = await open(goods.messages);
    for (const [number, status] of [
      [id, 1],
      [id + 1n, 0],
    ] as const) {
      await expect(vault.dispute(number, ...shown(goods, 0)))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(number, 2, status);
    }
  });
});

describe("CreditVault with a token that refuses transfers", () => {
  const wrong = signedWith(1, affine(P1));

  async function withStoppedToken() {
    const base = await deployVault(await deployed(), ethers, "RefusingToken");
    const token = await ethers.getContractAt("RefusingToken", await base.token.getAddress());
    const disputed = await base.openAndAcknowledge(wrong);
    const open = await base.open(goods.messages);
    await token.stop(true);
    return { ...base, token, disputed, open };
  }

  it("given the token stops everything: a dispute before the deadline stands, and is paid when it lets go", async () => {
    const { vault, token, disputed, people } = await loadFixture(withStoppedToken);
    const { disputableUntil } = await vault.depositOf(disputed.id);
    await time.setNextBlockTimestamp(disputableUntil);
    await vault.dispute(disputed.id, ...shown(wrong, 1));
    const resident = vault.connect(people.resident);
    await expect(resident.withdraw(people.resident.address)).to.be.revertedWithCustomError(
      token,
      "TransferRefused",
    );
    expect(await vault.dueTo(people.resident.address)).to.equal(111n);
    await token.stop(false);
    await expect(
      vault.connect(people.treasurer).collect([disputed.id], people.treasurer.address),
    ).to.be.revertedWithCustomError(vault, "VaultDepositStatus");
    await expect(resident.withdraw(people.resident.address)).to.changeTokenBalance(
      ethers,
      token,
      people.resident,
      111n,
    );
  });

  it("given the token stops everything: declining and refunding stand as well", async () => {
    const { vault, open, people } = await loadFixture(withStoppedToken);
    const { acknowledgeBy } = await vault.depositOf(open.id);
    await time.setNextBlockTimestamp(acknowledgeBy + 1n);
    await vault.refund(open.id);
    expect(await vault.dueTo(people.resident.address)).to.equal(111n);
  });

  it("given the token answers false and moves nothing: no deposit is taken, and what is due and owed stays so", async () => {
    const { vault, token, disputed, people } = await loadFixture(withStoppedToken);
    await vault.dispute(disputed.id, ...shown(wrong, 1));
    const address = await token.getAddress();
    const code = await ethers.provider.getCode(address);
    const owed = await vault.owed();
    // Code that answers every call with 32 zero bytes.
    await networkHelpers.setCode(address, "0x60205ff3");
    const resident = vault.connect(people.resident);
    for (const call of [
      resident.withdraw(people.resident.address),
      resident.deposit(1n, MINT_KEY_ID, 1, `0x${"11".repeat(32)}`),
    ]) {
      await expect(call)
        .to.be.revertedWithCustomError(vault, "SafeERC20FailedOperation")
        .withArgs(address);
    }
    expect(await vault.dueTo(people.resident.address)).to.equal(111n);
    expect(await vault.owed()).to.equal(owed);
    await networkHelpers.setCode(address, code);
    await token.stop(false);
    await expect(resident.withdraw(people.resident.address)).to.changeTokenBalance(
      ethers,
      token,
      people.resident,
      111n,
    );
  });

  it("given the token blocks the depositor alone: the depositor names another recipient", async () => {
    const { vault, token, disputed, people } = await loadFixture(withStoppedToken);
    await token.stop(false);
    await token.setBlocked(people.resident.address, true);
    await vault.dispute(disputed.id, ...shown(wrong, 1));
    const resident = vault.connect(people.resident);
    await expect(resident.withdraw(people.resident.address)).to.be.revertedWithCustomError(
      token,
      "TransferRefused",
    );
    await expect(resident.withdraw(people.stranger.address)).to.changeTokenBalance(
      ethers,
      token,
      people.stranger,
      111n,
    );
  });
});
