/** Encapsulation against the example that RFC 9458 prints in appendix A. */
import { bytesToHex, hexToBytes, randomBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  decapsulateRequest,
  encapsulateRequest,
} from "../../../src/channel/ohttp/encapsulation.js";
import { AEADS, hpkeKeyPair } from "../../../src/channel/ohttp/hpke.js";
import {
  encodeKeyConfig,
  encodeKeyConfigs,
  parseKeyConfig,
  parseKeyConfigs,
} from "../../../src/channel/ohttp/key-config.js";
import {
  decodeBinaryRequest,
  decodeBinaryResponse,
} from "../../../src/channel/ohttp/bhttp/message.js";
import { expectError } from "../../support/errors.js";

const bytes = hexToBytes;

/** RFC 9458, appendix A. */
const RFC9458 = {
  gatewaySecret: "3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a",
  keyConfig:
    "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e79815500080001000100010003",
  request: "00034745540568747470730b6578616d706c652e636f6d012f",
  ephemeralSecret: "bc51d5e930bda26589890ac7032f70ad12e4ecb37abb1b65b1256c9c48999c73",
  encapsulatedRequest:
    "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad19dec96c208b4726374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525",
  response: "0140c8",
  responseNonce: "c789e7151fcba46158ca84b04464910d",
  encapsulatedResponse: "c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f857fbd",
} as const;

describe("encapsulation of requests and responses", () => {
  const keys = [{ keyId: 1, pair: hpkeKeyPair(bytes(RFC9458.gatewaySecret)) }];
  const config = parseKeyConfig(bytes(RFC9458.keyConfig));

  it("given the example of RFC 9458, makes and opens its bytes", () => {
    expect(bytesToHex(config.publicKey)).to.equal(bytesToHex(keys[0]!.pair.publicKey));
    expect(bytesToHex(encodeKeyConfig({ ...config, aeads: AEADS }))).to.equal(RFC9458.keyConfig);
    const ephemeral = hpkeKeyPair(bytes(RFC9458.ephemeralSecret));
    const sent = encapsulateRequest(config, bytes(RFC9458.request), ephemeral);
    expect(bytesToHex(sent.request)).to.equal(RFC9458.encapsulatedRequest);
    const received = decapsulateRequest(keys, sent.request);
    expect(bytesToHex(received.request)).to.equal(RFC9458.request);
    const { method, scheme, authority, path } = decodeBinaryRequest(received.request);
    expect([method, scheme, authority, path]).to.deep.equal(["GET", "https", "example.com", "/"]);
    const answered = received.respond(bytes(RFC9458.response), bytes(RFC9458.responseNonce));
    expect(bytesToHex(answered)).to.equal(RFC9458.encapsulatedResponse);
    expect(decodeBinaryResponse(sent.open(answered)).status).to.equal(200);
  });

  it("given any byte changed on the way there or back: nothing opens", () => {
    const sent = encapsulateRequest(config, randomBytes(50));
    for (let i = 0; i < sent.request.length; i++) {
      const changed = sent.request.map((b, j) => (j === i ? b ^ 1 : b));
      expectError(() => decapsulateRequest(keys, changed), "channel/not-opened");
    }
    const answer = decapsulateRequest(keys, sent.request).respond(randomBytes(50));
    for (let i = 0; i < answer.length; i++) {
      const changed = answer.map((b, j) => (j === i ? b ^ 1 : b));
      expectError(() => sent.open(changed), "channel/not-opened");
    }
    expectError(() => sent.open(answer.slice(0, 10)), "channel/not-opened");
    expectError(() => decapsulateRequest(keys, sent.request.slice(0, 30)), "channel/not-opened");
  });

  it("given the answer to another request of the same client: it does not open", () => {
    const [one, other] = [0, 1].map(() => encapsulateRequest(config, randomBytes(5)));
    const answer = decapsulateRequest(keys, one!.request).respond(randomBytes(5));
    expectError(() => other!.open(answer), "channel/not-opened");
  });

  it("given a gateway with another key under the same number: it opens nothing", () => {
    const others = [{ keyId: 1, pair: hpkeKeyPair() }];
    const { request } = encapsulateRequest(config, randomBytes(5));
    expectError(() => decapsulateRequest(others, request), "channel/not-opened");
  });

  it("given lists of configurations: reads them whole or not at all", () => {
    const other = { keyId: 7, publicKey: hpkeKeyPair().publicKey, aeads: [AEADS[1]!] };
    const list = encodeKeyConfigs([config, other]);
    expect(parseKeyConfigs(list)).to.deep.equal([config, other]);
    for (let end = 1; end < list.length; end++) {
      if (end === 47) continue;
      expectError(() => parseKeyConfigs(list.slice(0, end)), "channel/bad-key-config");
    }
    expect(parseKeyConfigs(list.slice(0, 47))).to.deep.equal([config]);
  });

  it("given algorithms that are not known here: refuses them first in the list, and passes over them after it", () => {
    const [first, second] = [bytes("00010001"), bytes("00010002")];
    const head = [...bytes(RFC9458.keyConfig).slice(0, 35), 0, 8];
    expect(parseKeyConfig(Uint8Array.of(...head, ...first, ...second)).aeads).to.have.length(1);
    const wrong = Uint8Array.of(...head, ...second, ...first);
    expectError(() => parseKeyConfig(wrong), "channel/bad-key-config");
    const empty = Uint8Array.of(...head.slice(0, 35), 0, 0);
    expectError(() => parseKeyConfig(empty), "channel/bad-key-config");
    const otherKem = bytes(RFC9458.keyConfig).with(2, 0x10);
    expectError(() => parseKeyConfig(otherKem), "channel/bad-key-config");
  });
});
