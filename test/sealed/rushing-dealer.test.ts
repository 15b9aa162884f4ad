/**
 * The attack of a dealer that publishes last: t − 1 corrupt trustees, of whom one waits for everybody's
 * A_0 and then adds δ·Π(1 − X/j), over the honest j, to its own values. Every honest trustee's share still
 * fits what was published, and δ makes the sum of all A_0 the key that the attacker wants.
 */
import { expect } from "chai";
import { toleratedTrustees } from "../../src/sealed/committee.js";
import { verifyCoefficients } from "../../src/sealed/coefficient-proof.js";
import type { Extraction } from "../../src/sealed/extraction.js";
import { KeyCeremony } from "../../src/sealed/key-ceremony.js";
import { interpolate } from "../../src/sealed/polynomial.js";
import { powers } from "../../src/sealed/scalars.js";
import type { Point } from "../../src/sealed/system.js";
import { expectError } from "../support/errors.js";
import { committeeOf, runCeremony } from "./ceremony.js";
import { fast, n } from "./support.js";

const { group } = fast;

/** Π(1 − X/j) over the honest trustees, from the constant term 1 up. */
function vanishing(honest: readonly number[]): bigint[] {
  const points = honest.map((j) => ({ x: BigInt(j), y: 0n }));
  return interpolate([{ x: 0n, y: 1n }, ...points]);
}

function valueAt(coefficients: readonly Point[], x: number): Point {
  return group.multiScalarMul([...coefficients], powers(BigInt(x), coefficients.length));
}

/** The extractions with those of the last dealer shifted so that the key is `target`. */
function rush(
  extractions: readonly Extraction[],
  honest: readonly number[],
  target: Point,
): readonly Extraction[] {
  const own = extractions.at(-1)!;
  const sum = group.sum(extractions.map((e) => e.coefficients[0]!));
  const delta = group.sub(target, sum);
  const shift = vanishing(honest);
  const coefficients = own.coefficients.map((a, k) =>
    group.add(a, group.mul(delta, shift[k] ?? 0n)),
  );
  return extractions.with(-1, { ...own, coefficients });
}

describe("a dealer that rushes", () => {
  const sizes = Array.from({ length: 6 }, (_, i) => i + 1).flatMap((count) =>
    Array.from({ length: count }, (_, i) => [count, i + 1] as const),
  );
  for (const [count, threshold] of sizes) {
    if (toleratedTrustees(count, threshold) < 0) {
      it(`given ${threshold} of ${count}, then no committee is formed`, () => {
        expectError(() => committeeOf(count, threshold), "sealed/bad-committee");
      });
      continue;
    }
    const honest = Array.from({ length: count - threshold + 1 }, (_, i) => i + 1);
    // The shift has to vanish at every honest trustee and keep the degree below t.
    const isPossible = honest.length <= threshold - 1;

    it(`given ${threshold} of ${count}, when t − 1 trustees want to choose the key, then they cannot`, () => {
      const target = group.mul(group.generator, 1234567n);
      let changed: readonly Extraction[] = [];
      const attempt = (): unknown =>
        runCeremony(committeeOf(count, threshold), {
          rush: (sent) => {
            if (!isPossible) return sent;
            changed = rush(sent, honest, target);
            const [before, after] = [sent.at(-1)!.coefficients, changed.at(-1)!.coefficients];
            // What every honest trustee checked before there was a proof.
            for (const j of honest) {
              expect(group.equals(valueAt(before, j), valueAt(after, j))).to.equal(true);
            }
            const key = group.sum(changed.map((e) => e.coefficients[0]!));
            expect(group.equals(key, target)).to.equal(true);
            return changed;
          },
        });
      if (isPossible) {
        const error = expectError(attempt, "sealed/bad-extraction");
        expect(error.details).to.deep.equal({ trustees: `${count}` });
      } else attempt();
    });
  }

  it("given the sizes, then the attack exists for those with more than (n + 1)/2 needed", () => {
    const possible = sizes.filter(
      ([all, t]) => toleratedTrustees(all, t) >= 0 && all - t + 1 <= t - 1,
    );
    expect(possible).to.deep.equal([
      [2, 2],
      [3, 3],
      [4, 3],
      [4, 4],
      [5, 4],
      [5, 5],
      [6, 4],
      [6, 5],
      [6, 6],
    ]);
  });
});

describe("the proof of what was dealt", () => {
  const { members, committee } = committeeOf(2, 2);
  const trustees = members.map(
    (self, i) => new KeyCeremony({ system: fast, committee, index: i + 1, self }),
  );
  const dealings = trustees.map((t) => t.deal());
  for (const t of trustees) t.examine(dealings);
  const [first, second] = trustees.map((t) => t.extract([])!) as [Extraction, Extraction];
  const statement = {
    context: committee.context,
    dealer: 1,
    threshold: 2,
    dealings: new Uint8Array(32),
    commitments: dealings[0]!.commitments,
    coefficients: first.coefficients,
  };

  it("given another dealer's proof, another number of coefficients or other dealings, then it does not hold", () => {
    expect(verifyCoefficients(fast, statement, first.proof)).to.equal(false);
    expect(verifyCoefficients(fast, statement, second.proof)).to.equal(false);
    const short = { ...first.proof, y: first.proof.y.slice(1) };
    expect(verifyCoefficients(fast, statement, short)).to.equal(false);
    const fewer = { ...statement, coefficients: first.coefficients.slice(1) };
    expect(verifyCoefficients(fast, fewer, first.proof)).to.equal(false);
  });

  it("given an extraction with any part altered or taken from another, then the ceremony ends", () => {
    const { proof } = first;
    const g = group.generator;
    const altered: Extraction[] = [
      { ...first, coefficients: first.coefficients.slice(1) },
      { ...first, proof: second.proof },
      ...[0, 1].flatMap((k) => [
        { ...first, coefficients: first.coefficients.with(k, g) },
        { ...first, proof: { ...proof, t: proof.t.with(k, g) } },
        { ...first, proof: { ...proof, s: proof.s.with(k, g) } },
        { ...first, proof: { ...proof, y: proof.y.with(k, 1n) } },
        { ...first, proof: { ...proof, z: proof.z.with(k, 1n) } },
      ]),
    ];
    for (const extraction of altered) {
      const ceremony = new KeyCeremony({
        system: fast,
        committee,
        index: 2,
        self: members[1]!,
        secrets: trustees[1]!.secrets,
      });
      ceremony.deal();
      ceremony.examine(dealings);
      ceremony.extract([]);
      expectError(() => ceremony.conclude([extraction, second]), "sealed/bad-extraction");
    }
    trustees[0]!.conclude([first, second]);
  });

  it("given dealers whose secrets add up to zero, then the key is refused", () => {
    const set = committeeOf(2, 2);
    const both = set.members.map(
      (self, i) =>
        new KeyCeremony({
          system: fast,
          committee: set.committee,
          index: i + 1,
          self,
          secrets: {
            a: [i === 0 ? 5n : n - 5n, 7n],
            b: [3n, 4n],
            rho: 11n + BigInt(i),
          },
        }),
    );
    const dealt = both.map((t) => t.deal());
    for (const t of both) t.examine(dealt);
    const extractions = both.map((t) => t.extract([])!);
    expectError(() => both[0]!.conclude(extractions), "sealed/weak-key");
  });
});
