import { expect } from "chai";
import { EncryptionKey, messageTable } from "../../src/sealed/elgamal.js";
import { lagrangeAtZero } from "../../src/sealed/polynomial.js";
import { inverse } from "../../src/sealed/scalars.js";
import { combinePartials, PartialDecryptor, verifyPartial } from "../../src/sealed/threshold.js";
import { expectError } from "../support/errors.js";
import { committeeOf, runCeremony } from "./ceremony.js";
import { alterations, context, fast } from "./support.js";

const { group } = fast;

describe("threshold decryption", () => {
  const { shares } = runCeremony(committeeOf(5, 3));
  const key = shares[0]!;
  const encryption = new EncryptionKey(fast, key.publicKey);
  const ciphertext = encryption.encrypt(4711n);
  const partials = shares.map((s) => new PartialDecryptor(fast, s).decrypt(ciphertext, context));
  const table = messageTable(fast, 20_000);
  const range = { lo: 0n, hi: 1n << 20n };
  const open = (chosen: typeof partials) =>
    combinePartials({ system: fast, key, ciphertext, context, partials: chosen });

  it("works with any three of five trustees", () => {
    for (const numbers of [
      [1, 2, 3],
      [5, 1, 4],
      [2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]) {
      const { message, cheaters } = open(numbers.map((j) => partials[j - 1]!));
      expect(table.solve(message, range)).to.equal(4711n);
      expect(cheaters).to.deep.equal([]);
    }
  });

  it("does not work with two, nor with one of them counted twice", () => {
    expectError(() => open(partials.slice(0, 2)), "sealed/too-few-partials");
    expectError(() => open([partials[0]!, partials[1]!, partials[1]!]), "sealed/too-few-partials");
    expectError(() => open([]), "sealed/too-few-partials");
  });

  it("tells two trustees nothing: what they compute together is not the message", () => {
    const two = [1n, 2n];
    const sum = group.multiScalarMul(
      partials.slice(0, 2).map((p) => p.point),
      lagrangeAtZero(two),
    );
    const guess = group.sub(ciphertext.c2, sum);
    expectError(() => table.solve(guess, range), "algebra/discrete-log-out-of-range");
    // Every value is possible for them: for each there is a third share that would give it.
    const message = group.mul(fast.messageBase, 99n);
    const needed = group.sub(ciphertext.c2, message);
    const [l1, l2, l3] = lagrangeAtZero([1n, 2n, 3n]) as [bigint, bigint, bigint];
    const known = group.multiScalarMul(
      partials.slice(0, 2).map((p) => p.point),
      [l1, l2],
    );
    const third = group.mul(group.sub(needed, known), inverse(l3));
    expect(group.equals(group.add(known, group.mul(third, l3)), needed)).to.equal(true);
  });

  it("names the trustee who answers with something else, and goes on with the others", () => {
    const wrong = { ...partials[1]!, point: group.add(partials[1]!.point, group.generator) };
    const chosen = [partials[0]!, wrong, partials[2]!, partials[4]!];
    const { message, cheaters } = open(chosen);
    expect(cheaters).to.deep.equal([2]);
    expect(table.solve(message, range)).to.equal(4711n);
    const error = expectError(() => open(chosen.slice(0, 3)), "sealed/too-few-partials");
    expect(error.details.cheaters).to.equal("2");
  });

  it("refuses an answer with any altered part, of another trustee, ciphertext or request", () => {
    const good = partials[0]!;
    const check = (p: typeof good, c = ciphertext, where = context): boolean =>
      verifyPartial({ system: fast, key, ciphertext: c, context: where, partial: p });
    expect(check(good)).to.equal(true);
    for (const { path, altered } of alterations(fast, good)) {
      expect(check(altered), path).to.equal(false);
    }
    expect(check({ ...good, trustee: 2 })).to.equal(false);
    expect(check({ ...good, trustee: 6 })).to.equal(false);
    expect(check(good, encryption.encrypt(4711n))).to.equal(false);
    expect(check(good, ciphertext, new Uint8Array())).to.equal(false);
  });

  it("does not start with a share that is not of the key", () => {
    const share = { ...shares[0]!, secret: 5n };
    expectError(() => new PartialDecryptor(fast, share), "sealed/bad-share");
  });
});
