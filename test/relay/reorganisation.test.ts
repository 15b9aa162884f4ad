import { expect } from "chai";
import { JsonRpcProvider, Network, Wallet, type JsonRpcPayload, type JsonRpcResult } from "ethers";
import { createMclBn254, type Bn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import { Relayer, relayId, type RelayStatus } from "../../src/relay/index.js";
import { parseBillFile } from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { startWorld, type World } from "../pages/support/world.js";

const ACCOUNT = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/** Blocks after which a settlement is final here. */
const DEPTH = 3;

/** A node in front of the real one, which says of each answer what it likes. */
class BentNode extends JsonRpcProvider {
  bend: (method: string, result: unknown) => unknown = (_, result) => result;

  constructor(world: World) {
    super(world.chain.url, 31337, { staticNetwork: Network.from(31337), cacheTimeout: -1 });
    this.pollingInterval = 50;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const asked = Array.isArray(payload) ? payload : [payload];
    const answers = await super._send(payload);
    return answers.map((answer) => {
      const { method } = asked.find(({ id }) => id === answer.id)!;
      return "result" in answer
        ? { ...answer, result: this.bend(method, answer.result) as never }
        : answer;
    });
  }
}

describe("a relayer on a chain that is reorganised", () => {
  let world: World;
  let curve: Bn254;
  let node: BentNode;
  let store: Store;
  let relayer: Relayer;
  let progress: string[];
  let period = 201301;
  before(async function () {
    this.timeout(60_000);
    curve = await createMclBn254();
    world = await startWorld({ meters: 2, curve });
  });
  after(async () => {
    await world.close();
  });
  beforeEach(() => {
    store = new MemoryStore();
    progress = [];
    period++;
    node = new BentNode(world);
  });
  afterEach(async () => {
    await relayer.stop();
    node.destroy();
  });

  /** Over the same store: what a process does that is started again. */
  async function start(patience?: number): Promise<void> {
    relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(ACCOUNT, node)),
      deployment: world.deployment,
      curve,
      store,
      delay: 0,
      retry: 50,
      watch: 30,
      finality: { rule: "confirmations", blocks: DEPTH },
      ...(patience === undefined ? {} : { patience }),
      onProgress: (text) => progress.push(text),
    });
    await relayer.start();
  }

  const send = (method: string, ...params: unknown[]) => world.chain.provider.send(method, params);
  const idOf = (file: string) => relayId(parseBillFile(curve, file));
  const settled = (meter: number) => world.settlement.settled(world.meters[meter]!, period);
  async function reaches(file: string, state: RelayStatus["state"]): Promise<RelayStatus> {
    for (let tries = 0; tries < 400; tries++) {
      const [status] = await relayer.statuses([idOf(file)]);
      if (status?.state === state) return status;
      await new Promise((r) => setTimeout(r, 25));
    }
    return expect.fail(`never ${state}: ${progress.join("; ")}`);
  }
  async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
    for (let tries = 0; tries < 800; tries++) {
      if (await condition()) return;
      await new Promise((r) => setTimeout(r, 10));
    }
    expect.fail(`never happened: ${what}; ${progress.join("; ")}`);
  }
  async function kept(file: string): Promise<boolean> {
    const entries = await store.transaction((tx) => tx.list(""));
    return entries.some(([, bytes]) =>
      new TextDecoder().decode(bytes).includes(JSON.stringify(file).slice(1, -1)),
    );
  }

  it("given a settlement in a block that can be taken back, keeps the bill until the block is final", async () => {
    await start();
    const file = world.billFile(0, period);
    await relayer.submit(file);
    const included = await reaches(file, "included");
    expect(await kept(file)).to.equal(true);
    await send("hardhat_mine", "0x1");
    await new Promise((r) => setTimeout(r, 150));
    expect((await relayer.status(idOf(file))).state).to.equal("included");
    await send("hardhat_mine", "0x2");
    expect(await reaches(file, "final")).to.deep.include({ block: included.block });
    expect(await kept(file)).to.equal(false);
  });

  it("given a reorganisation that takes the settlement away, settles the bill again", async () => {
    await start();
    const file = world.billFile(0, period);
    const snapshot = (await send("evm_snapshot")) as string;
    await relayer.submit(file);
    await reaches(file, "included");
    await send("evm_revert", snapshot);
    // Another chain of the same length: what is in its blocks is not the settlement.
    await send("hardhat_mine", "0x2");
    expect(await settled(0)).to.equal(false);
    await until("it is settled again", () => settled(0));
    expect(progress.join()).to.contain("gone from the chain");
    await send("hardhat_mine", "0x3");
    const final = await reaches(file, "final");
    const receipt = await world.chain.provider.getTransactionReceipt(final.transaction!);
    expect(receipt?.blockNumber).to.equal(final.block);
  });

  it("given a process that ended before the reorganisation, settles the bill again after its start", async () => {
    await start();
    const file = world.billFile(0, period);
    const snapshot = (await send("evm_snapshot")) as string;
    await relayer.submit(file);
    await reaches(file, "included");
    await relayer.stop();
    await send("evm_revert", snapshot);
    await start();
    await until("it is settled again", () => settled(0));
    await send("hardhat_mine", "0x3");
    await reaches(file, "final");
    expect(await settled(0)).to.equal(true);
  });

  it("given a transaction that waits again after the reorganisation, pays for no second one", async () => {
    await start();
    const file = world.billFile(0, period);
    const snapshot = (await send("evm_snapshot")) as string;
    await relayer.submit(file);
    const { transaction } = await reaches(file, "included");
    const raw = (await world.chain.provider.getTransaction(transaction!))!;
    await relayer.stop();
    await send("evm_revert", snapshot);
    await send("evm_setAutomine", false);
    const { to, data, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, chainId } = raw;
    const signed = await new Wallet(ACCOUNT).signTransaction({
      ...{ to, data, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, chainId, type: 2 },
    });
    expect(await send("eth_sendRawTransaction", signed)).to.equal(transaction);
    await start();
    await reaches(file, "returned");
    await send("evm_mine");
    await send("evm_setAutomine", true);
    expect(await reaches(file, "included")).to.deep.include({ transaction });
    expect(progress.join()).not.to.contain("queued again");
  });

  it("given a transaction that waits for ever after the reorganisation, sends the bill again", async () => {
    await start(200);
    const file = world.billFile(0, period);
    await relayer.submit(file);
    await reaches(file, "included");
    // The node shows the transaction, and neither a receipt nor the bit, until it is asked to send.
    let lies = true;
    node.bend = (method, result) => {
      if (!lies) return result;
      if (method === "eth_getTransactionReceipt") return null;
      if (method === "eth_call") return `0x${"0".repeat(64)}`;
      return result;
    };
    await reaches(file, "returned");
    await until("it is queued again", () => progress.join().includes("queued again"));
    lies = false;
    await reaches(file, "included");
    await send("hardhat_mine", "0x3");
    await reaches(file, "final");
  });

  it("given a node that shows a shorter chain for a while, neither forgets nor pays twice", async () => {
    await start();
    const file = world.billFile(0, period);
    await relayer.submit(file);
    const { transaction } = await reaches(file, "included");
    const count = await world.chain.provider.getTransactionCount(new Wallet(ACCOUNT).address);
    let lies = true;
    node.bend = (method, result) => {
      if (!lies) return result;
      if (method === "eth_getTransactionReceipt" || method === "eth_getTransactionByHash") {
        return null;
      }
      return method === "eth_call" ? `0x${"0".repeat(64)}` : result;
    };
    await until("it is queued again", () => progress.join().includes("queued again"));
    lies = false;
    expect(await reaches(file, "included")).to.deep.include({ transaction });
    expect(await kept(file)).to.equal(true);
    await send("hardhat_mine", "0x3");
    await reaches(file, "final");
    expect(await world.chain.provider.getTransactionCount(new Wallet(ACCOUNT).address)).to.equal(
      count,
    );
  });

  it("given a node that names another block as the transaction's, follows the chain and not its memory", async () => {
    await start();
    const file = world.billFile(0, period);
    const snapshot = (await send("evm_snapshot")) as string;
    await relayer.submit(file);
    const before = await reaches(file, "included");
    await relayer.stop();
    await send("evm_revert", snapshot);
    await send("hardhat_mine", "0x5");
    await start();
    await until("it is settled again", () => settled(0));
    await send("hardhat_mine", "0x3");
    const after = await reaches(file, "final");
    expect(after.block).to.be.greaterThan(before.block!);
  });

  it("given a bill that was final on a chain that is gone, takes it again", async () => {
    await start();
    const file = world.billFile(0, period);
    const snapshot = (await send("evm_snapshot")) as string;
    await relayer.submit(file);
    await reaches(file, "included");
    await send("hardhat_mine", "0x3");
    await reaches(file, "final");
    await send("evm_revert", snapshot);
    expect((await relayer.submit(file)).state).to.equal("queued");
    await reaches(file, "included");
    expect(await settled(0)).to.equal(true);
  });
});
