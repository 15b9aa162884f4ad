import { expect } from "chai";
import { keyHashOf, meterWallet, scalarOf, signNotice } from "./support/bills.js";
import { P, P1, affine, times, twistOutsideSubgroup, twistTimes } from "./support/curve.js";
import {
  networkHelpers,
  ethers,
  noticeWallet,
  publicKey,
  UTILITY_SECRET,
} from "./support/deployment.js";
import { asArray, development, good } from "./support/keys.js";

const { loadFixture } = networkHelpers;

describe("BillSettlement's keys, refused", () => {
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
