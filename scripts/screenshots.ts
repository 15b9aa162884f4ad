/**
 * `npm run screenshots`: makes docs/web/*.png, a picture of each page in the browser, from a small
 * town on a chain of its own. Needs Chromium (SIPSTER_CHROMIUM names one elsewhere) and built pages.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium, type BrowserContextOptions, type Page } from "playwright-core";
import { ROLE_IDS } from "../src/chain/governance/roles.js";
import { serveWeb } from "../src/pages/index.js";
import { executable, FLAGS, visit } from "../test/pages/support/browser.js";
import { pickFiles } from "../test/pages/support/settle-page.js";
import { TestWallet } from "../test/pages/support/wallet.js";
import { startWorld, type World } from "../test/pages/support/world.js";

const FOLDER = resolve(import.meta.dirname, "../docs/web");
/** Bytes of one picture, at most. */
const LIMIT = 450_000;
const DAY = 86_400;
/** An account of every test node, with money that is worth nothing. */
const PAYER = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

/** Holds no role at first. */
const STRANGER = "0x00000000000000000000000000000000DeaDBeef";

const PHONE = { viewport: { width: 390, height: 844 } };
const DARK = { colorScheme: "dark" } as const;

interface Shot {
  readonly name: string;
  /** Of the page; METER stands for the first meter. */
  readonly path: string;
  /** Text that is there when the page is complete. */
  readonly until: string | RegExp;
  readonly options?: BrowserContextOptions;
  readonly act?: (page: Page) => Promise<void>;
  /** `confirmations`: the last settlements are in the chain and can still be taken back. */
  readonly finality?: "confirmations";
}

/** Three months of six meters under the first of two keys, two meters behind in the last. */
async function town(): Promise<World> {
  const world = await startWorld({ meters: 6, keys: 2 });
  for (const [i, period] of [201301, 201302, 201303].entries()) {
    for (let meter = 0; meter < (i === 2 ? 4 : 6); meter++) {
      await world.chain.provider.send("evm_increaseTime", [DAY * (1 + ((meter * 2 + i) % 3))]);
      await world.settle(meter, period);
    }
    await world.chain.provider.send("evm_increaseTime", [DAY * 17]);
  }
  return world;
}

function shots(world: World): readonly Shot[] {
  const bill = (meter: number, period: number, unpaid = false) => ({
    name: `home-${meter}-${period}.json`,
    text: world.billFile(meter, period, { unpaid }),
  });
  return [
    {
      name: "settle-relayer",
      path: "",
      until: "Choose bill files",
      async act(page) {
        await pickFiles(page, bill(4, 201303), bill(5, 201303), bill(0, 201303));
        await page.getByText("Hand 2 bills to the relayer").waitFor();
        await page.getByText("See this settlement in full").waitFor();
      },
    },
    {
      name: "settle-wallet-dark",
      path: "",
      until: "Choose bill files",
      options: DARK,
      async act(page) {
        await pickFiles(page, bill(4, 201303), bill(5, 201303, true));
        await page.getByText("contract/SettlementReceiptMismatch").waitFor();
        await page.getByLabel("My own wallet").check();
        await page.getByRole("button", { name: "Test Wallet" }).click();
        await page.getByText("1 transaction, at most").waitFor();
      },
    },
    {
      name: "settle-phone",
      path: "",
      until: "Choose bill files",
      options: PHONE,
      async act(page) {
        await pickFiles(page, bill(4, 201303));
        await page.getByText("Hand 1 bill to the relayer").waitFor();
      },
    },
    {
      name: "settle-not-final",
      path: "",
      until: "Choose bill files",
      finality: "confirmations",
      async act(page) {
        await pickFiles(page, bill(0, 201303), bill(3, 201303));
        await page.getByText("not yet for good").waitFor();
      },
    },
    { name: "audit", path: "audit", until: /^Everything holds$/ },
    { name: "audit-phone", path: "audit", until: /^Everything holds$/, options: PHONE },
    { name: "periods", path: "audit/periods", until: "January 2013" },
    { name: "period", path: "audit/periods/201303", until: "registered meters have not settled" },
    { name: "settlements", path: "audit/settlements", until: "Filter" },
    {
      name: "settlement",
      path: "audit/settlements/METER/201303",
      until: "This settlement holds",
    },
    { name: "meters", path: "audit/meters", until: "May settle from" },
    { name: "meter", path: "audit/meters/METER", until: "March 2013" },
    { name: "keys", path: "audit/keys", until: "Key epoch 2" },
    {
      name: "contract",
      path: "audit/contract",
      until: "The order board was created from this version",
    },
    // The last two: what it changes on the chain would show in the others.
    {
      name: "governance",
      path: "audit/governance",
      until: "What was done",
      async act(page) {
        await (await world.settlement.grantRole(ROLE_IDS.meterRegistrar, STRANGER)).wait();
        await page.getByText("Not as recorded: look at this first").waitFor();
      },
    },
    {
      name: "governance-phone-dark",
      path: "audit/governance",
      until: "What was done",
      options: { ...DARK, viewport: { width: 320, height: 700 } },
      async act(page) {
        await page.getByText("Not as recorded: look at this first").waitFor();
      },
    },
  ];
}

const world = await town();
const options = {
  deployment: world.deployment,
  rpcUrl: world.chain.url,
  relayUrl: "http://127.0.0.1:9",
};
const web = await serveWeb(options);
const slow = await serveWeb({ ...options, finality: { rule: "confirmations", blocks: 3 } });
if (executable === undefined) throw new Error("no Chromium: install it or set SIPSTER_CHROMIUM");
const browser = await chromium.launch({ executablePath: executable, args: FLAGS });
/** All, or those named: `npm run screenshots -- governance`. */
const names = process.argv.slice(2);
const chosen = shots(world).filter(({ name }) => names.length === 0 || names.includes(name));
mkdirSync(FOLDER, { recursive: true });
try {
  for (const { name, path, until, options, act, finality } of chosen) {
    const { page, close } = await visit(browser, options);
    const { chainId } = world.deployment;
    const chains = { [Number(chainId)]: world.chain.url };
    await new TestWallet({ key: PAYER, chains, chain: Number(chainId) }).install(page);
    const { url } = finality === "confirmations" ? slow : web;
    await page.goto(`${url}#/${path.replace("METER", world.meters[0]!)}`);
    await page.getByText(until).first().waitFor();
    await page
      .getByText(/^Block/)
      .first()
      .waitFor();
    await act?.(page);
    await page.evaluate("document.activeElement?.blur()");
    // What the page still fetches has come, and what it announces for a moment is gone.
    await page.waitForTimeout(1500);
    await page.locator("#toast").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    const picture = await page.screenshot({ fullPage: true, animations: "disabled" });
    await close();
    writeFileSync(join(FOLDER, `${name}.png`), picture);
    const size = picture.length;
    console.log(`${name}.png  ${Math.ceil(size / 1000)} kB`);
    if (size > LIMIT) throw new Error(`${name}.png has more than ${LIMIT} bytes`);
  }
} finally {
  await browser.close();
  await web.close();
  await slow.close();
  await world.close();
}
