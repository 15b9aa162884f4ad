import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  ed25519KeyPair,
  sharedSecret,
  sign,
  verify,
  x25519KeyPair,
} from "../../src/envelope/curve25519.js";
import {
  defaultQuorum,
  enrol,
  fixRoster,
  indexOf,
  type Enrolment,
  type RosterTerms,
} from "../../src/aggregation/index.js";
import {
  decodeMemberSecrets,
  encodeMemberSecrets,
  termsContext,
} from "../../src/aggregation/roster.js";
import { sized } from "../../src/aggregation/tags.js";
import { signLetter } from "../../src/envelope/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const terms: RosterTerms = {
  group: "feeder-1",
  version: 1,
  aggregatorKey: ed25519KeyPair().publicKey,
  maxValue: 1_000_000n,
  quorum: 2,
};
const enrolments = ["c", "a", "b"].map((member) => enrol(terms, member).enrolment);

function register(of: readonly Enrolment[]): Map<string, Uint8Array> {
  return new Map(of.map((e) => [e.member, e.identityKey]));
}

describe("roster", () => {
  it("is the same for each member that fixes it, with the enrolments in any order", () => {
    const roster = fixRoster(terms, enrolments, register(enrolments));
    const again = fixRoster(terms, [...enrolments].reverse(), register(enrolments));
    expect(roster.members.map((m) => m.member)).to.deep.equal(["a", "b", "c"]);
    expect(again.hash).to.deep.equal(roster.hash);
    expect(indexOf(roster, "c")).to.equal(2);
    expectError(() => indexOf(roster, "d"), "aggregation/not-in-roster");
  });

  it("has another hash when any term or any member's key is another", () => {
    const hashes = new Set<string>();
    const add = (t: RosterTerms): void => {
      const members = ["a", "b", "c"].map((m) => enrol(t, m).enrolment);
      hashes.add(String(fixRoster(t, members, register(members)).hash));
    };
    add(terms);
    add(terms);
    add({ ...terms, version: 2 });
    add({ ...terms, quorum: 3 });
    expect(hashes.size).to.equal(4);
    const roster = fixRoster(terms, enrolments, register(enrolments));
    const fewer = fixRoster(terms, enrolments.slice(1), register(enrolments));
    expect(fewer.hash).not.to.deep.equal(roster.hash);
  });

  it("refuses an enrolment altered in any field, or signed for other terms", () => {
    const [first, ...rest] = enrolments;
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((b, i) => (i === 7 ? b ^ 1 : b));
    for (const altered of [
      { ...first!, agreementKey: flip(first!.agreementKey) },
      { ...first!, encapsulationKey: flip(first!.encapsulationKey) },
      { ...first!, signature: flip(first!.signature) },
      { ...first!, signature: new Uint8Array(0) },
      { ...first!, member: "x" },
    ]) {
      const known = new Map([...register(enrolments), ["x", first!.identityKey]]);
      expectError(() => fixRoster(terms, [altered, ...rest], known), "aggregation/bad-enrolment");
    }
    for (const other of [
      { ...terms, group: "feeder-2" },
      { ...terms, version: 2 },
      { ...terms, aggregatorKey: ed25519KeyPair().publicKey },
      { ...terms, maxValue: 2_000_000n },
      { ...terms, quorum: 3 },
    ]) {
      expectError(
        () => fixRoster(other, enrolments, register(enrolments)),
        "aggregation/bad-enrolment",
      );
    }
  });

  it("refuses whom the register does not know under that key", () => {
    const known = register(enrolments);
    expectError(
      () => fixRoster(terms, [...enrolments, enrol(terms, "invented").enrolment], known),
      "aggregation/not-registered",
    );
    expectError(
      () => fixRoster(terms, [...enrolments.slice(1), enrol(terms, "c").enrolment], known),
      "aggregation/not-registered",
    );
  });

  it("refuses one member twice, under one name or one key", () => {
    const known = register(enrolments);
    expectError(
      () => fixRoster(terms, [...enrolments, enrolments[0]!], known),
      "aggregation/duplicate-member",
    );
    const identity = ed25519KeyPair();
    const twins = ["t", "u"].map((m) => enrol(terms, m, identity).enrolment);
    expectError(() => fixRoster(terms, twins, register(twins)), "aggregation/duplicate-member");
  });

  it("given a member that signs another's agreement key as its own, then there is no roster", () => {
    const victim = enrolments[0]!;
    const identity = ed25519KeyPair();
    const own = enrol(terms, "d", identity).enrolment;
    const copy = { ...own, agreementKey: victim.agreementKey };
    const name = sized(utf8ToBytes("d"));
    const signature = signLetter(
      {
        system: "aggregation",
        kind: "enrolment",
        context: termsContext(terms),
        sequence: 1n,
        body: concatBytes(name, copy.agreementKey, copy.encapsulationKey),
      },
      identity,
    );
    const all = [...enrolments, { ...copy, signature }];
    const error = expectError(
      () => fixRoster(terms, all, register(all)),
      "aggregation/duplicate-member",
    );
    expect(error.message).to.contain("key");
    fixRoster(terms, [...enrolments, own], register(all));
  });

  it("given a member's secrets in its store, then they come back as they were, and cut short they do not", () => {
    const { secrets } = enrol(terms, "a");
    const bytes = encodeMemberSecrets(secrets);
    expect(encodeMemberSecrets(decodeMemberSecrets(bytes))).to.deep.equal(bytes);
    expectError(() => decodeMemberSecrets(bytes.subarray(0, 40)), "aggregation/bad-length");
  });

  it("refuses groups that are too small, names that are empty, and impossible terms", () => {
    const known = register(enrolments);
    expectError(
      () => fixRoster(terms, enrolments.slice(1, 2), known),
      "aggregation/group-too-small",
    );
    expectError(() => enrol(terms, ""), "aggregation/bad-terms");
    expectError(() => enrol(terms, "é".repeat(501)), "aggregation/bad-terms");
    for (const quorum of [1, 4, 2.5]) {
      expectError(
        () => fixRoster({ ...terms, quorum }, enrolments, known),
        "aggregation/bad-terms",
      );
    }
    expectError(
      () => fixRoster({ ...terms, maxValue: 1n << 82n }, enrolments, known),
      "aggregation/range-too-large",
    );
  });

  it("asks for four fifths of the group by default", () => {
    expect([2, 3, 4, 99, 100].map(defaultQuorum)).to.deep.equal([2, 3, 4, 80, 80]);
  });
});

describe("curve25519 of Node", () => {
  it("signs and verifies as noble does", () => {
    const random = new TestRandom("ed25519");
    const secret = random.bytes(32);
    const key = ed25519KeyPair(secret);
    expect(key.publicKey).to.deep.equal(ed25519.getPublicKey(secret));
    const message = random.bytes(100);
    const signature = sign(message, key);
    expect(signature).to.deep.equal(ed25519.sign(message, secret));
    expect(verify(signature, message, key.publicKey)).to.equal(true);
    expect(verify(signature, random.bytes(100), key.publicKey)).to.equal(false);
    expect(verify(signature.slice(1), message, key.publicKey)).to.equal(false);
    expect(verify(signature, message, new Uint8Array(31))).to.equal(false);
  });

  it("agrees on the secret of RFC 7748, section 6.1", () => {
    const alice = x25519KeyPair(
      hexToBytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
    );
    const bob = x25519KeyPair(
      hexToBytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
    );
    const expected = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    expect(bytesToHex(sharedSecret(alice, bob.publicKey)!)).to.equal(expected);
    expect(bytesToHex(sharedSecret(bob, alice.publicKey)!)).to.equal(expected);
  });

  it("agrees on secrets as noble does", () => {
    const random = new TestRandom("x25519");
    const [a, b] = [random.bytes(32), random.bytes(32)];
    expect(sharedSecret(x25519KeyPair(a), x25519.getPublicKey(b))).to.deep.equal(
      x25519.getSharedSecret(b, x25519KeyPair(a).publicKey),
    );
  });

  it("refuses keys of low order and wrong length", () => {
    const own = x25519KeyPair();
    expect(sharedSecret(own, new Uint8Array(32))).to.equal(null);
    expect(
      sharedSecret(
        own,
        Uint8Array.from({ length: 32 }, (_, i) => Number(i === 0)),
      ),
    ).to.equal(null);
    expect(sharedSecret(own, new Uint8Array(31))).to.equal(null);
  });
});
