import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  setLibSourcifyLogger,
  SolidityMetadataContract,
  Verification,
  type ISolidityCompiler,
  type Metadata,
  type SolidityJsonInput,
  type SolidityOutput,
} from "@ethereum-sourcify/lib-sourcify";
import { expect } from "chai";
import { getAddress, id } from "ethers";
import {
  ConsumptionLedger__factory,
  PiecewiseLinearPrice__factory,
} from "../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { settleBills } from "../../src/chain/index.js";
import { metadataNotes } from "../../src/chain/node/bytecode/metadata-note.js";
import { NotedCompilation } from "../../src/chain/node/bytecode/noted-compilation.js";
import { RecordedChain } from "../../src/chain/node/bytecode/recorded-chain.js";
import { compile } from "../../src/chain/node/bytecode/solc.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { builtContract, compiledContract } from "../../src/chain/node/publish/index.js";
import type { SettleableBill } from "../../src/sipster/index.js";
import { metadataDigest } from "./metadata-digest.js";
import { PERIOD, TestSystem } from "../chain/fixture.js";
import { filesBelow, Published, recordOptions, runPublish } from "./support.js";

const CONTRACTS = [
  "BillSettlement",
  "CreditVault",
  "ConsumptionLedger",
  "PiecewiseLinearPrice",
  "TimetablePrice",
  "TestToken",
] as const;

describe("what is published", () => {
  let folder: string;
  let chain: ServedChain;
  let system: TestSystem;
  let options: string[];
  /** Address by name of every contract that is deployed. */
  let deployed: Record<string, string>;
  const out = () => join(folder, "published");
  const matchFolder = (address: string) => join(out(), "contracts/full_match/31337", address);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sipster-test-"));
    chain = await serveLocalChain();
    system = await TestSystem.on(chain, "published", { meters: 4 });
    const [account] = chain.accounts as [string];
    const signer = await system.signer(0);
    const price = await new PiecewiseLinearPrice__factory(signer).deploy([
      { load: 1000n, price: 50n },
    ]);
    const ledger = await new ConsumptionLedger__factory(signer).deploy({
      admin: account,
      controlCentre: account,
      provider: account,
      priceFunction: await price.getAddress(),
      firstInterval: 1,
      showWindow: 3600,
      leastHomes: 3,
      initialAverage: 200,
    });
    await ledger.waitForDeployment();
    const { settlement, vault, token, orderBoard } = system.deployment.contracts;
    deployed = {
      BillSettlement: settlement.address,
      CreditVault: vault.address,
      TestToken: token.address,
      OrderBoard: orderBoard.address,
      ConsumptionLedger: await ledger.getAddress(),
      PiecewiseLinearPrice: await price.getAddress(),
    };
    options = recordOptions(folder, chain.url, system.deployment);
    const also = ["ConsumptionLedger", "PiecewiseLinearPrice"];
    const { code, output } = await runPublish(
      ...options,
      ...also.flatMap((name) => ["--also", `${name}=${deployed[name]}`]),
      ...["--out", out(), "--owner", "Utility of the test"],
    );
    expect(code, output).to.equal(0);
  });
  after(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const settlement = () => new Published(out(), "BillSettlement");

  describe("tells an explorer, from the ABI and its documentation alone,", () => {
    /** What an explorer has of a transaction. */
    async function decode(hash: string) {
      const { abi } = settlement();
      const [sent, receipt] = await Promise.all([
        chain.provider.getTransaction(hash),
        chain.provider.getTransactionReceipt(hash),
      ]);
      const call = abi.parseTransaction(sent!)!;
      const events = receipt!.logs.map((log) => abi.parseLog(log)!);
      return { call, events, receipt: receipt! };
    }

    async function settle(bills: readonly SettleableBill[], batch: boolean): Promise<string> {
      const outcomes = await settleBills({
        sender: await system.sender(),
        deployment: system.deployment,
        bills,
        curve: system.curve,
        batch,
      });
      const [first] = outcomes;
      if (first?.status !== "settled") return expect.fail(`not settled: ${first?.status}`);
      return first.transaction;
    }

    it("what settled a bill", async () => {
      const bill = system.bill(system.meters[0]!);
      const { call, events } = await decode(await settle([bill], false));
      const words = billWords(bill);
      expect(call.name).to.equal("settle");
      expect(call.fragment.inputs.map((input) => input.name)).to.deep.equal(["bill", "sx", "sy"]);
      expect((call.args.bill as { period: bigint }).period).to.equal(BigInt(PERIOD));
      expect((call.args.bill as { rx: bigint }).rx).to.equal(BigInt(words.rx));
      expect(call.args.sx).to.equal(g1Words(system.curve, bill.combined).x);
      expect(settlement().noticeOf("methods", call.signature)).to.match(/^Settles one bill\./);
      expect(events.map((e) => e.name)).to.deep.equal(["BillSettled"]);
      expect(events[0]?.args.toObject()).to.deep.equal({
        meter: getAddress(bill.meter),
        period: BigInt(PERIOD),
        keyEpoch: 1n,
      });
      expect(settlement().noticeOf("events", events[0]!.signature)).to.match(/period was settled/);
    });

    it("what settled a batch", async () => {
      const bills = system.meters.slice(1, 4).map((meter) => system.bill(meter));
      const { call, events } = await decode(await settle(bills, true));
      expect(call.name).to.equal("settleBatch");
      expect(call.args.keyEpoch).to.equal(1n);
      const periods = (call.args.bills as { period: bigint }[]).map((b) => b.period);
      expect(periods).to.deep.equal(bills.map(() => BigInt(PERIOD)));
      expect(settlement().noticeOf("methods", call.signature)).to.match(/^Settles many bills/);
      expect(events.map((e) => [e.name, e.args.meter as string])).to.deep.equal(
        bills.map((b) => ["BillSettled", getAddress(b.meter)]),
      );
    });

    it("why a transaction failed, with the error's arguments and its meaning", async () => {
      const fail = async (bill: SettleableBill) => {
        const { abi } = settlement();
        const { x, y } = g1Words(system.curve, bill.combined);
        const data = abi.encodeFunctionData("settle", [billWords(bill), x, y]);
        const to = deployed.BillSettlement!;
        const signer = await chain.provider.getSigner(0);
        // With its own gas limit it is sent without a trial, and fails on the chain; this node also
        // throws what it knows of the reason.
        await signer.sendUncheckedTransaction({ to, data, gasLimit: 500_000 }).catch(() => null);
        const [hash] = (await chain.provider.getBlock("latest"))!.transactions as [string];
        const receipt = (await chain.provider.getTransactionReceipt(hash))!;
        expect(receipt.status).to.equal(0);
        expect((await decode(hash)).call.name).to.equal("settle");
        // The reason is not in the receipt: as explorers do, the call is made once more.
        const again = { from: receipt.from, to, data, blockTag: receipt.blockNumber };
        const reverted: unknown = await chain.provider.call(again).catch((e: unknown) => e);
        const error = abi.parseError((reverted as { data: string }).data)!;
        return { error, notice: settlement().noticeOf("errors", error.signature) };
      };
      const late = system.bill(system.meters[0]!, { period: PERIOD + 1 });
      const unpaid = await fail(system.unpaid(late));
      expect(unpaid.error.name).to.equal("SettlementReceiptMismatch");
      expect(unpaid.error.args.toObject()).to.deep.equal({
        meter: getAddress(late.meter),
        period: BigInt(PERIOD + 1),
        keyEpoch: 1n,
      });
      expect(unpaid.notice).to.contain("the receipts do not add up to this bill under this key");

      await settle([late], false);
      const twice = await fail(late);
      expect(twice.error.name).to.equal("SettlementAlreadySettled");
      expect(twice.error.args.period).to.equal(BigInt(PERIOD + 1));
      expect(twice.notice).to.equal("The meter's period is settled: nothing is left to do.");
    });
  });

  describe("documents for users", () => {
    for (const name of CONTRACTS.filter((c) => c !== "TestToken")) {
      it(`every function, event and error of ${name} that is our own`, () => {
        const published = new Published(out(), name);
        const { abi, userdoc } = published;
        const missing: string[] = [];
        let present = 0;
        const check = (kind: "methods" | "events" | "errors", signature: string): void => {
          const notice = published.noticeOf(kind, signature);
          if (notice === undefined) missing.push(signature);
          else if (notice.length > 15) present++;
        };
        abi.forEachFunction((f) => check("methods", f.format("sighash")));
        abi.forEachEvent((e) => check("events", e.format("sighash")));
        abi.forEachError((e) => check("errors", e.format("sighash")));
        expect(missing.filter((signature) => !OF_THE_LIBRARY.has(signature))).to.deep.equal([]);
        expect(present).to.be.greaterThan(2);
        expect(userdoc).to.have.property("notice");
        expect(published.devdoc.title).to.be.a("string");
      });
    }
  });

  describe("is what a Sourcify repository holds of an exact match:", () => {
    it("for every deployed contract, its metadata and every source file, by the names in it", () => {
      const root = join(out(), "contracts/full_match/31337");
      const folders = new Set([...filesBelow(root).keys()].map((file) => file.split("/")[0]));
      expect([...folders].sort()).to.deep.equal(Object.values(deployed).sort());
      for (const [name, address] of Object.entries(deployed)) {
        const files = filesBelow(matchFolder(address));
        const metadata = JSON.parse(files.get("metadata.json")!) as Metadata;
        expect(Object.values(metadata.settings.compilationTarget)).to.deep.equal([name]);
        const sources = [...files].filter(([file]) => file.startsWith("sources/"));
        expect(Object.fromEntries(sources.map(([file, text]) => [file, id(text)]))).to.deep.equal(
          Object.fromEntries(
            Object.entries(metadata.sources).map(([s, { keccak256 }]) => [
              `sources/${s}`,
              keccak256,
            ]),
          ),
        );
        expect(sources.length).to.be.greaterThan(0);
      }
    });

    it("the metadata's hash is the one in the code on the chain", async () => {
      for (const address of Object.values(deployed)) {
        const [note, ...more] = metadataNotes(await chain.provider.getCode(address));
        const metadata = filesBelow(matchFolder(address)).get("metadata.json")!;
        expect(note?.digest).to.equal(metadataDigest(metadata));
        expect(more).to.deep.equal([]);
      }
    });

    it("who created it and with which arguments, where the record knows", async () => {
      const { settlement: recorded } = system.deployment.contracts;
      const files = filesBelow(matchFolder(recorded.address));
      expect(files.get("creator-tx-hash.txt")).to.equal(recorded.transaction);
      const sent = await chain.provider.getTransaction(recorded.transaction!);
      const args = files.get("constructor-args.txt")!;
      // Seven words: five holders of roles, the notice signer and the lead.
      expect(args).to.match(/^0x[0-9a-f]{448}$/);
      expect(sent!.data.endsWith(args.slice(2))).to.equal(true);
      expect(files.get("immutable-references.json")).to.contain('"length":32');
      const ledger = filesBelow(matchFolder(deployed.ConsumptionLedger!));
      expect(ledger.has("creator-tx-hash.txt")).to.equal(false);
    });

    for (const name of ["BillSettlement", "PiecewiseLinearPrice"]) {
      it(`${name} compiles from these files alone to the code on the chain`, async () => {
        const files = filesBelow(matchFolder(deployed[name]!));
        const { "metadata.json": metadata, ...rest } = Object.fromEntries(files);
        const sources = Object.entries(rest).flatMap(([path, content]) =>
          path.startsWith("sources/") ? [{ path, content }] : [],
        );
        const compiler: ISolidityCompiler = {
          compile: async (_version: string, input: SolidityJsonInput) =>
            (await compile(input)) as unknown as SolidityOutput,
        };
        setLibSourcifyLogger({ logLevel: 0, log: () => undefined, setLevel: () => undefined });
        const contract = new SolidityMetadataContract(JSON.parse(metadata!) as Metadata, sources);
        const code = await chain.provider.getCode(deployed[name]!);
        const recorded = new RecordedChain(31337n, { code, data: null, fault: null });
        const { compilerVersion, jsonInput, compilationTarget } =
          await contract.createCompilation(compiler);
        const compilation = new NotedCompilation(
          compiler,
          compilerVersion,
          jsonInput,
          compilationTarget,
        );
        const verification = new Verification(compilation, recorded, deployed[name]!);
        await verification.verify();
        expect(verification.status.runtimeMatch).to.equal("perfect");
      });
    }
  });

  it("given an install without a build, when the contract is compiled, then the same is published", async () => {
    const [file, name] = ["contracts/prices/PiecewiseLinearPrice.sol", "PiecewiseLinearPrice"];
    const [built, compiled] = [await builtContract(file, name), await compiledContract(file, name)];
    expect(compiled).to.deep.equal(built);
  });

  it("the clear-signing descriptor names this deployment", () => {
    const text = filesBelow(join(out(), "erc7730")).get("calldata-BillSettlement.json")!;
    expect(JSON.parse(text)).to.deep.include({
      context: {
        $id: "Sipster BillSettlement",
        contract: { deployments: [{ chainId: 31337, address: deployed.BillSettlement }] },
      },
      metadata: { owner: "Utility of the test", contractName: "Bill settlement" },
    });
  });

  it("a contract that is not what was built is not published", async () => {
    const snapshot = await system.request("evm_snapshot");
    const address = deployed.ConsumptionLedger!;
    const code = await chain.provider.getCode(address);
    const flipped = `${code.slice(0, -110)}${code.at(-110) === "0" ? "1" : "0"}${code.slice(-109)}`;
    await system.request("hardhat_setCode", address, flipped);
    const elsewhere = join(folder, "refused");
    const also = ["--also", `ConsumptionLedger=${address}`];
    const { code: exit, output } = await runPublish(...options, ...also, "--out", elsewhere);
    await system.request("evm_revert", snapshot);
    expect(exit).to.equal(1);
    expect(output).to.contain(`ConsumptionLedger at ${address} is not what was built here: 1 of`);
    expect([...filesBelow(elsewhere).keys()].filter((f) => f.includes(address))).to.deep.equal([]);
  });
});

/**
 * Inherited from OpenZeppelin, which documents for developers only: roles, the pause, EIP-712, guards.
 */
const OF_THE_LIBRARY: ReadonlySet<string> = new Set([
  "DEFAULT_ADMIN_ROLE()",
  "eip712Domain()",
  "getRoleAdmin(bytes32)",
  "grantRole(bytes32,address)",
  "hasRole(bytes32,address)",
  "paused()",
  "renounceRole(bytes32,address)",
  "revokeRole(bytes32,address)",
  "supportsInterface(bytes4)",
  "EIP712DomainChanged()",
  "Paused(address)",
  "RoleAdminChanged(bytes32,bytes32,bytes32)",
  "RoleGranted(bytes32,address,address)",
  "RoleRevoked(bytes32,address,address)",
  "Unpaused(address)",
  "AccessControlBadConfirmation()",
  "AccessControlUnauthorizedAccount(address,bytes32)",
  "EnforcedPause()",
  "ExpectedPause()",
  "InvalidShortString()",
  "ReentrancyGuardReentrantCall()",
  "SafeERC20FailedOperation(address)",
  "StringTooLong(string)",
]);
