/** Binary HTTP against the messages that RFC 9292 prints, and against malformed ones. */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import fc from "fast-check";
import {
  decodeBinaryRequest,
  decodeBinaryResponse,
  encodeBinaryRequest,
  encodeBinaryResponse,
  type BinaryRequest,
} from "../../../src/channel/ohttp/bhttp/message.js";
import { encodeVarint, VarintReader } from "../../../src/channel/ohttp/bhttp/varint.js";
import { expectError } from "../../support/errors.js";
import { RFC9292 } from "./rfc9292-vectors.js";

const bytes = hexToBytes;
const NONE = new Uint8Array();

const REQUEST: BinaryRequest = {
  method: "GET",
  scheme: "https",
  authority: "",
  path: "/hello.txt",
  fields: [
    ["user-agent", "curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3"],
    ["host", "www.example.com"],
    ["accept-language", "en, mi"],
  ],
  content: NONE,
  trailers: [],
};

describe("binary HTTP", () => {
  it("given the request of RFC 9292, writes its bytes and reads both forms", () => {
    expect(bytesToHex(encodeBinaryRequest(REQUEST))).to.equal(RFC9292.knownRequest);
    expect(decodeBinaryRequest(bytes(RFC9292.knownRequest))).to.deep.equal(REQUEST);
    expect(decodeBinaryRequest(bytes(RFC9292.indeterminateRequest))).to.deep.equal(REQUEST);
  });

  it("given the request cut short where the RFC says, reads the same; cut elsewhere, refuses it", () => {
    const known = bytes(RFC9292.knownRequest);
    const indeterminate = bytes(RFC9292.indeterminateRequest);
    for (let cut = 1; cut < known.length - 1; cut++) {
      const message = known.slice(0, known.length - cut);
      if (cut <= 2) expect(decodeBinaryRequest(message)).to.deep.equal(REQUEST);
      else if (message.length !== 23) refuses(message);
    }
    for (let cut = 1; cut < indeterminate.length - 1; cut++) {
      const message = indeterminate.slice(0, indeterminate.length - cut);
      if (cut <= 12) expect(decodeBinaryRequest(message)).to.deep.equal(REQUEST);
      else if (message.length !== 23) refuses(message);
    }
    // Behind the control data the fields themselves are cut off, and there are none.
    expect(decodeBinaryRequest(known.slice(0, 23)).fields).to.deep.equal([]);
  });

  it("given the response with interim ones of RFC 9292, reads every field", () => {
    const response = decodeBinaryResponse(bytes(RFC9292.indeterminateResponse));
    expect(response.status).to.equal(200);
    expect(response.informational).to.deep.equal([
      { status: 102, fields: [["running", '"sleep 15"']] },
      {
        status: 103,
        fields: [
          ["link", "</style.css>; rel=preload; as=style"],
          ["link", "</script.js>; rel=preload; as=script"],
        ],
      },
    ]);
    expect(response.fields).to.have.length(8);
    expect(response.fields[3]).to.deep.equal(["etag", '"34aa387-d-1568eb00"']);
    const text = "Hello World! My content includes a trailing CRLF.\r\n";
    expect(response.content).to.deep.equal(utf8ToBytes(text));
    expect(decodeBinaryResponse(encodeBinaryResponse(response))).to.deep.equal(response);
  });

  it("given the response with a trailer of RFC 9292, writes and reads its bytes", () => {
    const response = {
      informational: [],
      status: 200,
      fields: [],
      content: utf8ToBytes("This content contains CRLF.\r\n"),
      trailers: [["trailer", "text"]] as const,
    };
    expect(bytesToHex(encodeBinaryResponse(response))).to.equal(RFC9292.knownResponse);
    expect(decodeBinaryResponse(bytes(RFC9292.knownResponse))).to.deep.equal(response);
  });

  it("given any message, reads what it wrote, at any padded size", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const value = fc.stringMatching(/^([!-~]([ -~]{0,30}[!-~])?)?$/);
    const fields = fc.array(fc.tuple(name, value), { maxLength: 5 });
    const body = { fields, content: fc.uint8Array({ maxLength: 300 }), trailers: fields };
    fc.assert(
      fc.property(
        fc.record({
          method: fc.constantFrom("GET", "POST"),
          scheme: fc.constant("https"),
          authority: fc.constantFrom("", "utility.example"),
          path: fc.stringMatching(/^\/[!-~]{0,40}$/),
          ...body,
        }),
        fc.nat(200),
        (request, padding) => {
          const shortest = encodeBinaryRequest(request).length;
          const message = encodeBinaryRequest(request, shortest + padding);
          expect(message).to.have.length(shortest + padding);
          expect(decodeBinaryRequest(message)).to.deep.equal(request);
          expectError(() => encodeBinaryRequest(request, shortest - 1), "channel/bad-message");
        },
      ),
    );
  });

  it("given random bytes, reads them or refuses them with its own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        for (const decode of [decodeBinaryRequest, decodeBinaryResponse]) {
          try {
            decode(noise);
          } catch (error) {
            expect(error).to.include({ code: "channel/bad-message" });
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  const field = (n: string, v: string) =>
    encodeBinaryRequest({ ...REQUEST, fields: [[n, v]], trailers: [] });
  const liars: [string, Uint8Array][] = [
    ["padding that says something", encodeBinaryRequest(REQUEST, 200).with(199, 1)],
    ["an unknown framing", bytes(RFC9292.knownRequest).with(0, 4)],
    ["a response's framing", bytes(RFC9292.knownResponse)],
    ["a field that is control data", field(":path", "/elsewhere")],
    ["a name with a space", field("a b", "c")],
    ["a name with a line end", field("a\r\nb", "c")],
    ["a value with a line end", field("a", "b\r\nevil: c")],
    ["a value with a NUL", field("a", "b\0c")],
    ["a value that ends in white space", field("a", "b ")],
    ["a target with a line end", encodeBinaryRequest({ ...REQUEST, path: "/\r\nevil: c" })],
    ["a target without a path", encodeBinaryRequest({ ...REQUEST, path: "" })],
    [
      "a pseudo-field behind a field",
      encodeBinaryRequest({
        ...REQUEST,
        fields: [
          ["a", "b"],
          [":protocol", "c"],
        ],
      }),
    ],
    [
      "a pseudo-field in the trailer",
      encodeBinaryRequest({ ...REQUEST, trailers: [[":protocol", "c"]] }),
    ],
    ["a name in capitals", withCapital()],
    ["a length beyond its end", Uint8Array.of(0, 0x7f, 0xff)],
    ["a length of 62 bits", Uint8Array.of(0, ...new Uint8Array(8).fill(0xff))],
  ];
  for (const [what, message] of liars) {
    it(`given ${what}: refuses the message`, () => {
      refuses(message);
    });
  }

  it("given a status that no response has: refuses the message", () => {
    for (const status of [0, 99, 600, 999]) {
      const message = Uint8Array.of(1, ...encodeVarint(status), 0, 0, 0);
      expectError(() => decodeBinaryResponse(message), "channel/bad-message");
    }
  });

  it("given the integers of RFC 9000, appendix A.1, reads them, and writes each in the fewest bytes", () => {
    const read = (hex: string) => new VarintReader(bytes(hex), (why) => new Error(why)).varint();
    expect(read("9d7f3e7d")).to.equal(494_878_333);
    expect(read("7bbd")).to.equal(15_293);
    expect(read("25")).to.equal(37);
    expect(read("4025")).to.equal(37);
    for (const value of [0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 53 - 1]) {
      expect(read(bytesToHex(encodeVarint(value)))).to.equal(value);
    }
    expect([63, 64, 16_384, 2 ** 30].map((n) => encodeVarint(n).length)).to.deep.equal([
      1, 2, 4, 8,
    ]);
    expect(() => read("c2197c5eff14e88c")).to.throw("too large");
  });
});

function refuses(message: Uint8Array): void {
  expectError(() => decodeBinaryRequest(message), "channel/bad-message");
}

/** The printed request with "User-agent", as no encoder of the RFC writes it. */
function withCapital(): Uint8Array {
  const message = hexToBytes(RFC9292.knownRequest);
  const at = Buffer.from(message).indexOf("user-agent");
  return message.with(at, "U".charCodeAt(0));
}
