/** A real settlement in the explorer, by the command itself, and beside a node that answers `ots_` itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { getAddress, Interface, type InterfaceAbi } from "ethers";
import { nobleBn254 } from "../../src/algebra/index.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { connectRpc, type Deployment } from "../../src/chain/index.js";
import { parseBillFile } from "../../src/sipster/index.js";
import { deployWorld } from "../pages/support/world.js";
import { recordOptions, runPublish } from "../publish/support.js";
import { describeWithAnvil, startAnvil } from "../support/anvil-node.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { killCommands, startCommand, type ServingCommand } from "../support/serving-command.js";
import { temporaryDirectory } from "../support/temporary.js";
import { send } from "./scenario.js";

/** The first account of every development chain. */
const PAYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const PERIOD = 201301;

interface Settled {
  readonly deployment: Deployment;
  readonly meter: string;
  /** Transactions: one that settles a bill, one that tries again and fails. */
  readonly settled: string;
  readonly refused: string;
}

/** The same system and the same bill on any development chain that is new. */
async function settleOn(url: string): Promise<Settled> {
  const provider = await connectRpc(url);
  try {
    const chain = {
      chainId: 31337,
      url,
      provider,
      accounts: [PAYER],
      close: async () => undefined,
    };
    const world = await deployWorld(chain, { meters: 2 });
    await world.settle(0, PERIOD);
    const settled = await newest(url);
    const bill = parseBillFile(nobleBn254, world.billFile(0, PERIOD));
    const { x, y } = g1Words(nobleBn254, bill.combined);
    const data = world.settlement.interface.encodeFunctionData("settle", [billWords(bill), x, y]);
    const to = world.deployment.contracts.settlement.address;
    const again = { from: PAYER, to, data, gas: "0x7a120" };
    // Hardhat's node answers a failed transaction with its reason, and mines it all the same; anvil answers
    // with its hash, before it is mined.
    const hash = await send(url, "eth_sendTransaction", [again]).catch(() => null);
    const refused = hash === null ? await newest(url) : (hash as string);
    await provider.waitForTransaction(refused).catch(() => null);
    const { deployment, meters } = world;
    return { deployment, meter: getAddress(meters[0]!), settled, refused };
  } finally {
    provider.destroy();
  }
}

async function newest(url: string): Promise<string> {
  const block = await send(url, "eth_getBlockByNumber", ["latest", false]);
  return (block as { transactions: string[] }).transactions.at(-1)!;
}

interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

interface Printed {
  readonly format: string;
  readonly url: string;
  readonly page: string;
  readonly config: { readonly erigonURL: string };
}

async function logsOf(url: string, hash: string): Promise<Log[]> {
  const receipt = await send(url, "eth_getTransactionReceipt", [hash]);
  return (receipt as { logs: Log[] }).logs.map(({ address, topics, data }) => ({
    address,
    topics,
    data,
  }));
}

describe("sipster explorer, in front of a Hardhat node with a settlement", function () {
  this.timeout(120_000);
  const folder = temporaryDirectory();
  let node: HardhatNode | undefined;
  let chain: Settled;
  let command: ServingCommand<Printed>;

  before(async () => {
    node = await startHardhatNode();
    chain = await settleOn(node.url);
  });
  beforeEach(async () => {
    const otterscan = join(folder(), "otterscan");
    mkdirSync(otterscan);
    writeFileSync(join(otterscan, "index.html"), "<title>Otterscan</title>");
    const served = ["--rpc", node!.url, "--port", "0", "--otterscan", otterscan];
    command = await startCommand<Printed>(
      ...["explorer", ...served, "--published", join(folder(), "published")],
    );
  });
  afterEach(killCommands);
  after(() => node?.stop());

  it("prints where it is, serves the page and its configuration on loopback, and ends when told", async () => {
    const { url, page, config, format } = command.json;
    expect(format).to.equal("sipster/explorer@1");
    expect(new URL(url).hostname).to.equal("127.0.0.1");
    expect(page).to.equal(`${url}/`);
    expect(await (await fetch(`${page}tx/${chain.settled}`)).text()).to.contain("Otterscan");
    expect(await (await fetch(`${page}config.json`)).json()).to.deep.equal(config);
    expect(config.erigonURL).to.equal(url);
    expect(await command.stop("SIGTERM")).to.equal(0);
  });

  it("answers who settled, with what event and calls, and why the second time was refused", async () => {
    const { url } = command.json;
    const { settlement } = chain.deployment.contracts;
    const abi = BillSettlement__factory.createInterface();
    expect(await send(url, "ots_getApiLevel", [])).to.equal(8);
    const found = (await send(url, "ots_searchTransactionsBefore", [
      settlement.address,
      0,
      25,
    ])) as { txs: { hash: string }[] };
    const hashes = found.txs.map(({ hash }) => hash);
    expect(hashes.slice(0, 2)).to.deep.equal([chain.refused, chain.settled]);
    expect(hashes).to.include(settlement.transaction);
    const [log, ...more] = await logsOf(url, chain.settled);
    expect(more).to.deep.equal([]);
    expect(abi.parseLog(log!)!.args.toObject()).to.deep.equal({
      meter: chain.meter,
      period: BigInt(PERIOD),
      keyEpoch: 1n,
    });
    const trace = (await send(url, "ots_traceTransaction", [chain.settled])) as { to: string }[];
    expect(trace[0]).to.include({ type: "CALL", to: settlement.address.toLowerCase() });
    expect(await send(url, "ots_getTransactionError", [chain.settled])).to.equal("0x");
    const reason = (await send(url, "ots_getTransactionError", [chain.refused])) as string;
    expect(abi.parseError(reason)!.name).to.equal("SettlementAlreadySettled");
    expect(await send(url, "ots_getContractCreator", [settlement.address])).to.deep.equal({
      hash: settlement.transaction,
      creator: PAYER.toLowerCase(),
    });
  });

  it("serves what sipster publish has written, by which the settlement reads as words", async () => {
    const { deployment } = chain;
    const out = join(folder(), "published");
    const options = recordOptions(folder(), node!.url, deployment);
    const { code, output } = await runPublish(...options, "--out", out);
    expect(code, output).to.equal(0);
    const { address } = deployment.contracts.settlement;
    const match = `${command.json.url}/contracts/full_match/31337/${address}`;
    const metadata = (await (await fetch(`${match}/metadata.json`)).json()) as {
      output: { abi: InterfaceAbi };
      sources: Readonly<Record<string, unknown>>;
    };
    const data = (await send(command.json.url, "eth_getTransactionByHash", [chain.settled])) as {
      input: string;
    };
    const call = new Interface(metadata.output.abi).parseTransaction({ data: data.input })!;
    expect(call.name).to.equal("settle");
    expect((call.args.bill as { period: bigint }).period).to.equal(BigInt(PERIOD));
    const sources = Object.keys(metadata.sources);
    expect(sources).to.include("project/contracts/BillSettlement.sol");
    for (const source of sources) {
      const { status } = await fetch(`${match}/sources/${source}`);
      expect(status, source).to.equal(200);
    }
  });
});

describeWithAnvil(
  "the explorer in front of a Hardhat node, and anvil with the same settlement",
  function () {
    this.timeout(120_000);
    let anvil: HardhatNode | undefined;
    let hardhat: HardhatNode | undefined;
    afterEach(killCommands);
    after(() => Promise.all([anvil?.stop(), hardhat?.stop()]));

    it("give the same trace, internal operations, events, reason of failure, and transactions of the contract", async () => {
      [anvil, hardhat] = await Promise.all([startAnvil(), startHardhatNode()]);
      const theirs = await settleOn(anvil.url);
      const ours = await settleOn(hardhat.url);
      const { address } = ours.deployment.contracts.settlement;
      expect(theirs.deployment.contracts.settlement.address).to.equal(address);
      const args = ["explorer", "--rpc", hardhat.url, "--port", "0"];
      const { url } = (await startCommand<Printed>(...args)).json;
      for (const which of ["settled", "refused"] as const) {
        for (const method of [
          "ots_traceTransaction",
          "ots_getInternalOperations",
          "ots_getTransactionError",
        ]) {
          const [own, other] = await Promise.all([
            send(url, method, [ours[which]]),
            send(anvil.url, method, [theirs[which]]),
          ]);
          expect(own, `${method} of the transaction that was ${which}`).to.deep.equal(other);
        }
        expect(await logsOf(url, ours[which])).to.deep.equal(
          await logsOf(anvil.url, theirs[which]),
        );
      }
      expect(await logsOf(url, ours.settled)).to.have.length(1);
      const count = async (at: string) =>
        ((await send(at, "ots_searchTransactionsBefore", [address, 0, 25])) as { txs: unknown[] })
          .txs.length;
      expect(await count(url)).to.equal(await count(anvil.url));
    });
  },
);
