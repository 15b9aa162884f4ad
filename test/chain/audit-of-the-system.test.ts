import { expect } from "chai";
import { keccak256, type Log, type Provider } from "ethers";
import type { G1Point, G2Point } from "../../src/algebra/index.js";
import { audit } from "../../src/chain/audit/audit.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { g1Words, g2Words } from "../../src/chain/contract-values.js";
import type { DeployedContract } from "../../src/chain/deploy/deployment.js";
import { registerKey } from "../../src/chain/governance/key-epochs.js";
import { VaultCalls } from "../../src/chain/vault/vault-calls.js";
import { VaultReader } from "../../src/chain/vault/vault-reader.js";
import { addPeriods, publicKeyOf } from "../../src/sipster/index.js";
import { PERIOD } from "./fixture.js";
import { noticeOf } from "./fixture.js";
import { deployForwarder, eventOf, forwarded, plantEvent, setBit, settleData } from "./tamper.js";

import { AuditedChain, broken, notOk } from "./audited-chain.js";

describe("audit of the system", () => {
  const w = new AuditedChain("audit of the system");

  describe("finds what is wrong with the system", () => {
    it("a contract that was swapped for another", async () => {
      const bill = w.system.bill(w.system.meters[0]!);
      await plantEvent({
        system: w.system,
        event: eventOf(bill),
        data: settleData(w.system, bill),
        restore: false,
      });
      const result = await w.run();
      expect(broken(result)).to.include("settlement-code");
      expect(result.ok).to.equal(false);
    });

    it("one altered byte of code, and an altered constant", async () => {
      const address = w.settlementAddress();
      const code = await w.system.chain.provider.getCode(address);
      const altered = `${code.slice(0, -100)}${code.at(-100) === "0" ? "1" : "0"}${code.slice(-99)}`;
      await w.system.request("hardhat_setCode", address, altered);
      expect(broken(await w.run())).to.deep.equal(["settlement-code"]);
      // The domain separator is fixed in the code: another one would accept other signatures.
      const { domain } = w.system.bill(w.system.meters[0]!).system;
      const word = Buffer.from(domain).toString("hex");
      expect(code).to.contain(word);
      const other = code.replace(word, `${word.slice(0, -1)}${word.endsWith("0") ? "1" : "0"}`);
      await w.system.request("hardhat_setCode", address, other);
      expect(broken(await w.run())).to.deep.equal(["settlement-code"]);
    });

    it("a contract from another source, or with other arguments, in the record", async () => {
      const { provider } = w.system.chain;
      const { deployment } = w.system;
      const [admin] = w.system.chain.accounts as [string];
      const create = async (lead: number, more: string, alter: (code: string) => string) => {
        const factory = new BillSettlement__factory(await w.system.signer(0));
        const { data } = await factory.getDeployTransaction(
          {
            admin,
            keyRegistrar: admin,
            meterRegistrar: admin,
            parameterRegistrar: admin,
            pauser: admin,
          },
          deployment.noticeSigner,
          lead,
        );
        const signer = await w.system.signer(0);
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
        const { curve } = w.system;
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
      const { vault } = w.system.deployment.contracts;
      await w.system.request("hardhat_setCode", vault.address, "0x00");
      expect(broken(await w.run())).to.deep.equal(["vault-code"]);
      await w.system.request("hardhat_setCode", w.settlementAddress(), "0x");
      const result = await w.run();
      expect(broken(result)).to.include.members(["settlement-code", "keys", "meters"]);
    });

    it("a bit without an event", async () => {
      await w.settle(w.system.bills(1));
      await setBit({ system: w.system, meter: w.system.meters[4]!.address, period: PERIOD });
      const result = await w.run();
      expect(broken(result)).to.deep.equal(["nullifiers"]);
      expect(result.system.flatMap((s) => s.problems)[0]).to.contain(w.system.meters[4]!.address);
      expect(result.settlements[0]?.verdict).to.equal("verified");
    });

    it("a node that withholds an event", async () => {
      await w.settle(w.system.bills(2));
      const getLogs: Provider["getLogs"] = async (filter) =>
        (await w.system.chain.provider.getLogs(filter)).slice(0, -1);
      expect(broken(await w.run({}, w.lying({ getLogs })))).to.deep.equal(["nullifiers"]);
    });

    it("a node that invents an event", async () => {
      await w.settle(w.system.bills(1));
      const getLogs: Provider["getLogs"] = async (filter) => {
        const logs = await w.system.chain.provider.getLogs(filter);
        const last = logs.at(-1)!;
        const topics = [...last.topics];
        topics[1] = `0x${"00".repeat(12)}${w.system.meters[1]!.address.slice(2)}`;
        const invented = Object.create(last, { topics: { value: topics }, index: { value: 7 } });
        return [...logs, invented as Log];
      };
      const result = await w.run({}, w.lying({ getLogs }));
      expect(notOk(result.settlements[1])).to.include.members([
        "recorded failed",
        "signature failed",
        "nullifier failed",
      ]);
    });

    it("a key that is another, is inconsistent, or has no notice of the notice signer", async () => {
      const { curve } = w.system;
      const abi = BillSettlement__factory.createInterface();
      const other = publicKeyOf(curve, { suite: "hash-bound", keyEpoch: 1, scalar: 5n });
      const own = publicKeyOf(curve, w.system.utility);
      const problemsWith = async (a1: G1Point, a2: G2Point, notice: Uint8Array) => {
        const data = abi.encodeEventLog("KeyRegistered", [
          1,
          0,
          g1Words(curve, a1),
          g2Words(curve, a2),
          notice.slice(0, 32),
          notice.slice(32),
        ]).data;
        const topic = abi.getEvent("KeyRegistered").topicHash;
        const getLogs: Provider["getLogs"] = async (filter) =>
          (await w.system.chain.provider.getLogs(filter)).map((log) =>
            log.topics[0] === topic ? (Object.create(log, { data: { value: data } }) as Log) : log,
          );
        const result = await w.run({}, w.lying({ getLogs }));
        return result.system.find((x) => x.check === "keys")!.problems.join("; ");
      };
      const { deployment } = w.system;
      const good = noticeOf({ curve, deployment, key: own }).signature;
      const otherNotice = noticeOf({ curve, deployment, key: other }).signature;
      expect(await problemsWith(other.a1, other.a2, otherNotice)).to.equal(
        "the contract holds another key for epoch 1 than was registered",
      );
      expect(await problemsWith(own.a1, other.a2, good)).to.contain("epoch 1 is inconsistent");
      expect(await problemsWith(own.a1, own.a2, otherNotice)).to.contain(
        "not by the notice signer",
      );
    });

    it("a receipt key that the mint had registered before: withdrawals would buy receipts", async () => {
      const { curve, deployment } = w.system;
      const next = publicKeyOf(curve, { suite: "hash-bound", keyEpoch: 2, scalar: 987_654n });
      const sender = await w.system.sender();
      const calls = new VaultCalls(sender, deployment);
      const b1 = curve.g1.encode(next.a1);
      const b2 = curve.g2.encode(next.a2);
      const keys = [{ denomination: 1, b1, b2 }];
      const { mintKeyId, firstPeriod } = await new VaultReader(
        sender.provider,
        deployment,
      ).nextMintKeys();
      await calls.registerMintKeys({ mintKeyId, firstPeriod, keys });
      expect(broken(await w.run())).to.deep.equal([]);
      const period = addPeriods(PERIOD, 1);
      const notice = noticeOf({ curve, deployment, key: next, firstPeriod: period });
      await registerKey({ sender, deployment, curve, key: next, notice });
      const result = await w.run();
      expect(broken(result)).to.deep.equal(["keys"]);
      expect(result.system.find((s) => s.check === "keys")!.problems).to.deep.equal([
        "the key of epoch 2 is also a key of the mint: withdrawals buy receipts with it",
      ]);
      expect(result.ok).to.equal(false);
    });

    it("a call that reverted, in the trace, is not a settlement", async () => {
      const bill = w.system.bill(w.system.meters[0]!);
      const forwarder = await deployForwarder(w.system, true);
      await w.sendData(
        forwarder,
        forwarded(w.settlementAddress(), settleData(w.system, bill), true),
      );
      const send = async (method: string, params: []): Promise<unknown> => {
        const answer = (await w.system.chain.provider.send(method, params)) as { calls?: object[] };
        if (method !== "debug_traceTransaction") return answer;
        return { ...answer, calls: answer.calls!.map((c) => ({ ...c, error: "reverted" })) };
      };
      const result = await w.run({}, w.lying({ send } as Partial<Provider>));
      expect(notOk(result.settlements[0])).to.include("carried failed");
    });

    it("a key or a meter that the contract holds otherwise than the events say", async () => {
      const getLogs: Provider["getLogs"] = async (filter) =>
        (await w.system.chain.provider.getLogs(filter)).slice(1, -1);
      const result = await w.run({}, w.lying({ getLogs }));
      expect(broken(result)).to.deep.equal(["keys", "meters"]);
    });
  });
});
