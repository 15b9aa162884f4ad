import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { ask, REQUEST_BYTES } from "../../src/exchange/index.js";
import type { Served } from "../../src/http/index.js";
import {
  openApiDocument,
  OPERATIONS,
  serveUtility,
  UtilityClient,
  type ServiceParts,
} from "../../src/service/index.js";
import { addressOf, encodeParameters, parseParameters } from "../../src/sipster/index.js";
import { canonicalTariff, defaultTariff, tariffHash } from "../../src/tariff/index.js";
import { DescribedAnswers } from "../support/described-answers.js";
import { expectRejection } from "../support/errors.js";
import { ANSWER_KEY, buy, exchange, payFor, tell, verdict } from "../support/exchange.js";
import { someTerms } from "../support/parameters.js";
import { meterPeriod, system } from "../support/settlement.js";

const curve = await createMclBn254();
const tariff = defaultTariff;
const hash = tariffHash(tariff);
const BYTES = { "content-type": "application/octet-stream" };

describe("the utility's service", () => {
  let served: Served | undefined;
  let defects: unknown[];
  // Every answer that any of these tests gets is held to the document.
  const described = new DescribedAnswers(openApiDocument("1.2.3"));
  const { fetch: plainFetch } = globalThis;
  before(() => {
    globalThis.fetch = async (input, init) => {
      const response = await plainFetch(input, init);
      await described.check(init?.method ?? "GET", String(input), response.clone());
      return response;
    };
  });
  after(() => {
    globalThis.fetch = plainFetch;
  });
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });

  async function start(parts: Partial<ServiceParts> = {}): Promise<UtilityClient> {
    defects = [];
    served = await serveUtility({
      parameters: () => Promise.resolve(encodeParameters({ terms: [someTerms], network: [] })),
      tariffs: new Map([[hash, canonicalTariff(tariff)]]),
      health: { ready: () => Promise.resolve(null) },
      version: "1.2.3",
      onDefect: (error) => defects.push(error),
      ...parts,
    });
    return new UtilityClient(`${served.url}/`);
  }

  const post = (path: string, body: Uint8Array<ArrayBuffer>) =>
    fetch(served!.url + path, { method: "POST", body });

  it("given a token and its coin, sells the receipt over HTTP, once", async () => {
    const x = exchange(curve);
    const client = await start({ exchange: x.carrier });
    const [token] = meterPeriod(x.world, [10]).generated.map((g) => g.token);
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token: token! });
    for (let i = 0; i < 2; i++) {
      const answer = await buy(client.carrier, x.world.suite.encode(token!), payment);
      expect(verdict(answer)).to.equal("sold");
    }
    expect((await x.counter.sales()).receipts).to.equal(1n);
  });

  it("answers requests of every kind with bodies of one size and headers that do not differ", async () => {
    const x = exchange(curve);
    await start({ exchange: x.carrier });
    const lengths = new Set<number>();
    const headers = new Set<string>();
    const [token] = meterPeriod(x.world, [10]).generated.map((g) => g.token);
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token: token! });
    const carrier = async (request: Uint8Array): Promise<Uint8Array> => {
      const response = await post("/v1/exchange", Uint8Array.from(request));
      const body = new Uint8Array(await response.arrayBuffer());
      lengths.add(body.length);
      headers.add(JSON.stringify([response.status, ...response.headers]));
      return body;
    };
    const wrong = payment.slice();
    wrong[wrong.length - 1]! ^= 1;
    await tell(carrier, { kind: "health" });
    const answers = [
      await buy(carrier, x.world.suite.encode(token!), wrong),
      await buy(carrier, x.world.suite.encode(token!), payment),
    ];
    expect(answers.map(verdict)[1]).to.equal("sold");
    expect(answers[0]!.kind).to.equal("refused");
    expect(lengths.size).to.equal(1);
    expect([...headers]).to.have.length(1);
    expect([...headers][0]!.toLowerCase()).to.not.contain('"date"');
  });

  it("refuses bodies of another length before the counter sees them", async () => {
    let seen = 0;
    await start({ exchange: () => Promise.reject(new Error(`seen ${++seen}`)) });
    for (const length of [0, REQUEST_BYTES - 1]) {
      const response = await post("/v1/exchange", new Uint8Array(length));
      expect(response.status).to.equal(400);
      expect(await response.json()).to.include({ code: "service/bad-length" });
    }
    expect((await post("/v1/exchange", new Uint8Array(REQUEST_BYTES + 1))).status).to.equal(413);
    expect(seen).to.equal(0);
  });

  it("serves parameters and tariffs byte for byte, and says which tariff it does not have", async () => {
    const client = await start();
    const bytes = await client.call("system", {}, undefined);
    expect(parseParameters(bytes).terms).to.deep.equal([someTerms]);
    const text = new TextDecoder().decode(await client.call("tariff", { hash }, undefined));
    expect(text).to.equal(canonicalTariff(tariff));
    const other = `0x${"0".repeat(64)}`;
    await expectRejection(client.call("tariff", { hash: other }, undefined), "service/no-tariff");
  });

  it("routes a part that runs elsewhere nowhere", async () => {
    const client = await start();
    const order = new Uint8Array(10);
    await expectRejection(client.call("withdraw", {}, order), "http/not-found");
    await expectRejection(client.call("submitDeposit", { id: "1" }, order), "http/not-found");
  });

  it("hands over withdrawals and deposits, and passes the mint's refusal on", async () => {
    const deposits: unknown[] = [];
    const client = await start({
      withdraw: (order) => Promise.resolve(order.map((b) => b ^ 1)),
      submitDeposit: (request, id) => {
        deposits.push([request.length, id]);
        return Promise.resolve();
      },
    });
    const answer = await client.call("withdraw", {}, Uint8Array.of(2, 4));
    expect([...answer]).to.deep.equal([3, 5]);
    await client.call("submitDeposit", { id: "12" }, new Uint8Array(3));
    expect(deposits).to.deep.equal([[3, 12n]]);
  });

  it("tells no stranger of a defect", async () => {
    const client = await start({ withdraw: () => Promise.reject(new Error("key 0x1234")) });
    const error = await expectRejection(
      client.call("withdraw", {}, new Uint8Array(1)),
      "http/failed",
    );
    expect(error.message).to.not.contain("0x1234");
    expect(String(defects[0])).to.contain("0x1234");
  });

  it("is described by a document that a validator of others accepts, with every operation", async () => {
    await start();
    const document = (await (await fetch(`${served!.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(valid, JSON.stringify(errors)).to.equal(true);
    for (const [name, { path, method }] of Object.entries(OPERATIONS)) {
      expect(document.paths[path]![method.toLowerCase()]!.operationId).to.equal(name);
    }
    expect(document).to.deep.equal(openApiDocument("1.2.3"));
    const broken = { ...document, paths: { nowhere: 1 } };
    expect((await new Validator().validate(broken)).valid).to.equal(false);
  });

  it("gives no answer that the document does not declare: every operation was asked, well and badly", async () => {
    const operations = Object.values(OPERATIONS);
    for (const { path, success } of operations) {
      expect(described.checked).to.include(`${path} ${success}`);
    }
    const failures = described.checked.filter((what) => /[45]\d\d$/.test(what));
    expect(new Set(failures).size).to.be.above(4);
    const lies: [string, Response][] = [
      ["/v1/exchange", new Response(new Uint8Array(3), { headers: BYTES })],
      ["/v1/exchange", Response.json({})],
      ["/v1/system", Response.json({ format: "sipster/system@2", terms: [], network: [] })],
      ["/v1/system", Response.json({ code: "x/y" }, { status: 500 })],
      [`/v1/tariffs/${hash}`, Response.json([])],
    ];
    for (const [path, lie] of lies) {
      const method = path === "/v1/exchange" ? "POST" : "GET";
      let refused = false;
      await described.check(method, `http://x${path}`, lie).catch(() => (refused = true));
      expect(refused, path).to.equal(true);
    }
  });

  it("counts requests without their content", async () => {
    const x = exchange(curve);
    const client = await start({ exchange: x.carrier });
    await tell(client.carrier, { kind: "health" });
    const text = await (await fetch(`${served!.url}/metrics`)).text();
    expect(text).to.match(/route="\/v1\/exchange",status="200"\} 1/);
  });
});

describe("the client of the service, given a server that lies", () => {
  async function against<T>(
    listener: RequestListener,
    body: (client: UtilityClient) => Promise<T>,
  ): Promise<T> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      return await body(new UtilityClient(`http://127.0.0.1:${port}`));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const cases: [string, string, RequestListener][] = [
    ["an answer of another length", "service/bad-answer", (_, r) => r.end(Buffer.alloc(10))],
    [
      "an answer without end",
      "service/bad-answer",
      (_, response) => {
        const more = () => {
          if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
        };
        more();
      },
    ],
    [
      "a redirection to another",
      "service/unreachable",
      (_, r) => r.writeHead(302, { Location: "http://127.0.0.1:9/" }).end(),
    ],
    ["an error that is not one", "service/bad-answer", (_, r) => r.writeHead(500).end("{}")],
    ["a connection that breaks", "service/unreachable", (_, r) => r.destroy()],
  ];
  for (const [what, code, listener] of cases) {
    it(`refuses ${what}`, async () => {
      await against(listener, (client) =>
        expectRejection(client.carrier(new Uint8Array(REQUEST_BYTES)), code),
      );
    });
  }

  it("does not believe bytes of the right length that the counter did not sign", async () => {
    await against(
      (_, r) => r.end(Buffer.alloc(OPERATIONS.exchange.response.most)),
      (client) =>
        expectRejection(
          ask(
            client.carrier,
            { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) },
            { kind: "health" },
          ),
          "exchange/bad-answer",
        ),
    );
  });
});
