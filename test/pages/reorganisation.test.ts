import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Wallet } from "ethers";
import { createMclBn254, type Bn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { Relayer, serveRelay } from "../../src/relay/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { connectAndSettle, pickFiles, expectStates } from "./support/settle-page.js";
import { expectSoon } from "./support/soon.js";
import { TestWallet } from "./support/wallet.js";
import { startWorld, type World } from "./support/world.js";

const RICH = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const RELAYER = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const FINALITY = { rule: "confirmations", blocks: 3 } as const;

describeInBrowser("the pages on a chain that is reorganised", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 4 });
    const { deployment, chain } = world;
    web = await serveWeb({ deployment, rpcUrl: chain.url, finality: FINALITY });
  });
  after(() => closeAll(web, world));

  const send = (method: string, ...params: unknown[]) => world.chain.provider.send(method, params);
  const bill = (meter: number, period: number) => ({
    name: `${meter}-${period}.json`,
    text: world.billFile(meter, period),
  });

  it("settling: says 'for good' only when the block is final, and takes it back when it is gone", async () => {
    const { page, complaints, close } = await visit(browser());
    const chains = { 31337: world.chain.url };
    await new TestWallet({ key: RICH, chains, chain: 31337 }).install(page);
    await page.goto(web.url);
    await pickFiles(page, bill(0, 201301));
    await page.getByText("Ready to settle").waitFor();
    const snapshot = (await send("evm_snapshot")) as string;
    await connectAndSettle(page, "Test Wallet", "1 bill");
    await page.getByText("1 bill is settled, and not yet for good").waitFor();
    await expectStates(page, "Not yet final");
    await page.reload();
    await page.getByText("1 bill is settled, and not yet for good").waitFor();

    await send("evm_revert", snapshot);
    await send("hardhat_mine", "0x2");
    await page.getByText("not yet for good").waitFor({ state: "detached" });
    await page.getByText("wallet/lost").waitFor({ timeout: 60_000 });
    await connectAndSettle(page, "Test Wallet", "1 bill");
    await page.getByText("1 bill is settled, and not yet for good").waitFor();
    await send("hardhat_mine", "0x3");
    await page.getByText("1 bill is settled for good").waitFor();
    await expectStates(page, "Settled");
    expect(complaints).to.deep.equal([]);
    await close();
  }).timeout(120_000);

  it("auditing: drops what is gone, reads again, and tells final settlements from others", async () => {
    const { page, complaints, close } = await visit(browser());
    const snapshot = (await send("evm_snapshot")) as string;
    await world.settle(1, 201302);
    await world.settle(2, 201302);
    await page.goto(`${web.url}#/audit/periods/201302`);
    const rows = page
      .getByRole("table", { name: "Settlements of February 2013" })
      .locator("tbody tr");
    await rows.filter({ hasText: "Included" }).nth(1).waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText("Everything holds", { exact: true }).waitFor();

    // Another chain, longer, with another settlement in place of the two.
    await send("evm_revert", snapshot);
    await send("hardhat_mine", "0x2");
    await world.settle(3, 201302);
    await page.goto(`${web.url}#/audit/periods/201302`);
    await rows.filter({ hasText: world.meters[3]!.slice(-4) }).waitFor();
    await expectSoon(() => rows.count(), 1);
    await page.getByRole("link", { name: "Overview" }).click();
    // The audit of the chain that is gone is not shown as this one's.
    await page.getByText("2 settlements were verified again").waitFor();
    await send("hardhat_mine", "0x3");
    await page.goto(`${web.url}#/audit/periods/201302`);
    await page.getByRole("cell", { name: "Final", exact: true }).waitFor();
    expect(complaints).to.deep.equal([]);
    await close();
  }).timeout(90_000);

  it("given a node that shows a shorter chain for a while, shows what it shows, and recovers", async () => {
    const { page, close } = await visit(browser());
    await world.settle(0, 201304);
    await send("hardhat_mine", "0x3");
    await page.goto(`${web.url}#/audit/periods/201304`);
    await page.getByRole("cell", { name: "Final", exact: true }).waitFor();
    const snapshot = (await send("evm_snapshot")) as string;
    await world.settle(1, 201304);
    const second = page.getByRole("table").locator("tbody tr").nth(1);
    await second.waitFor();
    await send("evm_revert", snapshot);
    await second.waitFor({ state: "detached" });
    await world.settle(1, 201304);
    await second.waitFor();
    await close();
  }).timeout(90_000);
});

describeInBrowser(
  "settling through a relayer behind a proxy, on a chain that is reorganised",
  (browser) => {
    let curve: Bn254;
    let world: World;
    let relay: Served;
    let proxy: { readonly url: string; close(): Promise<void> };
    let web: Served;
    const store = new MemoryStore();
    before(async function () {
      this.timeout(60_000);
      curve = await createMclBn254();
      world = await startWorld({ meters: 2, curve });
      relay = await startRelay(0);
      proxy = await startProxy(relay.url);
      web = await serveWeb({
        deployment: world.deployment,
        rpcUrl: world.chain.url,
        relayUrl: proxy.url,
        finality: FINALITY,
      });
    });
    after(() => closeAll(web, proxy, relay, world));

    /** Over the same store each time, as a process is that is started again. */
    async function startRelay(port: number): Promise<Served> {
      const relayer = new Relayer({
        sender: await TransactionSender.create(new Wallet(RELAYER, world.chain.provider)),
        deployment: world.deployment,
        curve,
        store,
        delay: 100,
        watch: 200,
        finality: FINALITY,
      });
      return serveRelay(relayer, { port, proxies: ["127.0.0.1"] });
    }

    it("the relayer restarts in the middle, the settlement is taken away, and the bill is settled all the same", async () => {
      const { provider } = world.chain;
      const { page, complaints, close } = await visit(browser());
      await page.goto(web.url);
      await pickFiles(page, { name: "bill.json", text: world.billFile(0, 201301) });
      await page.getByText("Ready to settle").waitFor();
      const snapshot = (await provider.send("evm_snapshot", [])) as string;
      await page.getByRole("button", { name: "Hand 1 bill to the relayer" }).click();
      await page.getByText("1 bill is settled, and not yet for good").waitFor();
      // The process ends, the block is taken away, another process goes on.
      await relay.close();
      await provider.send("evm_revert", [snapshot]);
      await page.getByText("Handed to the relayer: 1 bill").waitFor();
      relay = await startRelay(Number(new URL(relay.url).port));
      await page.getByText("1 bill is settled, and not yet for good").waitFor();
      await provider.send("hardhat_mine", ["0x3"]);
      await page.getByText("1 bill is settled for good").waitFor();
      // The browser itself notes a question to the relayer that fell into its restart.
      const others = complaints.filter((text) => !text.includes("ERR_EMPTY_RESPONSE"));
      expect(others).to.deep.equal([]);
      await close();
    }).timeout(120_000);

    it("given limits that the page meets, waits as long as the relayer asks, and goes on", async () => {
      const { page, close } = await visit(browser());
      let refusals = 0;
      await page.route(`${proxy.url}/batches`, async (route) => {
        if (route.request().method() !== "POST" || refusals++ > 0) return route.continue();
        await route.fulfill({
          status: 429,
          headers: {
            "Retry-After": "1",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
          },
          json: {
            ...{ format: "sipster/error@1", code: "http/too-many-requests", details: {} },
            ...{ cause: "too many", consequence: "none", cure: "wait" },
          },
        });
      });
      await page.goto(web.url);
      await pickFiles(page, { name: "bill.json", text: world.billFile(1, 201301) });
      // It says so for a second alone: looked for from before the click on.
      const asked = page.getByText("The relayer asks to wait 1 seconds").waitFor();
      await page.getByRole("button", { name: "Hand 1 bill to the relayer" }).click();
      await asked;
      await page.getByText("1 bill is settled, and not yet for good").waitFor();
      await close();
    }).timeout(60_000);
  },
);

/** A reverse proxy as one with a certificate is: it names the client in X-Forwarded-For. */
async function startProxy(to: string) {
  const { hostname, port } = new URL(to);
  const server = createServer((incoming, outgoing) => {
    const forwarded = request(
      {
        ...{ hostname, port, method: incoming.method, path: incoming.url },
        headers: { ...incoming.headers, "x-forwarded-for": "198.51.100.7" },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => {
      outgoing.destroy();
    });
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
