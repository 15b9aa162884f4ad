import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { Wallet } from "ethers";
import { createMclBn254, type Bn254 } from "../../src/algebra/index.js";
import { TransactionSender } from "../../src/chain/index.js";
import type { Served } from "../../src/http/index.js";
import {
  MAX_HANDED_IN,
  RelayClient,
  Relayer,
  relayId,
  serveRelay,
  type RelayServerOptions,
} from "../../src/relay/index.js";
import { parseBillFile } from "../../src/sipster/index.js";
import { Readiness } from "../../src/relay/readiness.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { startWorld, type World } from "../pages/support/world.js";

const ACCOUNT = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const METERS = 10;

describe("a relayer that many use", () => {
  let world: World;
  let curve: Bn254;
  let relay: Served | undefined;
  let client: RelayClient;
  before(async function () {
    this.timeout(60_000);
    curve = await createMclBn254();
    world = await startWorld({ meters: METERS, curve });
  });
  after(async () => {
    await world.close();
  });
  afterEach(async () => {
    await relay?.close();
    relay = undefined;
  });

  async function start(options: RelayServerOptions = {}): Promise<void> {
    const relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(ACCOUNT, world.chain.provider)),
      deployment: world.deployment,
      curve,
      store: new MemoryStore(),
      batch: 250,
      delay: 500,
      watch: 100,
    });
    relay = await serveRelay(relayer, options);
    client = new RelayClient(relay.url);
  }

  /** Bills of distinct meters and months, from January of a year on. */
  const bills = (count: number, year: number): string[] =>
    Array.from({ length: count }, (_, i) => {
      const months = Math.floor(i / METERS);
      const period = (year + Math.floor(months / 12)) * 100 + (months % 12) + 1;
      return world.billFile(i % METERS, period, { units: 1 });
    });
  const idOf = (file: string) => relayId(parseBillFile(curve, file));

  it("given a landlord with 500 bills, takes them in one request and settles all", async function () {
    this.timeout(240_000);
    await start();
    const files = bills(500, 2013);
    const answers = await client.submitAll(files);
    expect(answers.every((a) => !(a instanceof Error) && a.state === "queued")).to.equal(true);
    const ids = files.map(idOf);
    for (;;) {
      const states = (await client.statuses(ids)).map((status) => status?.state);
      if (states.every((state) => state === "final")) break;
      expect(states).not.to.include("refused");
      await new Promise((r) => setTimeout(r, 250));
    }
  });

  it("given 1,000 residents that wait behind one address, answers each one's question", async function () {
    this.timeout(120_000);
    await start();
    const [file] = bills(1, 2030);
    const { id } = await client.submit(file!);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => new RelayClient(relay!.url).status(id)),
    );
    expect(new Set(answers.map((answer) => answer.id))).to.deep.equal(new Set([id]));
  });

  it("given bad bills among good ones, takes the good and says of each other what is wrong", async () => {
    await start();
    const [good] = bills(1, 2031);
    const unpaid = world.billFile(1, 203101, { unpaid: true });
    const [first, second, third] = await client.submitAll([unpaid, good!, '{"format":"none"}']);
    expect(first).to.include({ code: "contract/SettlementReceiptMismatch" });
    expect(second).to.include({ state: "queued" });
    expect(third).to.include({ code: "sipster/bad-bill-file" });
    const unknown = "0".repeat(64);
    expect(await client.statuses([idOf(unpaid), unknown])).to.deep.equal([null, null]);
  });

  it("given the same bill twice in one batch, takes it once", async () => {
    await start();
    const [file] = bills(1, 2032);
    const answers = await client.submitAll([file!, file!]);
    expect(answers.map((a) => (a instanceof Error ? a.code : a.state))).to.deep.equal([
      "queued",
      "queued",
    ]);
    const info = (await (await fetch(relay!.url)).json()) as { waiting: number };
    expect(info.waiting).to.equal(1);
  });

  it("counts each bill of a batch, apart from questions, and tells pages how long to wait", async () => {
    await start({ rate: 10, questions: 100 });
    const files = bills(8, 2033);
    await client.submitAll(files);
    const error = await expectRejection(client.submitAll(files), "http/too-many-requests");
    expect(error.details.seconds).to.be.within(1, 60);
    const refused = await fetch(`${relay!.url}/batches`, {
      method: "POST",
      headers: { Origin: "https://pages.example" },
      body: JSON.stringify({ bills: files.map((text) => JSON.parse(text) as unknown) }),
    });
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 60);
    expect(refused.headers.get("access-control-expose-headers")).to.contain("Retry-After");
    expect(await client.statuses(files.map(idOf))).to.have.length(8);
  });

  it("given a batch of more bills than a minute has, takes it with a full bucket, and nothing after it", async () => {
    await start({ rate: 5 });
    const files = bills(8, 2034);
    expect(await client.submitAll(files)).to.have.length(8);
    await expectRejection(client.submit(files[0]!), "http/too-many-requests");
  });

  it("given a node that fails or stays silent, is live and not ready, and asks it no more than once a second", async () => {
    let asked = 0;
    let ask = (): Promise<unknown> => Promise.resolve();
    const readiness = new Readiness(() => (asked++, ask()));
    expect(await readiness.answer()).to.equal(null);
    for (let i = 0; i < 50; i++) await readiness.answer();
    expect(asked).to.equal(1);
    ask = () => Promise.reject(new Error("gone"));
    expect(await new Readiness(ask).answer()).to.equal("the node does not answer");
    ask = () => new Promise(() => undefined);
    expect(await new Readiness(ask).answer()).to.equal("the node does not answer in time");
  });

  it("given a node that stopped, answers /readyz with 503, and /livez with 200", async () => {
    const { chain, ...rest } = await startWorld({ meters: 1, curve });
    const relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(ACCOUNT, chain.provider)),
      deployment: rest.deployment,
      curve,
      store: new MemoryStore(),
    });
    relay = await serveRelay(relayer);
    const statusOf = async (path: string) => (await fetch(relay!.url + path)).status;
    expect(await statusOf("/readyz")).to.equal(200);
    await chain.close();
    await new Promise((r) => setTimeout(r, 1100));
    expect([await statusOf("/readyz"), await statusOf("/livez")]).to.deep.equal([503, 200]);
  });

  it("given a proxy that is named, limits each resident behind it, and no longer all as one", async () => {
    await start({ questions: 2, proxies: ["127.0.0.1"] });
    const ask = (from: string) => fetch(relay!.url, { headers: { "X-Forwarded-For": from } });
    for (let i = 1; i <= 20; i++) expect((await ask(`198.51.100.${i}`)).status).to.equal(200);
    await ask("198.51.100.1");
    expect((await ask("198.51.100.1")).status).to.equal(429);
    // What stands further left in the header is the client's own claim.
    expect((await ask("203.0.113.9, 198.51.100.1")).status).to.equal(429);
  });

  it("refuses requests that are none, and reads no more than a batch has", async () => {
    await start();
    const post = (path: string, body: string) =>
      fetch(relay!.url + path, { method: "POST", body }).then((r) => r.json()) as Promise<object>;
    for (const [path, body, code] of [
      ["/batches", "{}", "relay/bad-request"],
      ["/batches", "null", "relay/bad-request"],
      ["/batches", '{"bills":[]}', "relay/bad-request"],
      [
        "/batches",
        JSON.stringify({ bills: Array(MAX_HANDED_IN + 1).fill(1) }),
        "relay/bad-request",
      ],
      ["/batches", "[", "http/bad-json"],
      ["/statuses", '{"ids":["../../etc"]}', "relay/bad-request"],
      ["/statuses", JSON.stringify({ ids: Array(1001).fill("0".repeat(64)) }), "relay/bad-request"],
      ["/batches", `{"bills":["${"x".repeat(2_000_000)}"]}`, "http/too-large"],
    ] as const) {
      expect(await post(path, body), `${path} ${body.slice(0, 30)}`).to.include({ code });
    }
  });

  it("given half-open posts and connections that say nothing, ends them and serves others", async () => {
    await start({ maxConnections: 120, requestTimeout: 500 });
    const port = Number(new URL(relay!.url).port);
    const sockets = Array.from({ length: 100 }, () => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const ended = sockets.map((socket) => once(socket.resume(), "close"));
    for (const [i, socket] of sockets.entries()) {
      socket.on("error", () => undefined);
      if (i % 3 === 0)
        socket.write("POST /bills HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{");
      else if (i % 3 === 1) socket.write("GET / HT");
    }
    expect((await fetch(relay!.url)).status).to.equal(200);
    await Promise.all(ended);
  });
});
