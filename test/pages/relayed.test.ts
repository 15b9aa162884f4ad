import { expect } from "chai";
import { Wallet } from "ethers";
import { type Served } from "../../src/http/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import { Relayer, serveRelay } from "../../src/relay/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { pickFiles, expectStates, waitForError } from "./support/settle-page.js";
import { TestWallet } from "./support/wallet.js";
import { startWorld, type World } from "./support/world.js";

const RELAYER = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

describeInBrowser("settling through a relayer", (browser) => {
  let world: World;
  let relay: Served;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    const curve = await createMclBn254();
    world = await startWorld({ meters: 4, curve });
    const relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(RELAYER, world.chain.provider)),
      deployment: world.deployment,
      curve,
      store: new MemoryStore(),
      batch: 2,
      delay: 3_600_000,
    });
    relay = await serveRelay(relayer);
    const relayUrl = relay.url;
    web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url, relayUrl });
  });
  after(() => closeAll(web, relay, world));

  it("is the default, needs no wallet, and survives closing the page", async () => {
    const { page, complaints, close } = await visit(browser());
    const wallet = new TestWallet({ key: `0x${"42".repeat(32)}` });
    await wallet.install(page);
    await page.goto(web.url);
    await pickFiles(page, { name: "bill.json", text: world.billFile(0, 201301) });
    expect(await page.getByLabel("A relayer").isChecked()).to.equal(true);
    expect(await page.getByText("linkable to the meter").count()).to.equal(0);
    await page.getByRole("button", { name: "Hand 1 bill to the relayer" }).click();
    await page.getByText("Handed to the relayer: 1 bill").waitFor();
    await expectStates(page, "On its way");
    await page.goto("about:blank");

    // A second resident's bill fills the batch.
    const other = await visit(browser());
    await other.page.goto(web.url);
    await pickFiles(other.page, { name: "bill.json", text: world.billFile(1, 201301) });
    await other.page.getByRole("button", { name: "Hand 1 bill to the relayer" }).click();
    await other.page.getByText("1 bill is settled for good").waitFor();
    await other.close();

    await page.goto(web.url);
    await page.getByText("1 bill is settled for good").waitFor();
    expect(wallet.log).to.deep.equal([]);
    expect(complaints).to.deep.equal([]);
    const [a, b] = await world.settlement.queryFilter(world.settlement.filters.BillSettled());
    expect(a!.transactionHash).to.equal(b!.transactionHash);
    expect((await a!.getTransactionReceipt()).from).to.equal(new Wallet(RELAYER).address);
    await close();
  });

  it("shows why a relayer refuses, and that one is gone", async () => {
    const { page, close } = await visit(browser());
    await page.goto(web.url);
    const handOver = page.getByRole("button", { name: "Hand 1 bill to the relayer" });
    await pickFiles(page, { name: "bill.json", text: world.billFile(2, 201301) });
    await handOver.waitFor();
    await (await world.settlement.retireMeter(world.meters[2]!, 201212)).wait();
    await handOver.click();
    await waitForError(page, "contract/SettlementMeterNotValid");
    await expectStates(page, "Refused");
    await page.getByRole("button", { name: /^Remove/ }).click();
    await pickFiles(page, { name: "bill.json", text: world.billFile(3, 201301) });
    await handOver.waitFor();
    await relay.close();
    await handOver.click();
    await waitForError(page, "relay/unreachable");
    await expectStates(page, "Ready to settle");
    await page.getByLabel("My own wallet").check();
    await page.getByText("linkable to the meter").waitFor();
    await close();
  });
});
