/**
 * A real node of `@ethereumjs/client`, in a process of its own, on loopback, with a genesis of its own at
 * Cancun and a base fee of 0, since it estimates gas at a price of 0. After the merge a node makes blocks when a consensus client asks it to; that part is played
 * here, over the Engine API. The client is large and no dependency: its folder of `node_modules` is named
 * by SIPSTER_ETHEREUMJS; a machine without it skips the tests that need it and says so, and
 * SIPSTER_REQUIRE_ETHEREUMJS=1 makes its absence a failure.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Suite } from "mocha";

const CHAIN_ID = 31337;
const ZERO_HASH = `0x${"00".repeat(32)}`;
const NOBODY = `0x${"00".repeat(20)}`;

/** A look for transactions that wait, in ms. */
const INTERVAL = 50;
/** The client leaves a request unanswered now and then while it starts: it is asked again. In ms. */
const PATIENCE = 5_000;
const ATTEMPTS = 6;

async function send(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: object };
      if (error !== undefined) throw new Error(JSON.stringify(error));
      return result;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(INTERVAL);
    }
  }
}

const program = join(
  process.env.SIPSTER_ETHEREUMJS ?? "",
  "@ethereumjs/client/dist/esm/bin/cli.js",
);

/** A suite whose tests need the client. */
export function describeWithEthereumjs(title: string, body: (this: Suite) => void): void {
  const isThere = process.env.SIPSTER_ETHEREUMJS !== undefined && existsSync(program);
  if (isThere || process.env.SIPSTER_REQUIRE_ETHEREUMJS === "1") {
    describe(title, body);
  } else {
    describe(`${title} (skipped: needs @ethereumjs/client, which is not installed)`, () => {
      it("needs @ethereumjs/client: the node_modules it is in as SIPSTER_ETHEREUMJS");
    });
  }
}

export interface EthereumjsNode {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param funded - Addresses that own 1,000 ether each from the first block. */
export async function startEthereumjs(funded: readonly string[]): Promise<EthereumjsNode> {
  const folder = mkdtempSync(join(tmpdir(), "sipster-ethereumjs-"));
  writeFileSync(join(folder, "genesis.json"), JSON.stringify(genesis(funded)));
  const [rpc, engine, peers] = await freePorts(3);
  const options = {
    gethGenesis: join(folder, "genesis.json"),
    dataDir: join(folder, "data"),
    rpc: true,
    rpcAddr: "127.0.0.1",
    rpcPort: rpc,
    rpcEngine: true,
    rpcEngineAddr: "127.0.0.1",
    rpcEngineAuth: false,
    rpcEnginePort: engine,
    port: peers,
    maxPeers: 0,
    discDns: false,
    discV4: false,
    sync: "none",
    isSingleNode: true,
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  // Its log goes to the folder that it runs in.
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  await new Promise<void>((found, failed) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes("Client started successfully")) found();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", failed);
    child.on("exit", (code) => failed(new Error(`the client ended with ${code}:\n${output}`)));
  });
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${rpc}`;
  const stopping = new AbortController();
  const consensus = new Consensus(url, `http://127.0.0.1:${engine}`);
  try {
    await consensus.choose((await consensus.head()).hash);
  } catch (error) {
    await end();
    throw error;
  }
  const running = consensus.run(stopping.signal);
  // Its failure shows where it is waited for, when the node is stopped.
  running.catch(() => undefined);
  const front = await serveFront(url);
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    async stop() {
      stopping.abort();
      front.closeAllConnections();
      await once(front.close(), "close");
      await running.finally(end);
    },
  };
}

/** In geth's form: every fork up to Cancun from the first block, no work to prove. */
function genesis(funded: readonly string[]): object {
  const blocks = [
    "homestead",
    "eip150",
    "eip155",
    "eip158",
    "byzantium",
    "constantinople",
    "petersburg",
    "istanbul",
    "berlin",
    "london",
    "mergeNetsplit",
  ];
  return {
    config: {
      chainId: CHAIN_ID,
      ...Object.fromEntries(blocks.map((fork) => [`${fork}Block`, 0])),
      shanghaiTime: 0,
      cancunTime: 0,
      terminalTotalDifficulty: 0,
      terminalTotalDifficultyPassed: true,
      blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 } },
    },
    nonce: "0x0",
    timestamp: "0x0",
    extraData: "0x",
    gasLimit: "0x3938700",
    difficulty: "0x0",
    mixHash: ZERO_HASH,
    coinbase: NOBODY,
    baseFeePerGas: "0x0",
    alloc: Object.fromEntries(funded.map((a) => [a, { balance: "0x3635c9adc5dea00000" }])),
  };
}

interface Block {
  readonly hash: string;
  readonly timestamp: string;
}

interface Payload {
  readonly executionPayload: Block & { readonly blockHash: string };
}

/** The part of a consensus client: it asks for blocks, and says which of them is the head. */
class Consensus {
  constructor(
    private readonly rpc: string,
    private readonly engine: string,
  ) {}

  /** Without a choice the client takes no transactions. */
  async choose(hash: string, next: object | null = null): Promise<string> {
    const all = { headBlockHash: hash, safeBlockHash: hash, finalizedBlockHash: hash };
    const chosen = await send(this.engine, "engine_forkchoiceUpdatedV3", [all, next]);
    return (chosen as { payloadId: string }).payloadId;
  }

  async head(): Promise<Block> {
    return (await send(this.rpc, "eth_getBlockByNumber", ["latest", false])) as Block;
  }

  /** Makes a block whenever transactions wait: head, safe and final at once. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(INTERVAL);
      const { pending } = (await send(this.rpc, "txpool_content", [])) as { pending: object };
      if (Object.keys(pending).length > 0) await this.makeBlock();
    }
  }

  private async makeBlock(): Promise<void> {
    const head = await this.head();
    const now = Math.floor(Date.now() / 1000);
    const payloadId = await this.choose(head.hash, {
      timestamp: `0x${Math.max(now, Number(head.timestamp) + 1).toString(16)}`,
      prevRandao: ZERO_HASH,
      suggestedFeeRecipient: NOBODY,
      withdrawals: [],
      parentBeaconBlockRoot: ZERO_HASH,
    });
    const { executionPayload } = (await send(this.engine, "engine_getPayloadV3", [
      payloadId,
    ])) as Payload;
    await send(this.engine, "engine_newPayloadV3", [executionPayload, [], ZERO_HASH]);
    await this.choose(executionPayload.blockHash);
  }
}

/** The client knows no calls on the pending block. Between blocks, it is the latest one. */
async function serveFront(url: string): Promise<Server> {
  const front = createHttpServer((request, response) => {
    const pass = async (): Promise<string> => {
      const body = (await text(request)).replaceAll(
        /("method":"eth_call".*?)"pending"/g,
        '$1"latest"',
      );
      const headers = { "Content-Type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body })).text();
    };
    response.setHeader("Content-Type", "application/json");
    pass().then(
      (answer) => response.end(answer),
      () => response.destroy(),
    );
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  return front;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
