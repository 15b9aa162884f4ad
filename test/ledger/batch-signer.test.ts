import { expect } from "chai";
import { bytesToInt, intToBytes, nobleEcdsa, wasmEcdsa } from "../../src/algebra/index.js";
import { signDigests } from "../../src/ledger/batch-signer.js";
import { ORDER } from "../../src/ledger/curve.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("batch signer");
const secretKey = random.bytes(32);
const secret = bytesToInt(secretKey);

describe("Signing many digests with one key", () => {
  it("gives the signatures of libsecp256k1 and of the independent library, byte by byte", () => {
    const digests = Array.from({ length: 40 }, () => random.bytes(32));
    // A digest from the order on is reduced, and one of zero has a signature as well.
    digests.push(new Uint8Array(32).fill(0xff), new Uint8Array(32), intToBytes(ORDER, 32));
    const signatures = signDigests(digests, secret);
    expect(signatures).to.deep.equal(digests.map((d) => wasmEcdsa.sign(d, secretKey)));
    expect(signatures).to.deep.equal(digests.map((d) => nobleEcdsa.sign(d, secretKey)));
  });

  it("given the smallest and the largest secret, signs with them", () => {
    const digest = random.bytes(32);
    for (const one of [1n, ORDER - 1n]) {
      expect(signDigests([digest], one)).to.deep.equal([
        wasmEcdsa.sign(digest, intToBytes(one, 32)),
      ]);
    }
  });

  it("given both parities of R and both halves of s, tells the right key", () => {
    const address = wasmEcdsa.address(secretKey);
    const digests = Array.from({ length: 16 }, () => random.bytes(32));
    const signatures = signDigests(digests, secret);
    expect(new Set(signatures.map((s) => s[64]))).to.deep.equal(new Set([27, 28]));
    for (const [i, signature] of signatures.entries()) {
      expect(wasmEcdsa.recover(digests[i]!, signature)).to.deep.equal(address);
    }
  });

  it("given no digest, signs nothing", () => {
    expect(signDigests([], secret)).to.deep.equal([]);
  });
});
