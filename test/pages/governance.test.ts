import { expect } from "chai";
import { ROLE_IDS } from "../../src/chain/governance/roles.js";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { startWorld, type World } from "./support/world.js";

const STRANGER = "0x00000000000000000000000000000000DeaDBeef";

describeInBrowser("an auditor of who governs", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 2 });
    web = await serveWeb({
      deployment: world.deployment,
      rpcUrl: world.chain.url,
      explorerUrl: "https://explorer.example/",
    });
  });
  after(() => closeAll(web, world));

  it("given a deployment where nothing was settled, sees nothing green", async () => {
    const { page, complaints, close } = await visit(browser());
    await page.goto(`${web.url}#/audit`);
    await page.getByText("Nothing is settled yet: there is nothing to verify").waitFor();
    expect(await page.locator(".notice-good").count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it("given a stranger who became registrar yesterday, sees it at the top, with the date and the transaction", async () => {
    await world.settle(0, 201301);
    const grant = await world.settlement.grantRole(ROLE_IDS.meterRegistrar, STRANGER);
    await grant.wait();
    await world.chain.provider.send("evm_increaseTime", [86_400]);
    await world.settle(1, 201301);
    const { page, complaints, close } = await visit(browser());
    // One click from the first page.
    await page.goto(web.url);
    await page.getByRole("link", { name: "Audit" }).click();
    const alerts = page.getByRole("region", { name: "Alerts" });
    await alerts.getByText("Not as recorded: look at this first").waitFor();
    const alarm = await alerts.locator(".notice-bad li").innerText();
    expect(alarm).to.contain(`${STRANGER} may register and retire meters (meterRegistrar of`);
    expect(alarm).to.contain("one day before the last block");
    const link = alerts.locator(".notice-bad li a");
    expect(await link.getAttribute("href")).to.equal(`https://explorer.example/tx/${grant.hash}`);
    // It stands before everything else of the audit, and on the first screen.
    const box = (await alerts.boundingBox())!;
    expect(box.y + box.height).to.be.lessThan(900);
    await page.getByText("Every settlement holds; who governs is not as recorded").waitFor();
    expect(await page.getByText("Everything holds", { exact: true }).count()).to.equal(0);

    await page.getByRole("link", { name: "Who holds which role since when" }).click();
    const row = page
      .getByRole("table", { name: "Holders of roles" })
      .locator("tr", { hasText: "eef" });
    expect(await row.innerText()).to.match(
      /May register and retire meters \(meterRegistrar\).*No/s,
    );
    await page
      .getByRole("table", { name: "Acts of governing" })
      .getByText(`Gave ${STRANGER} the right to register and retire meters (meterRegistrar)`)
      .waitFor();
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it("given a pause, sees who paused, and when it ends", async () => {
    const { page, close } = await visit(browser());
    await (await world.settlement.pause()).wait();
    await page.goto(`${web.url}#/audit/governance`);
    await page.getByText("Registrations are paused by").waitFor();
    await (await world.settlement.unpause()).wait();
    await page.getByText("Registrations are paused by").waitFor({ state: "detached" });
    await page.getByText(/^Resumed by/).waitFor();
    await close();
  });
});
