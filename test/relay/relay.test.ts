import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { RateLimit, type Served } from "../../src/http/index.js";
import { createMclBn254, type Bn254 } from "../../src/algebra/index.js";
import { TransactionSender, writeDeployment } from "../../src/chain/index.js";
import {
  Relayer,
  RelayClient,
  relayId,
  serveRelay,
  type RelayerOptions,
  type RelayServerOptions,
  type RelayStatus,
} from "../../src/relay/index.js";

import { parseBillFile } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";
import { deployWorld, startWorld, type World } from "../pages/support/world.js";

const SECOND_ACCOUNT = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await new Promise((r) => setTimeout(r, 25));
  }
  expect.fail(`never happened: ${what}`);
}

describe("a relayer", () => {
  let world: World;
  let curve: Bn254;
  let relay: Served;
  let client: RelayClient;
  let progress: string[];
  let period = 201301;
  before(async () => {
    curve = await createMclBn254();
    world = await startWorld({ meters: 5, keys: 2, curve });
  });
  after(async () => {
    await world.close();
  });
  beforeEach(() => {
    progress = [];
    period++;
  });
  afterEach(async () => {
    await relay.close();
  });

  async function start(
    options: Partial<RelayerOptions> & RelayServerOptions & { key?: string } = {},
  ): Promise<void> {
    const signer = new Wallet(options.key ?? SECOND_ACCOUNT, world.chain.provider);
    const relayer = new Relayer({
      sender: await TransactionSender.create(signer),
      deployment: world.deployment,
      curve,
      store: new MemoryStore(),
      delay: 150,
      retry: 50,
      watch: 50,
      onProgress: (text) => progress.push(text),
      ...options,
    });
    relay = await serveRelay(relayer, options);
    client = new RelayClient(`${relay.url}/`);
  }

  const settled = (meter: number) => world.settlement.settled(world.meters[meter]!, period);
  const idOf = (file: string) => relayId(parseBillFile(curve, file));
  async function ends(file: string): Promise<RelayStatus> {
    let status = await client.status(idOf(file));
    await until("the bill comes to its end", async () => {
      status = await client.status(idOf(file));
      return status.state === "final" || status.state === "refused";
    });
    return status;
  }
  const raw = (path: string, request: RequestInit = {}) => fetch(relay.url + path, request);

  it("takes bills one by one, and settles them together", async () => {
    await start({ batch: 3, delay: 3_600_000 });
    const before = await world.chain.provider.getBlockNumber();
    const files = [0, 1, 2].map((meter) => world.billFile(meter, period));
    for (const file of files) {
      const status = await client.submit(file);
      expect(status).to.deep.include({ id: idOf(file), period, state: "queued", error: null });
    }
    const ended = await Promise.all(files.map(ends));
    expect(new Set(ended.map(({ transaction }) => transaction)).size).to.equal(1);
    expect(await world.chain.provider.getBlockNumber()).to.equal(before + 1);
    for (const meter of [0, 1, 2]) expect(await settled(meter)).to.equal(true);
    const again = await client.submit(files[0]!);
    expect(again).to.deep.equal(ended[0]);
  });

  it("does not wait for others when a batch is full", async () => {
    await start({ delay: 3_600_000, batch: 2 });
    const files = [0, 1, 2].map((meter) => world.billFile(meter, period));
    await client.submit(files[0]!);
    expect((await client.status(idOf(files[0]!))).state).to.equal("queued");
    await client.submit(files[1]!);
    expect((await ends(files[1]!)).state).to.equal("final");
    await client.submit(files[2]!);
    expect((await client.status(idOf(files[2]!))).state).to.equal("queued");
  });

  it("refuses what would not settle, with the reason, and keeps nothing of it", async () => {
    await start();
    const unpaid = world.billFile(0, period, { unpaid: true });
    const error = await expectRejection(
      client.submit(unpaid),
      "contract/SettlementReceiptMismatch",
    );
    expect(error.message).to.contain("does not pay the bill");
    expect(error.consequence).to.contain("receipt");
    await expectRejection(client.status(idOf(unpaid)), "relay/bill-unknown");
    await expectRejection(client.submit("{}"), "sipster/bad-bill-file");
    const elsewhere = await deployWorld(world.chain, { meters: 1, curve });
    const foreign = elsewhere.billFile(0, period);
    await expectRejection(client.submit(foreign), "chain/bill-of-another-system");
    expect((await raw("/bills", { method: "POST", body: unpaid })).status).to.equal(422);
  });

  it("says of a bill that is settled already which transaction did it", async () => {
    await start();
    await world.settle(0, period);
    const status = await client.submit(world.billFile(0, period));
    const [event] = await world.settlement.queryFilter(
      world.settlement.filters.BillSettled(world.meters[0]!, period),
    );
    expect(status).to.deep.include({
      state: "final",
      transaction: event!.transactionHash,
      block: event!.blockNumber,
    });
  });

  it("keeps what it cannot send yet, and sends it when it can", async () => {
    const poor = Wallet.createRandom();
    await start({ key: poor.privateKey });
    const file = world.billFile(0, period);
    await client.submit(file);
    await until("it tries", () => Promise.resolve(progress.some((p) => p.startsWith("not sent"))));
    expect(progress.join()).to.contain("wei");
    expect((await client.status(idOf(file))).state).to.equal("sent");
    const signer = await world.chain.provider.getSigner(world.chain.accounts[2]!);
    await (await signer.sendTransaction({ to: poor.address, value: 10n ** 17n })).wait();
    expect((await ends(file)).state).to.equal("final");
  });

  it("a bill that another sender settles meanwhile is settled", async () => {
    await start({ batch: 3, delay: 3_600_000 });
    const [mine, theirs] = [world.billFile(0, period), world.billFile(1, period)];
    await client.submit(mine);
    await client.submit(theirs);
    await world.settle(1, period);
    await client.submit(world.billFile(2, period));
    expect((await ends(theirs)).state).to.equal("final");
    expect((await ends(mine)).state).to.equal("final");
    expect(await settled(0)).to.equal(true);
  });

  it("a bill that became wrong meanwhile is refused, and the others are settled", async () => {
    await start({ batch: 3, delay: 3_600_000 });
    const [good, bad] = [world.billFile(0, period), world.billFile(4, period)];
    await client.submit(good);
    await client.submit(bad);
    await (await world.settlement.retireMeter(world.meters[4]!, 201301)).wait();
    await client.submit(world.billFile(1, period));
    const status = await ends(bad);
    expect(status.state).to.equal("refused");
    expect(status.error?.code).to.equal("contract/SettlementMeterNotValid");
    expect((await ends(good)).state).to.equal("final");
  });

  it("takes no more bills at once than it was told", async () => {
    await start({ delay: 3_600_000, capacity: 1 });
    await client.submit(world.billFile(0, period));
    await client.submit(world.billFile(0, period));
    await expectRejection(client.submit(world.billFile(1, period)), "relay/queue-full");
  });

  it("forgets the end of a bill after a while", async () => {
    await start({ memory: -1 });
    const file = world.billFile(0, period);
    await client.submit(file);
    await until("it is forgotten", async () => {
      try {
        await client.status(idOf(file));
        return false;
      } catch {
        return true;
      }
    });
    expect((await client.submit(file)).state).to.equal("final");
  });

  it("answers any page, says what it serves, and nothing else", async () => {
    await start();
    const info = await raw("/");
    expect(info.headers.get("access-control-allow-origin")).to.equal("*");
    expect(await info.json()).to.deep.include({
      format: "sipster/relay@1",
      chainId: "31337",
      waiting: 0,
    });
    const preflight = await raw("/bills", { method: "OPTIONS" });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get("access-control-allow-headers")).to.contain("Content-Type");
    for (const [method, path] of [
      ["GET", "/bills"],
      ["GET", "/bills/12"],
      ["DELETE", `/bills/${"0".repeat(64)}`],
      ["POST", "/"],
    ] as const) {
      const response = await raw(path, { method });
      expect(response.status, path).to.equal(404);
      expect(await response.json()).to.include({ code: "http/not-found" });
    }
    expect((await raw(`/bills/${"0".repeat(64)}`)).status).to.equal(404);
  });

  it("reads no more than a bill file has, and answers no more often than it was told", async () => {
    await start({ questions: 3 });
    const large = await raw("/bills", { method: "POST", body: "x".repeat(20_000) });
    expect(large.status).to.equal(413);
    expect(await large.json()).to.include({ code: "http/too-large" });
    for (let i = 0; i < 3; i++) await raw("/");
    const fourth = await raw("/");
    expect(fourth.status).to.equal(429);
    expect(Number(fourth.headers.get("retry-after"))).to.be.within(1, 20);
    const error = await expectRejection(client.status("0".repeat(64)), "http/too-many-requests");
    expect(error.details.seconds).to.be.within(1, 20);
  });

  it("its client says when nobody answers, or another server does", async () => {
    await start();
    const nobody = new RelayClient("http://127.0.0.1:9");
    await expectRejection(nobody.status("0".repeat(64)), "relay/unreachable");
    const notARelayer = new RelayClient(world.chain.url);
    await expectRejection(notARelayer.submit("{}"), "relay/bad-answer");
    const port = Number(new URL(relay.url).port);
    const relayer = new Relayer({
      sender: await TransactionSender.create(new Wallet(SECOND_ACCOUNT, world.chain.provider)),
      deployment: world.deployment,
      curve,
      store: new MemoryStore(),
    });
    await expectRejection(serveRelay(relayer, { port }), "http/port-unusable");
  });
});

describe("a relayer without its node", () => {
  it("takes nothing, and says so", async () => {
    const world = await startWorld({ meters: 1 });
    const file = world.billFile(0, 201301);
    const signer = new Wallet(SECOND_ACCOUNT, world.chain.provider);
    const relayer = new Relayer({
      sender: await TransactionSender.create(signer),
      deployment: world.deployment,
      curve: await createMclBn254(),
      store: new MemoryStore(),
    });
    const relay = await serveRelay(relayer);
    await world.close();
    await expectRejection(new RelayClient(relay.url).submit(file), "relay/not-ready");
    await relay.close();
  });
});

describe("the rate limit", () => {
  it("refills steadily, and counts each address by itself", () => {
    const limit = new RateLimit(2);
    expect([0, 0, 0].map((t) => limit.take("a", t))).to.deep.equal([0, 0, 30]);
    expect(limit.take("b", 0)).to.equal(0);
    expect(limit.take("a", 15_000)).to.equal(15);
    expect(limit.take("a", 30_000)).to.equal(0);
    expect(limit.take("a", 30_000)).to.equal(30);
    expect([1, 2, 3].map(() => limit.take("a", 10_000_000))).to.deep.equal([0, 0, 30]);
  });

  it("forgets the addresses that asked longest ago", () => {
    const limit = new RateLimit(1);
    expect(limit.take("first", 0)).to.equal(0);
    for (let i = 0; i < 10_000; i++) limit.take(`other ${i}`, 0);
    expect(limit.take("first", 0)).to.equal(0);
    expect(limit.take("first", 0)).to.be.greaterThan(0);
  });
});

describe("sipster relay", () => {
  const directory = temporaryDirectory();

  it("loses nothing when it is killed: before sending, and while a transaction is under way", async () => {
    const world = await startWorld({ meters: 2 });
    const { provider, url } = world.chain;
    const record = join(directory(), "deployment.json");
    const key = join(directory(), "relay.key");
    writeFileSync(record, writeDeployment(world.deployment));
    writeFileSync(key, SECOND_ACCOUNT, { mode: 0o600 });
    const script = resolve(import.meta.dirname, "../support/sipster-child.ts");
    const run = async (...options: string[]) => {
      const child = startScript(script, [
        ...["relay", "--rpc", url, "--deployment", record, "--deployments", directory()],
        ...["--key-file", key, "--port", "0", "--json", ...options],
      ]);
      const address = await new Promise<string>((found, failed) => {
        let text = "";
        child.stdout!.on("data", (part: Buffer) => {
          text += part.toString();
          const [, at] = /"url": "([^"]+)"/.exec(text) ?? [];
          if (at !== undefined) found(at);
        });
        child.on("close", () => failed(new Error(`it ended: ${text}`)));
      });
      return { child, client: new RelayClient(address) };
    };
    const kill = async ({ child }: Awaited<ReturnType<typeof run>>): Promise<void> => {
      const closed = new Promise((done) => child.on("close", done));
      child.kill("SIGKILL");
      await closed;
    };
    const files = [0, 1].map((meter) => world.billFile(meter, 201301));

    const first = await run("--delay", "3600");
    for (const file of files) {
      expect((await first.client.submit(file)).state).to.equal("queued");
    }
    await kill(first);

    await provider.send("evm_setAutomine", [false]);
    const second = await run();
    await until("the batch is sent", async () => {
      const block = (await provider.send("eth_getBlockByNumber", ["pending", false])) as {
        transactions: unknown[];
      };
      return block.transactions.length > 0;
    });
    await kill(second);
    await provider.send("evm_mine", []);
    await provider.send("evm_setAutomine", [true]);

    const block = await provider.getBlockNumber();
    const third = await run();
    const curve = await createMclBn254();
    for (const file of files) {
      const id = relayId(parseBillFile(curve, file));
      await until("it is settled", async () => (await third.client.status(id)).state === "final");
      expect((await third.client.status(id)).block).to.equal(block);
    }
    expect(await provider.getBlockNumber()).to.equal(block);
    const closed = new Promise((done) => third.child.on("close", done));
    third.child.kill("SIGTERM");
    expect(await closed).to.equal(0);
    await world.close();
  });
});
