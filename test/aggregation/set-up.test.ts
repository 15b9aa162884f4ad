import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { expect } from "chai";
import {
  agreeGroup,
  decodeEnrolment,
  decodeIntroduction,
  decodeKeyShare,
  ed25519KeyPair,
  encodeEnrolment,
  encodeIntroduction,
  encodeKeyShare,
  enrol,
  fixRoster,
  KeyAgreement,
  KeyCollector,
  keyContext,
  KeySum,
  makeKeyShare,
  openStream,
  type AgreedGroup,
  type Introduction,
  type MemberSecrets,
  type PairwiseSecrets,
  type Roster,
} from "../../src/aggregation/index.js";
import { maskKey } from "../../src/aggregation/key-share.js";
import { sharedSecret, sign, signLetter } from "../../src/envelope/index.js";
import { intToBytes } from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { seededKey } from "./seeded-key.js";

const maxValue = 1_000_000n;

describe("key set-up", () => {
  let agreed: AgreedGroup;
  let roster: Roster;
  let secrets: MemberSecrets[];
  let agreements: KeyAgreement[];
  let introductions: Introduction[];

  before(async () => {
    agreed = await agreeGroup({ group: "g", members: ["a", "b", "c", "d", "e"], maxValue });
    roster = agreed.roster;
    secrets = agreed.members.map((m) => m.secrets);
    agreements = secrets.map((s, i) => new KeyAgreement({ roster, index: i, secrets: s }));
    introductions = agreements.map((a) => a.introduction);
  });

  it("gives each pair one secret, and each pair another", () => {
    const seen = new Set<string>();
    agreed.members.forEach(({ pairwise }, i) => {
      expect(pairwise[i]).to.equal(null);
      agreed.members.forEach((other, j) => {
        if (i === j) return;
        expect(pairwise[j]).to.deep.equal(other.pairwise[i]).and.have.length(32);
        seen.add(String(pairwise[j]));
      });
    });
    expect(seen.size).to.equal(10);
  });

  it("derives other secrets from every new agreement", () => {
    // The same keys and roster, fresh encapsulations.
    const fresh = agreements.map((a) => a.finish(introductions));
    expect(fresh[0]![1]).to.deep.equal(fresh[1]![0]);
    expect(fresh[0]![1]).not.to.deep.equal(agreed.members[0]!.pairwise[1]);
  });

  it("derives other secrets when only the ML-KEM secret is another", () => {
    const [first, second] = secrets as [MemberSecrets, MemberSecrets];
    // Member 1 opens the same encapsulation with another key, which gives it another secret.
    const { decapsulationKey } = first;
    const wrong = new KeyAgreement({ roster, index: 1, secrets: { ...second, decapsulationKey } });
    expect(wrong.finish(introductions)[0]).not.to.deep.equal(agreements[0]!.finish([])[1]);
  });

  it("derives other secrets when only the X25519 part is another", () => {
    const [first, second] = secrets as [MemberSecrets, MemberSecrets];
    // Member 1 holds another X25519 secret than the one it enrolled: ML-KEM still agrees.
    const wrong = new KeyAgreement({
      roster,
      index: 1,
      secrets: { ...second, agreement: first.agreement },
    });
    expect(wrong.finish(introductions)[0]).not.to.deep.equal(agreements[0]!.finish([])[1]);
  });

  it("refuses introductions that are missing, altered, redirected or of another roster", async () => {
    const last = agreements[4]!;
    expectError(() => last.finish(introductions.slice(1)), "aggregation/missing-introduction");
    const [first, ...rest] = introductions;
    const swapped = [...first!.encapsulations].reverse();
    const cut = first!.encapsulations.slice(1);
    for (const bad of [
      { ...first!, encapsulations: swapped },
      { ...first!, encapsulations: cut },
      { ...first!, from: 0, signature: introductions[1]!.signature },
    ]) {
      expectError(() => last.finish([bad, ...rest]), "aggregation/bad-introduction");
    }
    const other = await agreeGroup({ group: "h", members: ["a", "b", "c", "d", "e"], maxValue });
    const foreign = new KeyAgreement({ roster: other.roster, index: 0, secrets: secrets[0]! })
      .introduction;
    expectError(() => last.finish([foreign, ...rest]), "aggregation/wrong-roster");
  });

  it("refuses an introduction whose encapsulation is signed but malformed", () => {
    const malformed = new Uint8Array(3);
    const letter = {
      system: "aggregation",
      kind: "introduction",
      context: roster.hash,
      sequence: 3n,
      body: malformed,
    } as const;
    const rogue: Introduction = {
      rosterHash: roster.hash,
      from: 3,
      encapsulations: [malformed],
      signature: signLetter(letter, secrets[3]!.identity),
    };
    expectError(
      () => agreements[4]!.finish([...introductions.slice(0, 3), rogue]),
      "aggregation/bad-introduction",
    );
  });

  it("refuses members whose agreement keys are malformed or of low order", () => {
    const terms = { ...roster };
    const identity = ed25519KeyPair();
    const honest = enrol(terms, "a");
    for (const fault of [
      { agreementKey: new Uint8Array(32) },
      { encapsulationKey: new Uint8Array(1184).fill(255) },
    ]) {
      const { enrolment } = enrol(terms, "b", identity);
      const altered = { ...enrolment, ...fault };
      const members = [honest.enrolment, altered];
      const forged: Roster = { ...roster, size: 2, members };
      expectError(
        () => new KeyAgreement({ roster: forged, index: 0, secrets: honest.secrets }).finish([]),
        "aggregation/bad-enrolment",
      );
    }
  });

  it("travels as signed messages", () => {
    const { members, ...terms } = { ...roster };
    const enrolment = members[0]!;
    expect(decodeEnrolment(terms, encodeEnrolment(terms, enrolment))).to.deep.equal(enrolment);
    for (const introduction of introductions) {
      const bytes = encodeIntroduction(roster, introduction);
      expect(decodeIntroduction(roster, bytes)).to.deep.equal(introduction);
    }
    const key = seededKey(new TestRandom("travelling"));
    const { pairwise, secrets: own } = agreed.members[2]!;
    const place = { roster, context: keyContext(roster, "load-wh", 1) };
    const share = makeKeyShare({
      context: place.context,
      index: 2,
      key,
      pairwise,
      identity: own.identity,
    });
    expect(decodeKeyShare(place, encodeKeyShare(roster, share))).to.deep.equal(share);
    expectError(
      () => decodeEnrolment(terms, encodeKeyShare(roster, share)),
      "envelope/wrong-place",
    );
    expectError(
      () => decodeKeyShare(place, encodeEnrolment(terms, enrolment)),
      "envelope/wrong-place",
    );
    expectError(
      () => decodeIntroduction(roster, encodeEnrolment(terms, enrolment)),
      "envelope/wrong-place",
    );
  });

  it("given another encapsulation, roster or pair, then the pair has another secret", () => {
    const curve = sharedSecret(secrets[0]!.agreement, roster.members[1]!.agreementKey)!;
    const [encapsulation] = introductions[0]!.encapsulations;
    const kem = ml_kem768.decapsulate(encapsulation!, secrets[1]!.decapsulationKey);
    // The derivation as the documents have it, made again.
    const derive = (salt: Uint8Array, pair: number[], sealed: Uint8Array): string => {
      const tag = utf8ToBytes("sipster/aggregation/pairwise-secret@1");
      const info = concatBytes(
        intToBytes(tag.length, 2),
        tag,
        ...pair.map((i) => intToBytes(i, 4)),
        sha256(sealed),
      );
      return String(hkdf(sha256, concatBytes(curve, kem), salt, info, 32));
    };
    const secret = String(agreements[1]!.finish(introductions)[0]);
    expect(secret).to.equal(derive(roster.hash, [0, 1], encapsulation!));
    for (const other of [
      derive(new Uint8Array(32), [0, 1], encapsulation!),
      derive(roster.hash, [1, 0], encapsulation!),
      derive(roster.hash, [0, 1], introductions[0]!.encapsulations[1]!),
    ]) {
      expect(other).not.to.equal(secret);
    }
  });

  it("lets the aggregator learn the sum of the keys", () => {
    const context = keyContext(roster, "load-wh", 1);
    const random = new TestRandom("keys");
    const keys = secrets.map(() => seededKey(random));
    const collector = new KeyCollector(roster, context);
    const expected = new KeySum();
    keys.forEach((key, i) => {
      expectError(() => collector.total(), "aggregation/members-missing");
      const { secrets: own, pairwise } = agreed.members[i]!;
      collector.add(makeKeyShare({ context, index: i, key, pairwise, identity: own.identity }));
      expected.add(key);
    });
    expect(collector.total()).to.deep.equal(expected.total());
  });

  it("shows nothing else: the sum over fewer members stays masked", () => {
    const context = keyContext(roster, "load-wh", 1);
    const random = new TestRandom("keys");
    const keys = secrets.map(() => seededKey(random));
    const masked = keys.map((key, i) =>
      maskKey({ context, index: i, key, pairwise: agreed.members[i]!.pairwise }),
    );
    for (let subset = 1; subset < 31; subset++) {
      const [clear, hidden] = [new KeySum(), new KeySum()];
      keys.forEach((key, i) => {
        if ((subset >> i) % 2 === 1) {
          clear.add(key);
          hidden.add(masked[i]!);
        }
      });
      expect(hidden.total(), `subset ${subset}`).not.to.deep.equal(clear.total());
    }
  });

  it("masks with other vectors in every epoch, stream and roster", () => {
    const key = seededKey(new TestRandom("one key"));
    const { pairwise } = agreed.members[0]!;
    const contexts = [
      keyContext(roster, "load-wh", 1),
      keyContext(roster, "load-wh", 2),
      keyContext(roster, "units", 1),
      keyContext({ ...roster, hash: new Uint8Array(32) }, "load-wh", 1),
    ];
    const masked = new Set(
      contexts.map((c) => String(maskKey({ context: c, index: 0, key, pairwise }))),
    );
    expect(masked.size).to.equal(4);
  });

  it("refuses key shares that are forged, repeated or of another epoch", () => {
    const context = keyContext(roster, "load-wh", 1);
    const key = seededKey(new TestRandom("share"));
    const pairwise: PairwiseSecrets = agreed.members[0]!.pairwise;
    const share = makeKeyShare({
      context,
      index: 0,
      key,
      pairwise,
      identity: secrets[0]!.identity,
    });
    const collector = new KeyCollector(roster, context);
    expectError(() => {
      collector.add(
        makeKeyShare({
          context: keyContext(roster, "load-wh", 2),
          index: 0,
          key,
          pairwise,
          identity: secrets[0]!.identity,
        }),
      );
    }, "aggregation/wrong-roster");
    for (const bad of [
      { ...share, member: 1 },
      { ...share, member: 9 },
      { ...share, signature: sign(new Uint8Array(4), secrets[0]!.identity) },
      { ...share, masked: key },
    ]) {
      expectError(() => {
        collector.add(bad);
      }, "aggregation/bad-key-share");
    }
    collector.add(share);
    expectError(() => {
      collector.add(share);
    }, "aggregation/bad-key-share");
  });

  it("serves several streams and epochs from one agreement", async () => {
    for (const epoch of [1, 2]) {
      const { members, aggregator } = await openStream(agreed, { stream: "load-wh", epoch });
      await aggregator.openLabel(1n);
      await aggregator.take(await Promise.all(members.map((m) => m.encrypt(1n, 10n))));
      expect((await aggregator.close(1n)).sum).to.equal(50n);
    }
  });

  it("gives members whose rosters differ nothing in common", () => {
    const terms = { ...roster, quorum: 2 };
    const all = ["a", "b", "c"].map((m) => enrol(terms, m));
    const of = (members: typeof all): Roster =>
      fixRoster(
        terms,
        members.map((m) => m.enrolment),
        new Map(members.map((m) => [m.enrolment.member, m.enrolment.identityKey])),
      );
    const three = of(all);
    const two = of(all.slice(0, 2));
    // b accepts a's introduction only if both hold one roster.
    const introduction = new KeyAgreement({ roster: two, index: 0, secrets: all[0]!.secrets })
      .introduction;
    expectError(
      () =>
        new KeyAgreement({ roster: three, index: 1, secrets: all[1]!.secrets }).finish([
          introduction,
        ]),
      "aggregation/wrong-roster",
    );
  });
});
