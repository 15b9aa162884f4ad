/**
 * Two homes with wallets of their own, the utility's program over PostgreSQL with its gateway, and a
 * relay, each as a process. Then every log and every table is read: nothing joins a payment to a home.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { Client } from "pg";
import { createMclBn254 } from "../../src/algebra/index.js";
import { connectRpc, type RpcProvider } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { openWallet } from "../../src/cli/wallet/open-wallet.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { decodeRequest, type Carrier } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import {
  addPeriods,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  periodOfTime,
} from "../../src/sipster/index.js";
import { canonicalTariff, defaultTariff } from "../../src/tariff/index.js";
import { withPassphrase } from "../support/passphrase.js";
import { describeWithPostgres, PostgresCluster } from "../support/postgres.js";
import { RecordingProxy } from "../support/recording-proxy.js";
import { sipster } from "../support/recorded-io.js";
import { killCommands, startCommand, type ServingCommand } from "../support/serving-command.js";
import { numbered } from "../support/wallet.js";

/** Requests of each home in a month, dummies included. */
const REQUESTS = 12;
const HOMES = [
  { name: "frugal", address: "127.0.0.21", sizes: [1, 10] },
  { name: "lavish", address: "127.0.0.22", sizes: [1, 1, 1, 10, 10, 100, 100] },
] as const;

interface Home {
  readonly name: string;
  readonly address: string;
  readonly tap: RecordingProxy;
  /** With the utility, in lower case. */
  account: string;
  /** Hashes of its tokens, in hexadecimal. */
  readonly tokens: string[];
  readonly payments: Uint8Array[];
}

describeWithPostgres("payments of two homes through relay and gateway, as processes", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-oblivious-"));
  const passphrase = withPassphrase();
  const path = (...names: string[]): string => join(directory, ...names);
  let chain: ServedChain;
  let provider: RpcProvider;
  let cluster: PostgresCluster;
  let utility: ServingCommand<{ url: string; gateway: string }>;
  let relay: ServingCommand<{ url: string }>;
  const homes: Home[] = [];

  const onChain = () => ["--rpc", chain.url, "--deployments", path("deployments")];
  const paid = () => [...onChain(), "--account", chain.accounts[0]!];
  const folder = () => ["--folder", path("utility")];

  async function run(...args: string[]): Promise<Record<string, unknown>> {
    const { code, err, json } = await sipster(...args, "--json");
    expect(code, `${args.slice(0, 2).join(" ")}: ${err}`).to.equal(0);
    return json as Record<string, unknown>;
  }

  before(async () => {
    chain = await serveLocalChain();
    provider = await connectRpc(chain.url);
    cluster = await PostgresCluster.start(["-c", "log_statement=none"]);
    const made = await run("utility", "init", ...folder(), "--denominations", "1,10,100");
    await run("deploy", ...paid(), "--notice-signer", String(made.noticeSigner), "--lead", "0");
    await run("utility", "register-key", ...folder(), ...paid());
    writeFileSync(path("tariff.json"), canonicalTariff(defaultTariff));
    await run(
      ...["utility", "tariff", path("tariff.json"), ...folder(), ...paid()],
      ...["--time-zone", "UTC", "--payee", chain.accounts[0]!.toLowerCase()],
      ...["--lead", "0", "--basket", "5", "--requests", String(REQUESTS)],
    );
    for (const { name, address } of HOMES) {
      const tap = await RecordingProxy.start(() => relay.json.url, address);
      homes.push({ name, address, tap, account: "", tokens: [], payments: [] });
    }
    const relays = homes.flatMap(({ tap }) => ["--relay", tap.url]);
    const at = "http://127.0.0.1:8662/";
    await run("utility", "network", ...folder(), ...paid(), ...relays, "--gateway", at);
    const database = ["--database", cluster.url];
    const ports = ["--port", "0", "--gateway-port", "0"];
    utility = await startCommand(
      "utility",
      "serve",
      ...folder(),
      ...onChain(),
      ...database,
      ...ports,
    );
    const gateway = `${utility.json.gateway}/`;
    relay = await startCommand("relay-ohttp", "--gateway", gateway, "--port", "0");
    for (const home of homes) {
      const own = ["--folder", path(home.name)];
      const way = ["--channel", "ohttp", "--relay", home.tap.url];
      const init = ["wallet", "init", ...own, ...onChain(), "--utility", utility.json.url, ...way];
      const { account } = await run(...init);
      home.account = String(account).toLowerCase();
      const credit = ["utility", "credit", home.account, "1110", "--reference", home.name];
      await run(...credit, ...folder(), ...onChain(), ...database);
      await run("wallet", "fund", ...own);
    }
  });
  after(async () => {
    killCommands();
    for (const { tap } of homes) tap.close();
    provider.destroy();
    await chain.close();
    await cluster.stop();
    rmSync(directory, { recursive: true });
  });

  async function advanceTo(seconds: number): Promise<void> {
    const { timestamp } = (await provider.getBlock("latest"))!;
    if (seconds <= timestamp) return;
    await provider.send("evm_setNextBlockTimestamp", [seconds]);
    await provider.send("evm_mine", []);
    // The utility's clock looks at the chain ten times a second.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }

  it("given a month of payments and dummies: every token is paid, and the relay counts the same of both", async () => {
    const curve = await createMclBn254();
    const month = addPeriods(periodOfTime((await provider.getBlock("latest"))!.timestamp), 1);
    await advanceTo(startOfDay(month, 1));
    const wallets = [];
    for (const [i, home] of homes.entries()) {
      const opened = await WalletFolder.open(path(home.name), passphrase);
      const wallet = await openWallet(opened, provider);
      const { systemId } = wallet.pinned.system;
      const suite = hashBoundSuite(curve, systemId);
      const view = parseViewKey(new Uint8Array(32).fill(0x61 + i));
      const generate = hashBoundGenerator({ curve, systemId, viewKey: view, keyEpoch: 1 });
      const tokens = HOMES[i]!.sizes.map((d, n) => generate(BigInt(n), d).token);
      await wallet.resident.accept(month, numbered(tokens));
      for (const token of tokens) home.tokens.push(hex(suite.hash(token)));
      const carrier: Carrier = (bytes) => {
        const { request } = decodeRequest(bytes);
        if (request.kind === "buy") home.payments.push(request.order.payment);
        return wallet.channel.carry(bytes);
      };
      wallets.push({ wallet, carrier, home });
    }
    // To the end of the month in which the last payment finds a place among the requests.
    let months = 0;
    for (let isOver = false; !isOver && months < 4;) {
      const end = startOfDay(addPeriods(month, ++months), 1);
      for (;;) {
        let next = Infinity;
        for (const { wallet, carrier } of wallets) {
          await wallet.clock.read();
          await wallet.resident.step(carrier);
          next = Math.min(next, (await wallet.resident.nextDue()) ?? Infinity);
        }
        if (next >= end) break;
        await advanceTo(next);
      }
      await advanceTo(end);
      const pending = wallets.map(({ wallet }) => wallet.resident.pending());
      isOver = (await Promise.all(pending)).every((count) => count === 0);
    }
    for (const { wallet, home } of wallets) {
      await wallet.resident.verify();
      const { verified, units, unitsPaid } = await wallet.resident.status(month);
      expect(verified, home.name).to.equal(home.tokens.length);
      expect(unitsPaid).to.equal(units);
      await wallet.store.close();
    }
    expect(homes.map(({ payments }) => payments.length)).to.deep.equal([2, 7]);
    // Two homes whose bills differ elevenfold send as many requests, of one size.
    const sent = homes.map(({ tap }) => tap.messages("there").map(({ body }) => body.length));
    const all = Array<number>(months * REQUESTS).fill(1280);
    expect(sent).to.deep.equal([all, all]);
  });

  it("nothing in any log or table of utility, gateway or relay joins a payment to a home", async () => {
    const rows = await dump(cluster.url);
    const logs = [utility.log(), relay.log()];
    const payments = homes.flatMap((home) => home.payments.map(hex));
    const tokens = homes.flatMap((home) => home.tokens);
    expect([tokens.length, payments.length]).to.deep.equal([9, 9]);
    // The dump has what it must: each home's account, and each payment.
    for (const { account } of homes)
      expect(rows.some((row) => mentions(row, account))).to.equal(true);
    for (const token of tokens) expect(rows.some((row) => row.includes(token))).to.equal(true);
    for (const payment of payments) {
      expect(rows.some((row) => row.includes(payment))).to.equal(true);
    }
    const ofPayments = rows.filter((row) => [...tokens, ...payments].some((p) => row.includes(p)));
    const metrics = [
      await (await fetch(`${utility.json.url}/metrics`)).text(),
      await (await fetch(`${utility.json.gateway}/metrics`)).text(),
      await (await fetch(`${relay.json.url}/metrics`)).text(),
    ];
    for (const text of [...logs, ...metrics]) {
      for (const secret of [...tokens, ...payments]) expect(text).to.not.contain(secret);
      for (const { account, address } of homes) {
        expect(text.toLowerCase()).to.not.contain(account.slice(2));
        expect(text).to.not.contain(address);
      }
    }
    for (const { account, address } of homes) {
      for (const row of rows) expect(row.includes(hex(utf8ToBytes(address)))).to.equal(false);
      // No row of a payment mentions a home, and nothing of a row that does stands in one of them.
      const ofHome = rows.filter((row) => mentions(row, account));
      for (const payment of ofPayments) {
        expect(mentions(payment, account)).to.equal(false);
        for (const row of ofHome) expect(shared(row, payment)).to.equal(null);
      }
    }
  });

  it("tables of payments have no column for who or when", async () => {
    const client = new Client({ connectionString: cluster.url });
    await client.connect();
    const { rows } = await client.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_name IN ('sipster_coin', 'sipster_token') ORDER BY 1, ordinal_position`,
    );
    await client.end();
    expect(rows.map(({ table, column }) => `${table}.${column}`)).to.deep.equal([
      "sipster_coin.id",
      "sipster_coin.payment",
      "sipster_token.hash",
      "sipster_token.coin",
      "sipster_token.units",
    ]);
  });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Every row of every table, its columns as hexadecimal or as they are written. */
async function dump(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name
     FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const all: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
    for (const row of rows) {
      const texts = Object.values(row).map((v) =>
        Buffer.isBuffer(v) ? v.toString("hex") : String(v),
      );
      all.push(`${name} ${texts.join(" ")}`);
    }
  }
  await client.end();
  return all;
}

/** As bytes, or as text that is kept as bytes. */
function mentions(row: string, account: string): boolean {
  const digits = account.slice(2);
  return row.includes(digits) || row.includes(hex(utf8ToBytes(digits)));
}

/** Sixteen bytes in a row that both have, apart from zeros; `null` if there are none. */
function shared(one: string, other: string): string | null {
  for (let at = 0; at + 32 <= one.length; at += 2) {
    const piece = one.slice(at, at + 32);
    if (/^[0-9a-f]{32}$/.test(piece) && !/^(00)+/.test(piece) && other.includes(piece))
      return piece;
  }
  return null;
}
