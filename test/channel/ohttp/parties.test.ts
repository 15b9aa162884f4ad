/**
 * What relay, gateway and utility could have kept of a payment: every byte that reached them, with
 * sizes, fields and addresses. And what is not in it.
 */
import { createHash } from "node:crypto";
import { expect } from "chai";
import { createMclBn254 } from "../../../src/algebra/index.js";
import { decapsulateRequest } from "../../../src/channel/ohttp/encapsulation.js";
import { hpkeKeyPair } from "../../../src/channel/ohttp/index.js";
import { decodeTargetRequest } from "../../../src/channel/ohttp/target.js";
import { decodeRequest, encodeRequest, type Request } from "../../../src/exchange/index.js";
import { expectError } from "../../support/errors.js";
import { buy, payFor, tell, verdict } from "../../support/exchange.js";
import { KEY_ID, ObliviousWorld } from "../../support/oblivious.js";
import type { RecordingProxy } from "../../support/recording-proxy.js";
import { meterPeriod } from "../../support/settlement.js";

const curve = await createMclBn254();
const HOMES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"];

interface Sent {
  readonly home: string;
  readonly kind: string;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

describe("what each party of Oblivious HTTP could have kept", () => {
  let world: ObliviousWorld;
  const lines = new Map<string, RecordingProxy>();
  const sent: Sent[] = [];

  before(async () => {
    world = await ObliviousWorld.start(curve);
    const { x } = world;
    const sizes = HOMES.flatMap(() => [10, 1]);
    const tokens = meterPeriod(x.world, sizes).generated.map((g) => g.token);
    for (const address of HOMES) {
      const { channel, tap } = await world.home(address);
      lines.set(address, tap);
      const carrier = async (request: Uint8Array): Promise<Uint8Array> => {
        const answer = await channel.carry(request);
        sent.push({ home: address, kind: "", request, answer });
        return answer;
      };
      const [one, other] = tokens.splice(0, 2);
      const [coin] = await x.coins([10]);
      const payment = payFor({ exchange: x, coin: coin!, token: one! });
      const encoded = x.world.suite.encode(one!);
      const wrong = payment.slice();
      wrong[wrong.length - 1]! ^= 1;
      const kinds = [
        verdict(await tell(carrier, { kind: "health" })),
        (await buy(carrier, encoded, wrong)).kind,
        verdict(await buy(carrier, encoded, payment)),
        (
          await buy(
            carrier,
            x.world.suite.encode(other!),
            payFor({ exchange: x, coin: coin!, token: other! }),
          )
        ).kind,
      ];
      expect(kinds).to.deep.equal(["healthy", "refused", "sold", "refused"]);
    }
  });
  after(() => world.close());

  it("given dummies, payments and refusals of three homes: all were answered, each sold once", async () => {
    expect(sent).to.have.length(4 * HOMES.length);
    expect((await world.x.counter.sales()).receipts).to.equal(BigInt(HOMES.length));
    expect(world.defects).to.deep.equal([]);
  });

  it("the relay has no byte of a token, a coin or an answer, and sizes and fields that never differ", () => {
    for (const tap of lines.values()) {
      for (const direction of ["there", "back"] as const) {
        const messages = tap.messages(direction);
        expect(messages).to.have.length(4);
        expect(distinct(messages.map(({ body }) => body.length))).to.deep.equal([1280]);
        expect(distinct(messages.map(({ head }) => head))).to.have.length(1);
        expect(messages[0]!.head).to.not.match(/date|cookie|user-agent|accept/i);
        for (const { request, answer } of sent) {
          expect(shares(tap.all(direction), request)).to.equal(false);
          expect(shares(tap.all(direction), answer)).to.equal(false);
        }
      }
      // One connection for each request: who shares an address with another is not told apart by it.
      expect(tap.connections).to.have.length(4);
    }
  });

  it("what the relay kept does not open without the gateway's key, and opens with it", () => {
    const [tap] = [...lines.values()];
    const { body } = tap!.messages("there")[0]!;
    const other = [{ keyId: KEY_ID, pair: hpkeKeyPair() }];
    expectError(() => decapsulateRequest(other, body), "channel/not-opened");
    const { request } = decapsulateRequest([{ keyId: KEY_ID, pair: world.pair }], body);
    expect(decodeRequest(decodeTargetRequest(request)).request.kind).to.equal("health");
  });

  it("two encapsulations of one order have no byte in common by which a relay could join them", () => {
    const bodies = [...lines.values()].flatMap((tap) =>
      tap.messages("there").map(({ body }) => body.subarray(7)),
    );
    const pieces = bodies.flatMap((body) => [...piecesOf(body)]);
    expect(new Set(pieces).size).to.equal(pieces.length);
  });

  it("the gateway has no address and no field of a home, and one connection's fields are another's", () => {
    const tap = world.taps.gateway;
    const messages = tap.messages("there");
    expect(messages).to.have.length(4 * HOMES.length);
    expect(distinct(messages.map(({ head }) => head))).to.have.length(1);
    expect(fieldsOf(messages[0]!.head)).to.deep.equal([
      "connection",
      "content-length",
      "content-type",
      "host",
    ]);
    for (const home of HOMES) expectNoAddress(tap.all("there"), home);
    // They come from the relay alone.
    expect(distinct(tap.connections.map(({ from }) => from))).to.deep.equal(["127.0.0.1"]);
  });

  it("the utility has the counter's requests in one form, and nothing of who sent them", () => {
    const tap = world.taps.utility;
    const messages = tap.messages("there");
    expect(distinct(messages.map(({ head }) => head))).to.have.length(1);
    expect(messages.map(({ body }) => hash(body)).toSorted()).to.deep.equal(
      sent.map(({ request }) => hash(request)).toSorted(),
    );
    for (const home of HOMES) expectNoAddress(tap.all("there"), home);
    expect(distinct(tap.messages("back").map(({ head }) => head))).to.have.length(1);
  });

  it("given a home that sends fields of its own to the relay: none reaches the gateway", async () => {
    const before = world.taps.gateway.messages("there").length;
    const [tap] = [...lines.values()];
    const { body } = tap!.messages("there")[0]!;
    // A fresh request: the gateway does not open one twice.
    const { channel, tap: own } = await world.home("127.0.0.14");
    await channel.carry(encodeRequest({ kind: "health" } satisfies Request));
    expect(own.messages("there")).to.have.length(1);
    const response = await fetch(world.relay, {
      method: "POST",
      headers: {
        "Content-Type": "message/ohttp-req",
        Cookie: "home=14",
        "X-Forwarded-For": "127.0.0.14",
        "User-Agent": "home-14",
        "Accept-Language": "cy",
      },
      body: Uint8Array.from(body),
    });
    expect(response.status).to.equal(502);
    const messages = world.taps.gateway.messages("there");
    expect(messages).to.have.length(before + 2);
    expect(distinct(messages.map(({ head }) => head))).to.have.length(1);
    expectNoAddress(world.taps.gateway.all("there"), "127.0.0.14");
  });

  it("metrics of relay and gateway count routes, and name no address and no request", async () => {
    for (const url of [world.relay, world.gateway]) {
      const text = await (await fetch(`${url}metrics`)).text();
      expect(text).to.match(/sipster_http_requests_total\{method="POST",route="\/",status="200"\}/);
      expect(text).to.not.match(/127\.0\.0\.1/);
    }
  });
});

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const PIECE = 8;

function* piecesOf(bytes: Uint8Array): Generator<string> {
  for (let at = 0; at + PIECE <= bytes.length; at += PIECE) {
    yield Buffer.from(bytes.subarray(at, at + PIECE)).toString("hex");
  }
}

/** Do the bytes contain eight in a row of the message, padding apart? */
function shares(bytes: Buffer, message: Uint8Array): boolean {
  return [...piecesOf(message)].some(
    (piece) => !/^(00)+$/.test(piece) && bytes.includes(Buffer.from(piece, "hex")),
  );
}

function fieldsOf(head: string): string[] {
  return head
    .split("\r\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split(":")[0]!.toLowerCase())
    .toSorted();
}

/** Neither as text nor as four bytes. */
function expectNoAddress(bytes: Buffer, address: string): void {
  expect(bytes.includes(address)).to.equal(false);
  expect(bytes.includes(Buffer.from(address.split(".").map(Number)))).to.equal(false);
}
