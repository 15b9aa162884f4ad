import { expect } from "chai";
import type { VaultDeposit } from "../../src/chain/index.js";
import { encodeRequest, type ECashIssuer } from "../../src/ecash/index.js";
import { decide, type Decision, type DecisionInput } from "../../src/mint/index.js";

describe("the mint's decision about one deposit", () => {
  const request = encodeRequest({
    mintKeyId: 1,
    messages: [{ denomination: 5, message: new Uint8Array(64).fill(1) }],
  });
  const issuer: ECashIssuer = {
    price: () => 5n,
    issue: () => Promise.reject(new Error("a decision signs nothing")),
  };
  const deposit: VaultDeposit = {
    id: 1n,
    depositHash: `0x${"01".repeat(32)}`,
    depositor: `0x${"02".repeat(20)}`,
    status: "open",
    amount: 15n,
    mintKeyId: 1,
    count: 1,
    messagesRoot: `0x${"03".repeat(32)}`,
    signaturesRoot: `0x${"00".repeat(32)}`,
    acknowledgeBy: 10_000n,
    disputableUntil: 0n,
  };

  const decided = (other: Partial<DecisionInput>): Decision | null =>
    decide({
      ...{ deposit, request, issuer, now: 0n, margin: 1_000n, baseUnitsPerUnit: 3n },
      ...other,
    });
  const declined = (reason: string) => ({ kind: "decline", reason });

  it("given the margin before the deadline, then it signs to its first second and declines after it", () => {
    expect(decided({ now: 9_000n })).to.deep.equal({ kind: "acknowledge" });
    expect(decided({ now: 9_001n })).to.deep.equal(declined("late"));
    expect(decided({ now: 9_001n, request: null })).to.deep.equal(declined("late"));
  });

  it("given no request in time, then nothing is decided", () => {
    expect(decided({ request: null })).to.equal(null);
  });

  it("given another key id, another count, another amount or no key, then it declines and says which", () => {
    const other = (changed: Partial<VaultDeposit>) => ({ deposit: { ...deposit, ...changed } });
    expect(decided({ issuer: null })).to.deep.equal(declined("mint-key"));
    expect(decided(other({ mintKeyId: 2 }))).to.deep.equal(declined("other-request"));
    for (const count of [0, 2]) {
      expect(decided(other({ count }))).to.deep.equal(declined("other-request"));
    }
    for (const amount of [14n, 16n, 5n]) {
      expect(decided(other({ amount }))).to.deep.equal(declined("amount"));
    }
  });
});
