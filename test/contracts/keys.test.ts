import { expect } from "chai";
import type { Wallet } from "ethers";
import { addPeriods, periodOfTime } from "../../src/sipster/index.js";
import { P, P1, affine, times, twistOutsideSubgroup, twistTimes } from "./support/curve.js";
import { keyHashOf, meterWallet, scalarOf, signNotice, type Domain } from "./support/bills.js";
import {
  deployed,
  ethers,
  networkHelpers,
  noticeWallet,
  OPEN_EPOCH,
  PERIOD,
  publicKey,
  registration,
  UTILITY_SECRET,
} from "./support/deployment.js";
import { expectRefused } from "./support/refusal.js";

const { loadFixture, time } = networkHelpers;
/** Months between registering a key and its first period. */
const LEAD = 2;

/** A settlement without a key, with a lead. */
async function withoutKey(lead: number) {
  const [registrar] = await ethers.getSigners();
  const who = registrar!.address;
  const holders = {
    admin: who,
    keyRegistrar: who,
    meterRegistrar: who,
    parameterRegistrar: who,
    pauser: who,
  };
  const settlement = await ethers.deployContract("BillSettlement", [
    holders,
    noticeWallet.address,
    lead,
  ]);
  const address = await settlement.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const domain: Domain = { chainId, settlement: address };
  /** Registers a key under its notice. */
  const register = (
    key: ReturnType<typeof publicKey>,
    notice: { keyEpoch?: number; firstPeriod?: number; signer?: Wallet } = {},
  ) => settlement.registerKey(...registration(domain, key, notice));
  return { settlement, address, domain, register };
}
const development = () => withoutKey(0);
const production = () => withoutKey(LEAD);

/** The month of the chain's next block, as YYYYMM, `later` months on. */
async function month(later = 0): Promise<number> {
  return addPeriods(periodOfTime(await time.latest()), later);
}

const good = publicKey(UTILITY_SECRET);
const asArray = (point: object): bigint[] => Object.values(point) as bigint[];

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
      await expectRefused(settlement, bill, receipt, "SettlementKeyEpochUnknown", [keyEpoch]);
      await expect(settlement.settleBatch(keyEpoch, [bill], receipt.x, receipt.y))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
      await expect(settlement.epochKey(keyEpoch))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyEpochUnknown")
        .withArgs(keyEpoch);
    }
  });

  describe("by period", () => {
    const secret = scalarOf("secret of epoch 2");

    /** A second key epoch from the month after PERIOD on. */
    async function rotated() {
      const base = await deployed();
      const next = { keyEpoch: 2, firstPeriod: PERIOD + 1 };
      const key = registration(base.domain, publicKey(secret), next);
      await base.settlement.connect(base.roles.keyRegistrar).registerKey(...key);
      return base;
    }

    it("given two epochs, when a bill is under its period's, then it settles", async () => {
      const { settlement, paidBill, meters } = await loadFixture(rotated);
      for (const [keyEpoch, period, by] of [
        [1, PERIOD, UTILITY_SECRET],
        [2, PERIOD + 1, secret],
      ] as const) {
        const { bill, receipt } = paidBill(0, { keyEpoch, period, secret: by });
        expect(await settlement.epochOf(period)).to.equal(keyEpoch);
        await expect(settlement.settle(bill, receipt.x, receipt.y))
          .to.emit(settlement, "BillSettled")
          .withArgs(meters[0]!.address, period, keyEpoch);
      }
    });

    it("given a leaked key, when it signs a bill of the next epoch's period, then nothing settles", async () => {
      const { settlement, paidBill } = await loadFixture(rotated);
      const leaked = paidBill(0, { keyEpoch: 1, period: PERIOD + 1 });
      await expectRefused(
        settlement,
        leaked.bill,
        leaked.receipt,
        "SettlementKeyEpochNotOfPeriod",
        [1, PERIOD + 1, 0, PERIOD + 1],
      );
      const early = paidBill(1, { keyEpoch: 2, period: PERIOD, secret });
      await expectRefused(settlement, early.bill, early.receipt, "SettlementKeyEpochNotOfPeriod", [
        2,
        PERIOD,
        PERIOD + 1,
        OPEN_EPOCH,
      ]);
      for (const [keyEpoch, { bill, receipt }] of [
        [1, leaked],
        [2, early],
      ] as const) {
        await expect(
          settlement.settleBatch(keyEpoch, [bill], receipt.x, receipt.y),
        ).to.be.revertedWithCustomError(settlement, "SettlementKeyEpochNotOfPeriod");
      }
    });

    it("given a first epoch, when it does not begin at period 0, then it is refused", async () => {
      for (const fixture of [development, production]) {
        const { settlement, register } = await loadFixture(fixture);
        await expect(register(good, { firstPeriod: 202601 }))
          .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
          .withArgs(202601, 0);
      }
    });

    it("given a later epoch, when it begins before the lead or at no month, then it is refused", async () => {
      const { settlement, register } = await loadFixture(production);
      await register(good);
      const earliest = await month(LEAD);
      const other = publicKey(scalarOf("other"));
      const thirteenth = Math.floor(earliest / 100) * 100 + 13;
      for (const firstPeriod of [0, 201304, await month(), await month(LEAD - 1), thirteenth]) {
        await expect(register(other, { keyEpoch: 2, firstPeriod }), String(firstPeriod))
          .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
          .withArgs(firstPeriod, earliest);
      }
      await register(other, { keyEpoch: 2, firstPeriod: earliest });
      const third = publicKey(scalarOf("third"));
      await expect(register(third, { keyEpoch: 3, firstPeriod: earliest }))
        .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
        .withArgs(earliest, addPeriods(earliest, 1));
      await register(third, { keyEpoch: 3, firstPeriod: addPeriods(earliest, 1) });
    });

    it("given the last second of a month, when the next begins, then the lead counts from it", async () => {
      const { settlement, register } = await loadFixture(production);
      await register(good);
      const other = publicKey(scalarOf("other"));
      const begun = await month(1);
      const begins = Date.UTC(Math.floor(begun / 100), (begun % 100) - 1) / 1000;
      const firstPeriod = addPeriods(begun, LEAD - 1);
      await time.setNextBlockTimestamp(begins);
      await expect(register(other, { keyEpoch: 2, firstPeriod }))
        .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
        .withArgs(firstPeriod, addPeriods(firstPeriod, 1));
    });

    it("given the same epoch, when registered a second before the month ends, then it is taken", async () => {
      const { register } = await loadFixture(production);
      await register(good);
      const begun = await month(1);
      const begins = Date.UTC(Math.floor(begun / 100), (begun % 100) - 1) / 1000;
      await time.setNextBlockTimestamp(begins - 1);
      const firstPeriod = addPeriods(begun, LEAD - 1);
      await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod });
    });

    it("given a development deployment, when an epoch begins in a past month, then it is taken", async () => {
      const { settlement, register } = await loadFixture(development);
      await register(good);
      await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod: 201304 });
      expect(await settlement.epochOf(201303)).to.equal(1);
      expect(await settlement.epochOf(201304)).to.equal(2);
      expect(await settlement.epochOf(4294967295)).to.equal(2);
    });

    it("given no key, when a period's epoch is asked for, then it is 0", async () => {
      const { settlement } = await loadFixture(development);
      expect(await settlement.epochOf(201303)).to.equal(0);
    });

    it("given a lead of more than a year, when deployed, then it is refused", async () => {
      const { settlement } = await loadFixture(development);
      await expect(withoutKey(13))
        .to.be.revertedWithCustomError(settlement, "SettlementLeadTooLong")
        .withArgs(13);
    });
  });

  describe("under notices", () => {
    it("given a notice by another signer, when registered, then it is refused", async () => {
      const { settlement, register } = await loadFixture(development);
      await expect(register(good, { signer: meterWallet(3) }))
        .to.be.revertedWithCustomError(settlement, "SettlementKeyNoticeInvalid")
        .withArgs(meterWallet(3).address, noticeWallet.address);
    });

    it("given a notice of another epoch, period, key, chain or contract, then it is refused", async () => {
      const { settlement, domain } = await loadFixture(development);
      const notice = { keyEpoch: 1, firstPeriod: 0, keyHash: keyHashOf(good) };
      const other = keyHashOf(publicKey(scalarOf("other")));
      for (const [where, what] of [
        [domain, { ...notice, keyEpoch: 2 }],
        [domain, { ...notice, firstPeriod: 202601 }],
        [domain, { ...notice, keyHash: other }],
        [{ ...domain, chainId: 1n }, notice],
        [{ ...domain, settlement: noticeWallet.address }, notice],
      ] as const) {
        const { serialized } = signNotice(noticeWallet, where, what);
        await expect(
          settlement.registerKey(good.a1, good.a2, 0, serialized),
        ).to.be.revertedWithCustomError(settlement, "SettlementKeyNoticeInvalid");
      }
    });

    it("given a malformed signature, when registered, then the reason is the signature's", async () => {
      const { settlement, domain } = await loadFixture(development);
      const notice = { keyEpoch: 1, firstPeriod: 0, keyHash: keyHashOf(good) };
      const { serialized, r, s } = signNotice(noticeWallet, domain, notice);
      const upper = `0x${"ff".repeat(32)}`;
      for (const [bytes, error] of [
        ["0x", "SettlementSignatureLength"],
        [`${serialized}00`, "SettlementSignatureLength"],
        [ethers.concat([r, s, "0x1d"]), "SettlementSignatureV"],
        [ethers.concat([r, upper, "0x1b"]), "SettlementSignatureHighS"],
        [ethers.concat([ethers.ZeroHash, s, "0x1b"]), "SettlementSignatureUnrecoverable"],
      ] as const) {
        await expect(
          settlement.registerKey(good.a1, good.a2, 0, bytes),
        ).to.be.revertedWithCustomError(settlement, error);
      }
    });

    it("given a notice, when hashed by the contract, then the digest is that of EIP-712", async () => {
      const { settlement, domain } = await loadFixture(development);
      const keyHash = keyHashOf(good);
      const { compactSerialized } = signNotice(noticeWallet, domain, {
        keyEpoch: 1,
        firstPeriod: 0,
        keyHash,
      });
      const digest = await settlement.keyNoticeDigest(1, 0, keyHash);
      expect(ethers.recoverAddress(digest, compactSerialized)).to.equal(noticeWallet.address);
      // The compact form is taken as well.
      await settlement.registerKey(good.a1, good.a2, 0, compactSerialized);
    });
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
        const { settlement } = await loadFixture(development);
        await expect(settlement.registerKey(bad, a2, 0, "0x"))
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
        const { settlement } = await loadFixture(development);
        await expect(settlement.registerKey(a1, bad, 0, "0x"))
          .to.be.revertedWithCustomError(settlement, "SettlementKeyA2Invalid")
          .withArgs(defect, asArray(bad));
      });
    }

    it("halves of different secrets", async () => {
      const { settlement } = await loadFixture(development);
      for (const other of [twistTimes(UTILITY_SECRET + 1n), publicKey(scalarOf("b")).a2]) {
        await expect(settlement.registerKey(a1, other, 0, "0x"))
          .to.be.revertedWithCustomError(settlement, "SettlementKeyInconsistent")
          .withArgs(asArray(a1), asArray(other));
      }
      const negative = affine(times(P1, -UTILITY_SECRET));
      await expect(settlement.registerKey(negative, a2, 0, "0x")).to.be.revertedWithCustomError(
        settlement,
        "SettlementKeyInconsistent",
      );
    });

    it("given the least gas that is taken, then the pairing still gets all that it may have", async () => {
      const { settlement, address } = await loadFixture(development);
      const { interface: abi } = settlement;
      const data = abi.encodeFunctionData("registerKey", [a1, a2, 0, "0x"]);
      const from = (await ethers.getSigners())[0]!;
      const isTooLow = async (gasLimit: bigint): Promise<boolean> => {
        const answer = await ethers.provider
          .call({ to: address, data, gasLimit, from })
          .catch((error: { data?: string }) => error.data ?? "0x");
        return answer.startsWith(ethers.id("BN254GasTooLow(uint256,uint256)").slice(0, 10));
      };
      let [low, high] = [480_000n, 520_000n];
      expect([await isTooLow(low), await isTooLow(high)]).to.deep.equal([true, false]);
      while (high - low > 1n) {
        const middle = (low + high) / 2n;
        if (await isTooLow(middle)) low = middle;
        else high = middle;
      }
      const sent = await from
        .sendTransaction({ to: address, data, gasLimit: high })
        .catch(
          async () => (await ethers.provider.getBlock("latest", true))!.prefetchedTransactions[0]!,
        );
      const { structLogs } = (await ethers.provider.send("debug_traceTransaction", [
        sent.hash,
        {},
      ])) as { structLogs: { op: string; gas: number; stack: string[] }[] };
      const call = structLogs.find(
        ({ op, stack }) => op === "STATICCALL" && BigInt(stack.at(-2)!) === 8n,
      )!;
      // A call passes on 63/64 of what is left after its own price of 100.
      expect(Math.floor(((call.gas - 100) * 63) / 64)).to.be.at.least(450_000);
    });

    it("anything when the gas could not tell a bad point from too little gas", async () => {
      const { settlement } = await loadFixture(development);
      await expect(
        settlement.registerKey.staticCall(a1, a2, 0, "0x", { gasLimit: 400_000n }),
      ).to.be.revertedWithCustomError(settlement, "BN254GasTooLow");
    });
  });
});
