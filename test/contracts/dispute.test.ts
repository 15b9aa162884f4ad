import { expect } from "chai";
import { P, P1, affine, type Affine } from "./support/curve.js";
import { ethers, networkHelpers } from "./support/deployment.js";
import {
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  basket,
  deployedVault,
  type BlindedMessage,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const goods = basket("goods", [100, 10, 1]);

/** The goods with signature or message number `i` replaced. */
const signaturesWith = (i: number, wrong: Affine): Affine[] => goods.signatures.with(i, wrong);
const messagesWith = (i: number, wrong: BlindedMessage): BlindedMessage[] =>
  goods.messages.with(i, wrong);

/** Deposits for the messages, acknowledges with the signatures; the number of the deposit. */
async function acknowledged(messages: readonly BlindedMessage[], signatures: readonly Affine[]) {
  const base = await loadFixture(deployedVault);
  const id = await base.open(messages);
  await base.vault.connect(base.people.mint).acknowledge(id, [...signatures]);
  return { ...base, id };
}

describe("CreditVault.dispute", () => {
  const [first, second] = goods.messages;
  const [one, two, three] = goods.signatures;
  for (const [what, messages, signatures, index] of [
    ["signed by another secret", goods.messages, signaturesWith(1, affine(P1)), 1],
    ["of another message", goods.messages, signaturesWith(0, three!), 0],
    [
      "of another denomination's key",
      messagesWith(0, { ...first!, denomination: 1 }),
      goods.signatures,
      0,
    ],
    [
      "of a denomination without a key",
      messagesWith(0, { ...first!, denomination: 50 }),
      goods.signatures,
      0,
    ],
    ["that is the identity", goods.messages, signaturesWith(2, { x: 0n, y: 0n }), 2],
    ["off the curve", goods.messages, signaturesWith(2, { x: three!.x, y: three!.y ^ 1n }), 2],
    ["not below p", goods.messages, signaturesWith(2, { x: three!.x + P, y: three!.y }), 2],
    [
      "of a message off the curve",
      messagesWith(1, { ...second!, y: second!.y ^ 1n }),
      goods.signatures,
      1,
    ],
    [
      "of a message that is the identity",
      messagesWith(1, { ...second!, x: 0n, y: 0n }),
      goods.signatures,
      1,
    ],
    ["that is missing", goods.messages, [one!, two!], 2],
    ["too many", [first!, second!], goods.signatures, 2],
  ] as const) {
    it(`pays the depositor back for a signature ${what}, whoever shows it`, async () => {
      const { vault, id, people, token } = await acknowledged(messages, signatures);
      const tx = vault
        .connect(people.stranger)
        .dispute(id, MINT_KEY_ID, [...messages], [...signatures], index);
      await expect(tx).to.emit(vault, "Disputed").withArgs(id, index);
      await expect(tx).to.emit(vault, "Refunded").withArgs(id, people.resident.address, 111n);
      await expect(tx).to.changeTokenBalance(ethers, token, people.resident, 111n);
      await time.increase(DISPUTE_PERIOD + 1);
      await expect(
        vault.connect(people.treasurer).collect([id], people.treasurer.address),
      ).to.be.revertedWithCustomError(vault, "VaultDepositStatus");
    });
  }

  it("refuses when the signature is right", async () => {
    const { vault, id } = await acknowledged(goods.messages, goods.signatures);
    for (const index of [0, 1, 2]) {
      await expect(vault.dispute(id, MINT_KEY_ID, goods.messages, goods.signatures, index))
        .to.be.revertedWithCustomError(vault, "VaultSignatureValid")
        .withArgs(id, index);
    }
  });

  it("refuses a number that is neither a message nor a signature", async () => {
    const { vault, id } = await acknowledged(goods.messages, goods.signatures);
    await expect(vault.dispute(id, MINT_KEY_ID, goods.messages, goods.signatures, 3))
      .to.be.revertedWithCustomError(vault, "VaultDisputeIndex")
      .withArgs(id, 3);
  });

  it("refuses other messages, another mint key and other signatures than recorded", async () => {
    const { vault, id } = await acknowledged(goods.messages, goods.signatures);
    const wrong = messagesWith(0, { ...first!, denomination: 1 });
    for (const [mintKeyId, messages] of [
      [MINT_KEY_ID, wrong],
      [MINT_KEY_ID + 1, goods.messages],
    ] as const) {
      await expect(
        vault.dispute(id, mintKeyId, messages, goods.signatures, 0),
      ).to.be.revertedWithCustomError(vault, "VaultMessagesDiffer");
    }
    await expect(
      vault.dispute(id, MINT_KEY_ID, goods.messages, signaturesWith(0, affine(P1)), 0),
    ).to.be.revertedWithCustomError(vault, "VaultSignaturesDiffer");
  });

  it("takes a dispute in the last second, and none after it", async () => {
    const wrong = signaturesWith(0, affine(P1));
    const { vault, id } = await acknowledged(goods.messages, wrong);
    const { deadline } = await vault.depositOf(id);
    const snapshot = await networkHelpers.takeSnapshot();
    await time.setNextBlockTimestamp(deadline + 1n);
    await expect(vault.dispute(id, MINT_KEY_ID, goods.messages, wrong, 0))
      .to.be.revertedWithCustomError(vault, "VaultDisputeTooLate")
      .withArgs(id, deadline, deadline + 1n);
    await snapshot.restore();
    await time.setNextBlockTimestamp(deadline);
    await expect(vault.dispute(id, MINT_KEY_ID, goods.messages, wrong, 0)).to.emit(
      vault,
      "Disputed",
    );
  });

  it("is not won by giving the pairing too little gas", async () => {
    const { vault, id } = await acknowledged(goods.messages, goods.signatures);
    await expect(
      vault.dispute.staticCall(id, MINT_KEY_ID, goods.messages, goods.signatures, 0, {
        gasLimit: 150_000n,
      }),
    ).to.be.revertedWithCustomError(vault, "BN254PrecompileFailed");
  });

  it("refuses deposits that are open or unknown", async () => {
    const { vault, open } = await loadFixture(deployedVault);
    const id = await open(goods.messages);
    for (const [number, status] of [
      [id, 1],
      [id + 1n, 0],
    ] as const) {
      await expect(vault.dispute(number, MINT_KEY_ID, goods.messages, goods.signatures, 0))
        .to.be.revertedWithCustomError(vault, "VaultDepositStatus")
        .withArgs(number, 2, status);
    }
  });
});
