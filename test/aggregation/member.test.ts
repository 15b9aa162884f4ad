import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  agreeGroup,
  freshMemberState,
  Journal,
  LABELS_PER_KEY,
  memoryState,
  memberStateId,
  openStream,
  sumLabel,
  type AgreedGroup,
  type MemberState,
} from "../../src/aggregation/index.js";
import { expectError } from "./expect-error.js";

describe("member of a group", () => {
  let agreed: AgreedGroup;
  let folder: string;

  before(async () => {
    agreed = await agreeGroup({ group: "g", members: ["a", "b", "c"], maxValue: 1000n });
    folder = mkdtempSync(join(tmpdir(), "sipster-member-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("uses a label once, and none before it afterwards", () => {
    const [member] = openStream(agreed, { stream: "once" }).members;
    member!.encrypt(10n, 1n);
    for (const label of [10n, 9n, 0n]) {
      expectError("aggregation/label-used", () => member!.encrypt(label, 1n));
    }
    member!.encrypt(11n, 1n);
  });

  it("does not spend a label on a value that it refuses", () => {
    const [member] = openStream(agreed, { stream: "refused" }).members;
    for (const value of [-1n, 1001n]) {
      expectError("aggregation/value-out-of-range", () => member!.encrypt(1n, value));
    }
    expectError("aggregation/label-out-of-range", () => member!.encrypt(1n << 64n, 1n));
    member!.encrypt(1n, 1000n);
  });

  it("serves label 2,976 and refuses label 2,977", () => {
    const state = memoryState<MemberState>({
      ...freshMemberState,
      lastLabel: "99",
      labelsUsed: LABELS_PER_KEY - 1,
    });
    const { members } = openStream(agreed, { stream: "cap", state: () => state });
    expect(LABELS_PER_KEY).to.equal(2976);
    members[0]!.encrypt(100n, 1n);
    expectError("aggregation/key-spent", () => members[0]!.encrypt(101n, 1n));
  });

  it("counts every label towards the cap", () => {
    const state = memoryState(freshMemberState);
    const { members } = openStream(agreed, { stream: "count", state: () => state });
    for (let label = 0n; label < 20n; label++) members[0]!.encrypt(label * 900n, 1n);
    expect(state.current).to.deep.include({ labelsUsed: 20, lastLabel: "17100" });
  });

  it("remembers the mark across a restart", () => {
    const file = (index: number): string => join(folder, `restart-${index}`);
    const stream = openStream(agreed, {
      stream: "restart",
      state: (i) => Journal.create(file(i), memberStateId(context(), i), freshMemberState),
    });
    function context(): { rosterHash: Uint8Array; stream: string; epoch: number; id: Uint8Array } {
      return {
        rosterHash: agreed.roster.hash,
        stream: "restart",
        epoch: 1,
        id: new Uint8Array(32),
      };
    }
    const values = new Map(["a", "b", "c"].map((m) => [m, 5n]));
    expect(sumLabel(stream, 7n, values).sum).to.equal(15n);
    // A new process: the same key, the file from disk.
    const reopened = Journal.open<MemberState>(file(0), memberStateId(context(), 0));
    expect(reopened.current).to.deep.equal({ ...freshMemberState, lastLabel: "7", labelsUsed: 1 });
    const restarted = openStream(agreed, { stream: "restart", state: () => reopened }).members[0]!;
    expectError("aggregation/label-used", () => restarted.encrypt(7n, 5n));
    restarted.encrypt(8n, 5n);
  });

  it("gives no ciphertext when the mark cannot be kept", () => {
    const { members } = openStream(agreed, {
      stream: "broken disk",
      state: () => ({
        current: freshMemberState,
        advance: () => {
          throw new Error("disk full");
        },
      }),
    });
    expect(() => members[0]!.encrypt(1n, 1n)).to.throw("disk full");
  });

  it("lets one of many concurrent calls have a label", async () => {
    const [member] = openStream(agreed, { stream: "concurrent" }).members;
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, async () => {
        await Promise.resolve();
        return member!.encrypt(1n, 1n);
      }),
    );
    expect(attempts.filter((a) => a.status === "fulfilled")).to.have.length(1);
  });
});
