/** What the explorer refuses, and how much it reads for one request, with nodes made for the test. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { ChainIndex } from "../../src/explorer/chain-index.js";
import { callMethod } from "../../src/explorer/methods.js";
import { RpcFailure } from "../../src/explorer/errors.js";
import type { Node } from "../../src/explorer/node.js";
import { serveExplorer } from "../../src/explorer/index.js";
import { expectRejection } from "../support/errors.js";

const SENDER = `0x${"a1".repeat(20)}`;
const RECIPIENT = `0x${"b2".repeat(20)}`;
const hashOf = (block: number, index: number) =>
  `0x${(block * 1000 + index + 1).toString(16).padStart(64, "0")}`;

describe("an explorer in front of a node that does not trace", () => {
  let server: Server;
  let refusal: object;
  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { id, method } = JSON.parse(body) as { id: number; method: string };
        const answer = method === "eth_chainId" ? { result: "0x7a69" } : { error: refusal };
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  const start = () =>
    serveExplorer({
      rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      published: "nowhere",
      chainName: "Test",
      currency: "ETH",
    });

  const lacking: readonly (readonly [number, string])[] = [
    [-32601, "Method not found"],
    [-32601, "the method debug_traceTransaction does not exist/is not available"],
    [-32004, "unknown method"],
    [-32604, "Method not enabled"],
    [-32603, "Internal error"],
  ];
  for (const [code, message] of lacking) {
    it(`does not start where the node answers ${code} "${message}"`, async () => {
      refusal = { code, message };
      await expectRejection(start(), "explorer/no-traces");
    });
  }

  const tracing: readonly (readonly [number, string])[] = [
    [-32000, "transaction not found"],
    [-32603, "Transaction 0x00 was not found"],
  ];
  for (const [code, message] of tracing) {
    it(`starts where the node answers ${code} "${message}" for a transaction it lacks`, async () => {
      refusal = { code, message };
      await (await start()).close();
    });
  }
});

/** A chain of blocks of `perBlock` transfers each, which counts what it has to trace. */
class CountingNode implements Node {
  traced = 0;
  constructor(
    readonly blocks: number,
    readonly perBlock: number,
  ) {}

  send(method: string, [first]: readonly unknown[]): Promise<unknown> {
    if (method === "debug_traceTransaction") {
      this.traced += 1;
      return Promise.resolve({ type: "CALL", from: SENDER, to: RECIPIENT, input: "0x" });
    }
    if (method === "eth_blockNumber") return Promise.resolve(`0x${(this.blocks - 1).toString(16)}`);
    if (method === "eth_getBlockByNumber") return Promise.resolve(this.#block(Number(first)));
    return Promise.resolve({ hash: first });
  }

  #block(number: number): object {
    const transactions = Array.from({ length: this.perBlock }, (_, i) => ({
      hash: hashOf(number, i),
      from: SENDER,
      nonce: `0x${(number * this.perBlock + i).toString(16)}`,
      input: "0x",
    }));
    return { number: `0x${number.toString(16)}`, hash: hashOf(number, 900), transactions };
  }
}

describe("what one request makes the explorer read", () => {
  it("is bounded: a longer chain is answered with how far it is, and the next request goes on", async () => {
    const node = new CountingNode(10, 3);
    const index = new ChainIndex(node, { tracedAtATime: 12, mostTransactions: 1000 });
    const ask = () =>
      callMethod({
        node,
        index,
        method: "ots_searchTransactionsBefore",
        params: [RECIPIENT, 0, 25],
      });
    const refusals: string[] = [];
    for (const traced of [12, 24]) {
      const refusal = await ask().catch((error: unknown) => error as RpcFailure);
      expect(refusal).to.be.instanceOf(RpcFailure).and.include({ rpcCode: -32000 });
      refusals.push((refusal as RpcFailure).message);
      expect(node.traced).to.equal(traced);
    }
    expect(refusals).to.deep.equal([
      "reading the chain: 4 of 10 blocks; ask again",
      "reading the chain: 8 of 10 blocks; ask again",
    ]);
    const { txs } = (await ask()) as { txs: { hash: string }[] };
    expect(txs[0]).to.deep.equal({ hash: hashOf(9, 2) });
    expect(node.traced).to.equal(30);
    await ask();
    expect(node.traced, "each transaction is traced once").to.equal(30);
  });

  it("is bounded in all: a chain that is too long for the explorer is refused, and says what to use", async () => {
    const node = new CountingNode(10, 3);
    const index = new ChainIndex(node, { tracedAtATime: 1000, mostTransactions: 6 });
    for (let i = 0; i < 2; i++) {
      const refusal = await index.catchUp().catch((error: unknown) => error as RpcFailure);
      expect((refusal as RpcFailure).message).to.equal(
        "the chain has more than 6 transactions: use a node that answers ots_ itself",
      );
    }
    expect(node.traced).to.equal(6);
  });

  it("is shared: requests that come at the same time trace each transaction once", async () => {
    const node = new CountingNode(4, 2);
    const index = new ChainIndex(node);
    await Promise.all([1, 2, 3, 4].map(() => index.catchUp()));
    expect(node.traced).to.equal(8);
  });
});
