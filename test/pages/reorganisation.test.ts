import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { writeDeployment } from "../../src/chain/deploy/deployment.js";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { killCommands, startCommand, type ServingCommand } from "../support/serving-command.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { startProxy } from "./support/proxy.js";
import { connectAndSettle, pickFiles, expectStates } from "./support/settle-page.js";
import { expectSoon } from "./support/soon.js";
import { TestWallet } from "./support/wallet.js";
import { startWorld, type World } from "./support/world.js";

const RICH = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/** Seconds that no test waits for. */
const LONG = "3600";
/** A process takes its time to start. */
const PATIENT = { timeout: 60_000 };
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

/** What a node says of the blocks "safe" and "finalized". */
type Tagged = Readonly<Record<string, string>>;

/** Lets a node call other blocks safe and final than it does; `ends` may change meanwhile. */
async function callFinal(page: Page, node: string, ends: () => Tagged): Promise<void> {
  await page.route(`${node}/**`, (route) => {
    const text = (route.request().postData() ?? "").replaceAll(
      /"(safe|finalized)"/g,
      (_, tag: string) => JSON.stringify(ends()[tag]),
    );
    return route.continue({ postData: text });
  });
}

describeInBrowser("the pages and a node that tells safe blocks from final ones", (browser) => {
  it("given a settlement, says included, then safe, then final, and 'for good' of the last alone", async () => {
    const world = await startWorld({ meters: 1 });
    const web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
    const { page, complaints, close } = await visit(browser());
    let ends: Tagged = { safe: "0x0", finalized: "0x0" };
    await callFinal(page, world.chain.url, () => ends);
    await world.settle(0, 201301);
    await page.goto(web.url);
    await pickFiles(page, { name: "bill.json", text: world.billFile(0, 201301) });
    const outcome = page.getByText("1 bill is settled, and not yet for good");
    await outcome.waitFor();
    await page.getByText("The chain can still replace this block").waitFor();
    ends = { ...ends, safe: "latest" };
    await page.getByText("Most of the chain has agreed on this block").waitFor();
    expect(await outcome.count()).to.equal(1);
    await page.goto(`${web.url}#/audit/settlements`);
    await page.getByRole("cell", { name: "Safe", exact: true }).waitFor();
    ends = { safe: "latest", finalized: "latest" };
    await page.getByRole("cell", { name: "Final", exact: true }).waitFor();
    await page.goto(`${web.url}#/settle`);
    await page.getByText("1 bill is settled for good").waitFor();
    expect(complaints).to.deep.equal([]);
    await close();
    await web.close();
    await world.close();
  }).timeout(90_000);
});

describeInBrowser(
  "settling through a relayer behind a proxy, on a chain that is reorganised",
  (browser) => {
    type Relay = ServingCommand<{ readonly url: string }>;
    let world: World;
    let relay: Relay;
    let proxy: { readonly url: string; close(): Promise<void> };
    let web: Served;
    const home = mkdtempSync(join(tmpdir(), "sipster-test-"));
    before(async function () {
      this.timeout(120_000);
      world = await startWorld({ meters: 2 });
      await writeFile(join(home, "deployment.json"), writeDeployment(world.deployment));
      relay = await startRelay("0", LONG);
      proxy = await startProxy(relay.json.url);
      web = await serveWeb({
        deployment: world.deployment,
        rpcUrl: world.chain.url,
        relayUrl: proxy.url,
        finality: FINALITY,
      });
    });
    after(async () => {
      killCommands();
      await closeAll(web, proxy, world);
      rmSync(home, { recursive: true, force: true });
    });

    /** A process of its own, over the same file each time; bills wait `delay` seconds for others. */
    function startRelay(port: string, delay: string): Promise<Relay> {
      const files = ["--deployment", join(home, "deployment.json"), "--queue", join(home, "queue")];
      const options = ["--delay", delay, "--finality", "3", "--proxy", "127.0.0.1/32"];
      const payer = ["--account", world.chain.accounts[1]!, "--confirmations", "1"];
      const where = ["--rpc", world.chain.url, "--port", port];
      return startCommand("relay", ...where, ...files, ...payer, ...options);
    }
    async function startAgain(delay: string): Promise<void> {
      relay = await startRelay(new URL(relay.json.url).port, delay);
    }

    it("given a relayer that is killed before it sends and after, and a block that is taken away, then the bill is settled all the same", async () => {
      const { provider } = world.chain;
      const { page, complaints, close } = await visit(browser());
      await page.goto(web.url);
      await pickFiles(page, { name: "bill.json", text: world.billFile(0, 201301) });
      await page.getByText("Ready to settle").waitFor();
      await page.getByRole("button", { name: "Hand 1 bill to the relayer" }).click();
      await page.getByText("Handed to the relayer: 1 bill").waitFor();
      await relay.stop("SIGKILL");
      const snapshot = (await provider.send("evm_snapshot", [])) as string;
      await startAgain("0");
      await page.getByText("1 bill is settled, and not yet for good").waitFor(PATIENT);
      // It is killed once more, the block is taken away, and a third process goes on.
      await relay.stop("SIGKILL");
      await provider.send("evm_revert", [snapshot]);
      await page.getByText("Handed to the relayer: 1 bill").waitFor(PATIENT);
      expect(await world.settlement.settled(world.meters[0]!, 201301)).to.equal(false);
      await startAgain("0");
      await page.getByText("1 bill is settled, and not yet for good").waitFor(PATIENT);
      await provider.send("hardhat_mine", ["0x3"]);
      await page.getByText("1 bill is settled for good").waitFor(PATIENT);
      // The browser itself notes a question to the relayer that fell into its restart.
      const others = complaints.filter((text) => !text.includes("ERR_EMPTY_RESPONSE"));
      expect(others).to.deep.equal([]);
      await close();
    }).timeout(240_000);

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
