import { expect } from "chai";
import { createMclBn254, type Bn254 } from "../../src/algebra/index.js";
import { judge, type Case } from "../../src/chain/audit/judge.js";
import type { OpenedCall } from "../../src/chain/audit/open-call.js";
import type { Claim } from "../../src/chain/audit/history.js";
import { parseAddress } from "../../src/sipster/index.js";

describe("judging one settlement", () => {
  let curve: Bn254;
  before(async () => {
    curve = await createMclBn254();
  });

  const meter = parseAddress(`0x${"11".repeat(20)}`);
  const claim: Claim = {
    meter,
    period: 201303,
    keyEpoch: 1,
    transaction: `0x${"22".repeat(32)}`,
    block: 7,
    logIndex: 0,
    meterStatus: "valid",
    keyWas: "of the period",
    repeated: false,
  };

  /** A case in which all is well, with changes. */
  function caseWith(changes: Partial<Case> = {}): Case {
    const { g1, g2 } = curve;
    const bill = {
      period: 201303,
      keyEpoch: 1,
      r: g1.encode(g1.generator),
      signature: new Uint8Array(64),
    };
    const opened: OpenedCall = {
      call: { method: "settle", bills: [bill], sx: 1n, sy: 2n },
      signers: [meter],
      pairing: { message: g1.generator, signature: g1.generator },
    };
    return {
      claim,
      evidence: { recorded: new Set([claim]), calls: [opened], route: "direct" },
      carrier: { opened, index: 0 },
      key: { a2: g2.generator },
      bitIsSet: true,
      ...changes,
    };
  }
  const verdict = (item: Case) => {
    const { checks, verdict: v } = judge(item, new Set());
    const bad = Object.entries(checks).filter(([, result]) => result !== "ok");
    return [v, ...bad.map(([name, result]) => `${name} ${result}`)];
  };

  it("verified when every check holds", () => {
    expect(verdict(caseWith())).to.deep.equal(["verified"]);
  });

  it("given a key epoch that was not the period's, then the key fails", () => {
    for (const keyWas of ["of other periods", "not registered"] as const) {
      const other = caseWith({ claim: { ...claim, keyWas } });
      expect(verdict(other)).to.include("key failed");
    }
  });

  it("a bit that the node does not give is unknown, not wrong", () => {
    expect(verdict(caseWith({ bitIsSet: null }))).to.deep.equal([
      "unverifiable",
      "nullifier unknown",
    ]);
  });

  it("what is wrong outweighs what is unknown", () => {
    expect(verdict(caseWith({ key: null, bitIsSet: null }))[0]).to.equal("failed");
  });

  it("a receipt that is false for its call is false for its bills", () => {
    const item = caseWith();
    const { checks } = judge(item, new Set([item.carrier!.opened]));
    expect(checks.receipt).to.equal("failed");
  });
});
