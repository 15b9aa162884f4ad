import { expect } from "chai";
import { getAddress } from "ethers";
import { type Served } from "../../src/http/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { closeAll, describeInBrowser, visit, type Visit } from "./support/browser.js";
import { connectAndSettle, pickFiles, expectStates, waitForError } from "./support/settle-page.js";
import { expectSoon } from "./support/soon.js";
import { TestWallet } from "./support/wallet.js";
import { SECOND_EPOCH, startWorld, type World } from "./support/world.js";

/** The second and third accounts of the well-known test phrase: rich on any development chain. */
const RICH = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const EXPLORER = "https://explorer.example";
const POOR = `0x${"42".repeat(32)}`;

describeInBrowser("the settle page", (browser) => {
  let world: World;
  let web: Served;
  let v: Visit;
  let wallet: TestWallet;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 4, keys: 2 });
    web = await serveWeb({
      deployment: world.deployment,
      rpcUrl: world.chain.url,
      explorerUrl: EXPLORER,
      chainName: "Town chain",
      currency: "TWN",
    });
  });
  after(() => closeAll(web, world));

  async function open(options: { key?: string; wallets?: TestWallet[] } = {}): Promise<void> {
    v = await visit(browser());
    wallet = new TestWallet({ key: options.key ?? RICH });
    for (const w of [wallet, ...(options.wallets ?? [])]) await w.install(v.page);
    await v.page.goto(web.url);
  }

  afterEach(async () => {
    const { complaints } = v;
    await v.close();
    expect(complaints).to.deep.equal([]);
  });

  const bill = (meter: number, period: number, options = {}) => ({
    name: `${meter}-${period}.json`,
    text: world.billFile(meter, period, options),
  });
  const settled = (meter: number, period: number) =>
    world.settlement.settled(world.meters[meter]!, period);

  it("connects, adds the chain, settles, and leads to the settlement", async () => {
    await open();
    await pickFiles(v.page, bill(0, 201301));
    await connectAndSettle(v.page, "Test Wallet", "1 bill");
    await v.page.getByText("1 bill is settled for good").waitFor();
    expect(await settled(0, 201301)).to.equal(true);
    expect(wallet.log).to.deep.equal([
      "eth_requestAccounts",
      "eth_chainId",
      "wallet_switchEthereumChain",
      "wallet_addEthereumChain",
      "eth_chainId",
      "wallet_switchEthereumChain",
      "eth_chainId",
      "eth_getBlockByNumber",
      "eth_sendTransaction",
    ]);
    // EIP-3085: what the wallet shows of the chain, with the explorer that it links to from then on.
    expect(wallet.offered).to.deep.equal([
      {
        chainId: "0x7a69",
        chainName: "Town chain",
        nativeCurrency: { name: "TWN", symbol: "TWN", decimals: 18 },
        rpcUrls: [world.chain.url],
        blockExplorerUrls: [EXPLORER],
      },
    ]);
    await v.page.getByRole("link", { name: /See this settlement/ }).click();
    await v.page.waitForURL(`**/#/audit/settlements/${world.meters[0]!}/201301`);
  });

  it("settles a batch in one transaction, one for each key epoch", async () => {
    await open();
    const bills = [
      bill(0, 201302),
      bill(1, 201302),
      bill(2, SECOND_EPOCH, { keyEpoch: 2, units: 0 }),
    ];
    await pickFiles(v.page, ...bills);
    await v.page.getByText("Ready to settle").nth(2).waitFor();
    const before = await world.chain.provider.getBlockNumber();
    await connectAndSettle(v.page, "Test Wallet", "3 bills");
    await v.page.getByText("3 bills are settled for good").waitFor();
    expect((await world.chain.provider.getBlockNumber()) - before).to.equal(2);
    expect(wallet.log.filter((m) => m === "eth_sendTransaction")).to.have.length(2);
  });

  it("checks each bill by itself, names what is wrong, and asks for nothing then", async () => {
    await open();
    const whole = bill(0, 201303);
    const altered = JSON.parse(whole.text) as { period: number };
    altered.period = 201304;
    await pickFiles(
      v.page,
      bill(1, 201303, { unpaid: true }),
      { name: "altered.json", text: JSON.stringify(altered) },
      { name: "notes.txt", text: "milk, bread" },
      { name: "elsewhere.json", text: whole.text.replace('"31337"', '"1"') },
      bill(2, 201212),
    );
    await waitForError(v.page, "contract/SettlementReceiptMismatch");
    await waitForError(v.page, "contract/SettlementMeterNotValid");
    await expectStates(v.page, ...Array.from({ length: 5 }, () => "Refused"));
    const [, unpaid, early] = world.meters.map((meter) => getAddress(meter));
    const exact = v.page.locator(".notice .code");
    // The code, and the exact cause where the words above it do not give it.
    await expectSoon(
      () => exact.allInnerTexts(),
      [
        `contract/SettlementReceiptMismatch: the combined receipt does not pay the bill of meter ${unpaid} for period 201303 under key epoch 1`,
        "web/altered-bill",
        "sipster/bad-bill-file: the file is not JSON",
        "web/altered-bill",
        `contract/SettlementMeterNotValid: meter ${early} may settle the periods 201301 to no end, not 201212`,
      ],
    );
    expect(await v.page.getByRole("button", { name: /^Settle/ }).count()).to.equal(0);
    const first = v.page.locator(".bill").first();
    await first.locator("summary").click();
    await expectSoon(() => first.locator(".is-good").count(), 4);
    expect(await first.locator(".is-bad").innerText()).to.contain("e(σ, P2) = e(R, A2)");
    await expectSoon(() => first.locator(".is-open").count(), 1);
  });

  it("given a file and a wallet whose names are HTML, shows them as text", async () => {
    const name = '<img src="x" onerror="document.title=1">';
    await open({ wallets: [new TestWallet({ key: RICH, name, rdns: "org.html" })] });
    await pickFiles(v.page, { name, text: `{"format":"${name.replaceAll('"', "'")}"}` });
    await pickFiles(v.page, bill(0, 201306));
    await waitForError(v.page, "sipster/bad-bill-file");
    await v.page.getByRole("heading", { name }).waitFor();
    await v.page.getByRole("button", { name }).waitFor();
    expect(await v.page.locator('img[src="x"]').count()).to.equal(0);
    expect(await v.page.title()).to.equal("Settle bills – Sipster");
  });

  it("replaces a bill by another of the same meter and period", async () => {
    await open();
    await pickFiles(v.page, bill(0, 201305, { unpaid: true }));
    await waitForError(v.page, "contract/SettlementReceiptMismatch");
    await pickFiles(v.page, bill(0, 201305));
    await v.page.getByText("Ready to settle").waitFor();
    await expectStates(v.page, "Ready to settle");
    await v.page.getByRole("button", { name: /^Remove/ }).click();
    await v.page.locator(".bill").waitFor({ state: "detached" });
  });

  it("shows what is settled already as done, with the settlement", async () => {
    await open();
    await pickFiles(v.page, bill(0, 201301));
    await v.page.getByText("1 bill is settled for good").waitFor();
    await v.page.getByText(/Settled in block \d+ by\s+transaction\s+0x/).waitFor();
    expect(wallet.log).to.deep.equal([]);
  });

  it("lists every wallet that announces itself, and none that announces nonsense", async () => {
    const other = new TestWallet({ key: RICH, name: "Another Wallet", rdns: "org.another" });
    await open({ wallets: [other] });
    // The page listens once it is drawn.
    await pickFiles(v.page, bill(0, 201306));
    await v.page.getByRole("button", { name: "Test Wallet" }).waitFor();
    await v.page.evaluate(`for (const detail of [null, {}, { info: { uuid: 1 } },
      { info: { uuid: "u", name: "No provider", rdns: "r", icon: "" } },
      { info: { uuid: "v", name: "Elsewhere", rdns: "s", icon: "https://elsewhere.example/i.png" },
        provider: { request() {} } }])
      dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));`);
    for (const name of ["Another Wallet", "Elsewhere", "Test Wallet"]) {
      await v.page.getByRole("button", { name }).waitFor();
    }
    const names = v.page.locator(".wallets button");
    await expectSoon(() => names.allInnerTexts(), ["Another Wallet", "Elsewhere", "Test Wallet"]);
    await expectSoon(() => v.page.locator(".wallets img").count(), 2);
    expect(v.requests.some((url) => url.includes("elsewhere"))).to.equal(false);
    await v.page.getByRole("button", { name: "Another Wallet" }).click();
    await v.page.getByText("Another Wallet, account").waitFor();
    expect(wallet.log).to.deep.equal([]);
  });

  for (const [what, method, answer, code] of [
    ["connecting", "eth_requestAccounts", 4001, "wallet/refused"],
    ["adding the chain", "wallet_addEthereumChain", 4001, "wallet/refused"],
    ["sending", "eth_sendTransaction", 4001, "wallet/refused"],
    ["a second question", "eth_requestAccounts", -32002, "wallet/request-pending"],
    ["switching", "wallet_switchEthereumChain", 4200, "wallet/unsupported"],
  ] as const) {
    it(`refusal at ${what} (${answer}): says so, and going on works`, async () => {
      await open();
      wallet.instead.set(method, { code: answer, message: "User rejected the request." });
      await pickFiles(v.page, bill(3, 201301));
      await v.page.getByRole("button", { name: "Test Wallet" }).click();
      if (method !== "eth_requestAccounts") {
        await v.page.getByRole("button", { name: "Settle 1 bill" }).click();
      }
      await waitForError(v.page, code);
      await expectStates(v.page, "Ready to settle");
      expect(await settled(3, 201301)).to.equal(false);
      if (method === "eth_requestAccounts") {
        await v.page.getByRole("button", { name: "Test Wallet" }).click();
      }
      await v.page.getByText("at most").waitFor();
      await v.page.getByRole("button", { name: "Settle 1 bill" }).waitFor();
    });
  }

  it("a wallet without money: says so before it is asked to send", async () => {
    await open({ key: POOR });
    await pickFiles(v.page, bill(3, 201302));
    await connectAndSettle(v.page, "Test Wallet", "1 bill");
    await waitForError(v.page, "chain/insufficient-funds");
    expect(wallet.log).to.not.include("eth_sendTransaction");
  });

  it("a wallet on another chain with the same number: says so, and sends nothing", async () => {
    const other = await startWorld({ meters: 1 });
    await open();
    wallet.chains.set(31337, other.chain.url);
    await pickFiles(v.page, bill(3, 201303));
    await connectAndSettle(v.page, "Test Wallet", "1 bill");
    await waitForError(v.page, "wallet/chain-restarted");
    expect(wallet.log).to.not.include("eth_sendTransaction");
    await other.close();
  });

  it("an account that is taken away or changed: shows the one that pays", async () => {
    await open();
    await pickFiles(v.page, bill(3, 201304));
    await v.page.getByRole("button", { name: "Test Wallet" }).click();
    await v.page.getByText("account 0x7099…79C8").waitFor();
    await wallet.emitAccounts([`0x${"ab".repeat(20)}`]);
    await v.page.getByText(/account\s+0x[aA][bB]/).waitFor();
    await wallet.emitAccounts([]);
    await v.page.getByRole("heading", { name: "Connect a wallet" }).waitFor();
  });

  it("another sender settles first: that is shown as done", async () => {
    await open();
    await pickFiles(v.page, bill(3, 201305), bill(3, 201306));
    await v.page.getByRole("button", { name: "Test Wallet" }).click();
    await v.page.getByText("at most").waitFor();
    const { settle } = world;
    await settle(3, 201305);
    await v.page.getByRole("button", { name: "Settle 2 bills" }).click();
    await v.page.getByText("2 bills are settled for good").waitFor();
  });

  it("a reload in the middle: collected, asked, sent and confirmed all survive", async () => {
    const { provider } = world.chain;
    await open();
    await pickFiles(v.page, bill(1, 201307));
    await v.page.getByText("Ready to settle").waitFor();
    await v.page.reload();
    await v.page.getByText("Ready to settle").waitFor();

    wallet.instead.set("eth_sendTransaction", "never");
    await connectAndSettle(v.page, "Test Wallet", "1 bill");
    await v.page.getByText("Confirm in your wallet").waitFor();
    await v.page.reload();
    await v.page.getByText("its answer did not arrive").waitFor();
    await v.page.getByRole("button", { name: "I did not confirm" }).click();

    await provider.send("evm_setAutomine", [false]);
    await connectAndSettle(v.page, "Test Wallet", "1 bill");
    await v.page.getByText(/Sent: 1 bill, as transaction 0x/).waitFor();
    await v.page.reload();
    await v.page.getByText(/Sent: 1 bill, as transaction 0x/).waitFor();
    await expectStates(v.page, "On its way");
    await provider.send("evm_mine", []);
    await v.page.getByText("1 bill is settled for good").waitFor();
    await provider.send("evm_setAutomine", [true]);
    await v.page.reload();
    await v.page.getByText("1 bill is settled for good").waitFor();
    await v.page.getByRole("button", { name: "Settle other bills" }).click();
    await v.page.reload();
    await v.page.getByText("Choose bill files").waitFor();
    await expectStates(v.page);
  });

  it("works with the keyboard alone", async () => {
    await open();
    const { page } = v;
    const focused = (): Promise<string> =>
      page.evaluate(`(({ innerText, type, tagName }) =>
        tagName === "BODY" ? "" : innerText || type)(document.activeElement)`);
    const tabTo = async (text: string): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        await page.keyboard.press("Tab");
        if ((await focused()).includes(text)) return;
      }
      expect.fail(`no way to "${text}" with Tab`);
    };
    // Asked for early: the browser takes a moment until it hands choosers over.
    const chooser = page.waitForEvent("filechooser");
    await page.getByText(/^Block/).waitFor();
    await tabTo("Skip to content");
    await page.keyboard.press("Enter");
    await tabTo("file");
    await page.keyboard.press("Enter");
    const file = bill(2, 201308);
    await (
      await chooser
    ).setFiles({ name: file.name, mimeType: "", buffer: Buffer.from(file.text) });
    await page.getByText("Ready to settle").waitFor();
    await tabTo("What was checked");
    await page.keyboard.press("Space");
    await page.getByText("The meter signed exactly this bill").waitFor();
    await tabTo("Test Wallet");
    await page.keyboard.press("Enter");
    await page.getByText("at most").waitFor();
    await tabTo("Settle 1 bill");
    await page.keyboard.press("Enter");
    await page.getByText("1 bill is settled for good").waitFor();
    await tabTo("See this settlement");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/#/audit/settlements/**");
  });
});

describeInBrowser("the settle page and a node that goes away", (browser) => {
  it("says so, and says it when another chain comes back in its place", async () => {
    const world = await startWorld({ meters: 1 });
    const { deployment } = world;
    const web = await serveWeb({ deployment, rpcUrl: world.chain.url });
    const { page, close } = await visit(browser());
    await page.goto(web.url);
    const file = { name: "bill.json", text: world.billFile(0, 201301) };
    await pickFiles(page, file);
    await page.getByText("Ready to settle").waitFor();
    await world.close();
    await waitForError(page, "chain/unreachable");

    const port = Number(new URL(world.chain.url).port);
    const other = await startWorld({ meters: 1, port });
    await waitForError(page, "chain/chain-restarted");

    // Deployed and served a second time, at the same addresses: nothing of the old chain is left.
    const { port: webPort } = new URL(web.url);
    await web.close();
    const renewed = await serveWeb({
      deployment: other.deployment,
      rpcUrl: other.chain.url,
      port: Number(webPort),
    });
    await page.getByRole("button", { name: "Reload the page" }).click();
    await page.getByText("Choose bill files").waitFor();
    await expectStates(page);
    await close();
    await renewed.close();
    await other.close();
  });
});
