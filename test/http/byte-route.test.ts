/** A POST of bytes that is answered without the application: the same limits, headers, errors and counts. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { Hono } from "hono";
import {
  answerErrors,
  anyOrigin,
  apiHeaders,
  byteRoute,
  httpErrors,
  HttpMetrics,
  requestGate,
  serveHttp,
  TrustedProxies,
  type Served,
} from "../../src/http/index.js";

const MOST = 1000;

describe("a route of bytes", () => {
  const defects: unknown[] = [];
  const metrics = new HttpMetrics();
  let served: Served;
  let asked = 0;

  before(async () => {
    const app = new Hono();
    const errors = { onDefect: (error: unknown) => void defects.push(error) };
    const headers = [anyOrigin(), apiHeaders()];
    answerErrors(app, errors);
    metrics.serve(app);
    app.use(...headers);
    app.post("/application", (c) => c.body("here"));
    const gate = requestGate(20, new TrustedProxies(["127.0.0.1"]), () => 0);
    const direct = await byteRoute(
      {
        path: "/",
        most: MOST,
        type: "message/answer",
        admit: gate,
        answer(body) {
          asked++;
          if (body[0] === 0) throw new Error("a secret in a message");
          if (body[0] === 1) throw httpErrors.error("bad-json", "it is not good");
          return Promise.resolve(body.toReversed());
        },
      },
      { errors, metrics, headers },
    );
    served = await serveHttp(app, "the test", { direct, sendDate: false });
  });
  after(() => served.close());

  const post = (body: Uint8Array, from = "192.0.2.1", path = "/"): Promise<Response> =>
    fetch(`${served.url}${path}`, {
      method: "POST",
      headers: { "X-Forwarded-For": from },
      body: Uint8Array.from(body),
    });

  it("given bytes, then they are answered with the headers of the application and no date", async () => {
    const answer = await post(Uint8Array.of(5, 6, 7));
    expect(answer.status).to.equal(200);
    expect([...new Uint8Array(await answer.arrayBuffer())]).to.deep.equal([7, 6, 5]);
    const ofApplication = await post(Uint8Array.of(5), "192.0.2.1", "/application");
    const names = (of: Response): string[] => [...of.headers.keys()].filter((n) => n !== "date");
    expect(answer.headers.get("content-type")).to.equal("message/answer");
    expect(answer.headers.get("date")).to.equal(null);
    for (const name of names(ofApplication)) {
      if (/^(content-type|content-length|transfer-encoding)$/.test(name)) continue;
      expect(answer.headers.get(name), name).to.equal(ofApplication.headers.get(name));
    }
    expect(answer.headers.get("content-security-policy")).to.include("default-src 'none'");
    expect(answer.headers.get("access-control-allow-origin")).to.equal("*");
  });

  it("given what is answered with an error, then it is the error's document, and a defect tells strangers nothing", async () => {
    const refused = await post(Uint8Array.of(1));
    expect(refused.status).to.equal(400);
    expect(await refused.json()).to.include({ code: "http/bad-json" });
    const failed = await post(Uint8Array.of(0));
    expect(failed.status).to.equal(500);
    expect(await failed.text()).to.not.include("secret");
    expect(String(defects)).to.include("a secret");
  });

  it("given too many bytes, announced or not, then they are refused and not answered", async () => {
    const before = asked;
    const announced = await post(new Uint8Array(MOST + 1).fill(9));
    expect(announced.status).to.equal(413);
    expect(announced.headers.get("connection")).to.equal("close");
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 4; i++) controller.enqueue(new Uint8Array(MOST / 2).fill(9));
        controller.close();
      },
    });
    const sent = { method: "POST", body: stream, duplex: "half" } as RequestInit;
    const unannounced = await fetch(`${served.url}/`, {
      ...sent,
      headers: { "X-Forwarded-For": "192.0.2.2" },
    }).catch(() => null);
    if (unannounced !== null) expect(unannounced.status).to.equal(413);
    expect(asked).to.equal(before);
  });

  it("given more requests of one address than a minute has, then they are refused, and another's are not", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 25; i++) {
      const answer = await post(Uint8Array.of(5), "192.0.2.9");
      statuses.push(answer.status);
      if (answer.status === 429) {
        expect(Number(answer.headers.get("retry-after"))).to.be.within(1, 60);
      }
    }
    expect(statuses.filter((status) => status === 429)).to.have.length(5);
    expect((await post(Uint8Array.of(5), "192.0.2.10")).status).to.equal(200);
  });

  it("given a request that breaks off, then it is not answered, and the next one is", async () => {
    const before = asked;
    const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      "POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.3\r\nContent-Length: 10\r\n\r\nhalf",
    );
    socket.end();
    socket.destroy();
    await once(socket, "close");
    expect((await post(Uint8Array.of(5), "192.0.2.4")).status).to.equal(200);
    expect(asked).to.equal(before + 1);
    expect(defects).to.have.length(1);
  });

  it("given the metrics, then each answer is counted by its route and status", async () => {
    const text = await metrics.registry.metrics();
    for (const status of [200, 400, 413, 429, 500]) {
      expect(text).to.match(
        new RegExp(`requests_total\\{method="POST",route="/",status="${status}"\\} [1-9]`),
      );
    }
  });
});
