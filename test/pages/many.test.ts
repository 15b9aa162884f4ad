import { expect } from "chai";
import { Wallet } from "ethers";
import { createMclBn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { Relayer, serveRelay } from "../../src/relay/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { pickFiles, waitForError } from "./support/settle-page.js";
import { expectSoon } from "./support/soon.js";
import { startWorld, type World } from "./support/world.js";

const RELAYER = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const METERS = 10;
/** More than the page hands over in one request. */
const BILLS = 60;

describeInBrowser("a landlord with many bills", (browser) => {
  let world: World;
  let relay: Served;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    const curve = await createMclBn254();
    world = await startWorld({ meters: METERS, curve });
    const relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(RELAYER, world.chain.provider)),
      deployment: world.deployment,
      curve,
      store: new MemoryStore(),
      delay: 3_600_000,
    });
    relay = await serveRelay(relayer);
    const relayUrl = relay.url;
    web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url, relayUrl });
  });
  after(() => closeAll(web, relay, world));

  it("given bills in several requests, then one notice stands for all, and one that comes back leaves the others under way", async () => {
    const { page, complaints, close } = await visit(browser());
    const batches: number[] = [];
    page.on("request", (request) => {
      if (!request.url().endsWith("/batches") || request.method() !== "POST") return;
      batches.push((request.postDataJSON() as { bills: unknown[] }).bills.length);
    });
    // The relayer forgets the first of them.
    let forgets = false;
    await page.route(`${relay.url}/statuses`, async (route) => {
      if (!forgets || route.request().method() !== "POST") return route.continue();
      const response = await route.fetch();
      const answer = (await response.json()) as { statuses: object[] };
      await route.fulfill({
        response,
        json: { ...answer, statuses: [{}, ...answer.statuses.slice(1)] },
      });
    });
    await page.goto(web.url);
    const files = Array.from({ length: BILLS }, (_, i) => ({
      name: `${i}.json`,
      text: world.billFile(i % METERS, 201301 + Math.floor(i / METERS), { units: 1 }),
    }));
    await pickFiles(page, ...files);
    const hand = (bills: number) =>
      page.getByRole("button", {
        name: `Hand ${bills} bill${bills === 1 ? "" : "s"} to the relayer`,
      });
    await hand(BILLS).waitFor();
    forgets = true;
    await hand(BILLS).click();
    await waitForError(page, "relay/bill-unknown");
    expect(batches).to.deep.equal([50, 10]);
    const handed = page.getByText(/^Handed to the relayer/);
    await expectSoon(() => handed.allInnerTexts(), [`Handed to the relayer: ${BILLS - 1} bills`]);
    await hand(1).waitFor();
    await expectSoon(() => page.getByText("On its way", { exact: true }).count(), BILLS - 1);
    expect(complaints).to.deep.equal([]);
    await close();
  }).timeout(180_000);
});
