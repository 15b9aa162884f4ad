import { expect } from "chai";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { type Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { pickFiles } from "./support/settle-page.js";
import { TestWallet } from "./support/wallet.js";
import { startWorld, type World } from "./support/world.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds, a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations: found } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} })`,
  )) as AxeResults;
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary ?? ""}`),
  );
}

/** Does anything stick out to the right, so that the page scrolls in two directions? */
function overflow(page: Page): Promise<number> {
  return page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

/** Tables that are wider than their box, so that columns are cut off. */
function cutTables(page: Page): Promise<string[]> {
  return page.evaluate(
    "[...document.querySelectorAll('.table-scroll')].filter((t) => t.scrollWidth > t.clientWidth).map((t) => t.ariaLabel)",
  );
}

describeInBrowser("the pages for everybody: WCAG 2.2 AA", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 4 });
    for (let m = 0; m < 3; m++) await world.settle(m, 201301);
    web = await serveWeb({
      deployment: world.deployment,
      rpcUrl: world.chain.url,
      relayUrl: "http://127.0.0.1:9",
    });
  });
  after(() => closeAll(web, world));

  const audited: readonly (readonly [string, string])[] = [
    ["audit", "Everything holds"],
    ["audit/periods", "January 2013"],
    ["audit/periods/201301", "1 registered meter has not settled"],
    ["audit/settlements", "Filter"],
    ["audit/settlements/METER/201301", "This settlement holds"],
    ["audit/meters", "May settle from"],
    ["audit/meters/METER", "Not settled, though others have"],
    ["audit/keys", "Key epoch 1"],
    ["audit/governance", "May register and retire meters"],
    ["audit/proof", "File with the proof"],
    ["audit/contract", "Is the code this source?"],
    ["nowhere", "No such page"],
  ];

  for (const [colorScheme, width] of [
    ["light", 1100],
    ["dark", 320],
  ] as const) {
    it(`audit, ${colorScheme}, ${width} pixels wide`, async () => {
      const viewport = { width, height: 800 };
      const { page, close } = await visit(browser(), { colorScheme, viewport });
      for (const [path, text] of audited) {
        await page.goto(`${web.url}#/${path.replace("METER", world.meters[0]!)}`);
        await page.getByText(text).first().waitFor();
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)");
        expect(await violations(page), path).to.deep.equal([]);
        expect(await overflow(page), path).to.equal(0);
        expect(await cutTables(page), path).to.deep.equal([]);
      }
      await close();
    });

    it(`settle, ${colorScheme}, ${width} pixels wide`, async () => {
      const viewport = { width, height: 800 };
      const { page, close } = await visit(browser(), { colorScheme, viewport });
      const wallet = new TestWallet({ key: `0x${"42".repeat(32)}` });
      await wallet.install(page);
      const look = async (what: string): Promise<void> => {
        expect(await violations(page), what).to.deep.equal([]);
        expect(await overflow(page), what).to.equal(0);
      };
      await page.goto(web.url);
      await page.getByText("Choose bill files").waitFor();
      await page.getByText(/^Block/).waitFor();
      await look("empty");
      await pickFiles(
        page,
        { name: "right.json", text: world.billFile(3, 201301) },
        { name: "unpaid.json", text: world.billFile(3, 201302, { unpaid: true }) },
        { name: "settled.json", text: world.billFile(0, 201301) },
        { name: "a-name-without-any-place-to-break-it-anywhere-at-all.txt", text: "?" },
      );
      await page.getByText("contract/SettlementReceiptMismatch").waitFor();
      await page.getByText("See this settlement in full").waitFor();
      await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)");
      await look("checked");
      await page.getByLabel("My own wallet").check();
      await page.getByRole("button", { name: "Test Wallet" }).click();
      await page.getByText("chain/insufficient-funds").waitFor();
      await look("without money");
      await close();
    });
  }

  it("says where one is: title, heading and focus follow the address", async () => {
    const { page, close } = await visit(browser());
    await page.goto(web.url);
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
    expect(await page.title()).to.equal("Audit – Sipster");
    expect(await page.evaluate("document.activeElement.tagName")).to.equal("H1");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Settle bills" }).waitFor();
    expect(await page.title()).to.equal("Settle bills – Sipster");
    await close();
  });
});
