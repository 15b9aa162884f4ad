import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { expect } from "chai";
import { computeAddress, hexlify, recoverAddress, SigningKey } from "ethers";
import {
  intToBytes,
  nobleEcdsa,
  randomSecretKey,
  toAddress,
  verifyEcdsa,
  wasmEcdsa,
} from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const random = new TestRandom("ecdsa");

for (const ecdsa of [wasmEcdsa, nobleEcdsa]) {
  describe(`ECDSA (${ecdsa.name})`, () => {
    const secretKey = random.bytes(32);
    const digest = random.bytes(32);
    const signature = ecdsa.sign(digest, secretKey);

    it("signs as EIP-155's example has it", () => {
      // The signing data and signature of the example in EIP-155, with v reduced to 27.
      const signingData = hexToBytes(
        "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080",
      );
      const expected =
        "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276" +
        "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83" +
        "1b";
      const key = new Uint8Array(32).fill(0x46);
      expect(hexlify(ecdsa.sign(keccak_256(signingData), key))).to.equal(expected);
      expect(hexlify(ecdsa.address(key))).to.equal("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    });

    it("agrees with ethers on addresses, signatures and signers", () => {
      for (let i = 0; i < 10; i++) {
        const sk = random.bytes(32);
        const d = random.bytes(32);
        const sig = ecdsa.sign(d, sk);
        expect(hexlify(sig)).to.equal(new SigningKey(sk).sign(d).serialized);
        const address = hexlify(ecdsa.recover(d, sig)!);
        expect(address).to.equal(recoverAddress(d, hexlify(sig)).toLowerCase());
        expect(address).to.equal(computeAddress(new SigningKey(sk)).toLowerCase());
        expect(address).to.equal(hexlify(ecdsa.address(sk)));
      }
    });

    it("verifies under the signer's address and no other", () => {
      expect(verifyEcdsa({ ecdsa, digest, signature, signer: ecdsa.address(secretKey) })).to.equal(
        true,
      );
      expect(
        verifyEcdsa({ ecdsa, digest, signature, signer: toAddress(random.bytes(20)) }),
      ).to.equal(false);
      const other = Uint8Array.from(digest);
      other[31]! ^= 1;
      expect(
        verifyEcdsa({ ecdsa, digest: other, signature, signer: ecdsa.address(secretKey) }),
      ).to.equal(false);
    });

    it("recovers nobody from a malformed signature", () => {
      const with_ = (r: bigint | null, s: bigint | null, v: number | null): Uint8Array => {
        const out = Uint8Array.from(signature);
        if (r !== null) out.set(intToBytes(r, 32), 0);
        if (s !== null) out.set(intToBytes(s, 32), 32);
        if (v !== null) out[64] = v;
        return out;
      };
      const s = BigInt(hexlify(signature.subarray(32, 64)));
      const highS = with_(null, ORDER - s, signature[64] === 27 ? 28 : 27);
      const bad = {
        "high s": highS,
        "r = 0": with_(0n, null, null),
        "s = 0": with_(null, 0n, null),
        "r = order": with_(ORDER, null, null),
        "s = order": with_(null, ORDER, null),
        // 5³ + 7 is not a square, so r = 5 is not an x coordinate.
        "r off the curve": with_(5n, null, null),
        "v = 0": with_(null, null, 0),
        "v = 26": with_(null, null, 26),
        "v = 29": with_(null, null, 29),
        short: signature.subarray(0, 64),
        long: Uint8Array.from([...signature, 0]),
      };
      for (const [what, sig] of Object.entries(bad)) {
        expect(ecdsa.recover(digest, sig), what).to.equal(null);
        expect(
          verifyEcdsa({ ecdsa, digest, signature: sig, signer: ecdsa.address(secretKey) }),
          what,
        ).to.equal(false);
      }
    });

    it("recovers nobody when the key would be the identity", () => {
      // With R = k·G and z = s·k the key (s·R − z·G)/r is the identity.
      const k = 12345n;
      const point = secp256k1.Point.BASE.multiply(k);
      const { x, y } = point.toAffine();
      const sig = Uint8Array.from([
        ...intToBytes(x, 32),
        ...intToBytes(7n, 32),
        27 + Number(y & 1n),
      ]);
      expect(ecdsa.recover(intToBytes(7n * k, 32), sig)).to.equal(null);
      expect(ecdsa.recover(intToBytes(7n * k + 1n, 32), sig)).not.to.equal(null);
    });

    it("refuses bad keys and digests", () => {
      for (const sk of [new Uint8Array(32), intToBytes(ORDER, 32)]) {
        expectError(() => ecdsa.sign(digest, sk), "algebra/scalar-out-of-range");
        expectError(() => ecdsa.address(sk), "algebra/scalar-out-of-range");
      }
      expectError(() => ecdsa.sign(digest, new Uint8Array(31)), "algebra/bad-length");
      expectError(() => ecdsa.sign(new Uint8Array(31), secretKey), "algebra/bad-length");
      expectError(() => ecdsa.recover(new Uint8Array(33), signature), "algebra/bad-length");
    });
  });
}

describe("ECDSA, both implementations", () => {
  it("recover the same address, or none, from random well-formed bytes", () => {
    let none = 0;
    for (let i = 0; i < 40; i++) {
      const digest = random.bytes(32);
      const signature = Uint8Array.from([
        ...random.bytes(32),
        ...intToBytes(1n + random.below(ORDER / 2n), 32),
        27 + random.int(2),
      ]);
      const fast = wasmEcdsa.recover(digest, signature);
      expect(fast).to.deep.equal(nobleEcdsa.recover(digest, signature));
      if (fast === null) none++;
    }
    // Half of all r are not an x coordinate.
    expect(none).to.be.within(5, 35);
  });

  it("makes usable secret keys and addresses of 20 bytes", () => {
    expect(wasmEcdsa.address(randomSecretKey()).length).to.equal(20);
    expectError(() => toAddress(new Uint8Array(19)), "algebra/bad-length");
  });
});
