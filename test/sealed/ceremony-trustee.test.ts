import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { intToBytes } from "../../src/algebra/index.js";
import { isEquivocation, readEnvelope, seal } from "../../src/envelope/index.js";
import {
  decodeDealing,
  encodeDealing,
  encodeDisclosures,
} from "../../src/sealed/ceremony-messages.js";
import { CeremonyTrustee } from "../../src/sealed/ceremony-trustee.js";
import { createCommittee } from "../../src/sealed/committee.js";
import {
  deal,
  disclose,
  drawDealerSecrets,
  openShare,
  type Dealing,
} from "../../src/sealed/dealing.js";
import type { KeyShare } from "../../src/sealed/key-share.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { committeeOf } from "./ceremony.js";
import { fast, n } from "./support.js";

type Messages = readonly Uint8Array[];
type Set = ReturnType<typeof committeeOf>;

function trusteesOf({ members, committee }: Set, stores: readonly Store[]): CeremonyTrustee[] {
  return members.map(
    (self, i) => new CeremonyTrustee({ system: fast, committee, index: i + 1, self }, stores[i]!),
  );
}

function newStores(count: number): MemoryStore[] {
  return Array.from({ length: count }, () => new MemoryStore());
}

/** Alters what arrives of one step. */
type Tampering = Partial<
  Record<"dealings" | "complaints" | "extractions" | "transcripts", (sent: Messages) => Messages>
>;

async function run(trustees: readonly CeremonyTrustee[], tamper: Tampering = {}) {
  const all = <T>(step: (t: CeremonyTrustee) => Promise<T>): Promise<T[]> =>
    Promise.all(trustees.map(step));
  const same = (m: Messages): Messages => m;
  const dealings = (tamper.dealings ?? same)(await all((t) => t.deal()));
  const complaints = (tamper.complaints ?? same)(await all((t) => t.complain(dealings)));
  const extractions = (tamper.extractions ?? same)(await all((t) => t.extract(complaints)));
  const transcripts = (tamper.transcripts ?? same)(await all((t) => t.conclude(extractions)));
  return { sent: { dealings, complaints, extractions, transcripts }, transcripts };
}

async function shares(trustees: readonly CeremonyTrustee[], transcripts: Messages) {
  return Promise.all(trustees.map((t) => t.finish(transcripts)));
}

function expectSameKey(all: readonly KeyShare[]): void {
  for (const share of all) {
    expect(fast.group.equals(share.publicKey, all[0]!.publicKey)).to.equal(true);
  }
}

describe("a trustee in a key ceremony between machines", () => {
  it("given four trustees, when they take all steps, then they hold shares of one key, and keep them", async () => {
    const set = committeeOf(4, 3);
    const stores = newStores(4);
    const trustees = trusteesOf(set, stores);
    const { transcripts } = await run(trustees);
    const first = await shares(trustees, transcripts);
    expectSameKey(first);
    const again = await shares(trusteesOf(set, stores), []);
    expect(again.map((s) => s.secret)).to.deep.equal(first.map((s) => s.secret));
    for (const store of stores) {
      const left = await store.transaction((tx) => tx.list("sealed/ceremony"));
      expect(left.filter(([key]) => key.endsWith("/secrets"))).to.deep.equal([]);
    }
  });

  it("given a trustee that starts again before any step, then it sends the same bytes again", async () => {
    const set = committeeOf(3, 2);
    const stores = newStores(3);
    const { sent, transcripts } = await run(trusteesOf(set, stores));
    const restarted = trusteesOf(set, stores)[0]!;
    const steps = [
      [await restarted.deal(), sent.dealings],
      [await restarted.complain([]), sent.complaints],
      [await restarted.extract([]), sent.extractions],
      [await restarted.conclude([]), sent.transcripts],
    ] as const;
    for (const [message, all] of steps) expect(message).to.deep.equal(all[0]);
    expect((await restarted.finish(transcripts)).index).to.equal(1);
  });

  it("given a step before its turn, then it is refused", async () => {
    const [trustee] = trusteesOf(committeeOf(2, 2), newStores(2));
    await expectRejection(trustee!.complain([]), "sealed/wrong-stage");
    await trustee!.deal();
    await expectRejection(trustee!.extract([]), "sealed/wrong-stage");
    await expectRejection(trustee!.finish([]), "sealed/wrong-stage");
  });

  it("given a dealing and a complaint in another trustee's name, then both are as good as not sent", async () => {
    const set = committeeOf(4, 3);
    const trustees = trusteesOf(set, newStores(4));
    const { context } = set.committee;
    const cheat = set.members[3]!;
    const forged = (kind: "dealing" | "complaints", body: Uint8Array): Uint8Array => {
      const message = seal({ system: "sealed", kind, context, sequence: 0n, body }, cheat.identity);
      // The sender's field says trustee 1.
      message.set(set.members[0]!.identityKey, 35);
      return message;
    };
    const secrets = drawDealerSecrets(3, "generate");
    const inItsName = deal(fast, set.committee, { dealer: 1, kind: "generate", secrets });
    const { transcripts } = await run(trustees, {
      dealings: (sent) => [forged("dealing", encodeDealing(fast, inItsName)), ...sent],
      complaints: (sent) => [
        forged(
          "complaints",
          encodeDisclosures(fast, [
            disclose({
              system: fast,
              committee: set.committee,
              by: 4,
              member: cheat,
              dealing: inItsName,
            }),
          ]),
        ),
        ...sent,
      ],
    });
    expectSameKey(await shares(trustees, transcripts));
  });

  it("given a dealer that signs two dealings, then it has dealt nothing, and the two convict it", async () => {
    const set = committeeOf(4, 3);
    const trustees = trusteesOf(set, newStores(4));
    const { context } = set.committee;
    const secrets = drawDealerSecrets(3, "generate");
    const other = deal(fast, set.committee, { dealer: 2, kind: "generate", secrets });
    const body = encodeDealing(fast, other);
    const second = seal(
      { system: "sealed", kind: "dealing", context, sequence: 0n, body },
      set.members[1]!.identity,
    );
    const { sent, transcripts } = await run(trustees, { dealings: (all) => [...all, second] });
    expect(isEquivocation(sent.dealings[1]!, second)).to.equal(true);
    expectSameKey(await shares(trustees, transcripts));
  });

  it("given trustees who were shown different boards, then none of them uses the key", async () => {
    const set = committeeOf(4, 3);
    const trustees = trusteesOf(set, newStores(4));
    const dealings = await Promise.all(trustees.map((t) => t.deal()));
    // Trustee 1 does not see the dealing of trustee 4.
    const complaints = await Promise.all(
      trustees.map((t, i) => t.complain(i === 0 ? dealings.slice(0, 3) : dealings)),
    );
    const extractions = await Promise.all(trustees.map((t) => t.extract(complaints)));
    // Each proof is bound to the dealings that its author accepted.
    for (const trustee of trustees) {
      await expectRejection(trustee.conclude(extractions), "sealed/bad-extraction");
    }
  });

  it("given trustees who saw different complaints, then none of them uses the key", async () => {
    const set = committeeOf(4, 3);
    const trustees = trusteesOf(set, newStores(4));
    const dealings = await Promise.all(trustees.map((t) => t.deal()));
    const complaints = await Promise.all(trustees.map((t) => t.complain(dealings)));
    // Trustee 4 complains about nothing to one half, and falsely to the other.
    const { context } = set.committee;
    const read = decodeDealing(
      { system: fast, committee: set.committee, kind: "generate" },
      1,
      readEnvelope(dealings[0]!).body,
    );
    const body = encodeDisclosures(fast, [
      disclose({
        system: fast,
        committee: set.committee,
        by: 4,
        member: set.members[3]!,
        dealing: read,
      }),
    ]);
    const letter = { system: "sealed", kind: "complaints", context, sequence: 0n, body } as const;
    const other = complaints.with(3, seal(letter, set.members[3]!.identity));
    const extractions = await Promise.all(
      trustees.map((t, i) => t.extract(i < 2 ? complaints : other)),
    );
    const transcripts = await Promise.all(trustees.map((t) => t.conclude(extractions)));
    for (const trustee of trustees) {
      await expectRejection(trustee.finish(transcripts), "sealed/transcripts-differ");
    }
  });

  it("given one signature under the transcript missing, then the key is not used", async () => {
    const trustees = trusteesOf(committeeOf(4, 3), newStores(4));
    const { transcripts } = await run(trustees);
    for (const missing of [0, 1, 2, 3]) {
      const error = await expectRejection(
        trustees[0]!.finish(transcripts.filter((_, i) => i !== missing)),
        "sealed/transcripts-differ",
      );
      expect(error.details).to.deep.equal({ trustees: `${missing + 1}` });
    }
    await trustees[0]!.finish(transcripts);
  });

  it("given a channel that loses a trustee's own complaint, then it still refuses the bad share", async () => {
    const set = committeeOf(4, 3);
    const trustees = trusteesOf(set, newStores(4));
    const { context } = set.committee;
    const { identity } = set.members[1]!;
    const spoiled = (sent: Messages): Messages => {
      const body = Uint8Array.from(sent[1]!.subarray(79, sent[1]!.length - 64));
      body[body.length - 64 * 4]! ^= 1;
      return sent.with(
        1,
        seal({ system: "sealed", kind: "dealing", context, sequence: 0n, body }, identity),
      );
    };
    const attempt = run(trustees, { dealings: spoiled, complaints: (sent) => sent.slice(1) });
    await expectRejection(attempt, "sealed/bad-extraction");
  });

  it("given any bit of any message flipped, then no key comes of it that one trustee alone holds", async () => {
    for (const step of ["dealings", "extractions", "transcripts"] as const) {
      for (const bit of [3, 40, 300, 600, 700, 1200]) {
        const trustees = trusteesOf(committeeOf(2, 2), newStores(2));
        const flip = (sent: Messages): Messages => {
          const message = Uint8Array.from(sent[1]!);
          message[(bit >> 3) % message.length]! ^= 1 << (bit & 7);
          return sent.with(1, message);
        };
        let code = "finished";
        try {
          const { transcripts } = await run(trustees, { [step]: flip });
          await shares(trustees, transcripts);
        } catch (error) {
          code = (error as { code: string }).code;
        }
        expect(code, `${step}, bit ${bit}`).to.be.oneOf([
          "sealed/too-few-dealers",
          "sealed/bad-extraction",
          "sealed/transcripts-differ",
        ]);
      }
    }
  });
});

describe("a share on its way", () => {
  const { members, committee } = committeeOf(3, 2);
  /** f(1), f(2), f(3) are 2, 3 and 4, and so are those of the other polynomial. */
  const secrets = { a: [1n, 1n], b: [1n, 1n], rho: 99n };
  const dealing = deal(fast, committee, { dealer: 1, kind: "generate", secrets });
  const keyTo = (j: number) => fast.group.mul(members[j - 1]!.exchangeKey, secrets.rho);

  /** The pad as the documents have it, made again. */
  function pad(to: number, number: number): Uint8Array {
    const seed = concatBytes(committee.context, Uint8Array.of(1, to), fast.group.encode(keyTo(to)));
    return keccak_256(concatBytes(seed, Uint8Array.of(number)));
  }

  it("is under a pad bound to committee, dealer, receiver and key", () => {
    for (const to of [1, 2, 3]) {
      const plain = dealing.shares[to - 1]!.map((byte, i) => byte ^ pad(to, i >> 5)[i & 31]!);
      const value = intToBytes(BigInt(to) + 1n, 32);
      expect(plain).to.deep.equal(concatBytes(value, value));
    }
  });

  it("given a share or blinding that is not below the order, then it is none", () => {
    const open = (value: bigint, blinding: bigint): unknown => {
      const plain = concatBytes(intToBytes(value, 32), intToBytes(blinding, 32));
      const share = plain.map((byte, i) => byte ^ pad(2, i >> 5)[i & 31]!);
      const altered: Dealing = { ...dealing, shares: dealing.shares.with(1, share) };
      return openShare({
        system: fast,
        committee,
        kind: "generate",
        dealing: altered,
        to: 2,
        key: keyTo(2),
      });
    };
    expect(open(3n, 3n)).to.deep.equal({ value: 3n, blinding: 3n });
    expect(open(3n + n, 3n)).to.equal(null);
    expect(open(3n, 3n + n)).to.equal(null);
    expect(open(4n, 3n)).to.equal(null);
    expect(open(3n, 4n)).to.equal(null);
  });

  it("given another committee's key or number, then nothing can be read", () => {
    const again = createCommittee(fast, { name: "again", threshold: 2, members });
    expect(
      openShare({
        system: fast,
        committee: again,
        kind: "generate",
        dealing,
        to: 2,
        key: keyTo(2),
      }),
    ).to.equal(null);
    expect(
      openShare({ system: fast, committee, kind: "generate", dealing, to: 3, key: keyTo(2) }),
    ).to.equal(null);
  });
});
