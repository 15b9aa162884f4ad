import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { Hono } from "hono";
import {
  addHealth,
  answerErrors,
  anyOrigin,
  apiHeaders,
  HttpMetrics,
  rateGate,
  readJson,
  readText,
  serveHttp,
  TrustedProxies,
  type Served,
  type ServeOptions,
} from "../../src/http/index.js";
import { expectRejection } from "../support/errors.js";

/** More than the kernel keeps for a reader that does not read. */
const LARGE = 64 * 1024 * 1024;

describe("a service over HTTP", () => {
  let served: Served | undefined;
  let defects: unknown[];
  let finish: (() => void) | undefined;
  let notReady: string | null;
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });

  async function start(options: ServeOptions = {}, rate = 1000): Promise<string> {
    defects = [];
    notReady = null;
    finish = undefined;
    const metrics = new HttpMetrics();
    const app = new Hono();
    answerErrors(app, { onDefect: (error) => defects.push(error) });
    metrics.watch(app);
    app.use(anyOrigin(), apiHeaders());
    addHealth(app, { ready: () => Promise.resolve(notReady) });
    metrics.serve(app);
    const gate = rateGate(rate, new TrustedProxies(["127.0.0.1"]), Date.now);
    app.use(async (c, next) => {
      gate(c);
      await next();
    });
    app.post("/echo", async (c) => c.text(await readText(c, 100)));
    app.post("/json", async (c) => c.json({ got: await readJson(c, 100) }));
    app.get("/home/:id", (c) => c.json({ id: c.req.param("id") }));
    app.get("/defect", () => {
      throw new Error("a secret in a message");
    });
    app.get("/slow", async (c) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return c.text("done");
    });
    app.get("/large", (c) => c.body(new Uint8Array(LARGE)));
    served = await serveHttp(app, "the test", options);
    return served.url;
  }

  it("answers on loopback, on a free port, with headers that allow nothing", async () => {
    const url = await start();
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${url}/home/7`);
    expect(await answer.json()).to.deep.equal({ id: "7" });
    expect(answer.headers.get("content-security-policy")).to.include("default-src 'none'");
    expect(answer.headers.get("x-content-type-options")).to.equal("nosniff");
    expect(answer.headers.get("cache-control")).to.equal("no-store");
    expect(answer.headers.get("date")).to.be.a("string");
  });

  it("given sendDate false, tells no time", async () => {
    const answer = await fetch(`${await start({ sendDate: false })}/home/7`);
    expect(answer.headers.get("date")).to.equal(null);
  });

  it("refuses large bodies, announced or streamed, and reads small ones", async () => {
    const url = await start();
    const post = (body: string | ReadableStream) =>
      fetch(`${url}/echo`, { method: "POST", body, ...{ duplex: "half" } });
    expect(await (await post("x".repeat(100))).text()).to.equal("x".repeat(100));
    const large = await post("x".repeat(101));
    expect(large.status).to.equal(413);
    expect(await large.json()).to.include({ code: "http/too-large" });
    const streamed = await post(new Blob(["y".repeat(60), "y".repeat(60)]).stream());
    expect(streamed.status).to.equal(413);
  });

  it("reads JSON in UTF-8, and nothing else", async () => {
    const url = await start();
    const post = (body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${url}/json`, { method: "POST", body });
    expect(await (await post('{"a":1}')).json()).to.deep.equal({ got: { a: 1 } });
    for (const bad of ["", "{", Uint8Array.of(0x22, 0xff, 0x22)]) {
      const answer = await post(bad);
      expect(answer.status).to.equal(400);
      expect(await answer.json()).to.include({ code: "http/bad-json" });
    }
  });

  it("limits each subscriber behind a trusted proxy, and says how long to wait", async () => {
    const url = await start({}, 2);
    const ask = (from: string) => fetch(`${url}/home/1`, { headers: { "X-Forwarded-For": from } });
    expect((await ask("198.51.100.1")).status).to.equal(200);
    expect((await ask("198.51.100.1")).status).to.equal(200);
    const refused = await ask("198.51.100.1");
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 30);
    expect(refused.headers.get("access-control-expose-headers")).to.include("Retry-After");
    expect((await ask("198.51.100.2")).status).to.equal(200);
  });

  it("tells strangers nothing of a defect, and its operator everything", async () => {
    const url = await start();
    const answer = await fetch(`${url}/defect`);
    expect(answer.status).to.equal(500);
    expect(await answer.text()).not.to.include("secret");
    expect(String(defects[0])).to.include("a secret in a message");
    const missing = await fetch(`${url}/nowhere`);
    expect(missing.status).to.equal(404);
    expect(await missing.json()).to.include({ code: "http/not-found" });
  });

  it("says that it lives, and whether it is ready", async () => {
    const url = await start();
    expect((await fetch(`${url}/livez`)).status).to.equal(200);
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    notReady = "the database is away";
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).to.equal(503);
    expect(await answer.json()).to.deep.equal({ status: "not ready", reason: notReady });
  });

  it("counts requests by route, and keeps no path in its metrics", async () => {
    const url = await start();
    await fetch(`${url}/home/4711`);
    await fetch(`${url}/nowhere/4712`);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).to.match(
      /sipster_http_requests_total\{method="GET",route="\/home\/:id",status="200"\} 1/,
    );
    expect(text).to.match(/route="none",status="404"\} 1/);
    expect(text).not.to.match(/471[12]/);
  });

  it("ends half-open requests after their time, and serves others meanwhile", async () => {
    const url = await start({ requestTimeout: 300 });
    const port = Number(new URL(url).port);
    const sockets = Array.from({ length: 50 }, () => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((s) => once(s, "connect")));
    const ended = sockets.map((s) => once(s.resume(), "close"));
    for (const s of sockets)
      s.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n");
    expect((await fetch(`${url}/home/1`)).status).to.equal(200);
    await Promise.all(ended);
  });

  it("given a reader that asks and takes nothing of the answer, then it is cut off, and others are served", async function () {
    this.timeout(60_000);
    const url = await start({ readTimeout: 200, maxConnections: 1 });
    const slow = connect(Number(new URL(url).port), "127.0.0.1").pause();
    await once(slow, "connect");
    slow.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    // The only connection there may be is free again.
    const isServed = (): Promise<boolean> =>
      fetch(`${url}/home/1`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isServed())) await new Promise((r) => setTimeout(r, 50));
    let bytes = 0;
    slow.on("data", (part: Buffer) => (bytes += part.length)).on("error", () => undefined);
    const closed = new Promise((resolve) => slow.once("close", resolve));
    slow.resume();
    await closed;
    expect(bytes).to.be.below(LARGE);
  });

  it("given an answer that is made for longer than a reader may take, then it comes whole", async () => {
    const url = await start({ readTimeout: 50 });
    const answer = fetch(`${url}/slow`);
    while (finish === undefined) await new Promise((r) => setTimeout(r, 5));
    await new Promise((r) => setTimeout(r, 500));
    finish();
    expect(await (await answer).text()).to.equal("done");
  });

  it("closes connections above the maximum at once", async () => {
    const url = await start({ maxConnections: 2 });
    const port = Number(new URL(url).port);
    const open = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await Promise.all(open.map((s) => once(s, "connect")));
    const third = connect(port, "127.0.0.1");
    await once(third.resume(), "close");
    for (const s of open) s.destroy();
  });

  it("lets a request under way finish when it closes", async () => {
    const url = await start();
    const answer = fetch(`${url}/slow`);
    while (finish === undefined) await new Promise((r) => setTimeout(r, 5));
    const closed = served!.close();
    served = undefined;
    finish();
    expect(await (await answer).text()).to.equal("done");
    await closed;
    await expectRejectionOfFetch(`${url}/livez`);
  });

  it("ends a request that does not finish in the time for draining", async () => {
    const url = await start({ drainTimeout: 100 });
    const answer = fetch(`${url}/slow`).then(
      () => "answered",
      () => "ended",
    );
    while (finish === undefined) await new Promise((r) => setTimeout(r, 5));
    await served!.close();
    served = undefined;
    expect(await answer).to.equal("ended");
  });

  it("names the port that is taken", async () => {
    const url = await start();
    const port = Number(new URL(url).port);
    await expectRejection(serveHttp(new Hono(), "another", { port }), "http/port-unusable");
  });
});

async function expectRejectionOfFetch(url: string): Promise<void> {
  const outcome = await fetch(url).then(
    () => "answered",
    () => "refused",
  );
  expect(outcome).to.equal("refused");
}
