/**
 * A town of real processes, some of which are killed (`npm run town:kills`: four homes and twenty kills): every unit is paid once, every bill settled and
 * audited; and no log that it leaves holds a token, a coin, a secret, a meter or a home.
 */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import { connectRpc } from "../../src/chain/index.js";
import { parseDemoOptions } from "../../src/cli/demo/options.js";
import { UtilityFolder } from "../../src/cli/utility/folder.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { loadHouseholds } from "../../src/demo/index.js";
import { MONEY_DENOMINATOR } from "../../src/readings/index.js";
import { Books } from "../../src/resident/books.js";
import { addressOf } from "../../src/sipster/index.js";
import { SqliteStore } from "../../src/store/index.js";
import { ChainClock } from "../../src/town/chain-clock.js";
import { planKills } from "../../src/town/kills.js";
import type { TownResult } from "../../src/town/index.js";
import { dataFile, describeWithData } from "../data.js";
import { startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { sipster } from "../support/recorded-io.js";

const READINGS = dataFile("sgsc11_2013_halfhourly_wide.csv");
const TARIFF = dataFile("lcl_dtou_tariff_2013_halfhourly.csv");
const PERIOD = "2013-07";
/** All of it takes minutes of both cores, so the suite runs a smaller town. */
const IS_FULL = process.env.SIPSTER_TOWN === "full";
const HOMES = IS_FULL ? 4 : 2;
const KILLS = IS_FULL ? 20 : 8;

async function town(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const script = resolve(import.meta.dirname, "../support/sipster-child.ts");
  const child = startScript(script, ["town", ...args], { stderr: "pipe" });
  let [out, err] = ["", ""];
  child.stdout!.on("data", (part: Buffer) => (out += part.toString()));
  child.stderr!.on("data", (part: Buffer) => (err += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

describeWithData("a town of processes", function () {
  this.timeout(IS_FULL ? 1_800_000 : 900_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-town-"));
  const folder = join(directory, "town");
  let result: TownResult;

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  before(async () => {
    const inputs = ["--readings", READINGS, "--tariff", TARIFF, "--period", PERIOD];
    const run = await town(
      ...inputs,
      ...["--homes", `${HOMES}`, "--kill", `${KILLS}`],
      ...["--folder", folder, "--json"],
    );
    expect(run.code, run.err).to.equal(0);
    result = JSON.parse(run.out) as TownResult;
  });

  it("given real homes, when processes are killed, then it ends settled and audited, and every unit is paid once", async () => {
    const { bills, kills, processes, totals, audit } = result;
    expect(result.format).to.equal("sipster/town@1");
    expect(kills).to.have.length(KILLS);
    expect(processes.reduce((sum, { restarts }) => sum + restarts, 0)).to.equal(KILLS);
    expect(processes.map(({ role }) => role)).to.have.members([
      ...["chain", "utility", "relay"],
      ...[...Array<string>(HOMES).fill("meter"), ...Array<string>(HOMES).fill("wallet")],
    ]);
    expect(bills.map(({ status }) => status)).to.deep.equal(Array(HOMES).fill("settled"));
    expect(new Set(bills.map(({ tx }) => tx)).size).to.equal(HOMES);
    expect(audit).to.deep.equal({ ok: true, settled: HOMES, verified: HOMES });
    // What the readings cost, computed apart from meters, wallets and counter.
    const options = { badRows: "refuse", suite: "hash-bound", seed: "", settle: true } as const;
    const asked = { ...options, readings: [READINGS], tariff: TARIFF, period: PERIOD };
    const { households } = await loadHouseholds(parseDemoOptions(asked));
    const owed = new Map(
      households.map(({ id, charges }) => {
        const money = [...charges()].reduce((sum, { charge }) => sum + charge.numerator, 0n);
        return [id, Number(money / MONEY_DENOMINATOR)];
      }),
    );
    for (const { home, units } of bills) expect(units, home).to.equal(owed.get(home));
    expect(totals.units).to.equal(bills.reduce((sum, { units }) => sum + units, 0));
    expect(totals.unitsPaid).to.equal(totals.units);
  });

  const passphrase = (): string => readFileSync(join(folder, "passphrase"), "utf8").trim();

  /** What each home has, and nobody else is to join. */
  async function* openHomes() {
    for (const number of readdirSync(join(folder, "homes"))) {
      const home = join(folder, "homes", number);
      const { meter } = JSON.parse(readFileSync(join(home, "meter/status.json"), "utf8")) as {
        meter: string;
      };
      const wallet = await WalletFolder.open(join(home, "wallet"), passphrase());
      const store = await wallet.books();
      const { tokens, coins } = await store.transaction(async (tx) => {
        const all = new Books(tx);
        return { tokens: await all.tokens(), coins: await all.coins() };
      });
      await store.close();
      expect(tokens).not.to.have.length(0);
      yield { meter, wallet, tokens, coins };
    }
  }

  it("given its logs, when they are searched, then no token, coin, secret, meter or home is in them", async () => {
    const logs = readdirSync(join(folder, "logs")).map((name) =>
      readFileSync(join(folder, "logs", name), "utf8").toLowerCase(),
    );
    const words = [passphrase(), ...result.bills.map(({ home }) => home)];
    for await (const { meter, wallet, tokens, coins } of openHomes()) {
      words.push(meter, meter.slice(2), ...hexes(wallet.secret(), wallet.derived("account")));
      for (const { hash, record } of tokens) words.push(hash, ...hexes(record.token));
      for (const { record } of coins) words.push(record.id, ...hexes(record.secret));
    }
    const { receiptKey, mint, noticeKey, answerKey } = (
      await UtilityFolder.open(join(folder, "utility"), passphrase())
    ).secrets;
    words.push(...hexes(noticeKey, answerKey));
    for (const scalar of [receiptKey.scalar, ...mint.scalars.values()]) {
      words.push(scalar.toString(), scalar.toString(16));
    }
    expect(logs.join("")).to.include("bills are settled");
    for (const log of logs) {
      for (const word of words) expect(log.includes(word.toLowerCase()), word).to.equal(false);
    }
  });

  it("given the files of utility and relayer, when every row of them is read, then none joins a payment to a home", async () => {
    const books = await rowsOf(join(folder, "utility/books"));
    const others = [
      ...(await rowsOf(join(folder, "utility/accounts"))),
      ...(await rowsOf(join(folder, "relay/queue"))),
    ];
    // Rows of coins and tokens, and what was sold in all: no other row, and no column for who or when.
    for (const row of books) expect(row.key).to.match(/^(coin\/|token\/|sold\/(units|receipts)$)/);
    let paid = 0;
    for await (const { meter, wallet, tokens, coins } of openHomes()) {
      const account = addressOf(wallet.derived("account"));
      for (const { text } of books) {
        for (const who of [meter.slice(2), account.slice(2)])
          expect(text).to.not.include(who.toLowerCase());
      }
      expect(others.some(({ text }) => text.includes(account.slice(2).toLowerCase()))).to.equal(
        true,
      );
      const ofPayments = [
        ...tokens.map(({ hash }) => hash),
        ...coins.map(({ record }) => record.id.split("/")[1]!),
      ];
      paid += tokens.filter(({ hash }) => books.some(({ text }) => text.includes(hash))).length;
      for (const { text } of others) {
        for (const payment of ofPayments) expect(text).to.not.include(payment);
      }
    }
    expect(paid).to.equal(result.totals.tokens);
  });

  it("given its logs, when they are read by a program, then each line is an object with a time, a level and a text", () => {
    const roles = /^(utility|relay|meter-\d+|wallet-\d+)\.log$/;
    const names = readdirSync(join(folder, "logs")).filter((name) => roles.test(name));
    expect(names).to.have.length(2 + 2 * HOMES);
    for (const name of names) {
      const lines = readFileSync(join(folder, "logs", name), "utf8")
        .split("\n")
        .filter(Boolean);
      expect(lines, name).not.to.deep.equal([]);
      for (const line of lines) {
        const { time, level, text } = JSON.parse(line) as Record<string, string>;
        expect(new Date(time!).toISOString(), name).to.equal(time);
        expect(level).to.be.oneOf(["info", "warn", "error"]);
        expect(text).to.be.a("string");
      }
    }
  });

  it("given the folder of a town, when another is started in it, then it is refused, and its status is still told", async () => {
    const again = await sipster("town", "--homes", "1", "--folder", folder, "--json");
    expect(again.json).to.include({ code: "town/folder-in-use" });
    const status = await sipster("town", "status", "--folder", folder, "--json");
    expect(status.json).to.include({ phase: "over" });
    const nothing = await sipster("town", "status", "--folder", join(folder, "homes"), "--json");
    expect(nothing.json).to.include({ code: "town/not-a-town" });
  });
});

/** Every row of a store: its key, and key and value as text and in hexadecimal, in lower case. */
async function rowsOf(file: string): Promise<readonly { key: string; text: string }[]> {
  const store = await SqliteStore.open(file);
  const rows = await store.transaction((tx) => tx.list(""));
  await store.close();
  return rows.map(([key, value]) => {
    const bytes = Buffer.from(value);
    return {
      key,
      text: `${key} ${bytes.toString("latin1")} ${bytes.toString("hex")}`.toLowerCase(),
    };
  });
}

/** As logs might show bytes. */
function hexes(...secrets: readonly Uint8Array[]): string[] {
  return secrets.flatMap((bytes) => [bytesToHex(bytes), Buffer.from(bytes).toString("base64")]);
}

describe("the clock of a town", () => {
  it("given a node that is not a development node, when its clock is to be moved, then it is refused and nothing is mined", async () => {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { id, method } = JSON.parse(body) as { id: number; method: string };
        asked.push(method);
        const result = method === "eth_chainId" ? "0x1" : "Geth/v1.16.0-stable/linux-amd64/go1.24";
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const provider = await connectRpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      await expectRejection(ChainClock.of(provider), "town/not-for-development");
      expect(asked.filter((method) => method.startsWith("evm_"))).to.deep.equal([]);
    } finally {
      provider.destroy();
      await once(server.close(), "close");
    }
  });

  it("given a seed, when kills are planned, then they are the same again, spread over the run, and never the chain", () => {
    const between = { from: 1_000_000, to: 5_000_000 };
    const kills = planKills({ seed: "a seed", count: 200, homes: 4, between });
    expect(planKills({ seed: "a seed", count: 200, homes: 4, between })).to.deep.equal(kills);
    expect(planKills({ seed: "another", count: 200, homes: 4, between })).not.to.deep.equal(kills);
    for (const [i, { at, role, home }] of kills.entries()) {
      expect(at).to.be.within(1_000_000 + i * 20_000, 1_000_000 + (i + 1) * 20_000);
      expect(role).not.to.equal("chain");
      expect(home !== undefined).to.equal(role === "meter" || role === "wallet");
    }
    expect(new Set(kills.map(({ role, home }) => `${role} ${home}`)).size).to.equal(10);
  });
});
