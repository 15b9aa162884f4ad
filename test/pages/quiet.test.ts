import { expect } from "chai";
import type { Page, Request } from "playwright-core";
import { nullifierOf } from "../../src/chain/settle/settlement-outcome.js";
import type { Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { pickFiles, waitForError } from "./support/settle-page.js";
import { expectSoon } from "./support/soon.js";
import { startWorld, type World } from "./support/world.js";

const MINUTE = 60_000;
/** Milliseconds after which the settle page looks at what was submitted. */
const FOLLOW = 1500;

/** Runs in the page before its own scripts: counts listeners of the window and waiting timers. */
const COUNT = `(() => {
  const counts = (window.counts = { listeners: 0, timers: new Map() });
  const { addEventListener: add, removeEventListener: remove, setTimeout: set, clearTimeout: clear } = window;
  window.addEventListener = (...a) => (counts.listeners++, add.apply(window, a));
  window.removeEventListener = (...a) => (counts.listeners--, remove.apply(window, a));
  window.setTimeout = (f, ms, ...a) => {
    const id = set(() => (counts.timers.delete(id), f(...a)), ms);
    counts.timers.set(id, ms);
    return id;
  };
  window.clearTimeout = (id) => (counts.timers.delete(id), clear(id));
})()`;

/** Lets a test hide the page, as another tab in front does. */
const HIDE = `(() => {
  let hidden = false;
  Object.defineProperty(Document.prototype, "hidden", { get: () => hidden });
  window.hide = (value) => {
    hidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()`;

/** Measures the next message that shows for a moment, and what a press in its middle hits. */
const MEASURE = `new MutationObserver(() => {
  const toast = document.getElementById("toast");
  if (toast.textContent === "") return;
  const { left, right, top, bottom } = toast.getBoundingClientRect();
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2).id;
  window.measured = { left, right, bottom, text: toast.textContent, hit };
}).observe(document.getElementById("toast"), { childList: true })`;

describeInBrowser("what the pages do unasked", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 1 });
    web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
  });
  after(() => closeAll(web, world));

  /** A bill whose wallet never answered: the settle page looks for its settlement. */
  async function waitForABill(page: Page): Promise<void> {
    const { contracts, genesisHash } = world.deployment;
    const key = `sipster/settle@1 ${contracts.settlement.address} ${genesisHash}`;
    const id = nullifierOf({ meter: world.meters[0]!, period: 201301 });
    const saved = JSON.stringify({
      bills: [{ name: "bill.json", text: world.billFile(0, 201301) }],
      submissions: [{ via: "wallet", bills: [id], hash: null }],
    });
    await page.goto(web.url);
    await page.evaluate(`localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(saved)})`);
    await page.reload();
    await page.getByText("its answer did not arrive").waitFor();
  }

  it("given a phone of 320 pixels, when a message shows for a moment, then it covers no button", async () => {
    const { page, close } = await visit(browser(), { viewport: { width: 320, height: 640 } });
    await page.goto(web.url);
    await page.getByText(/^Block/).waitFor();
    const file = { name: "bill.json", text: world.billFile(0, 201301) };
    const toast = page.locator("#toast");
    await Promise.all([toast.getByText("1 file added").waitFor(), pickFiles(page, file)]);
    await page.getByText("Ready to settle").waitFor();
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.evaluate(MEASURE);
    await pickFiles(page, file);
    // The message is gone after a moment: it is measured when it comes.
    await page.waitForFunction("window.measured !== undefined");
    const seen = (await page.evaluate("measured")) as Record<"left" | "right" | "bottom", number> &
      Record<"text" | "hit", string>;
    expect(seen.text).to.equal("These bills are here already");
    expect(seen.left).to.be.at.least(0);
    expect(seen.right).to.be.at.most(320);
    // The lower end of the screen, where a thumb finds the buttons, is free.
    expect(seen.bottom).to.be.lessThan(320);
    expect(seen.hit, "a press goes through the message").not.to.equal("toast");
    await close();
  });

  it("given visits to the settle page, when it is left, then no listener and no timer stays", async () => {
    const { page, complaints, close } = await visit(browser());
    await page.addInitScript(COUNT);
    await waitForABill(page);
    const listeners = () => page.evaluate("counts.listeners") as Promise<number>;
    const followers = () =>
      page.evaluate(
        `[...counts.timers.values()].filter((ms) => ms === ${FOLLOW}).length`,
      ) as Promise<number>;
    const goTo = async (name: string, text: string): Promise<void> => {
      await page.getByRole("link", { name, exact: true }).first().click();
      await page.getByText(text).first().waitFor();
    };
    const seen: number[] = [];
    for (let round = 0; round < 4; round++) {
      await goTo("Audit", "Nothing is settled yet");
      // A look at the chain that was under way when the page was left ends without another.
      await page.waitForFunction(`[...counts.timers.values()].every((ms) => ms !== ${FOLLOW})`);
      seen.push(await listeners());
      await goTo("Settle", "its answer did not arrive");
    }
    expect(new Set(seen).size, seen.join()).to.equal(1);
    expect(await followers()).to.be.at.most(1);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it("given a tab that nobody sees, when a minute passes, then it asks nothing, and goes on when it is seen", async () => {
    const { page, requests, close } = await visit(browser());
    await page.addInitScript(HIDE);
    await page.clock.install();
    await waitForABill(page);
    const open = new Set<Request>();
    page.on("request", (request) => open.add(request));
    page.on("requestfinished", (request) => open.delete(request));
    page.on("requestfailed", (request) => open.delete(request));
    const asks = async (): Promise<boolean> => {
      const before = requests.length;
      await page.clock.runFor(MINUTE);
      await page.waitForTimeout(300);
      return requests.length > before;
    };
    await expectSoon(asks, true, "while it is seen");
    await page.evaluate("hide(true)");
    const rests = async () => !(await asks()) && open.size === 0;
    await expectSoon(rests, true, "when what was under way has ended");
    expect(await asks(), "while it is hidden").to.equal(false);
    await page.evaluate("hide(false)");
    await expectSoon(asks, true, "when it is seen again");
    await close();
  });

  it("given a node that does not answer, when a resident reads why, then it is in words, with the code beneath", async () => {
    const { page, close } = await visit(browser());
    await page.route(`${world.chain.url}/**`, (route) => route.abort());
    await page.goto(web.url);
    await waitForError(page, "chain/unreachable");
    const text = await page.getByRole("alert").innerText();
    expect(text).to.contain("The node that these pages ask does not answer");
    expect(text).not.to.match(/command|`|--/);
    await close();
  });
});
