import { expect } from "chai";
import { JsonRpcApiProvider, keccak256, type Log, type Provider } from "ethers";
import type { G1Point, G2Point } from "../../src/algebra/index.js";
import { audit, type AuditOptions } from "../../src/chain/audit/audit.js";
import {
  countAudit,
  type AuditedSettlement,
  type AuditResult,
  type SystemCheck,
} from "../../src/chain/audit/result.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words, g2Words } from "../../src/chain/contract-values.js";
import type { DeployedContract } from "../../src/chain/deployment.js";
import { startLocalChain } from "../../src/chain/node/local-chain.js";
import { settlementContract } from "../../src/chain/register.js";
import { settleBills } from "../../src/chain/settle.js";
import { combineBatch, publicKeyOf, type SettleableBill } from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { PERIOD, TestSystem, testMeter } from "./fixture.js";
import { deployForwarder, eventOf, forwarded, plantEvent, setBit, settleData } from "./tamper.js";

describe("audit", () => {
  let system: TestSystem;
  let snapshot: unknown;

  before(async () => {
    system = await TestSystem.start("audit", { meters: 6 });
  });
  after(() => system.stop());
  beforeEach(async () => {
    snapshot = await system.request("evm_snapshot");
  });
  afterEach(async () => {
    await system.request("evm_revert", snapshot);
  });

  /** With the fast curve where the default one is not what is tested. */
  const run = (options: AuditOptions = {}, provider: Provider = system.chain.provider) =>
    audit(provider, system.deployment, { curve: system.curve, ...options });
  const settle = async (bills: readonly SettleableBill[], batch = false) =>
    settleBills(await system.sender(), system.deployment, bills, { curve: system.curve, batch });
  const settlementAddress = () => system.deployment.contracts.settlement.address;
  const contract = () => settlementContract(system.deployment, { provider: system.chain.provider });

  const sendData = async (to: string, data: string): Promise<void> => {
    const signer = await system.signer(0);
    await (await signer.sendTransaction({ to, data })).wait();
  };
  const notOk = (settlement: AuditedSettlement | undefined) =>
    Object.entries(settlement?.checks ?? {}).flatMap(([name, result]) =>
      result === "ok" ? [] : [`${name} ${result}`],
    );
  const broken = (result: AuditResult): SystemCheck[] =>
    result.system.filter((s) => s.result !== "ok").map((s) => s.check);

  /** The provider, with some of its answers replaced. */
  function lying(overrides: Partial<Provider>): Provider {
    return new Proxy(system.chain.provider, {
      get: (target, name) => {
        const own = (overrides as Record<PropertyKey, unknown>)[name];
        const value = own ?? (Reflect.get(target, name, target) as unknown);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
      getPrototypeOf: () => JsonRpcApiProvider.prototype,
    });
  }

  describe("of a chain where all is well", () => {
    it("verifies every settlement, however it came, and lists who has not settled", async () => {
      const [a, b, ...rest] = system.bills(5);
      await settle([a!]);
      const { signature } = b!.bill;
      const v = 27 + (signature[32]! >> 7);
      const full = Uint8Array.from([...signature, v]);
      full[32]! &= 0x7f;
      const words = billWords(b!);
      const { x, y } = g1Words(system.curve, b!.combined);
      const abi = BillSettlement__factory.createInterface();
      await sendData(
        settlementAddress(),
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
      await settle(rest, true);
      const result = await audit(system.chain.provider, system.deployment);
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
        { period: PERIOD, settled: 5, unsettled: [system.meters[5]!.address] },
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
      const bills = system.bills(2);
      for (const [i, flipped] of [false, true].entries()) {
        const forwarder = await deployForwarder(system, flipped);
        const data = settleData(system, bills[i]!);
        await sendData(forwarder, forwarded(settlementAddress(), data, flipped));
      }
      const result = await run();
      expect(result.settlements.map((s) => [s.route, s.verdict])).to.deep.equal([
        ["nested", "verified"],
        ["traced", "verified"],
      ]);
      expect(result.ok).to.equal(true);
    });

    it("a batch with bills that were settled before verifies for the others", async () => {
      const bills = system.bills(3);
      await settle([bills[1]!]);
      const words = bills.map(billWords);
      const combined = combineBatch(
        system.curve,
        bills[0]!.system,
        bills.map((b) => b.bill),
        bills.map((b) => b.combined),
      );
      const { x, y } = g1Words(system.curve, combined);
      const abi = BillSettlement__factory.createInterface();
      await sendData(settlementAddress(), abi.encodeFunctionData("settleBatch", [1, words, x, y]));
      const result = await run();
      expect(result.settlements).to.have.length(3);
      expect(result.ok).to.equal(true);
    });

    it("one period at a time, also one that nobody has settled", async () => {
      await settle([...system.bills(2), ...system.bills(3, PERIOD + 1)]);
      const march = await run({ period: PERIOD });
      expect(march.settlements).to.have.length(2);
      expect(march.periods.map((p) => [p.period, p.unsettled.length])).to.deep.equal([[PERIOD, 4]]);
      const none = await run({ period: 209912 });
      expect(none.ok).to.equal(true);
      expect(none.periods[0]?.unsettled).to.have.length(6);
    });

    it("a retired meter owes nothing for later periods", async () => {
      const [meter] = system.meters;
      const signer = await system.signer(0);
      await (await contract().connect(signer).retireMeter(meter!.address, PERIOD)).wait();
      const later = await run({ period: PERIOD + 1 });
      expect(later.periods[0]?.unsettled).to.not.include(meter!.address);
      const before = await run({ period: PERIOD });
      expect(before.periods[0]?.unsettled).to.include(meter!.address);
      expect(later.ok).to.equal(true);
    });

    it("as it was at an earlier block", async () => {
      await settle(system.bills(1));
      const then = await system.chain.provider.getBlockNumber();
      await settle(system.bills(2).slice(1));
      const result = await run({ toBlock: then });
      expect(result.settlements).to.have.length(1);
      expect(result.ok).to.equal(true);
    });
  });

  describe("finds what is wrong with a settlement", () => {
    /** Plants a settlement that no check refused, with its bit, and audits it. */
    async function planted(
      bill: SettleableBill,
      event = eventOf(bill),
      data = settleData(system, bill),
    ): Promise<AuditedSettlement | undefined> {
      const transaction = await plantEvent(system, event, data);
      await setBit(system, event.meter, event.period).catch(() => undefined);
      const result = await run();
      expect(result.ok).to.equal(false);
      return result.settlements.find((s) => s.transaction === transaction);
    }
    const good = (i = 0) => system.bill(system.meters[i]!);

    it("nothing, when the bill is a good one", async () => {
      const bill = good();
      await plantEvent(system, eventOf(bill), settleData(system, bill));
      await setBit(system, bill.meter, PERIOD);
      const result = await run();
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
      await plantEvent(system, eventOf(bill), settleData(system, bill));
      const result = await run();
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
      const stranger = system.bill(testMeter(system.random));
      expect(notOk(await planted(stranger))).to.deep.equal([
        "registration failed",
        "nullifier unknown",
      ]);
      const meter = system.meters[3]!;
      const signer = await system.signer(0);
      await (await contract().connect(signer).retireMeter(meter.address, PERIOD)).wait();
      const late = system.bill(meter, { period: PERIOD + 1 });
      expect(notOk(await planted(late))).to.deep.equal(["registration failed"]);
    });

    it("a key epoch that was not registered", async () => {
      const bill = system.bill(system.meters[0]!, { utility: { ...system.utility, keyEpoch: 9 } });
      expect(notOk(await planted(bill))).to.deep.equal(["key failed", "receipt failed"]);
    });

    it("points that are none", async () => {
      const bill = good();
      const off = bill.bill.r.map((byte, i) => (i === 63 ? byte ^ 1 : byte));
      const { signature } = bill.bill;
      const found = await planted({ ...bill, bill: { ...bill.bill, r: off, signature } });
      expect(notOk(found)).to.include("points failed");
      const identity = { ...good(1), combined: system.curve.g1.identity };
      expect(notOk(await planted(identity))).to.deep.equal(["points failed", "receipt failed"]);
    });

    it("a bill that is not paid, among many that are", async () => {
      await settle(system.bills(5));
      const found = await planted(system.unpaid(good(5)));
      expect(notOk(found)).to.deep.equal(["receipt failed"]);
      const result = await run();
      expect(countAudit(result)).to.include({ settled: 6, verified: 5, failed: 1 });
    });

    it("a batch whose receipt was combined without weights", async () => {
      const bills = system.bills(2);
      const { g1 } = system.curve;
      const { x, y } = g1Words(system.curve, g1.sum(bills.map((b) => b.combined)));
      const abi = BillSettlement__factory.createInterface();
      const data = abi.encodeFunctionData("settleBatch", [1, bills.map(billWords), x, y]);
      expect(notOk(await planted(bills[0]!, eventOf(bills[0]!), data))).to.deep.equal([
        "receipt failed",
      ]);
    });

    it("two receipts that are wrong by +Δ and −Δ, which cancel without weights", async () => {
      const { g1 } = system.curve;
      for (const [i, delta] of [g1.generator, g1.neg(g1.generator)].entries()) {
        const bill = good(i);
        await planted({ ...bill, combined: g1.add(bill.combined, delta) });
      }
      expect((await run()).settlements.map(notOk)).to.deep.equal([
        ["receipt failed"],
        ["receipt failed"],
      ]);
    });

    it("the same bill twice", async () => {
      const bill = good();
      await settle([bill]);
      await planted(bill);
      const result = await run();
      expect(result.settlements.map(notOk)).to.deep.equal([[], ["once failed"]]);
    });

    it("a bill for another contract, replayed", async () => {
      const { deployment } = system;
      const elsewhere = {
        ...deployment,
        contracts: { ...deployment.contracts, settlement: deployment.contracts.vault },
      };
      const bill = system.bill(system.meters[0]!, { deployment: elsewhere });
      expect(notOk(await planted(bill))).to.deep.equal(["signature failed"]);
    });

    it("and says what it cannot tell: the call is hidden and the node does not trace", async () => {
      const bill = good();
      const forwarder = await deployForwarder(system, true);
      await sendData(forwarder, forwarded(settlementAddress(), settleData(system, bill), true));
      const send = async (method: string, params: []): Promise<unknown> => {
        if (method === "debug_traceTransaction") throw new Error("method not found");
        return (await system.chain.provider.send(method, params)) as unknown;
      };
      const result = await run({}, lying({ send } as Partial<Provider>));
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

  describe("finds what is wrong with the system", () => {
    it("a contract that was swapped for another", async () => {
      const bill = system.bill(system.meters[0]!);
      await plantEvent(system, eventOf(bill), settleData(system, bill), { restore: false });
      const result = await run();
      expect(broken(result)).to.include("settlement-code");
      expect(result.ok).to.equal(false);
    });

    it("one altered byte of code, and an altered constant", async () => {
      const address = settlementAddress();
      const code = await system.chain.provider.getCode(address);
      const altered = `${code.slice(0, -100)}${code.at(-100) === "0" ? "1" : "0"}${code.slice(-99)}`;
      await system.request("hardhat_setCode", address, altered);
      expect(broken(await run())).to.deep.equal(["settlement-code"]);
      // The domain separator is fixed in the code: another one would accept other signatures.
      const { domain } = system.bill(system.meters[0]!).system;
      const word = Buffer.from(domain).toString("hex");
      expect(code).to.contain(word);
      const other = code.replace(word, `${word.slice(0, -1)}${word.endsWith("0") ? "1" : "0"}`);
      await system.request("hardhat_setCode", address, other);
      expect(broken(await run())).to.deep.equal(["settlement-code"]);
    });

    it("a contract from another source, or with other arguments, in the record", async () => {
      const { provider } = system.chain;
      const { deployment } = system;
      const [admin] = system.chain.accounts as [string];
      const create = async (delay: number, more: string, alter: (code: string) => string) => {
        const factory = new BillSettlement__factory(await system.signer(0));
        const { data } = await factory.getDeployTransaction(admin, admin, admin, admin, delay);
        const signer = await system.signer(0);
        const sent = await signer.sendTransaction({ data: alter(`${data}${more}`) });
        const receipt = await sent.wait();
        const address = receipt!.contractAddress!;
        return {
          ...deployment.contracts.settlement,
          address,
          codeHash: keccak256(await provider.getCode(address)),
          transaction: sent.hash,
        };
      };
      const problemWith = async (settlement: DeployedContract) => {
        const contracts = { ...deployment.contracts, settlement };
        const { curve } = system;
        const result = await audit(provider, { ...deployment, contracts }, { curve });
        return result.system.find((s) => s.check === "settlement-code")?.problems[0];
      };
      const same = (code: string) => code;
      expect(await problemWith(await create(0, "", same))).to.equal(undefined);
      expect(await problemWith(await create(7, "", same))).to.match(/other arguments/);
      expect(await problemWith(await create(0, "00", same))).to.match(/more than its arguments/);
      // A byte of the compiler's own note at the end of the code: it runs all the same.
      const { bytecode } = BillSettlement__factory;
      const patched = `${bytecode.slice(0, -2)}00`;
      const alter = (code: string) => code.replace(bytecode, patched);
      expect(await problemWith(await create(0, "", alter))).to.match(/another source/);
      const genuine = deployment.contracts.settlement;
      const { transaction } = deployment.contracts.vault;
      expect(await problemWith({ ...genuine, transaction: transaction! })).to.match(
        /did not create it/,
      );
      const unknown = `0x${"12".repeat(32)}`;
      expect(await problemWith({ ...genuine, transaction: unknown })).to.match(/does not give/);
    });

    it("no contract, and another vault", async () => {
      const { vault } = system.deployment.contracts;
      await system.request("hardhat_setCode", vault.address, "0x00");
      expect(broken(await run())).to.deep.equal(["vault-code"]);
      await system.request("hardhat_setCode", settlementAddress(), "0x");
      const result = await run();
      expect(broken(result)).to.include.members(["settlement-code", "keys", "meters"]);
    });

    it("a bit without an event", async () => {
      await settle(system.bills(1));
      await setBit(system, system.meters[4]!.address, PERIOD);
      const result = await run();
      expect(broken(result)).to.deep.equal(["nullifiers"]);
      expect(result.system.flatMap((s) => s.problems)[0]).to.contain(system.meters[4]!.address);
      expect(result.settlements[0]?.verdict).to.equal("verified");
    });

    it("a node that withholds an event", async () => {
      await settle(system.bills(2));
      const getLogs: Provider["getLogs"] = async (filter) =>
        (await system.chain.provider.getLogs(filter)).slice(0, -1);
      expect(broken(await run({}, lying({ getLogs })))).to.deep.equal(["nullifiers"]);
    });

    it("a node that invents an event", async () => {
      await settle(system.bills(1));
      const getLogs: Provider["getLogs"] = async (filter) => {
        const logs = await system.chain.provider.getLogs(filter);
        const last = logs.at(-1)!;
        const topics = [...last.topics];
        topics[1] = `0x${"00".repeat(12)}${system.meters[1]!.address.slice(2)}`;
        const invented = Object.create(last, { topics: { value: topics }, index: { value: 7 } });
        return [...logs, invented as Log];
      };
      const result = await run({}, lying({ getLogs }));
      expect(notOk(result.settlements[1])).to.include.members([
        "recorded failed",
        "signature failed",
        "nullifier failed",
      ]);
    });

    it("a key that is another, is inconsistent, or was active before the delay had passed", async () => {
      const { curve } = system;
      const abi = BillSettlement__factory.createInterface();
      const other = publicKeyOf(curve, { suite: "hash-bound", keyEpoch: 1, scalar: 5n });
      const own = publicKeyOf(curve, system.utility);
      const problemsWith = async (a1: G1Point, a2: G2Point, activatesAt: bigint) => {
        const data = abi.encodeEventLog("KeyRegistered", [
          1,
          g1Words(curve, a1),
          g2Words(curve, a2),
          activatesAt,
        ]).data;
        const topic = abi.getEvent("KeyRegistered").topicHash;
        const getLogs: Provider["getLogs"] = async (filter) =>
          (await system.chain.provider.getLogs(filter)).map((log) =>
            log.topics[0] === topic ? (Object.create(log, { data: { value: data } }) as Log) : log,
          );
        const result = await run({}, lying({ getLogs }));
        return result.system.find((x) => x.check === "keys")!.problems.join("; ");
      };
      const late = 1n << 40n;
      expect(await problemsWith(other.a1, other.a2, late)).to.equal(
        "the contract holds another key for epoch 1 than was registered",
      );
      expect(await problemsWith(own.a1, other.a2, late)).to.contain("epoch 1 is inconsistent");
      expect(await problemsWith(own.a1, own.a2, 0n)).to.contain("before the delay had passed");
    });

    it("a call that reverted, in the trace, is no settlement", async () => {
      const bill = system.bill(system.meters[0]!);
      const forwarder = await deployForwarder(system, true);
      await sendData(forwarder, forwarded(settlementAddress(), settleData(system, bill), true));
      const send = async (method: string, params: []): Promise<unknown> => {
        const answer = (await system.chain.provider.send(method, params)) as { calls?: object[] };
        if (method !== "debug_traceTransaction") return answer;
        return { ...answer, calls: answer.calls!.map((c) => ({ ...c, error: "reverted" })) };
      };
      const result = await run({}, lying({ send } as Partial<Provider>));
      expect(notOk(result.settlements[0])).to.include("carried failed");
    });

    it("a key or a meter that the contract holds otherwise than the events say", async () => {
      const getLogs: Provider["getLogs"] = async (filter) =>
        (await system.chain.provider.getLogs(filter)).slice(1, -1);
      const result = await run({}, lying({ getLogs }));
      expect(broken(result)).to.deep.equal(["keys", "meters"]);
    });
  });

  describe("is not run on", () => {
    it("a chain that was started anew", async () => {
      const restarted = await startLocalChain();
      await expectRejection(run({}, restarted.provider), "chain/chain-restarted");
      await restarted.close();
    });

    it("blocks that are replaced meanwhile", async () => {
      await settle(system.bills(1));
      const last = await system.chain.provider.getBlockNumber();
      let asked = 0;
      const getBlock: Provider["getBlock"] = async (block, full) => {
        const found = await system.chain.provider.getBlock(block, full);
        if (block !== last || ++asked < 3) return found;
        return Object.create(found, { hash: { value: "0x00" } }) as typeof found;
      };
      await expectRejection(run({}, lying({ getBlock })), "chain/chain-reorganised");
    });
  });
});
