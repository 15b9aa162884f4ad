import { expect } from "chai";
import { type Provider } from "ethers";
import { audit } from "../../src/chain/audit/audit.js";
import { countAudit } from "../../src/chain/audit/result.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { startLocalChain } from "../../src/chain/node/local-chain.js";
import { combineBatch } from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { PERIOD } from "./fixture.js";
import { deployForwarder, forwarded, settleData } from "./tamper.js";

import { AuditedChain } from "./audited-chain.js";

describe("audit", () => {
  const w = new AuditedChain("audit");

  describe("of a chain where all is well", () => {
    it("verifies every settlement, however it came, and lists who has not settled", async () => {
      const [a, b, ...rest] = w.system.bills(5);
      await w.settle([a!]);
      const { signature } = b!.bill;
      const v = 27 + (signature[32]! >> 7);
      const full = Uint8Array.from([...signature, v]);
      full[32]! &= 0x7f;
      const words = billWords(b!);
      const { x, y } = g1Words(w.system.curve, b!.combined);
      const abi = BillSettlement__factory.createInterface();
      await w.sendData(
        w.settlementAddress(),
        abi.encodeFunctionData("settleWithSignature", [
          words.period,
          words.keyEpoch,
          words.rx,
          words.ry,
          full,
          x,
          y,
        ]),
      );
      await w.settle(rest, true);
      const result = await audit(w.system.chain.provider, w.system.deployment);
      expect(result.system.flatMap((s) => s.problems)).to.deep.equal([]);
      expect(result.settlements.flatMap((s) => s.problems)).to.deep.equal([]);
      expect(result.ok).to.equal(true);
      expect(result.settlements.map((s) => s.method)).to.deep.equal([
        "settle",
        "settleWithSignature",
        "settleBatch",
        "settleBatch",
        "settleBatch",
      ]);
      expect(result.periods).to.deep.equal([
        { period: PERIOD, settled: 5, unsettled: [w.system.meters[5]!.address] },
      ]);
      expect(countAudit(result)).to.deep.equal({
        settled: 5,
        verified: 5,
        failed: 0,
        unverifiable: 0,
        unsettled: 1,
      });
      expect(result.keys.map((k) => k.keyEpoch)).to.deep.equal([1]);
    });

    it("finds bills that went through another contract, in its calldata or by the trace", async () => {
      const bills = w.system.bills(2);
      for (const [i, flipped] of [false, true].entries()) {
        const forwarder = await deployForwarder(w.system, flipped);
        const data = settleData(w.system, bills[i]!);
        await w.sendData(forwarder, forwarded(w.settlementAddress(), data, flipped));
      }
      const result = await w.run();
      expect(result.settlements.map((s) => [s.route, s.verdict])).to.deep.equal([
        ["nested", "verified"],
        ["traced", "verified"],
      ]);
      expect(result.ok).to.equal(true);
    });

    it("a batch with bills that were settled before verifies for the others", async () => {
      const bills = w.system.bills(3);
      await w.settle([bills[1]!]);
      const words = bills.map(billWords);
      const combined = combineBatch({
        curve: w.system.curve,
        system: bills[0]!.system,
        bills: bills.map((b) => b.bill),
        combined: bills.map((b) => b.combined),
      });
      const { x, y } = g1Words(w.system.curve, combined);
      const abi = BillSettlement__factory.createInterface();
      await w.sendData(
        w.settlementAddress(),
        abi.encodeFunctionData("settleBatch", [1, words, x, y]),
      );
      const result = await w.run();
      expect(result.settlements).to.have.length(3);
      expect(result.ok).to.equal(true);
    });

    it("one period at a time, also one that nobody has settled", async () => {
      await w.settle([...w.system.bills(2), ...w.system.bills(3, PERIOD + 1)]);
      const march = await w.run({ period: PERIOD });
      expect(march.settlements).to.have.length(2);
      expect(march.periods.map((p) => [p.period, p.unsettled.length])).to.deep.equal([[PERIOD, 4]]);
      const none = await w.run({ period: 209912 });
      expect(none.ok).to.equal(true);
      expect(none.periods[0]?.unsettled).to.have.length(6);
    });

    it("a retired meter owes nothing for later periods", async () => {
      const [meter] = w.system.meters;
      const signer = await w.system.signer(0);
      await (await w.contract().connect(signer).retireMeter(meter!.address, PERIOD)).wait();
      const later = await w.run({ period: PERIOD + 1 });
      expect(later.periods[0]?.unsettled).to.not.include(meter!.address);
      const before = await w.run({ period: PERIOD });
      expect(before.periods[0]?.unsettled).to.include(meter!.address);
      expect(later.ok).to.equal(true);
    });

    it("as it was at an earlier block", async () => {
      await w.settle(w.system.bills(1));
      const then = await w.system.chain.provider.getBlockNumber();
      await w.settle(w.system.bills(2).slice(1));
      const result = await w.run({ toBlock: then });
      expect(result.settlements).to.have.length(1);
      expect(result.ok).to.equal(true);
    });
  });

  describe("is not run on", () => {
    it("a chain that was started again", async () => {
      const restarted = await startLocalChain();
      await expectRejection(w.run({}, restarted.provider), "chain/chain-restarted");
      await restarted.close();
    });

    it("blocks that are replaced meanwhile", async () => {
      await w.settle(w.system.bills(1));
      const last = await w.system.chain.provider.getBlockNumber();
      let asked = 0;
      const getBlock: Provider["getBlock"] = async (block, full) => {
        const found = await w.system.chain.provider.getBlock(block, full);
        if (block !== last || ++asked < 2) return found;
        return Object.create(found, { hash: { value: "0x00" } }) as typeof found;
      };
      await expectRejection(w.run({}, w.lying({ getBlock })), "chain/chain-reorganised");
    });
  });
});
