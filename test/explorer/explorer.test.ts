import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { serveExplorer, type Explorer } from "../../src/explorer/index.js";
import { describeWithAnvil, startAnvil } from "../support/anvil-node.js";
import { expectRejection } from "../support/errors.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { temporaryDirectory } from "../support/temporary.js";
import { runScenario, send, type Scenario } from "./scenario.js";

interface Entry {
  readonly type: string;
}

interface Searched {
  readonly txs: readonly { readonly hash: string; readonly blockNumber: string }[];
  readonly firstPage: boolean;
  readonly lastPage: boolean;
}

/** Hardhat has no such field, and anvil leaves it out of its own answers alone. */
const plain = (answer: unknown): unknown =>
  JSON.parse(
    JSON.stringify(answer, (key, value: unknown) => (key === "blockTimestamp" ? undefined : value)),
  );

const withoutCreations = (entries: unknown) =>
  (entries as Entry[]).filter(({ type }) => !type.startsWith("CREATE"));

describeWithAnvil("the explorer", function () {
  this.timeout(60_000);
  const folder = temporaryDirectory();
  const published = mkdtempSync(join(tmpdir(), "sipster-published-"));
  let anvil: HardhatNode | undefined;
  let hardhat: HardhatNode | undefined;
  let overAnvil: Explorer | undefined;
  let overHardhat: Explorer | undefined;
  let onAnvil: Scenario;
  let onHardhat: Scenario;

  const options = (rpcUrl: string) => ({
    rpcUrl,
    published,
    chainName: "Test",
    currency: "ETH",
  });

  before(async () => {
    [anvil, hardhat] = await Promise.all([startAnvil(), startHardhatNode()]);
    onAnvil = await runScenario(anvil!.url);
    onHardhat = await runScenario(hardhat!.url);
    overAnvil = await serveExplorer(options(anvil!.url));
    overHardhat = await serveExplorer(options(hardhat!.url));
  });
  after(async () => {
    await Promise.all([anvil?.stop(), hardhat?.stop(), overAnvil?.close(), overHardhat?.close()]);
    rmSync(published, { recursive: true });
  });

  describe("in front of a node that answers ots_ itself, gives the node's own answers", () => {
    const same = async (method: string, ...params: unknown[]) => {
      const [own, ours] = await Promise.all([
        send(anvil!.url, method, params),
        send(overAnvil!.url, method, params),
      ]);
      expect(plain(ours), `${method} ${JSON.stringify(params)}`).to.deep.equal(plain(own));
    };

    // Within a block anvil lists these oldest first, and says that newer ones follow where there are none.
    const sameAfter = async (...params: unknown[]) => {
      const [own, ours] = (await Promise.all(
        [anvil!.url, overAnvil!.url].map((url) => send(url, "ots_searchTransactionsAfter", params)),
      )) as [Searched, Searched];
      expect(ours.firstPage || !own.firstPage).to.equal(true);
      const sorted = ({ txs, lastPage }: Searched) => ({
        lastPage,
        hashes: txs.map(({ hash }) => hash).sort(),
        blocks: txs.map(({ blockNumber }) => blockNumber),
      });
      expect(sorted(ours)).to.deep.equal(sorted(own));
    };

    // anvil says that older transactions follow where there are none: Otterscan then offers an empty page.
    const sameBefore = async (...params: unknown[]) => {
      const [own, ours] = (await Promise.all(
        [anvil!.url, overAnvil!.url].map((url) =>
          send(url, "ots_searchTransactionsBefore", params),
        ),
      )) as [Searched, Searched];
      const { lastPage: theirs, ...rest } = own;
      const { lastPage, ...found } = ours;
      expect(plain(found)).to.deep.equal(plain(rest));
      expect(lastPage || !theirs).to.equal(true);
    };

    it("for every block", async () => {
      await same("ots_getApiLevel");
      for (let number = 0; number <= onAnvil.latest; number++) {
        await same("ots_getBlockDetails", number);
        await same("ots_getBlockTransactions", number, 0, 25);
        const block = (await send(anvil!.url, "eth_getBlockByNumber", [
          `0x${number.toString(16)}`,
          false,
        ])) as { hash: string };
        await same("ots_getBlockDetailsByHash", block.hash);
      }
      await same("erigon_getHeaderByNumber", "latest");
    });

    it("for every transaction", async () => {
      for (const hash of onAnvil.hashes) {
        await same("ots_getInternalOperations", hash);
        await same("ots_getTransactionError", hash);
        // The node leaves creations out of its trace; we show them, as Erigon does.
        const [own, ours] = await Promise.all([
          send(anvil!.url, "ots_traceTransaction", [hash]),
          send(overAnvil!.url, "ots_traceTransaction", [hash]),
        ]);
        expect(withoutCreations(ours)).to.deep.equal(own);
      }
    });

    it("for every address, whole and in pages", async () => {
      for (const address of onAnvil.addresses) {
        await same("ots_hasCode", address, "latest");
        await same("ots_getContractCreator", address);
        await same("ots_searchTransactionsBefore", address, 0, 25);
        await sameAfter(address, 0, 25);
        for (const block of [1, 2, onAnvil.latest - 1]) {
          await sameBefore(address, block, 2);
          await sameAfter(address, block, 2);
        }
      }
      for (const nonce of [0, 1, 2, 99]) {
        await same("ots_getTransactionBySenderAndNonce", onAnvil.addresses[0], nonce);
      }
    });
  });

  describe("in front of a Hardhat node, gives what the other node gives for the same transactions", () => {
    it("traces, internal operations and reasons of failure", async () => {
      for (const [i, hash] of onHardhat.hashes.entries()) {
        const theirs = onAnvil.hashes[i]!;
        for (const method of ["ots_getInternalOperations", "ots_getTransactionError"]) {
          expect(await send(overHardhat!.url, method, [hash])).to.deep.equal(
            await send(anvil!.url, method, [theirs]),
          );
        }
        const ours = await send(overHardhat!.url, "ots_traceTransaction", [hash]);
        expect(withoutCreations(ours)).to.deep.equal(
          await send(anvil!.url, "ots_traceTransaction", [theirs]),
        );
      }
    });

    it("the transactions of an address, in order and in pages", async () => {
      for (const address of onHardhat.addresses) {
        const ask = async (url: string, scenario: Scenario, ...params: unknown[]) => {
          const found = (await send(url, "ots_searchTransactionsBefore", params)) as Searched;
          const { txs, firstPage, lastPage } = found;
          const which = txs.map(({ hash }) => scenario.hashes.indexOf(hash));
          return { which, firstPage, ...(params[1] === 0 ? { lastPage } : {}) };
        };
        for (const [block, size] of [
          [0, 25],
          [3, 1],
        ]) {
          expect(await ask(overHardhat!.url, onHardhat, address, block, size)).to.deep.equal(
            await ask(anvil!.url, onAnvil, address, block, size),
          );
        }
      }
    });

    it("pages whose last one is known to be the last", async () => {
      const [sender] = onHardhat.addresses;
      const last = async (block: number, size: number) =>
        (
          (await send(overHardhat!.url, "ots_searchTransactionsBefore", [
            sender,
            block,
            size,
          ])) as Searched
        ).lastPage;
      expect(await last(3, 1)).to.equal(false);
      expect(await last(2, 1)).to.equal(true);
      expect(await last(1, 1)).to.equal(true);
    });

    it("the creator of a contract, and nothing for an account", async () => {
      const [sender, , contract] = onHardhat.addresses;
      expect(await send(overHardhat!.url, "ots_getContractCreator", [contract])).to.deep.equal({
        hash: onHardhat.hashes[0],
        creator: sender!.toLowerCase(),
      });
      expect(await send(overHardhat!.url, "ots_getContractCreator", [sender])).to.equal(null);
    });

    it("shows creations in the trace", async () => {
      const entries = (await send(overHardhat!.url, "ots_traceTransaction", [
        onHardhat.hashes[0],
      ])) as Entry[];
      expect(entries.map(({ type }) => type)).to.deep.equal(["CREATE"]);
    });

    it("forgets what a reorganisation took away", async () => {
      const snapshot = await send(hardhat!.url, "evm_snapshot", []);
      const hash = await send(hardhat!.url, "eth_sendTransaction", [
        { from: onHardhat.addresses[0], to: onHardhat.addresses[1], value: "0x1" },
      ]);
      const newest = async () =>
        (
          (await send(overHardhat!.url, "ots_searchTransactionsBefore", [
            onHardhat.addresses[1],
            0,
            1,
          ])) as Searched
        ).txs[0]!.hash;
      expect(await newest()).to.equal(hash);
      await send(hardhat!.url, "evm_revert", [snapshot]);
      expect(await newest()).not.to.equal(hash);
    });
  });

  it("pages through a block from its end, as Erigon does, and counts the whole block", async () => {
    const page = async (number: number) => {
      const params = [onHardhat.fullBlock, number, 2];
      const { fullblock, receipts } = (await send(
        overHardhat!.url,
        "ots_getBlockTransactions",
        params,
      )) as {
        fullblock: { transactions: { hash: string }[]; transactionCount: number };
        receipts: { transactionHash: string }[];
      };
      const hashes = fullblock.transactions.map(({ hash }) => hash);
      expect(receipts.map((r) => r.transactionHash)).to.deep.equal(hashes);
      expect(fullblock.transactionCount).to.equal(5);
      return hashes.map((hash) => onHardhat.hashes.indexOf(hash));
    };
    expect([await page(0), await page(1), await page(2), await page(3)]).to.deep.equal([
      [10, 11],
      [8, 9],
      [7],
      [],
    ]);
  });

  it("refuses every method that could use the node's accounts or change the node", async () => {
    const [from, to] = onHardhat.addresses;
    for (const [method, params] of [
      ["eth_sendTransaction", [{ from, to, value: "0x1" }]],
      ["eth_sign", [from, "0x00"]],
      ["eth_accounts", []],
      ["hardhat_setBalance", [from, "0x0"]],
      ["evm_mine", []],
      ["toString", []],
    ] as const) {
      await expectFailure(send(overHardhat!.url, method, params), -32601);
    }
  });

  it("refuses parameters that would cost too much or mean nothing", async () => {
    const { url } = overHardhat!;
    const [address] = onHardhat.addresses;
    await expectFailure(send(url, "ots_searchTransactionsBefore", [address, 0, 251]), -32602);
    await expectFailure(send(url, "ots_searchTransactionsBefore", [address, -1, 25]), -32602);
    await expectFailure(send(url, "ots_searchTransactionsBefore", ["0x12", 0, 25]), -32602);
    await expectFailure(send(url, "ots_getBlockTransactions", [1, 0, 1e9]), -32602);
    await expectFailure(send(url, "ots_traceTransaction", ["latest"]), -32602);
    await expectFailure(send(url, "ots_traceTransaction", [`0x${"1".repeat(64)}`]), -32001);
    expect(await send(url, "ots_getBlockDetails", [9_999])).to.equal(null);
  });

  it("answers a batch one by one, and refuses one that is too long", async () => {
    const post = async (body: unknown) =>
      (
        await fetch(overHardhat!.url, { method: "POST", body: JSON.stringify(body) })
      ).json() as Promise<unknown>;
    const request = { jsonrpc: "2.0", method: "ots_getApiLevel", params: [] };
    expect(await post([{ ...request, id: 1 }, { id: 2 }])).to.have.length(2);
    expect(await post(Array.from({ length: 101 }, () => request))).to.have.property("error");
    expect(await post([])).to.have.property("error");
  });

  it("serves published sources, and nothing outside their folder", async () => {
    const match = join(published, "contracts/full_match/31337/0xAb");
    mkdirSync(match, { recursive: true });
    writeFileSync(join(match, "metadata.json"), "{}");
    writeFileSync(join(published, "secret"), "secret");
    const get = (path: string) => fetch(`${overHardhat!.url}${path}`);
    expect((await get("/contracts/full_match/31337/0xAb/metadata.json")).status).to.equal(200);
    expect((await get("/contracts/full_match/31337/0xCd/metadata.json")).status).to.equal(404);
    for (const path of [
      "/contracts/../../secret",
      "/contracts/..%2f..%2fsecret",
      "/contracts/%2e%2e/%2e%2e/secret",
    ]) {
      expect(await (await get(path)).text(), path).not.to.equal("secret");
    }
    expect(await (await get("/chains/eip155-31337.json")).json()).to.include({ name: "Test" });
  });

  it("serves a built Otterscan with its configuration", async () => {
    const otterscan = join(folder(), "otterscan");
    mkdirSync(otterscan);
    await expectRejection(
      serveExplorer({ ...options(hardhat!.url), otterscan }),
      "explorer/no-otterscan",
    );
    writeFileSync(join(otterscan, "index.html"), "<title>Otterscan</title>");
    const explorer = await serveExplorer({ ...options(hardhat!.url), otterscan });
    const get = async (path: string) => (await fetch(`${explorer.url}${path}`)).text();
    expect(JSON.parse(await get("/config.json"))).to.include({ erigonURL: explorer.url });
    for (const path of ["/", "/tx/0x12", "/address/0x34"]) {
      expect(await get(path)).to.include("Otterscan");
    }
    for (const path of ["/signatures/0bd0ab8b", "/topic0/12", "/assets/31337/0x12/logo.png"]) {
      expect((await fetch(`${explorer.url}${path}`)).status, path).to.equal(404);
    }
    await explorer.close();
  });

  it("says that there is no node", async () => {
    await expectRejection(
      serveExplorer(options("http://127.0.0.1:9")),
      "explorer/node-unreachable",
    );
  });
});

async function expectFailure(promise: Promise<unknown>, code: number): Promise<void> {
  const outcome = await promise.then(
    (result) => ({ result }),
    (error: unknown) => error as { code: number },
  );
  expect(outcome).to.include({ code });
}
