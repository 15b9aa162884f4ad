import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import {
  createMclSecp256k1,
  intToBytes,
  KnownSigner,
  nobleEcdsa,
  verifyEcdsa,
  wasmEcdsa,
} from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const ORDER = secp256k1.Point.Fn.ORDER;
const random = new TestRandom("known signer");
const group = await createMclSecp256k1();
const generator = group.fixedBases([group.generator], "single");

describe("KnownSigner", () => {
  const secretKey = random.bytes(32);
  const address = wasmEcdsa.address(secretKey);
  let recovered = 0;
  const counting = {
    ...wasmEcdsa,
    recover: (digest: Uint8Array, signature: Uint8Array) => {
      recovered++;
      return wasmEcdsa.recover(digest, signature);
    },
  };
  const signer = new KnownSigner({ group, generator, ecdsa: counting, address });

  /** Right and wrong signatures of one digest. */
  function cases(): { digest: Uint8Array; signature: Uint8Array }[] {
    const digest = random.bytes(32);
    const signature = wasmEcdsa.sign(digest, secretKey);
    const altered = (at: number, by = 1): Uint8Array =>
      signature.map((byte, i) => (i === at ? byte ^ by : byte));
    const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
    const upper = signature.slice();
    upper.set(intToBytes(ORDER - s, 32), 32);
    upper[64] = 55 - signature[64]!;
    return [
      { digest, signature },
      { digest: random.bytes(32), signature },
      { digest, signature: wasmEcdsa.sign(digest, random.bytes(32)) },
      { digest, signature: altered(31) },
      { digest, signature: altered(63) },
      { digest, signature: altered(64, 27 ^ 28) },
      { digest, signature: altered(64, 2) },
      { digest, signature: upper },
      { digest, signature: signature.subarray(0, 64) },
      { digest, signature: new Uint8Array(65) },
    ];
  }

  it("says what recovering says, before its tables and with them", () => {
    for (let i = 0; i < 150; i++) {
      for (const { digest, signature } of i < 3 || i > 110 ? cases() : cases().slice(0, 1)) {
        const expected = verifyEcdsa({ ecdsa: wasmEcdsa, digest, signature, signer: address });
        expect(signer.verify(digest, signature), `round ${i}`).to.equal(expected);
      }
    }
    expect(recovered).to.be.within(100, 140);
  });

  it("agrees with noble on digests at the edges", () => {
    for (const value of [0n, 1n, ORDER - 1n, ORDER, 2n ** 256n - 1n]) {
      const digest = intToBytes(value, 32);
      const signature = nobleEcdsa.sign(digest, secretKey);
      expect(verifyEcdsa({ ecdsa: nobleEcdsa, digest, signature, signer: address })).to.equal(true);
      expect(signer.verify(digest, signature), value.toString(16)).to.equal(true);
    }
  });

  it("refuses a digest of another length", () => {
    expectError(() => signer.verify(new Uint8Array(31), new Uint8Array(65)), "algebra/bad-length");
  });
});
