import { resolve } from "node:path";
import { expect } from "chai";
import {
  agreeGroup,
  LABELS_PER_KEY,
  Member,
  openStream,
  sumLabel,
  writeDropSet,
  type AgreedGroup,
  type MemberPlace,
} from "../../src/aggregation/index.js";
import { SqliteStore, MemoryStore, type Store } from "../../src/store/index.js";
import { killWhen, startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";

const names = ["a", "b", "c"];

describe("member of a group", () => {
  const directory = temporaryDirectory();
  let agreed: AgreedGroup;

  before(async () => {
    agreed = await agreeGroup({ group: "g", members: names, maxValue: 1000n });
  });

  /** The first member of a new stream, and where it stands. */
  async function firstMember(stream: string, store: Store = new MemoryStore()) {
    const opened = await openStream(agreed, {
      stream,
      store: (i) => (i === 0 ? store : new MemoryStore()),
    });
    const { roster, context } = opened.aggregator;
    const { identity } = agreed.members[0]!.secrets;
    const place: MemberPlace = { roster, context, index: 0, identity, window: 0, now: () => 0 };
    return { member: opened.members[0]!, place, stream: opened };
  }

  it("uses a label once, and none before it afterwards", async () => {
    const { member } = await firstMember("once");
    await member.encrypt(10n, 1n);
    for (const label of [10n, 9n, 0n]) {
      await expectRejection(member.encrypt(label, 1n), "aggregation/label-used");
    }
    await member.encrypt(11n, 1n);
  });

  it("does not spend a label on a value that it refuses", async () => {
    const { member } = await firstMember("refused");
    for (const value of [-1n, 1001n]) {
      await expectRejection(member.encrypt(1n, value), "aggregation/value-out-of-range");
    }
    await member.encrypt(1n, 1000n);
  });

  it("refuses labels that are not integers of 64 bits", async () => {
    const { member } = await firstMember("range");
    for (const label of [-1n, 1n << 64n]) {
      await expectRejection(member.encrypt(label, 1n), "aggregation/label-out-of-range");
    }
  });

  it("serves label 2,976 and refuses label 2,977", async () => {
    expect(LABELS_PER_KEY).to.equal(2976);
    const { member } = await firstMember("cap");
    for (let label = 0n; label < 2976n; label++) await member.encrypt(label, 1n);
    await expectRejection(member.encrypt(2976n, 1n), "aggregation/key-spent");
    await expectRejection(member.encrypt(1n << 40n, 1n), "aggregation/key-spent");
  });

  it("has its key, its secrets and its mark after a restart", async () => {
    const path = resolve(directory(), "member");
    let store = await SqliteStore.open(path);
    const { member, place, stream } = await firstMember("restart", store);
    const values = new Map(names.map((m) => [m, 5n]));
    expect((await sumLabel({ stream, label: 7n, values })).sum).to.equal(15n);
    const { aggregator, members } = stream;
    await aggregator.openLabel(8n);
    await aggregator.openLabel(9n);
    const sent = await Promise.all(members.map((m) => m.encrypt(8n, 20n)));
    const dropSet = await (async () => {
      await aggregator.take(sent);
      await aggregator.abandon(8n);
      return writeDropSet({
        place: aggregator,
        label: 8n,
        missing: [],
        aggregator: agreed.aggregatorIdentity,
      });
    })();
    await member.see(dropSet);
    const share = await member.repair(8n);
    await store.close();

    store = await SqliteStore.open(path);
    const resumed = await Member.resume(place, store);
    await expectRejection(resumed.encrypt(8n, 5n), "aggregation/label-used");
    // The pairwise secrets are the same too, and so are the messages.
    expect(await resumed.repair(8n)).to.deep.equal(share);
    expect((await resumed.contributions()).at(-1)).to.deep.equal(sent[0]);
    // And the key is: a whole sum decodes.
    const last = [await resumed.encrypt(9n, 1n)];
    for (const m of members.slice(1)) last.push(await m.encrypt(9n, 2n));
    await aggregator.take(last);
    expect((await aggregator.close(9n)).sum).to.equal(5n);
    await store.close();
  });

  it("refuses to begin again where a key has a mark, and to go on where none has", async () => {
    const store = new MemoryStore();
    const { place } = await firstMember("again", store);
    await expectRejection(firstMember("again", store), "aggregation/state-exists");
    await expectRejection(Member.resume(place, new MemoryStore()), "aggregation/state-missing");
    await expectRejection(
      Member.resume({ ...place, index: 1 }, store),
      "aggregation/state-missing",
    );
  });

  it("keeps the marks of several streams in one store apart", async () => {
    const store = new MemoryStore();
    const [one, two] = [await firstMember("one", store), await firstMember("two", store)];
    await one.member.encrypt(5n, 1n);
    await two.member.encrypt(5n, 1n);
    await expectRejection(one.member.encrypt(5n, 1n), "aggregation/label-used");
  });

  it("gives no ciphertext when the mark cannot be kept", async () => {
    const store = new MemoryStore();
    const { member } = await firstMember("broken", store);
    await store.close();
    await expectRejection(member.encrypt(1n, 1n), "store/closed");
  });

  it("lets one of many concurrent calls have a label, from one object or several", async () => {
    const store = new MemoryStore();
    const { member, place } = await firstMember("concurrent", store);
    const second = await Member.resume(place, store);
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? member : second).encrypt(1n, 1n)),
    );
    expect(attempts.filter((a) => a.status === "fulfilled")).to.have.length(1);
  });

  it("never uses a label again after being killed at any point", async () => {
    const path = resolve(directory(), "killed");
    const script = resolve(import.meta.dirname, "encrypt-forever.ts");
    let highest = -1n;
    for (const lines of [3, 1, 7]) {
      const printed = await killWhen(startScript(script, [path]), (all) => all.length >= lines);
      const labels = printed.map((line) => BigInt(line));
      for (const label of labels) {
        expect(label > highest, `label ${label} after ${highest}`).to.equal(true);
        highest = label;
      }
    }
  }).timeout(60_000);
});
