import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { temporaryDirectory } from "../support/temporary.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { pickFiles, expectStates, waitForError } from "./support/settle-page.js";
import { startWorld, type World } from "./support/world.js";

describeInBrowser("the pages when something goes wrong", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 2 });
    const { deployment, chain } = world;
    web = await serveWeb({ deployment, rpcUrl: chain.url, compareUrl: chain.url });
  });
  after(() => closeAll(web, world));
  const directory = temporaryDirectory();
  const bill = (period: number) => ({ name: `${period}.json`, text: world.billFile(0, period) });

  it("given a large wrong file, says so, and keeps the bills beside it over a reload", async () => {
    const { page, close } = await visit(browser());
    await page.goto(web.url);
    await pickFiles(page, { name: "film.json", text: "x".repeat(6_000_000) }, bill(201301));
    await waitForError(page, "web/file-too-large");
    await page.getByText("Ready to settle").waitFor();
    await page.reload();
    await page.getByText("Ready to settle").waitFor();
    await expectStates(page, "Ready to settle");
    await close();
  });

  it("given two tabs, shows the bills of both in both, and a bill removed in one in neither", async () => {
    const { page, close } = await visit(browser());
    const other = await page.context().newPage();
    for (const tab of [page, other]) await tab.goto(web.url);
    await pickFiles(page, bill(201301));
    await other.getByText("Ready to settle").waitFor();
    await pickFiles(other, bill(201302));
    await page.getByText("Ready to settle").nth(1).waitFor();
    await page
      .getByRole("button", { name: /^Remove/ })
      .first()
      .click();
    await other.getByText("Ready to settle").nth(1).waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("Ready to settle").waitFor();
    await expectStates(page, "Ready to settle");
    await close();
  });

  it("given a network failure on the page of a settlement, shows it, and recovers by itself", async () => {
    await world.settle(0, 201303);
    const { page, close } = await visit(browser());
    await page.goto(`${web.url}#/audit/periods/201303`);
    await page.getByText("Verified", { exact: true }).waitFor();
    let fails = true;
    await page.route(`${world.chain.url}/**`, (route) =>
      fails && (route.request().postData() ?? "").includes("eth_getTransactionByHash")
        ? route.abort()
        : route.continue(),
    );
    await page.getByRole("link", { name: /0x/ }).first().click();
    await page.getByText("chain/unreachable").waitFor();
    fails = false;
    await page.getByText("This settlement holds").waitFor();
    await close();
  });

  it("given a proof of settlement, checks it against the chain, and refuses one of another transaction", async () => {
    await world.settle(1, 201304);
    const { page, complaints, close } = await visit(browser());
    await page.goto(`${web.url}#/audit/settlements/${world.meters[1]!}/201304`);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the proof of settlement" }).click();
    const file = await (await download).path();
    await page.getByRole("link", { name: "Check a proof" }).click();
    const input = page.getByLabel("File with the proof");
    await input.setInputFiles(file);
    await page.getByText(/April 2013 of meter\s+0x.* is settled/).waitFor();
    const { readFile } = await import("node:fs/promises");
    const proof = JSON.parse(await readFile(file, "utf8")) as object;
    const forged = join(directory(), "forged.json");
    await writeFile(forged, JSON.stringify({ ...proof, transaction: `0x${"12".repeat(32)}` }));
    await input.setInputFiles(forged);
    await page.getByText("This proof does not hold").waitFor();
    await writeFile(forged, JSON.stringify({ ...proof, period: 203001 }));
    await input.setInputFiles(forged);
    await page.getByText("The contract settled no such bill").waitFor();
    expect(complaints).to.deep.equal([]);
    await close();
  });
});
