import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import {
  createMclSecp256k1,
  intToBytes,
  KnownSigners,
  type SignedDigest,
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

describe("KnownSigners", () => {
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
  const signers = new KnownSigners({ group, generator, ecdsa: counting });
  const isRight = (digest: Uint8Array, signature: Uint8Array): boolean =>
    signers.verify([{ digest, signature, signer: address }])[0]!;

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
        expect(isRight(digest, signature), `round ${i}`).to.equal(expected);
      }
    }
    expect(recovered).to.be.within(100, 140);
  });

  it("gives each of many signers its own answer, with tables and without, in one check", () => {
    const others = [1, 2, 3].map(() => random.bytes(32));
    const known = new KnownSigners({ group, generator, ecdsa: wasmEcdsa });
    const signed = (secret: Uint8Array, by = secret): SignedDigest => {
      const digest = random.bytes(32);
      return { digest, signature: wasmEcdsa.sign(digest, secret), signer: wasmEcdsa.address(by) };
    };
    // Two of the three get tables in the middle of a check.
    for (const secret of others.slice(0, 2)) {
      const many = Array.from({ length: 103 }, () => signed(secret));
      expect(known.verify(many)).to.deep.equal(many.map(() => true));
    }
    for (let round = 0; round < 3; round++) {
      const mixed = others.flatMap((secret, i) => {
        const right = signed(secret);
        const wrong = signed(secret, others[(i + 1) % others.length]!);
        return [right, wrong, { ...right, signature: right.signature.subarray(1) }, signed(secret)];
      });
      const expected = mixed.map((one) => verifyEcdsa({ ecdsa: nobleEcdsa, ...one }));
      expect(expected).to.include(true).and.to.include(false);
      expect(known.verify(mixed)).to.deep.equal(expected);
    }
    expect(known.verify([])).to.deep.equal([]);
  });

  it("refuses a signature whose R the signer made the identity", () => {
    const known = new KnownSigners({ group, generator, ecdsa: wasmEcdsa });
    const many = Array.from({ length: 101 }, () => {
      const digest = random.bytes(32);
      return { digest, signature: wasmEcdsa.sign(digest, secretKey), signer: address };
    });
    expect(known.verify(many)).to.not.include(false);
    // z + r·d = 0, so that R = ((z + r·d)/s)·G is the identity.
    const digest = random.bytes(32);
    const secret = BigInt(`0x${Buffer.from(secretKey).toString("hex")}`);
    const z = BigInt(`0x${Buffer.from(digest).toString("hex")}`);
    const r = (((-z * group.invertScalar(secret)) % ORDER) + ORDER) % ORDER;
    const signature = new Uint8Array(65);
    signature.set(intToBytes(r, 32));
    signature[63] = 1;
    signature[64] = 27;
    expect(known.verify([{ digest, signature, signer: address }])).to.deep.equal([false]);
  });

  it("agrees with noble on digests at the edges", () => {
    for (const value of [0n, 1n, ORDER - 1n, ORDER, 2n ** 256n - 1n]) {
      const digest = intToBytes(value, 32);
      const signature = nobleEcdsa.sign(digest, secretKey);
      expect(verifyEcdsa({ ecdsa: nobleEcdsa, digest, signature, signer: address })).to.equal(true);
      expect(isRight(digest, signature), value.toString(16)).to.equal(true);
    }
  });

  it("refuses a digest of another length", () => {
    expectError(() => isRight(new Uint8Array(31), new Uint8Array(65)), "algebra/bad-length");
  });
});
