import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Log, Provider } from "ethers";
import { allEvents } from "../../src/chain/event-log.js";
import { errorToJson } from "../../src/errors/error-json.js";
import { connectRpc } from "../../src/chain/rpc.js";
import { expectRejection } from "../support/errors.js";

const QUERY = { address: `0x${"11".repeat(20)}`, topics: [], fromBlock: 5, toBlock: 104 };

/** A node with one event in each block, out of order within an answer, that refuses some questions. */
function node(refuses: (blocks: number, from: number) => boolean) {
  const asked: [number, number][] = [];
  const provider = {
    async getLogs({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) {
      asked.push([fromBlock, toBlock]);
      if (refuses(toBlock - fromBlock + 1, fromBlock)) throw new Error("block range too large");
      const blocks = Array.from({ length: toBlock - fromBlock + 1 }, (_, i) => toBlock - i);
      return blocks.map((blockNumber) => ({ blockNumber, index: 0 }) as Log);
    },
  } as unknown as Provider;
  return { provider, asked };
}

describe("reading events", () => {
  const all = Array.from({ length: 100 }, (_, i) => i + 5);
  const blocks = (logs: readonly Log[]) => logs.map((log) => log.blockNumber);

  it("in one question, in ranges, and to the last block", async () => {
    const free = node(() => false);
    expect(blocks(await allEvents(free.provider, QUERY))).to.deep.equal(all);
    expect(free.asked).to.deep.equal([[5, 104]]);
    const seen: number[] = [];
    const options = { range: 40, onProgress: (block: number) => void seen.push(block) };
    expect(blocks(await allEvents(free.provider, QUERY, options))).to.deep.equal(all);
    expect(seen).to.deep.equal([44, 84, 104]);
  });

  it("from a provider that limits ranges, each block once", async () => {
    const limited = node((count) => count > 30);
    expect(blocks(await allEvents(limited.provider, QUERY))).to.deep.equal(all);
    // 10,000 halved nine times is 19: nothing is refused after that.
    const refused = limited.asked.findLastIndex(([from, to]) => to - from + 1 > 30);
    expect(limited.asked.slice(refused + 1)).to.have.length(6);
  });

  it("from a provider that refuses one block now and then", async () => {
    let refusals = 2;
    const shaky = node((_, from) => from === 5 && refusals-- > 0);
    expect(blocks(await allEvents(shaky.provider, QUERY, { range: 1 }))).to.deep.equal(all);
  });

  it("gives up when a single block is refused again and again, and says what the node said", async () => {
    const stubborn = node((_, from) => from >= 5);
    const error = await expectRejection(
      allEvents(stubborn.provider, { ...QUERY, toBlock: 5 }),
      "chain/events-refused",
    );
    expect(error.message).to.contain("block range too large");
    expect(error.exitCode).to.equal(69);
  });

  it("nothing to read where the last block comes before the first", async () => {
    const free = node(() => false);
    expect(await allEvents(free.provider, { ...QUERY, toBlock: 4 })).to.deep.equal([]);
    expect(free.asked).to.deep.equal([]);
  });
});

describe("connecting to a node", () => {
  it("an address that is none", async () => {
    for (const url of ["", "localhost:8545", "ftp://127.0.0.1/", "ws://127.0.0.1:8545"]) {
      const error = await expectRejection(connectRpc(url), "chain/bad-url");
      expect(error.exitCode).to.equal(2);
    }
  });

  it("nobody there, without the secrets of the address in the message", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    await once(probe.close(), "close");
    const error = await expectRejection(
      connectRpc(`http://127.0.0.1:${port}/v3/secret-token?key=other-secret`),
      "chain/unreachable",
    );
    expect(error.exitCode).to.equal(69);
    expect(error.message).to.contain(`127.0.0.1:${port}`);
    expect(error.message).to.not.match(/secret/);
  });

  it("given a node that refuses, when an error is told to strangers, then without the secrets of the address", async () => {
    let status = 200;
    const server = createServer((_, response) => {
      response.statusCode = status;
      response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v3/secret-token?key=other-secret`;
    const provider = await connectRpc(url);
    for (status of [401, 403, 404, 500]) {
      for (const attempt of [connectRpc(url), provider.getBlockNumber()]) {
        const error = await expectRejection(attempt, "chain/unreachable");
        expect(JSON.stringify(errorToJson(error))).to.not.match(/secret/);
        expect(error.message).to.contain(`${status}`);
      }
    }
    provider.destroy();
    server.close();
  });

  it("a server there that is not a node", async () => {
    const answers = ["<html>", '{"jsonrpc":"2.0","id":1}', '{"result":"many"}'];
    let status = 200;
    const server = createServer((_, response) => {
      response.statusCode = status;
      response.end(answers[0]);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (; answers.length > 0; answers.shift()) {
      await expectRejection(connectRpc(url), "chain/unreachable");
    }
    status = 403;
    answers.push('{"jsonrpc":"2.0","id":1,"result":"0x1"}');
    await expectRejection(connectRpc(url), "chain/unreachable");
    server.close();
  });

  it("a node that goes away later is unreachable, for every call", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"jsonrpc":"2.0","id":1,"result":"0x7a69"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const provider = await connectRpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await provider.getNetwork()).chainId).to.equal(31337n);
    server.closeAllConnections();
    await once(server.close(), "close");
    await expectRejection(provider.getBlockNumber(), "chain/unreachable");
    await expectRejection(provider.call({ to: QUERY.address, data: "0x" }), "chain/unreachable");
    await expectRejection(allEvents(provider, QUERY), "chain/unreachable");
    provider.destroy();
  });
});
