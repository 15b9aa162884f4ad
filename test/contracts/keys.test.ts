import { expect } from "chai";
import { P, P1, affine, times, twistOutsideSubgroup, twistTimes } from "./support/curve.js";
import { scalarOf } from "./support/bills.js";
import {
  UTILITY_SECRET,
  deployed,
  ethers,
  networkHelpers,
  publicKey,
} from "./support/deployment.js";
import { expectRefused } from "./support/refusal.js";

const { loadFixture } = networkHelpers;
const DELAY = 3600;

/** A settlement without a key, whose keys activate after an hour. */
async function withoutKey() {
  const [registrar] = await ethers.getSigners();
  const who = registrar!.address;
  const settlement = await ethers.deployContract("BillSettlement", [who, who, who, who, DELAY]);
  return { settlement, address: await settlement.getAddress() };
}

const good = publicKey(UTILITY_SECRET);
const asArray = (point: object): bigint[] => Object.values(point) as bigint[];

describe("BillSettlement's keys", () => {
  it("numbers keys from 1 and gives them back as registered", async () => {
    const { settlement } = await loadFixture(withoutKey);
    for (const epoch of [1, 2, 3]) {
      const { a1, a2 } = publicKey(scalarOf(`key ${epoch}`));
      const tx = settlement.registerKey(a1, a2);
      const block = await ethers.provider.getBlock((await tx).blockNumber!);
      const activatesAt = BigInt(block!.timestamp + DELAY);
      await expect(tx)
        .to.emit(settlement, "KeyRegistered")
        .withArgs(epoch, asArray(a1), asArray(a2), activatesAt);
      expect(await settlement.keyEpochs()).to.equal(epoch);
      expect(await settlement.epochKey(epoch)).to.deep.equal([
        asArray(a1),
        asArray(a2),
        activatesAt,
      ]);
    }
  });

  it("keeps a key in the code of a contract that does nothing when called", async () => {
    const { settlement } = await loadFixture(withoutKey);
    await settlement.registerKey(good.a1, good.a2);
    const address = await settlement.epochKeyAddress(1);
    const code = await ethers.provider.getCode(address);
    const { activatesAt } = await settlement.epochKey(1);
    const words = [...asArray(good.a2)].map((word) => ethers.toBeHex(word, 32));
    const [x, y] = asArray(good.a1).map((word) => ethers.toBeHex(word, 32));
    expect(code).to.equal(
      ethers.concat(["0x00", ...words, ethers.toBeHex(activatesAt, 8), x!, y!]),
    );
    expect(await ethers.provider.call({ to: address, data: "0x12345678" })).to.equal("0x");
  });

  it("finds the contract of any epoch as the chain numbers creations", async () => {
    const { settlement, address } = await loadFixture(withoutKey);
    const edges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff];
    for (const nonce of edges) {
      expect(await settlement.epochKeyAddress(nonce), `nonce ${nonce}`).to.equal(
        ethers.getCreateAddress({ from: address, nonce }),
      );
    }
  });

  it("settles under key 130, whose creation number takes two bytes", async function () {
    const base = await loadFixture(deployed);
    const { settlement, roles, paidBill, meters } = base;
    const secret = scalarOf("key of epoch 130");
    const { a1, a2 } = publicKey(secret);
    const registry = settlement.connect(roles.keyRegistrar);
    for (let epoch = 2; epoch < 130; epoch++) await registry.registerKey(good.a1, good.a2);
    await registry.registerKey(a1, a2);
    expect((await settlement.epochKey(130)).a1).to.deep.equal(asArray(a1));
    const { bill, receipt } = paidBill(0, { keyEpoch: 130, secret });
    await expect(settlement.settle(bill, receipt.x, receipt.y))
      .to.emit(settlement, "BillSettled")
      .withArgs(meters[0]!.address, bill.period, 130);
  });

  it("never overwrites a key: registering again makes a new epoch", async () => {
    const { settlement } = await loadFixture(withoutKey);
    await settlement.registerKey(good.a1, good.a2);
    const before = await settlement.epochKey(1);
    const code = await ethers.provider.getCode(await settlement.epochKeyAddress(1));
    const other = publicKey(scalarOf("other"));
    await settlement.registerKey(other.a1, other.a2);
    await settlement.registerKey(good.a1, good.a2);
    expect(await settlement.keyEpochs()).to.equal(3);
    expect(await settlement.epochKey(1)).to.deep.equal(before);
    expect(await ethers.provider.getCode(await settlement.epochKeyAddress(1))).to.equal(code);
    // No other function takes a key, and this one takes no epoch.
    const takingKeys: string[] = [];
    settlement.interface.forEachFunction(({ name, inputs }) => {
      const isKey = inputs.some((input) => input.components?.some(({ name }) => name === "xC1"));
      if (isKey) takingKeys.push(`${name} ${inputs.length}`);
    });
    expect(takingKeys).to.deep.equal(["registerKey 2"]);
  });

  it("refuses bills under an unknown epoch", async () => {
    const { settlement, paidBill } = await loadFixture(deployed);
    for (const keyEpoch of [0, 2, 200, 4294967295]) {
      const { bill, receipt } = paidBill(0, { keyEpoch, units: 0 });
      await expectRefused(settlement, bill, receipt, "SettlementKeyEpochUnknown", [keyEpoch]);
      await expect(settlement.settleBatch(keyEpoch, [bill], receipt.x, receipt.y))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
      await expect(settlement.epochKey(keyEpoch))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
    }
  });

  it("refuses bills before the key is active, and takes them from that second on", async () => {
    const { settlement } = await loadFixture(withoutKey);
    await settlement.registerKey(good.a1, good.a2);
    const { activatesAt } = await settlement.epochKey(1);
    const bill = {
      period: 1,
      keyEpoch: 1,
      rx: 1n,
      ry: 2n,
      r: ethers.ZeroHash,
      vs: ethers.ZeroHash,
    };
    await networkHelpers.time.increaseTo(activatesAt - 2n);
    await expect(settlement.settle(bill, 1n, 2n))
      .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochNotActive")
      .withArgs(1, activatesAt, activatesAt - 1n);
    // The next block is at the activation itself: the bill gets as far as its signature.
    await networkHelpers.time.setNextBlockTimestamp(activatesAt);
    await expect(settlement.settle(bill, 1n, 2n)).to.be.revertedWithCustomError(
      settlement,
      "SettlementSignatureUnrecoverable",
    );
  });

  describe("refuses to register", () => {
    const { a1, a2 } = good;
    for (const [what, bad, defect] of [
      ["the identity", { x: 0n, y: 0n }, 1],
      ["x not below p", { x: a1.x + P, y: a1.y }, 2],
      ["y not below p", { x: a1.x, y: a1.y + P }, 2],
      ["a point off the curve", { x: a1.x, y: a1.y ^ 1n }, 3],
    ] as const) {
      it(`A1: ${what}`, async () => {
        const { settlement } = await loadFixture(withoutKey);
        await expect(settlement.registerKey(bad, a2))
          .to.be.revertedWithCustomError(settlement, "SettlementKeyA1Invalid")
          .withArgs(defect, asArray(bad));
      });
    }

    for (const [what, bad, defect] of [
      ["the identity", { xC1: 0n, xC0: 0n, yC1: 0n, yC0: 0n }, 1],
      ["xC1 not below p", { ...a2, xC1: a2.xC1 + P }, 2],
      ["xC0 not below p", { ...a2, xC0: a2.xC0 + P }, 2],
      ["yC1 not below p", { ...a2, yC1: a2.yC1 + P }, 2],
      ["yC0 not below p", { ...a2, yC0: a2.yC0 + P }, 2],
      ["a point off the twist", { ...a2, yC0: a2.yC0 ^ 1n }, 3],
      ["y whose square has the right real part alone", { ...a2, yC1: P - a2.yC1 }, 3],
      [
        "y whose square has the right imaginary part alone",
        { ...a2, yC0: (a2.yC0 * 2n) % P, yC1: (a2.yC1 * ((P + 1n) / 2n)) % P },
        3,
      ],
      [
        "real and imaginary parts exchanged",
        { xC1: a2.xC0, xC0: a2.xC1, yC1: a2.yC0, yC0: a2.yC1 },
        3,
      ],
      ["a point outside the subgroup", twistOutsideSubgroup(), 4],
    ] as const) {
      it(`A2: ${what}`, async () => {
        const { settlement } = await loadFixture(withoutKey);
        await expect(settlement.registerKey(a1, bad))
          .to.be.revertedWithCustomError(settlement, "SettlementKeyA2Invalid")
          .withArgs(defect, asArray(bad));
      });
    }

    it("halves of different secrets", async () => {
      const { settlement } = await loadFixture(withoutKey);
      for (const other of [twistTimes(UTILITY_SECRET + 1n), publicKey(scalarOf("b")).a2]) {
        await expect(settlement.registerKey(a1, other))
          .to.be.revertedWithCustomError(settlement, "SettlementKeyInconsistent")
          .withArgs(asArray(a1), asArray(other));
      }
      const negative = affine(times(P1, -UTILITY_SECRET));
      await expect(settlement.registerKey(negative, a2)).to.be.revertedWithCustomError(
        settlement,
        "SettlementKeyInconsistent",
      );
    });

    it("anything when the gas could not tell a bad point from too little gas", async () => {
      const { settlement } = await loadFixture(withoutKey);
      await expect(
        settlement.registerKey.staticCall(a1, a2, { gasLimit: 400_000n }),
      ).to.be.revertedWithCustomError(settlement, "BN254GasTooLow");
    });
  });
});
