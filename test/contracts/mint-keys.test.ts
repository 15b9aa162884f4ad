import { expect } from "chai";
import { P } from "./support/curve.js";
import { ethers, networkHelpers, publicKey, UTILITY_SECRET } from "./support/deployment.js";
import {
  DENOMINATIONS,
  MINT_KEY_ID,
  deployedVault,
  mintKeys,
  mintSecret,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;
const NEXT = MINT_KEY_ID + 1;

async function withMint() {
  const base = await deployedVault();
  return { ...base, mint: base.vault.connect(base.people.mint) };
}

/** The month of a time, YYYYMM in UTC. */
function monthOf(seconds: number, plus = 0): number {
  const date = new Date(seconds * 1000);
  const shifted = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + plus));
  return shifted.getUTCFullYear() * 100 + shifted.getUTCMonth() + 1;
}

describe("CreditVault's mint keys", () => {
  it("of an id are registered in one transaction, and given back", async () => {
    const { vault, mint } = await loadFixture(withMint);
    const keys = mintKeys(NEXT, [1, 10, 100, 1000]);
    const firstPeriod = monthOf(await time.latest());
    const tx = mint.registerMintKeys(NEXT, firstPeriod, keys);
    await expect(tx).to.emit(vault, "MintKeysRegistered").withArgs(NEXT, firstPeriod, 4);
    for (const { denomination, b1, b2 } of keys) {
      await expect(tx)
        .to.emit(vault, "MintKeyRegistered")
        .withArgs(NEXT, denomination, Object.values(b1), Object.values(b2));
      expect([...(await vault.mintKey(NEXT, denomination))]).to.deep.equal(Object.values(b2));
    }
    await expect(vault.mintKey(NEXT, 5))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyUnknown")
      .withArgs(NEXT, 5);
    expect(await vault.mintKeyIds()).to.equal(BigInt(NEXT));
  });

  it("pass the checks of a utility's key, all or none", async () => {
    const { vault, mint } = await loadFixture(withMint);
    const right = mintKeys(NEXT);
    const { b1, b2 } = right[1]!;
    const firstPeriod = monthOf(await time.latest());
    for (const [wrong, error] of [
      [{ b1: { x: b1.x, y: b1.y + P }, b2 }, "VaultMintKeyB1Invalid"],
      [{ b1, b2: { ...b2, xC0: b2.xC0 ^ 1n } }, "VaultMintKeyB2Invalid"],
      [{ b1, b2: publicKey(mintSecret(6)).a2 }, "VaultMintKeyInconsistent"],
    ] as const) {
      const keys = right.with(1, { denomination: 10, ...wrong });
      await expect(mint.registerMintKeys(NEXT, firstPeriod, keys)).to.be.revertedWithCustomError(
        vault,
        error,
      );
    }
    expect(await vault.mintKeyIds()).to.equal(BigInt(MINT_KEY_ID));
    await expect(vault.mintKey(NEXT, 1)).to.be.revertedWithCustomError(
      vault,
      "VaultMintKeyUnknown",
    );
  });

  it("given a mint that lies: a key has one use, for one denomination and id", async () => {
    const { vault, mint } = await loadFixture(withMint);
    const firstPeriod = monthOf(await time.latest());
    const [old] = mintKeys();
    const [fresh] = mintKeys(NEXT);
    for (const keys of [
      // Of another id: a coin would be worth the same twice.
      [{ ...old!, denomination: 1 }],
      [{ ...old!, denomination: 10 }],
      // Two denominations of one id: a coin of the smaller would be worth the larger.
      [fresh!, { ...fresh!, denomination: 1000 }],
    ]) {
      await expect(mint.registerMintKeys(NEXT, firstPeriod, keys)).to.be.revertedWithCustomError(
        vault,
        "VaultMintKeyInUse",
      );
    }
    const hash = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["uint256[2]", "uint256[4]"],
        [Object.values(old!.b1), Object.values(old!.b2)],
      ),
    );
    expect(await vault.isMintKey(hash)).to.equal(true);
    expect(await vault.isMintKey(ethers.ZeroHash)).to.equal(false);
  });

  it("given a mint that offers the utility's receipt key: a withdrawal cannot buy receipts", async () => {
    const { vault, settlement, mint } = await loadFixture(withMint);
    const { a1: b1, a2: b2 } = publicKey(UTILITY_SECRET);
    const hash = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["uint256[2]", "uint256[4]"],
        [Object.values(b1), Object.values(b2)],
      ),
    );
    expect(await settlement.isKey(hash)).to.equal(true);
    const firstPeriod = monthOf(await time.latest());
    await expect(mint.registerMintKeys(NEXT, firstPeriod, [{ denomination: 1, b1, b2 }]))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyInUse")
      .withArgs(NEXT, 1, hash);
  });

  it("have ids without gaps, and no id twice", async () => {
    const { vault, mint } = await loadFixture(withMint);
    const firstPeriod = monthOf(await time.latest());
    for (const mintKeyId of [0, MINT_KEY_ID, NEXT + 1]) {
      await expect(mint.registerMintKeys(mintKeyId, firstPeriod, mintKeys(NEXT)))
        .to.be.revertedWithCustomError(vault, "VaultMintKeyIdOutOfOrder")
        .withArgs(NEXT, mintKeyId);
    }
  });

  it("begin at the month of the block at the earliest, later than the id before, at a month", async () => {
    const { vault, settlement, mint } = await loadFixture(withMint);
    const lead = Number(await settlement.lead());
    const earliest = monthOf(await time.latest(), lead);
    expect(await vault.earliestFirstPeriod()).to.equal(BigInt(earliest));
    const nextYear = (Math.floor(earliest / 100) + 1) * 100;
    for (const firstPeriod of [0, 201301, earliest - 1, nextYear, nextYear + 13]) {
      await expect(mint.registerMintKeys(NEXT, firstPeriod, mintKeys(NEXT)))
        .to.be.revertedWithCustomError(vault, "VaultMintKeyFirstPeriod")
        .withArgs(firstPeriod, earliest);
    }
    await mint.registerMintKeys(NEXT, nextYear + 6, mintKeys(NEXT));
    expect(await vault.earliestFirstPeriod()).to.equal(BigInt(nextYear + 7));
    await expect(mint.registerMintKeys(NEXT + 1, nextYear + 6, mintKeys(NEXT + 1)))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyFirstPeriod")
      .withArgs(nextYear + 6, nextYear + 7);
    await mint.registerMintKeys(NEXT + 1, nextYear + 7, mintKeys(NEXT + 1));
    for (const [period, mintKeyId] of [
      [0, MINT_KEY_ID],
      [201302, MINT_KEY_ID],
      [nextYear + 5, MINT_KEY_ID],
      [nextYear + 6, NEXT],
      [nextYear + 7, NEXT + 1],
      [999912, NEXT + 1],
    ] as const) {
      expect(await vault.mintKeyIdOf(period), `${period}`).to.equal(BigInt(mintKeyId));
    }
    expect(await vault.firstPeriodOf(MINT_KEY_ID)).to.equal(0n);
    expect(await vault.firstPeriodOf(NEXT)).to.equal(BigInt(nextYear + 6));
    await expect(vault.firstPeriodOf(NEXT + 2))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyIdUnknown")
      .withArgs(NEXT + 2);
  });

  it("of an id are 1 to 32, with denominations that ascend from 1", async () => {
    const { vault, mint } = await loadFixture(withMint);
    const firstPeriod = monthOf(await time.latest());
    const [one, ten] = mintKeys(NEXT);
    await expect(mint.registerMintKeys(NEXT, firstPeriod, []))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyCount")
      .withArgs(0n, 32n);
    const many = Array.from({ length: 33 }, (_, i) => ({ ...one!, denomination: i + 1 }));
    await expect(mint.registerMintKeys(NEXT, firstPeriod, many))
      .to.be.revertedWithCustomError(vault, "VaultMintKeyCount")
      .withArgs(33n, 32n);
    for (const [keys, previous, denomination] of [
      [[{ ...one!, denomination: 0 }], 0, 0],
      [[ten!, one!], 10, 1],
      [[one!, { ...ten!, denomination: 1 }], 1, 1],
    ] as const) {
      await expect(mint.registerMintKeys(NEXT, firstPeriod, [...keys]))
        .to.be.revertedWithCustomError(vault, "VaultDenominationOrder")
        .withArgs(previous, denomination);
    }
  });

  it("of 14 powers of two and of 32 denominations fit into one transaction", async () => {
    const { mint } = await loadFixture(withMint);
    const firstPeriod = monthOf(await time.latest());
    for (const [count, most] of [
      [14, 16_777_216 / 4],
      [32, 16_777_216 / 2],
    ] as const) {
      const denominations = Array.from({ length: count }, (_, i) => 2 ** i);
      const keys = mintKeys(
        NEXT,
        denominations.map((d) => d % 4294967296),
      );
      const gas = await mint.registerMintKeys.estimateGas(NEXT, firstPeriod, keys);
      expect(Number(gas)).to.be.at.most(most);
    }
  });

  it("are refused while paused", async () => {
    const { vault, mint, people } = await loadFixture(withMint);
    await vault.connect(people.pauser).pause();
    await expect(
      mint.registerMintKeys(NEXT, monthOf(await time.latest()), mintKeys(NEXT)),
    ).to.be.revertedWithCustomError(vault, "EnforcedPause");
  });

  it("of the first id need not begin at zero", async () => {
    const { vault, settlement, token, people } = await loadFixture(withMint);
    const who = people.admin.address;
    const other = await ethers.deployContract("CreditVault", [
      await settlement.getAddress(),
      await token.getAddress(),
      who,
      who,
      who,
      who,
      3600,
      86_400,
    ]);
    expect(await other.mintKeyIdOf(202601)).to.equal(0n);
    expect(await other.earliestFirstPeriod()).to.equal(0n);
    const admin = other.connect(people.admin);
    await expect(admin.registerMintKeys(1, 202613, mintKeys())).to.be.revertedWithCustomError(
      vault,
      "VaultMintKeyFirstPeriod",
    );
    await admin.registerMintKeys(1, 202602, mintKeys());
    expect(await other.mintKeyIdOf(202601)).to.equal(0n);
    expect(await other.mintKeyIdOf(202602)).to.equal(1n);
    expect(DENOMINATIONS.length).to.equal(3);
  });
});
