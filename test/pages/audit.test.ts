import { expect } from "chai";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { type Served } from "../../src/http/index.js";
import { nobleBn254 } from "../../src/algebra/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { combineBatch, parseBillFile } from "../../src/sipster/index.js";
import { serveWeb } from "../../src/pages/index.js";
import { describeInBrowser, visit, type Visit } from "./support/browser.js";
import { expectSoon } from "./support/soon.js";
import { startWorld, type World } from "./support/world.js";

describeInBrowser("the audit pages", (browser) => {
  let world: World;
  let web: Served;
  let v: Visit;
  before(async () => {
    world = await startWorld({ meters: 4, keys: 2 });
    await world.settle(0, 201301);
    await world.chain.provider.send("evm_increaseTime", [86_400]);
    await batch(201302, [0, 1, 2]);
    await world.settle(3, 201302, { units: 0 });
    await (await world.settlement.retireMeter(world.meters[3]!, 201302)).wait();
    web = await serveWeb({
      deployment: world.deployment,
      rpcUrl: world.chain.url,
      explorerUrl: "https://explorer.example/",
    });
  });
  after(async () => {
    await web?.close();
    await world?.close();
  });

  async function batch(period: number, meters: readonly number[]): Promise<void> {
    const bills = meters.map((m) => parseBillFile(nobleBn254, world.billFile(m, period)));
    const combined = combineBatch({
      curve: nobleBn254,
      system: world.system,
      bills: bills.map((b) => b.bill),
      combined: bills.map((b) => b.combined),
    });
    const { x, y } = g1Words(nobleBn254, combined);
    await (await world.settlement.settleBatch(1, bills.map(billWords), x, y)).wait();
  }

  async function open(path: string): Promise<Page> {
    v = await visit(browser(), { acceptDownloads: true });
    await v.page.goto(`${web.url}#/${path}`);
    await v.page.getByText("Everything on this page was read from the chain").waitFor();
    return v.page;
  }

  afterEach(async () => {
    const { complaints } = v;
    await v.close();
    expect(complaints).to.deep.equal([]);
  });

  const rows = (page: Page, caption: string): Promise<string[]> =>
    page.getByRole("table", { name: caption }).locator("tbody tr").allInnerTexts();
  const expectRows = (page: Page, caption: string, count: number): Promise<void> =>
    expectSoon(async () => (await rows(page, caption)).length, count, `rows of ${caption}`);
  const expectGood = (page: Page, count: number): Promise<void> =>
    expectSoon(() => page.locator(".checks .is-good").count(), count, "checks that passed");
  const fact = (page: Page, name: string): Promise<string> =>
    page.locator(`dt:text-is("${name}") + dd`).innerText();

  it("the overview: totals, a chart with its table, and the whole audit again", async () => {
    const page = await open("audit");
    await page.getByText("Everything holds", { exact: true }).waitFor();
    await page.getByText("5 settlements were verified again").waitFor();
    expect(await fact(page, "settlements")).to.equal("5");
    expect(await fact(page, "periods")).to.equal("2");
    expect(await fact(page, "registered meters")).to.equal("4");
    expect(await fact(page, "keys of the utility")).to.equal("2");
    const receipts = await Promise.all(
      (await world.settlement.queryFilter(world.settlement.filters.BillSettled())).map((e) =>
        e.getTransactionReceipt(),
      ),
    );
    const byHash = new Map(receipts.map((r) => [r.hash, r.gasUsed]));
    const gas = [...byHash.values()].reduce((sum, g) => sum + g, 0n) / 5n;
    expect(await fact(page, "gas a settlement, on average")).to.equal(
      new Intl.NumberFormat("en").format(gas),
    );
    await page.getByText("Show the numbers as a table").click();
    const numbers = await rows(page, "Settlements over time");
    const total = numbers.reduce((sum, row) => sum + Number(row.split("\t")[1]), 0);
    expect(total).to.equal(5);
    expect(numbers.length).to.be.within(2, 24);
    expect(await page.locator("svg .bar").count()).to.equal(numbers.length);
    await expectSoon(
      () => rows(page, "Periods"),
      ["February 2013\t4\t0\t100 %", "January 2013\t1\t3\t25 %"],
    );
    await page.getByText("What was checked of the system").click();
    await expectGood(page, 7);
  });

  it("a settlement of a batch in full: the bill, each check, the pairing", async () => {
    const page = await open(`audit/settlements/${world.meters[1]!}/201302`);
    await page.getByText("This settlement holds").waitFor();
    await expectGood(page, 9);
    const file = JSON.parse(world.billFile(1, 201302)) as {
      r: { x: string };
      signature: string;
    };
    expect(await fact(page, "R, x")).to.contain(BigInt(file.r.x).toString(16));
    expect(await fact(page, "Signature of the meter")).to.contain(file.signature);
    await page.getByText("σ* of the batch of 3 bills").waitFor();
    expect(await fact(page, "Gas")).to.match(/^[\d,]+ for 3 bills, [\d,]+ each$/);
    await page.getByRole("link", { name: "the utility's key of epoch 1" }).click();
    await page.getByRole("heading", { name: "Key epoch 2" }).waitFor();
    await expectGood(page, 8);
  });

  it("given an explorer, leads to a settlement's transaction and block, to each contract, and to the block of each act", async () => {
    const links = (page: Page): Promise<string[]> =>
      page
        .locator('main a[href^="https://explorer.example/"]')
        .evaluateAll((found) => found.map((a) => (a as unknown as { href: string }).href));
    const [event] = await world.settlement.queryFilter(
      world.settlement.filters.BillSettled(world.meters[0]),
    );
    const { transactionHash, blockNumber } = event!;
    const settlement = await open(`audit/settlements/${world.meters[0]!}/201301`);
    await expectSoon(
      () => links(settlement),
      [
        `https://explorer.example/tx/${transactionHash}`,
        `https://explorer.example/block/${blockNumber}`,
      ],
    );
    await v.close();
    const contract = await open("audit/contract");
    const { contracts } = world.deployment;
    const wanted = Object.values(contracts).flatMap(({ address, transaction }) => [
      `https://explorer.example/address/${address}`,
      ...(transaction === undefined ? [] : [`https://explorer.example/tx/${transaction}`]),
    ]);
    await expectSoon(async () => (await links(contract)).sort(), wanted.sort());
    await v.close();
    const governance = await open("audit/governance");
    const retired = await world.settlement.queryFilter(world.settlement.filters.MeterRetired());
    const block = `https://explorer.example/block/${retired[0]!.blockNumber}`;
    await expectSoon(async () => (await links(governance)).includes(block), true);
  });

  it("a settlement that is none, a meter that is none, a page that is none", async () => {
    const page = await open(`audit/settlements/${world.meters[1]!}/201301`);
    await page.getByText("This bill is not settled").waitFor();
    await page.getByRole("link", { name: "See the meter" }).click();
    await page.getByText("Not settled, though others have").waitFor();
    expect(await fact(page, "Not settled, though others have")).to.equal("January 2013");
    await page.goto(`${web.url}#/audit/meters/0x${"99".repeat(20)}`);
    await page.getByText("No such meter is registered").waitFor();
    for (const path of ["audit/meters/bob", "audit/periods/4294967296", "audit/x", "%"]) {
      await page.goto(`${web.url}#/${path}`);
      await page.getByRole("heading", { name: "No such page" }).waitFor();
    }
  });

  it("a period: who settled with block and gas, and who did not", async () => {
    const page = await open("audit/periods/201301");
    await expectRows(page, "Settlements of January 2013", 1);
    await expectSoon(() => page.locator(".meter-list li").count(), 3);
    await page.goto(`${web.url}#/audit/periods/201302`);
    await page.getByText("Every meter that is registered for this period").waitFor();
    await page.goto(`${web.url}#/audit/periods/201303`);
    await page.getByText("3 registered meters have not settled this period").waitFor();
  });

  it("meters: when they may settle, and what each settled", async () => {
    const page = await open("audit/meters");
    await expectRows(page, "Meters", 4);
    const list = await rows(page, "Meters");
    expect(list[0]).to.match(/^0\t0x.*\tJanuary 2013\tno end\t2$/);
    expect(list[3]).to.match(/^3\t0x.*\tJanuary 2013\tFebruary 2013\t1$/);
    await page.goto(`${web.url}#/audit/meters/${world.meters[0]!.toUpperCase().replace("X", "x")}`);
    await expectRows(page, "Settlements of meter 0", 2);
  });

  it("a filter is part of the address", async () => {
    const page = await open("audit/settlements");
    await expectRows(page, "Settlements", 5);
    await page.getByLabel("Period").fill("201302");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL("**?period=201302");
    await expectRows(page, "Settlements", 4);
    await page.goto(`${web.url}#/audit/settlements?meter=${world.meters[3]!}`);
    await page.getByText("Show all").waitFor();
    await expectRows(page, "Settlements", 1);
    await page.goBack();
    await page.waitForURL("**?period=201302");
    await page.locator("tbody tr").nth(3).waitFor();
    await expectRows(page, "Settlements", 4);
  });

  it("saves what it shows as CSV and JSON", async () => {
    const page = await open("audit/settlements");
    await page.getByText("Verified", { exact: true }).nth(4).waitFor();
    const save = async (button: string): Promise<string> => {
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: button }).click();
      return readFile(await (await download).path(), "utf8");
    };
    const json = JSON.parse(await save("JSON of Settlements")) as Record<string, unknown>[];
    expect(json).to.have.length(5);
    expect(json[0]).to.include({ meter: world.meters[0], period: 201301, verdict: "verified" });
    const [head, first] = (await save("CSV of Settlements")).split("\r\n");
    expect(head).to.equal(Object.keys(json[0]!).join(","));
    expect(first).to.equal(Object.values(json[0]!).join(","));
    await page.goto(`${web.url}#/audit`);
    await page.getByText("Everything holds", { exact: true }).waitFor();
    const audit = JSON.parse(await save("Save the audit as JSON")) as Record<string, unknown>;
    expect(audit).to.include({ format: "sipster/audit@1", ok: true, chainId: "31337" });
  });

  it("the contract: addresses, code compared with the source, roles", async () => {
    const page = await open("audit/contract");
    await page.getByText("created from this version of its source").first().waitFor();
    await expectGood(page, 3);
    expect(await page.locator("#settlement ~ dl dd").first().innerText()).to.contain(
      world.deployment.contracts.settlement.address,
    );
  });

  it("continues with what is settled while it is open", async () => {
    const page = await open("audit/periods/201304");
    await page.getByText("Nobody has settled this period yet").waitFor();
    await world.settle(1, 201304);
    await page.getByRole("table", { name: "Settlements of April 2013" }).waitFor();
  });
});

describeInBrowser("an audit of a chain where something is wrong", (browser) => {
  it("says which settlement, and what is wrong with it", async () => {
    const world = await startWorld({ meters: 2 });
    await world.settle(0, 201301);
    // A node that lies: it shows a bit that the events do not speak of as set, and the other not.
    const { provider } = world.chain;
    const word = await world.settlement.settledWord(201301, 0);
    expect(word).to.equal(1n);
    const slot = await findSlot(world, word);
    await provider.send("hardhat_setStorageAt", [
      world.deployment.contracts.settlement.address,
      slot,
      `0x${"0".repeat(63)}2`,
    ]);
    const web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
    const { page, close } = await visit(browser());
    await page.goto(`${web.url}#/audit`);
    await page.getByText("Not everything holds", { exact: true }).waitFor();
    await page.getByText("the contract's bit is not set").waitFor();
    await page.getByText("What was checked of the system").click();
    await page.getByText("a bit and no event for period 201301").first().waitFor();
    await page.getByRole("link", { name: /^January 2013 of 0x/ }).click();
    await page.getByText("This settlement does not hold").waitFor();
    expect(await page.locator(".checks .is-bad").innerText()).to.contain("bit of this meter");
    await close();
    await web.close();
    await world.close();
  });

  it("says which check a key fails whose halves are of two secrets", async () => {
    const world = await startWorld({ meters: 1 });
    const web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
    const { page, close } = await visit(browser());
    // A node that lies about the registration: A1 is P1 = (1, 2), a point, and not the key's.
    const { topicHash } = world.settlement.interface.getEvent("KeyRegistered");
    const word = (n: number): string => n.toString(16).padStart(64, "0");
    await page.route(`${world.chain.url}/**`, async (route) => {
      const response = await route.fetch();
      const answer = (await response.text()).replaceAll(
        /\{[^{}]*"topics":\[[^\]]*\][^{}]*\}/g,
        (log) =>
          log.includes(topicHash)
            ? log.replace(/"data":"0x[0-9a-f]{128}/, `"data":"0x${word(1)}${word(2)}`)
            : log,
      );
      await route.fulfill({ response, body: answer });
    });
    await page.goto(`${web.url}#/audit/keys`);
    await page.getByRole("heading", { name: "Key epoch 1" }).waitFor();
    await expectSoon(() => page.locator(".checks .is-good").count(), 3);
    expect(await page.locator(".checks .is-bad").innerText()).to.contain("of one secret");
    await close();
    await web.close();
    await world.close();
  });
});

/** The storage slot of the word of bits, found by trying: the mapping's own slot is not public. */
async function findSlot(world: World, word: bigint): Promise<string> {
  const { keccak256, AbiCoder, toBeHex } = await import("ethers");
  const key = BigInt(201301) << 32n;
  for (let slot = 0; slot < 12; slot++) {
    const at = keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot]));
    const value = await world.chain.provider.getStorage(
      world.deployment.contracts.settlement.address,
      at,
    );
    if (value === toBeHex(word, 32)) return at;
  }
  return expect.fail("no slot holds the word");
}
