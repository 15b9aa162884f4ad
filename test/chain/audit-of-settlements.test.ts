import { expect } from "chai";
import { type Provider } from "ethers";
import { countAudit, type AuditedSettlement } from "../../src/chain/audit/result.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { type SettleableBill } from "../../src/sipster/index.js";
import { PERIOD, testMeter } from "./fixture.js";
import { deployForwarder, eventOf, forwarded, plantEvent, setBit, settleData } from "./tamper.js";

import { AuditedChain, broken, notOk } from "./audited-chain.js";

describe("audit of settlements", () => {
  const w = new AuditedChain("audit of settlements");

  describe("finds what is wrong with a settlement", () => {
    /** Plants a settlement that no check refused, with its bit, and audits it. */
    async function planted(
      bill: SettleableBill,
      event = eventOf(bill),
      data = settleData(w.system, bill),
    ): Promise<AuditedSettlement | undefined> {
      const transaction = await plantEvent({ system: w.system, event, data });
      await setBit({ system: w.system, meter: event.meter, period: event.period }).catch(
        () => undefined,
      );
      const result = await w.run();
      expect(result.ok).to.equal(false);
      return result.settlements.find((s) => s.transaction === transaction);
    }
    const good = (i = 0) => w.system.bill(w.system.meters[i]!);

    it("nothing, when the bill is a good one", async () => {
      const bill = good();
      await plantEvent({
        system: w.system,
        event: eventOf(bill),
        data: settleData(w.system, bill),
      });
      await setBit({ system: w.system, meter: bill.meter, period: PERIOD });
      const result = await w.run();
      expect(result.settlements.map(notOk)).to.deep.equal([[]]);
      expect(result.ok).to.equal(true);
    });

    it("an event without a bill", async () => {
      const event = eventOf(good());
      expect(notOk(await planted(good(), event, "0x12345678"))).to.deep.equal([
        "carried failed",
        "signature failed",
        "points failed",
        "receipt failed",
      ]);
    });

    it("an event without the bit", async () => {
      const bill = good();
      await plantEvent({
        system: w.system,
        event: eventOf(bill),
        data: settleData(w.system, bill),
      });
      const result = await w.run();
      expect(notOk(result.settlements[0])).to.deep.equal(["nullifier failed"]);
      expect(broken(result)).to.deep.equal(["nullifiers"]);
    });

    it("a bill of another period or key epoch", async () => {
      const bill = good();
      for (const change of [{ period: PERIOD + 1 }, { keyEpoch: 2 }]) {
        const found = await planted(bill, { ...eventOf(bill), ...change });
        expect(notOk(found)).to.include("carried failed");
      }
    });

    it("a bill signed by another meter, or by nobody", async () => {
      const bill = good(1);
      const event = eventOf(good(0));
      const found = await planted(bill, event);
      expect(notOk(found)).to.deep.equal(["signature failed"]);
      expect(found?.problems[0]).to.contain(bill.meter);
      const signature = new Uint8Array(64).fill(0xff);
      const garbled = { ...bill, bill: { ...bill.bill, signature } };
      expect(notOk(await planted(garbled, eventOf(good(2))))).to.deep.equal(["signature failed"]);
    });

    it("a meter that was not registered, or not for the period", async () => {
      const stranger = w.system.bill(testMeter(w.system.random));
      expect(notOk(await planted(stranger))).to.deep.equal([
        "registration failed",
        "nullifier unknown",
      ]);
      const meter = w.system.meters[3]!;
      const signer = await w.system.signer(0);
      await (await w.contract().connect(signer).retireMeter(meter.address, PERIOD)).wait();
      const late = w.system.bill(meter, { period: PERIOD + 1 });
      expect(notOk(await planted(late))).to.deep.equal(["registration failed"]);
    });

    it("a key epoch that was not registered", async () => {
      const bill = w.system.bill(w.system.meters[0]!, {
        utility: { ...w.system.utility, keyEpoch: 9 },
      });
      expect(notOk(await planted(bill))).to.deep.equal(["key failed", "receipt failed"]);
    });

    it("points that are none", async () => {
      const bill = good();
      const off = bill.bill.r.map((byte, i) => (i === 63 ? byte ^ 1 : byte));
      const { signature } = bill.bill;
      const found = await planted({ ...bill, bill: { ...bill.bill, r: off, signature } });
      expect(notOk(found)).to.include("points failed");
      const identity = { ...good(1), combined: w.system.curve.g1.identity };
      expect(notOk(await planted(identity))).to.deep.equal(["points failed", "receipt failed"]);
    });

    it("a bill that is not paid, among many that are", async () => {
      await w.settle(w.system.bills(5));
      const found = await planted(w.system.unpaid(good(5)));
      expect(notOk(found)).to.deep.equal(["receipt failed"]);
      const result = await w.run();
      expect(countAudit(result)).to.include({ settled: 6, verified: 5, failed: 1 });
    });

    it("a batch whose receipt was combined without weights", async () => {
      const bills = w.system.bills(2);
      const { g1 } = w.system.curve;
      const { x, y } = g1Words(w.system.curve, g1.sum(bills.map((b) => b.combined)));
      const abi = BillSettlement__factory.createInterface();
      const data = abi.encodeFunctionData("settleBatch", [1, bills.map(billWords), x, y]);
      expect(notOk(await planted(bills[0]!, eventOf(bills[0]!), data))).to.deep.equal([
        "receipt failed",
      ]);
    });

    it("two receipts that are wrong by +Δ and −Δ, which cancel without weights", async () => {
      const { g1 } = w.system.curve;
      for (const [i, delta] of [g1.generator, g1.neg(g1.generator)].entries()) {
        const bill = good(i);
        await planted({ ...bill, combined: g1.add(bill.combined, delta) });
      }
      expect((await w.run()).settlements.map(notOk)).to.deep.equal([
        ["receipt failed"],
        ["receipt failed"],
      ]);
    });

    it("the same bill twice", async () => {
      const bill = good();
      await w.settle([bill]);
      await planted(bill);
      const result = await w.run();
      expect(result.settlements.map(notOk)).to.deep.equal([[], ["once failed"]]);
    });

    it("a bill for another contract, replayed", async () => {
      const { deployment } = w.system;
      const elsewhere = {
        ...deployment,
        contracts: { ...deployment.contracts, settlement: deployment.contracts.vault },
      };
      const bill = w.system.bill(w.system.meters[0]!, { deployment: elsewhere });
      expect(notOk(await planted(bill))).to.deep.equal(["signature failed"]);
    });

    it("and says what it cannot tell: the call is hidden and the node does not trace", async () => {
      const bill = good();
      const forwarder = await deployForwarder(w.system, true);
      await w.sendData(
        forwarder,
        forwarded(w.settlementAddress(), settleData(w.system, bill), true),
      );
      const send = async (method: string, params: []): Promise<unknown> => {
        if (method === "debug_traceTransaction") throw new Error("method not found");
        return (await w.system.chain.provider.send(method, params)) as unknown;
      };
      const result = await w.run({}, w.lying({ send } as Partial<Provider>));
      expect(result.settlements[0]?.verdict).to.equal("unverifiable");
      expect(notOk(result.settlements[0])).to.deep.equal([
        "carried unknown",
        "signature unknown",
        "points unknown",
        "receipt unknown",
      ]);
      expect(result.ok).to.equal(false);
    });
  });
});
