/**
 * `npm run bench:landlord`: a landlord with 500 bills at the settle page, in a real Chromium: how long until
 * every bill is checked, until the relayer has all, and until the page says that all are settled. Needs
 * Chromium and built pages.
 */
import { chromium } from "playwright-core";
import { Wallet } from "ethers";
import { createMclBn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { Relayer, serveRelay } from "../../src/relay/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { executable, FLAGS, visit } from "../../test/pages/support/browser.js";
import { pickFiles } from "../../test/pages/support/settle-page.js";
import { startWorld } from "../../test/pages/support/world.js";

const BILLS = 500;
const METERS = 50;
const PATIENT = { timeout: 600_000 };
const RELAYER = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

if (executable === undefined) throw new Error("no Chromium: install it or set SIPSTER_CHROMIUM");
const curve = await createMclBn254();
const world = await startWorld({ meters: METERS, curve });
const relayer = new Relayer({
  sender: await TransactionSender.create(new Wallet(RELAYER, world.chain.provider)),
  deployment: world.deployment,
  curve,
  store: new MemoryStore(),
  delay: 1000,
});
const relay = await serveRelay(relayer);
const { deployment, chain } = world;
const web = await serveWeb({ deployment, rpcUrl: chain.url, relayUrl: relay.url });
const browser = await chromium.launch({ executablePath: executable, args: FLAGS });
const { page, close } = await visit(browser);
try {
  const files = Array.from({ length: BILLS }, (_, i) => ({
    name: `${i}.json`,
    text: world.billFile(i % METERS, 201301 + Math.floor(i / METERS)),
  }));
  await page.goto(web.url);
  const start = performance.now();
  const say = (what: string) => {
    console.log(`${what.padEnd(40)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
  };
  await pickFiles(page, ...files);
  const hand = page.getByRole("button", { name: `Hand ${BILLS} bills to the relayer` });
  await hand.waitFor(PATIENT);
  say(`${BILLS} bills are checked after`);
  await hand.click(PATIENT);
  await page.getByText(/^Handed to the relayer/).waitFor(PATIENT);
  await hand.waitFor({ state: "detached", ...PATIENT });
  await page.getByRole("button", { name: /^Hand / }).waitFor({ state: "detached", ...PATIENT });
  say("the relayer has all after");
  await page.getByText(`${BILLS} bills are settled for good`).waitFor(PATIENT);
  say("the page says settled for good after");
} finally {
  await close();
  await browser.close();
  await web.close();
  await relay.close();
  await world.close();
}
