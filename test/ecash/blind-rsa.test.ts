import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  verify,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { bytesToInt } from "../../src/algebra/index.js";
import * as rsabssa from "../../src/ecash/blind-rsa/rsabssa.js";
import { coinChallenge, tokenInput, tokenKeyId } from "../../src/ecash/blind-rsa/token.js";
import { BlindRsa } from "../../src/ecash/index.js";
import { nodeRsaSigner } from "../../src/mint/index.js";
import { settlementSystem } from "../../src/sipster/index.js";
import { ecashLaws } from "./laws.js";

interface Vectors {
  readonly skS: string;
  readonly pkS: string;
  readonly vectors: readonly Record<
    "token_challenge" | "nonce" | "blind" | "salt" | "token_request" | "token_response" | "token",
    string
  >[];
}

const file = resolve(import.meta.dirname, "rfc9578-vectors.json");
const published = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const bytes = (hex: string): Uint8Array => getBytes(`0x${hex}`);
/** The modulus lies before the exponent of five bytes at the end of the key's encoding. */
const modulus = bytesToInt(bytes(published.pkS).subarray(-261, -5));

const system = settlementSystem(31337n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const denominations = [1, 10];
const pairs = new Map(
  denominations.map((d) => [d, generateKeyPairSync("rsa", { modulusLength: 2048 })]),
);
const keys = new Map(
  [...pairs].map(([d, { publicKey }]) => {
    const n = Buffer.from(publicKey.export({ format: "jwk" }).n!, "base64url");
    return [d, bytesToInt(new Uint8Array(n))];
  }),
);
const sign = nodeRsaSigner(new Map([...pairs].map(([d, { privateKey }]) => [d, privateKey])));
const start = (): BlindRsa => new BlindRsa({ system, mintKeyId: 3, keys, sign });

ecashLaws("RFC 9578 tokens", async () => ({
  start,
  denominations,
  mintKeyId: 3,
  sign: (message) => start().sign(message),
  wrongAnswers: (answer) => {
    const size = rsabssa.MODULUS_BYTES;
    const [first, second] = [answer.subarray(0, size), answer.subarray(size, 2 * size)];
    const rest = answer.subarray(2 * size);
    const flipped = Uint8Array.from(first);
    flipped[size - 1]! ^= 1;
    return {
      "a changed signature": concatBytes(flipped, second, rest),
      "two exchanged": concatBytes(second, first, rest),
      zero: concatBytes(new Uint8Array(size), second, rest),
      "above the modulus": concatBytes(new Uint8Array(size).fill(255), second, rest),
      "one missing": answer.subarray(size),
      "one too many": concatBytes(answer, first),
    };
  },
}));

describe("RFC 9578 tokens with public verification", () => {
  it("has vectors of the RFC to be compared with", () => {
    expect(published.vectors.length).to.be.at.least(2);
  });

  published.vectors.forEach((vector, i) => {
    it(`makes request, token and key id of the RFC's vector ${i}`, async () => {
      const challenge = bytes(vector.token_challenge);
      const input = tokenInput(bytes(vector.nonce), challenge, modulus);
      const blinded = rsabssa.blind(modulus, input, {
        r: bytesToInt(bytes(vector.blind)),
        salt: bytes(vector.salt),
      })!;
      const keyId = tokenKeyId(modulus);
      const request = concatBytes(Uint8Array.of(0, 2), keyId.subarray(-1), blinded.message);
      expect(hexlify(request)).to.equal(`0x${vector.token_request}`);

      const secret = createPrivateKey(Buffer.from(bytes(published.skS)).toString());
      const answer = await nodeRsaSigner(new Map([[1, secret]]))(1, blinded.message);
      expect(hexlify(answer)).to.equal(`0x${vector.token_response}`);
      expect(rsabssa.isSigned(modulus, blinded.message, answer)).to.equal(true);

      const authenticator = rsabssa.unblind(modulus, answer, blinded.inverse);
      expect(hexlify(concatBytes(input, authenticator))).to.equal(`0x${vector.token}`);
      expect(rsabssa.verify(modulus, input, authenticator)).to.equal(true);
    });
  });

  it("verifies exactly what OpenSSL verifies", () => {
    const [vector] = published.vectors;
    const token = bytes(vector!.token);
    const [input, authenticator] = [token.subarray(0, 98), token.subarray(98)];
    const secret = createPrivateKey(Buffer.from(bytes(published.skS)).toString());
    const key = createPublicKey(secret);
    const openssl = (message: Uint8Array, signature: Uint8Array): boolean =>
      verify(
        "sha384",
        message,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 },
        signature,
      );
    for (let i = 0; i < 256; i += 5) {
      const changed = Uint8Array.from(authenticator);
      changed[i]! ^= 1 << (i % 8);
      expect(rsabssa.verify(modulus, input, changed), `byte ${i}`).to.equal(
        openssl(input, changed),
      );
    }
    expect(openssl(input, authenticator)).to.equal(true);
    expect(rsabssa.verify(modulus, input, authenticator)).to.equal(true);
    expect(rsabssa.verify(modulus, input.subarray(1), authenticator)).to.equal(false);
  });

  it("given a blinding factor without an inverse, then nothing is blinded with it", () => {
    const [vector] = published.vectors;
    const input = bytes(vector!.token).subarray(0, 98);
    const salt = bytes(vector!.salt);
    const key = createPrivateKey(Buffer.from(bytes(published.skS)).toString());
    const p = Buffer.from(key.export({ format: "jwk" }).p!, "base64url");
    for (const r of [0n, modulus, bytesToInt(p)]) {
      expect(rsabssa.blind(modulus, input, { r, salt })).to.equal(null);
    }
  });

  it("binds coins to system, mint key and denomination by the challenge", () => {
    const elsewhere = settlementSystem(1n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
    const challenges = [
      coinChallenge(system, 3, 1),
      coinChallenge(system, 3, 10),
      coinChallenge(system, 4, 1),
      coinChallenge(elsewhere, 3, 1),
    ].map((c) => hexlify(c));
    expect(new Set(challenges).size).to.equal(4);
  });

  it("given a wallet or a payee: issues nothing, having no secret", async () => {
    const payee = new BlindRsa({ system, mintKeyId: 3, keys });
    const coins = [{ denomination: 1, number: 0 }];
    const { request } = payee.prepare(3, coins, new Uint8Array(32).fill(7));
    let code = "";
    try {
      await payee.issue(request);
    } catch (error) {
      code = (error as { code: string }).code;
    }
    expect(code).to.equal("ecash/no-mint-key");
  });
});
