import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { hmacSha256, sha256 } from "../../../src/channel/onion/index.js";
import { TestRandom } from "../../support/random.js";

const random = new TestRandom("sha256");

describe("SHA-256 and HMAC by OpenSSL, for short inputs", () => {
  it("give what the independent library gives, at every length around a block", () => {
    for (let length = 0; length <= 200; length++) {
      const message = random.bytes(length);
      expect(sha256(message)).to.deep.equal(nobleSha256(message));
      const key = random.bytes(length % 65);
      expect(hmacSha256(key, message)).to.deep.equal(hmac(nobleSha256, key, message));
    }
    const long = random.bytes(50_000);
    expect(hmacSha256(long.subarray(0, 32), long)).to.deep.equal(
      hmac(nobleSha256, long.subarray(0, 32), long),
    );
  });

  it("give the vectors of RFC 4231, with the message in any parts", () => {
    const vectors = [
      [
        "0b".repeat(20),
        "4869205468657265",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      ],
      [
        "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      ],
    ] as const;
    for (const [key, message, mac] of vectors) {
      const bytes = hexToBytes(message);
      for (let at = 0; at <= bytes.length; at++) {
        const parts = [bytes.subarray(0, at), bytes.subarray(at)];
        expect(bytesToHex(hmacSha256(hexToBytes(key), ...parts))).to.equal(mac);
      }
    }
  });

  it("keep nothing of one message for the next", () => {
    const key = utf8ToBytes("key");
    hmacSha256(random.bytes(64), random.bytes(3000));
    expect(hmacSha256(key)).to.deep.equal(hmac(nobleSha256, key, new Uint8Array()));
  });

  it("given a key of more than a block, refuse it", () => {
    expect(() => hmacSha256(new Uint8Array(65), key32)).to.throw(RangeError);
  });
});

const key32 = new Uint8Array(32);
