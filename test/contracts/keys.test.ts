import { expect } from "chai";
import { addPeriods } from "../../src/sipster/index.js";
import { keyHashOf, scalarOf, signNotice } from "./support/bills.js";
import {
  networkHelpers,
  deployed,
  ethers,
  noticeWallet,
  OPEN_EPOCH,
  PERIOD,
  publicKey,
  registration,
} from "./support/deployment.js";
import { asArray, development, good } from "./support/keys.js";
import { expectRefused } from "./support/refusal.js";

const { loadFixture } = networkHelpers;

describe("BillSettlement's keys", () => {
  it("numbers keys from 1 and gives them back as registered, with their notices", async () => {
    const { settlement, domain, register } = await loadFixture(development);
    for (const keyEpoch of [1, 2, 3]) {
      const { a1, a2 } = publicKey(scalarOf(`key ${keyEpoch}`));
      const firstPeriod = keyEpoch === 1 ? 0 : 202600 + keyEpoch;
      const keyHash = keyHashOf({ a1, a2 });
      expect(await settlement.isKey(keyHash)).to.equal(false);
      const tx = register({ a1, a2 }, { keyEpoch, firstPeriod });
      const notice = signNotice(noticeWallet, domain, { keyEpoch, firstPeriod, keyHash });
      await expect(tx)
        .to.emit(settlement, "KeyRegistered")
        .withArgs(keyEpoch, firstPeriod, asArray(a1), asArray(a2), notice.r, notice.yParityAndS);
      expect(await settlement.keyEpochs()).to.equal(keyEpoch);
      expect(await settlement.isKey(keyHash)).to.equal(true);
      expect(await settlement.epochKey(keyEpoch)).to.deep.equal([
        asArray(a1),
        asArray(a2),
        BigInt(firstPeriod),
        OPEN_EPOCH,
      ]);
    }
    expect((await settlement.epochKey(1)).endPeriod).to.equal(202602);
    expect((await settlement.epochKey(2)).endPeriod).to.equal(202603);
  });

  it("keeps a key in the code of a contract that does nothing when called", async () => {
    const { settlement, register } = await loadFixture(development);
    await register(good);
    const address = await settlement.epochKeyAddress(1);
    const code = await ethers.provider.getCode(address);
    const words = [...asArray(good.a2), ...asArray(good.a1)].map((w) => ethers.toBeHex(w, 32));
    expect(code).to.equal(ethers.concat(["0x00", ...words]));
    expect(await ethers.provider.call({ to: address, data: "0x12345678" })).to.equal("0x");
  });

  it("finds the contract of any epoch as the chain numbers creations", async () => {
    const { settlement, address } = await loadFixture(development);
    const edges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff];
    for (const nonce of edges) {
      expect(await settlement.epochKeyAddress(nonce), `nonce ${nonce}`).to.equal(
        ethers.getCreateAddress({ from: address, nonce }),
      );
    }
  });

  it("settles under key 130, whose creation number takes two bytes", async function () {
    const base = await loadFixture(deployed);
    const { settlement, roles, paidBill, meters, domain } = base;
    const registry = settlement.connect(roles.keyRegistrar);
    const secretOf = (epoch: number) => scalarOf(`key of epoch ${epoch}`);
    for (let keyEpoch = 2; keyEpoch <= 130; keyEpoch++) {
      const firstPeriod = addPeriods(PERIOD, keyEpoch);
      const key = publicKey(secretOf(keyEpoch));
      await registry.registerKey(...registration(domain, key, { keyEpoch, firstPeriod }));
    }
    const { a1 } = publicKey(secretOf(130));
    expect((await settlement.epochKey(130)).a1).to.deep.equal(asArray(a1));
    const period = addPeriods(PERIOD, 130);
    const { bill, receipt } = paidBill(0, { keyEpoch: 130, secret: secretOf(130), period });
    await expect(settlement.settle(bill, receipt.x, receipt.y))
      .to.emit(settlement, "BillSettled")
      .withArgs(meters[0]!.address, period, 130);
  });

  it("never overwrites a key: another key makes a new epoch", async () => {
    const { settlement, register } = await loadFixture(development);
    await register(good);
    const { a1, a2, firstPeriod } = await settlement.epochKey(1);
    const code = await ethers.provider.getCode(await settlement.epochKeyAddress(1));
    await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod: 202601 });
    expect(await settlement.keyEpochs()).to.equal(2);
    const after = await settlement.epochKey(1);
    expect([after.a1, after.a2, after.firstPeriod]).to.deep.equal([a1, a2, firstPeriod]);
    expect(await ethers.provider.getCode(await settlement.epochKeyAddress(1))).to.equal(code);
    // No other function takes a key, and this one takes no epoch.
    const takingKeys: string[] = [];
    settlement.interface.forEachFunction(({ name, inputs }) => {
      const isKey = inputs.some((input) => input.components?.some(({ name }) => name === "xC1"));
      if (isKey) takingKeys.push(`${name} ${inputs.length}`);
    });
    expect(takingKeys).to.deep.equal(["registerKey 4"]);
  });

  it("given a key that an epoch has, when registered for another, then it is refused", async () => {
    const { settlement, register } = await loadFixture(development);
    await register(good);
    await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod: 202601 });
    await expect(register(good, { keyEpoch: 3, firstPeriod: 202602 }))
      .to.be.revertedWithCustomError(settlement, "SettlementKeyInUse")
      .withArgs(keyHashOf(good), 1);
  });

  it("refuses bills under an unknown epoch", async () => {
    const { settlement, paidBill } = await loadFixture(deployed);
    for (const keyEpoch of [0, 2, 200, 4294967295]) {
      const { bill, receipt } = paidBill(0, { keyEpoch, units: 0 });
      await expectRefused({
        settlement,
        bill,
        receipt,
        error: "SettlementKeyEpochUnknown",
        args: [keyEpoch],
      });
      await expect(settlement.settleBatch(keyEpoch, [bill], receipt.x, receipt.y))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
      await expect(settlement.epochKey(keyEpoch))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
    }
  });
});
