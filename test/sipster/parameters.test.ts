import { expect } from "chai";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { keccak256 } from "ethers";
import {
  encodeNetwork,
  encodeParameters,
  encodeTerms,
  networkHash,
  parseNetwork,
  parseParameters,
  parseTerms,
  termsHash,
  type SystemTerms,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { someNetwork, someTerms } from "../support/parameters.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const termsText = text(encodeTerms(someTerms));

describe("public parameters", () => {
  it("given terms and a network, when encoded and parsed, then they are the same", () => {
    expect(parseTerms(encodeTerms(someTerms))).to.deep.equal(someTerms);
    expect(parseNetwork(encodeNetwork(someNetwork))).to.deep.equal(someNetwork);
    const all = { terms: [someTerms, { ...someTerms, lead: 0 }], network: [someNetwork] };
    expect(parseParameters(encodeParameters(all))).to.deep.equal(all);
  });

  it("given the bytes as served, when hashed by ethers, then the hash is the one announced", () => {
    expect(termsHash(someTerms)).to.equal(keccak256(encodeTerms(someTerms)));
    expect(networkHash(someNetwork)).to.equal(keccak256(encodeNetwork(someNetwork)));
    const served = text(encodeParameters({ terms: [someTerms], network: [someNetwork] }));
    expect(served).to.include(termsText);
    expect(served).to.include(text(encodeNetwork(someNetwork)));
  });

  it("given a value whose fields are in another order, when encoded, then the bytes are the same", () => {
    const reversed = Object.fromEntries(Object.entries(someTerms).toReversed());
    expect(text(encodeTerms(reversed as unknown as SystemTerms))).to.equal(termsText);
  });

  it("given the same terms in other bytes, when parsed, then they are refused: one home could be served a variant", () => {
    const variants = {
      "white space": termsText.replace(",", ", "),
      "an unknown field": termsText.replace("{", '{"home":"17",'),
      "a field twice": termsText.replace('"lead":2', '"lead":1,"lead":2'),
      "another order": termsText.replace('"timeShift":0,"lead":2', '"lead":2,"timeShift":0'),
      "a number in another form": termsText.replace('"lead":2', '"lead":2.0'),
      "an escape": termsText.replace("EUR", "\\u0045UR"),
      "a missing field": termsText.replace(',"lead":2', ""),
      "a byte order mark": `\uFEFF${termsText}`,
      nothing: "",
      "another format": termsText.replace("terms@1", "terms@2"),
    };
    for (const [what, variant] of Object.entries(variants)) {
      expectError(() => parseTerms(utf8ToBytes(variant)), "sipster/bad-parameters");
      expect(variant, what).not.to.equal(termsText);
    }
    expectError(() => parseTerms(Uint8Array.of(0xff, 0xfe)), "sipster/bad-parameters");
    expectError(() => parseTerms(new Uint8Array((1 << 20) + 1)), "sipster/bad-parameters");
  });

  it("given a field out of its range, when encoded, then the error names the field", () => {
    const wrong: [string, Partial<Record<keyof SystemTerms, unknown>>][] = [
      ["deployment.chainId", { deployment: { ...someTerms.deployment, chainId: 0n } }],
      ["payee", { payee: "0x12" }],
      ["payee", { payee: someTerms.payee.replace("4", "A") }],
      ["token.baseUnitsPerUnit", { token: { ...someTerms.token, baseUnitsPerUnit: 1n << 256n } }],
      ["unit.currency", { unit: { currency: "euro", minorUnits: 1 } }],
      ["denominations", { denominations: [10, 100] }],
      ["denominations", { denominations: [1, 10, 10] }],
      ["denominations", { denominations: [] }],
      ["emission", { emission: "daily" }],
      ["timeZone", { timeZone: "" }],
      ["schedule.paying", { schedule: { ...someTerms.schedule, paying: { first: 9, last: 3 } } }],
      ["schedule.opening", { schedule: { ...someTerms.schedule, opening: 0 } }],
      ["schedule.posting", { schedule: { ...someTerms.schedule, posting: 29 } }],
      ["tariffs[0]", { tariffs: ["0xab"] }],
      ["finality.rule", { finality: { rule: "latest" } }],
      ["timeShift", { timeShift: -1 }],
      ["timeShift", { timeShift: 200 * 365 * 86_400 + 1 }],
      ["lead", { lead: 1.5 }],
    ];
    for (const [field, change] of wrong) {
      const terms = { ...someTerms, ...change } as SystemTerms;
      const error = expectError(() => encodeTerms(terms), "sipster/bad-parameters");
      expect(error.message).to.include(`"${field}"`);
    }
  });

  it("given bytes of a list, when parsed, then the parameters as a whole are named", () => {
    const error = expectError(() => parseTerms(utf8ToBytes("[]")), "sipster/bad-parameters");
    expect(error.message).to.match(/^the public parameters are (?!refused)/);
  });

  it("given a shift of time of two centuries, the most, when encoded, then it is taken", () => {
    const terms = { ...someTerms, timeShift: 200 * 365 * 86_400 };
    expect(parseTerms(encodeTerms(terms)).timeShift).to.equal(terms.timeShift);
  });

  it("given a relay without TLS that is not on this machine, when encoded, then it is refused", () => {
    const network = (relay: string) => ({ ...someNetwork, relays: [relay] });
    for (const url of ["https://a.example/relay", "http://127.0.0.1:8080/"]) {
      expect(parseNetwork(encodeNetwork(network(url))).relays).to.deep.equal([url]);
    }
    const bad = [
      "http://a.example/",
      "ftp://a.example/",
      "https://u@a.example/",
      "https://A.example",
      "x",
    ];
    for (const url of bad) {
      expectError(() => encodeNetwork(network(url)), "sipster/bad-parameters");
    }
  });
});
