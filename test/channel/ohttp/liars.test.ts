/** Oblivious HTTP among liars: relays, gateways and clients that do not what they should. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { randomBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../../src/algebra/index.js";
import type { Channel } from "../../../src/channel/index.js";
import { encapsulateRequest } from "../../../src/channel/ohttp/encapsulation.js";
import {
  AEADS,
  ENCAPSULATED_REQUEST_BYTES,
  ENCAPSULATED_RESPONSE_BYTES,
  Gateway,
  hpkeKeyPair,
  obliviousHttp,
  serveGateway,
  serveOhttpRelay,
} from "../../../src/channel/ohttp/index.js";
import { SeenRequests } from "../../../src/channel/ohttp/seen-requests.js";
import { decodeTargetRequest, encodeTargetRequest } from "../../../src/channel/ohttp/target.js";
import { encodeBinaryRequest } from "../../../src/channel/ohttp/bhttp/message.js";
import { encodeRequest, REQUEST_BYTES } from "../../../src/exchange/index.js";
import { expectError, expectRejection } from "../../support/errors.js";
import { buy, payFor, tell, verdict } from "../../support/exchange.js";
import { KEY_ID, networkOf, ObliviousWorld } from "../../support/oblivious.js";
import { meterPeriod } from "../../support/settlement.js";

const curve = await createMclBn254();
const HEALTH = encodeRequest({ kind: "health" });
const CONFIG = (pair = hpkeKeyPair()) => ({
  keyId: KEY_ID,
  publicKey: pair.publicKey,
  aeads: [AEADS[0]!],
});

describe("Oblivious HTTP among liars", () => {
  let world: ObliviousWorld;
  const servers: Server[] = [];
  before(async () => {
    world = await ObliviousWorld.start(curve);
  });
  after(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await world.close();
  });

  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  const networkThrough = (relay: string) =>
    networkOf({ relays: [relay], gateway: world.gateway, pair: world.pair });

  async function through(listener: RequestListener, timeout = 5000): Promise<Channel> {
    const network = networkThrough(await listen(listener));
    return obliviousHttp({ network, timeout });
  }

  /** An honest relay's part, for relays that lie about the rest. */
  async function pass(body: Uint8Array, url = world.gateway): Promise<Buffer> {
    const headers = { "Content-Type": "message/ohttp-req" };
    const answer = await fetch(url, { method: "POST", headers, body: Uint8Array.from(body) });
    return Buffer.from(await answer.arrayBuffer());
  }

  type Lie = (body: Buffer) => Promise<Uint8Array | null>;
  const relay =
    (lie: Lie): RequestListener =>
    (request, response) => {
      void buffer(request).then(async (body) => {
        const answer = await lie(body);
        if (answer === null) return void response.destroy();
        response.writeHead(200, { "Content-Type": "message/ohttp-res" }).end(answer);
      });
    };

  describe("given a relay that", () => {
    const lies: [string, string, Lie][] = [
      [
        "changes the request",
        "channel/no-answer",
        async (body) => pass(body.with(100, body[100]! ^ 1) as Buffer),
      ],
      [
        "changes the answer",
        "channel/not-opened",
        async (body) => {
          const answer = await pass(body);
          return answer.with(500, answer[500]! ^ 1);
        },
      ],
      ["drops the request", "channel/no-answer", async () => null],
      [
        "answers itself with bytes of the right size",
        "channel/not-opened",
        async () => randomBytes(ENCAPSULATED_RESPONSE_BYTES),
      ],
      ["answers with too few bytes", "channel/no-answer", async () => randomBytes(100)],
      ["answers with more bytes", "channel/no-answer", async () => randomBytes(1281)],
      [
        "brings the answer to a request of its own",
        "channel/not-opened",
        async () => {
          const own = encapsulateRequest(CONFIG(world.pair), encodeTargetRequest(HEALTH));
          return pass(own.request);
        },
      ],
      [
        "sends the request to a gateway of its own",
        "channel/no-answer",
        async (body) => {
          const keys = [{ keyId: KEY_ID, pair: hpkeKeyPair() }];
          const own = new Gateway({
            keys,
            exchange: async () => new Uint8Array(1024),
            onDefect: () => undefined,
          });
          return own.answer(body).catch(() => null);
        },
      ],
    ];
    for (const [what, code, lie] of lies) {
      it(`${what}: the wallet has no answer, and the order stays as it is`, async () => {
        const { carry } = await through(relay(lie));
        await expectRejection(carry(HEALTH), code);
      });
    }

    it("answers slowly, a byte now and then: the wallet waits so long and no longer", async () => {
      const { carry } = await through((_, response) => {
        response.writeHead(200, { "Content-Type": "message/ohttp-res" });
        const drip = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(drip));
      }, 300);
      await expectRejection(carry(HEALTH), "channel/no-answer");
    });

    it("redirects: the wallet does not follow", async () => {
      let followed = 0;
      const other = await listen((_, response) => {
        followed++;
        response.end();
      });
      const { carry } = await through((_, response) =>
        response.writeHead(307, { Location: other }).end(),
      );
      await expectRejection(carry(HEALTH), "channel/no-answer");
      expect(followed).to.equal(0);
    });

    it("exchanges the answers of two homes: neither opens the other's", async () => {
      const waiting: { body: Buffer; done: (answer: Uint8Array) => void }[] = [];
      const swap: Lie = async (body) => {
        const answered = new Promise<Uint8Array>((done) => waiting.push({ body, done }));
        if (waiting.length === 2) {
          const [one, other] = waiting;
          one!.done(await pass(other!.body));
          other!.done(await pass(one!.body));
        }
        return answered;
      };
      const { carry } = await through(relay(swap));
      const results = await Promise.allSettled([carry(HEALTH), carry(HEALTH)]);
      for (const result of results) {
        expect(result).to.include({ status: "rejected" });
        expect((result as PromiseRejectedResult).reason).to.include({
          code: "channel/not-opened",
        });
      }
    });

    it("sends a payment twice: the gateway opens it once, and the wallet has its receipt", async () => {
      const { x } = world;
      const [token] = meterPeriod(x.world, [10]).generated.map((g) => g.token);
      const [coin] = await x.coins([10]);
      let repeated = "";
      const { carry } = await through(
        relay(async (body) => {
          const answer = await pass(body);
          repeated = (await pass(body)).toString();
          return answer;
        }),
      );
      const payment = payFor({ exchange: x, coin: coin!, token: token! });
      const answer = await buy(carry, x.world.suite.encode(token!), payment);
      expect(verdict(answer)).to.equal("sold");
      expect(repeated).to.contain("channel/replayed");
    });

    it("reorders payments: each is answered, and each receipt is its own", async () => {
      const { x } = world;
      const tokens = meterPeriod(x.world, [1, 1, 1]).generated.map((g) => g.token);
      const coins = await x.coins([1, 1, 1]);
      const held: (() => void)[] = [];
      const { carry } = await through(
        relay(async (body) => {
          await new Promise<void>((go) => {
            held.push(go);
            if (held.length === tokens.length) for (const each of held.toReversed()) each();
          });
          return pass(body);
        }),
      );
      const answers = await Promise.all(
        tokens.map((token, i) => {
          const payment = payFor({ exchange: x, coin: coins[i]!, token });
          return buy(carry, x.world.suite.encode(token), payment);
        }),
      );
      for (const [i, answer] of answers.entries()) {
        const wanted = x.world.issuer.issue(tokens[i]! as never);
        expect(answer).to.deep.include({ kind: "sold" });
        expect((answer as { receipt: Uint8Array }).receipt).to.deep.equal(curve.g1.encode(wanted));
      }
    });
  });

  describe("given gateways", () => {
    it("of one key, and a request replayed across them: both open it, and the counter charges once", async () => {
      const { x, pair } = world;
      const keys = [{ keyId: KEY_ID, pair }];
      const parts = { keys, exchange: x.carrier, onDefect: () => undefined };
      const gateways = [new Gateway(parts), new Gateway(parts)];
      const before = (await x.counter.sales()).receipts;
      const [token] = meterPeriod(x.world, [100]).generated.map((g) => g.token);
      const [coin] = await x.coins([100]);
      const order = {
        token: x.world.suite.encode(token!),
        payment: payFor({ exchange: x, coin: coin!, token: token! }),
      };
      const request = encodeTargetRequest(encodeRequest({ kind: "buy", order }));
      const sent = encapsulateRequest(CONFIG(pair), request);
      const answers = await Promise.all(gateways.map((each) => each.answer(sent.request)));
      expect((await x.counter.sales()).receipts - before).to.equal(1n);
      // Their encapsulations differ, and what is inside is one signed answer.
      expect(answers[0]).to.not.deep.equal(answers[1]);
      expect(sent.open(answers[0]!)).to.deep.equal(sent.open(answers[1]!));
      await expectRejection(gateways[0]!.answer(sent.request), "channel/replayed");
    });

    it("that make answers up: bytes that the counter did not sign are nobody's answer", async () => {
      const gateway = await serveGateway({
        keys: [{ keyId: KEY_ID, pair: world.pair }],
        exchange: async () => randomBytes(1024),
        health: { ready: async () => null },
        onDefect: () => undefined,
      });
      const { carry } = await through(relay((body) => pass(body, `${gateway.url}/`)));
      expect(await carry(HEALTH)).to.have.length(1024);
      await expectRejection(tell(carry, { kind: "health" }), "exchange/bad-answer");
      await gateway.close();
    });

    it("whose counter fails or is busy: the relay sees an answer like every other", async () => {
      const defects: unknown[] = [];
      const gateway = new Gateway({
        keys: [{ keyId: KEY_ID, pair: world.pair }],
        exchange: () => Promise.reject(new Error("a defect")),
        onDefect: (error) => defects.push(error),
      });
      const sent = encapsulateRequest(CONFIG(world.pair), encodeTargetRequest(HEALTH));
      const answer = await gateway.answer(sent.request);
      expect(answer).to.have.length(ENCAPSULATED_RESPONSE_BYTES);
      expect(defects).to.have.length(1);
      const { carry } = await through(relay((body) => gateway.answer(body)));
      await expectRejection(carry(HEALTH), "channel/no-answer");
    });

    it("under every AEAD, with answers of every kind: one size of responses", async () => {
      const gateway = new Gateway({
        keys: [{ keyId: KEY_ID, pair: world.pair }],
        exchange: world.x.carrier,
        onDefect: () => undefined,
      });
      for (const aead of AEADS) {
        for (const message of [encodeTargetRequest(HEALTH), randomBytes(50)]) {
          const config = { ...CONFIG(world.pair), aeads: [aead] };
          const answer = await gateway.answer(encapsulateRequest(config, message).request);
          expect(answer).to.have.length(ENCAPSULATED_RESPONSE_BYTES);
        }
      }
    });
  });

  describe("given clients that", () => {
    const target = {
      method: "POST",
      scheme: "https",
      authority: "",
      path: "/v1/exchange",
      fields: [["content-type", "application/octet-stream"]] as [string, string][],
      content: HEALTH,
      trailers: [],
    };
    const others: [string, object][] = [
      ["name another path", { path: "/v1/withdrawals" }],
      ["name another method", { method: "GET" }],
      ["name another host", { authority: "internal.example" }],
      ["add a field", { fields: [...target.fields, ["cookie", "home=1"]] }],
      ["expect 100-continue", { fields: [...target.fields, ["expect", "100-continue"]] }],
      ["add a trailer", { trailers: [["home", "1"]] }],
      ["send other content", { content: new Uint8Array(REQUEST_BYTES - 1) }],
    ];
    for (const [what, change] of others) {
      it(`${what}: nothing is passed on`, () => {
        const message = encodeBinaryRequest({ ...target, ...change });
        expectError(() => decodeTargetRequest(message), "channel/other-target");
      });
    }
    it("send what an honest wallet sends: it is passed on", () => {
      expect(decodeTargetRequest(encodeBinaryRequest(target))).to.deep.equal(HEALTH);
    });

    it("send other sizes or types: the relay passes nothing on", async () => {
      const before = world.taps.gateway.messages("there").length;
      const sizes = [0, ENCAPSULATED_REQUEST_BYTES - 1, ENCAPSULATED_REQUEST_BYTES + 1, 100_000];
      const headers = { "Content-Type": "message/ohttp-req" };
      for (const size of sizes) {
        const body = new Uint8Array(size).fill(KEY_ID);
        const { status } = await fetch(world.relay, { method: "POST", headers, body });
        expect(status).to.equal(size > ENCAPSULATED_REQUEST_BYTES ? 413 : 400);
      }
      const body = new Uint8Array(ENCAPSULATED_REQUEST_BYTES).fill(KEY_ID);
      expect((await fetch(world.relay, { method: "POST", body })).status).to.equal(400);
      const unknown = new Uint8Array(ENCAPSULATED_REQUEST_BYTES).fill(KEY_ID + 1);
      const { status } = await fetch(world.relay, { method: "POST", headers, body: unknown });
      expect(status).to.equal(502);
      expect(world.taps.gateway.messages("there")).to.have.length(before);
    });

    it("send too often: the relay refuses them, and says when to come again", async () => {
      const relay = await serveOhttpRelay({ gatewayOf: () => world.gateway, rate: 2 });
      const { carry } = obliviousHttp({
        network: networkThrough(`${relay.url}/`),
      });
      await carry(HEALTH);
      await carry(HEALTH);
      await expectRejection(carry(HEALTH), "channel/no-answer");
      await relay.close();
    });

    it("begin a request and do not end it: relay and gateway close the connection", async () => {
      const options = { requestTimeout: 300 };
      const relay = await serveOhttpRelay({ gatewayOf: () => undefined, ...options });
      const health = { ready: async () => null };
      const parts = { keys: [], exchange: world.x.carrier, health, onDefect: () => undefined };
      const gateway = await serveGateway(parts, options);
      for (const { url } of [relay, gateway]) {
        const socket = connect(Number(new URL(url).port), "127.0.0.1");
        socket.on("error", () => undefined).resume();
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1280\r\n\r\nabc");
        await once(socket, "close");
      }
      await relay.close();
      await gateway.close();
    });
  });

  describe("given public parameters", () => {
    const network = () => networkThrough("http://127.0.0.1:1/");

    it("with no relay, no gateway, or two keys of one number: nothing is sent", () => {
      const n = network();
      for (const wrong of [
        { ...n, relays: [] },
        { ...n, gateways: [] },
        { ...n, gateways: [...n.gateways, ...n.gateways] },
      ]) {
        expectError(() => obliviousHttp({ network: wrong }), "channel/no-network");
      }
    });

    it("and a relay that is not in them: nothing is sent", () => {
      const relay = "http://127.0.0.1:2/";
      expectError(() => obliviousHttp({ network: network(), relay }), "channel/no-network");
      obliviousHttp({ network: network(), relay: "http://127.0.0.1:1" });
    });

    it("and a key configuration that is not one: nothing is sent", () => {
      const n = network();
      const gateways = [{ ...n.gateways[0]!, keyConfig: "0x0102" as const }];
      expectError(() => obliviousHttp({ network: { ...n, gateways } }), "channel/bad-key-config");
    });
  });

  it("the memory of opened requests is bounded, and holds the newest", () => {
    const seen = new SeenRequests(10);
    const requests = Array.from({ length: 30 }, () => randomBytes(32));
    for (const request of requests) expect(seen.add(request)).to.equal(true);
    for (const request of requests.slice(-10)) expect(seen.add(request)).to.equal(false);
  });
});
