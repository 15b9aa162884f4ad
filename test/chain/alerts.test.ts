import { expect } from "chai";
import {
  alertsOf,
  replayGovernance,
  type Alert,
  type AlertInputs,
  type GovernanceEvent,
} from "../../src/chain/index.js";
import { ROLE_CONTRACTS } from "../../src/chain/governance/roles.js";
import { ROLES } from "../../src/chain/deploy/deployment.js";
import { deployment } from "../pages/support/deployment.js";

const STRANGER = `0x${"5".repeat(40)}`;
const NOW = BigInt(Date.UTC(2026, 10, 15) / 1000);
const at = { block: 9, time: NOW - 86_400n, transaction: `0x${"ab".repeat(32)}` };

/** Every grant of the deployment, as its constructors make them. */
const granted: readonly GovernanceEvent[] = ROLES.flatMap((role) =>
  ROLE_CONTRACTS[role].map((contract) => ({
    act: "role-granted" as const,
    contract,
    role,
    holder: deployment.roles[role],
    ...at,
  })),
);
const key = (keyEpoch: number, firstPeriod: number): GovernanceEvent => ({
  act: "key-registered",
  contract: "settlement",
  keyEpoch,
  firstPeriod,
  ...at,
});

function alerts(
  events: readonly GovernanceEvent[],
  changes: Partial<AlertInputs> = {},
): readonly Pick<Alert, "kind" | "level" | "message">[] {
  return alertsOf({
    deployment,
    history: replayGovernance(events),
    periods: [],
    meters: [],
    now: NOW,
    ...changes,
  });
}

describe("alerts about who governs", () => {
  it("given a deployment as recorded, are none", () => {
    expect(alerts(granted)).to.deep.equal([]);
  });

  it("given a stranger with a role, name it with the moment, with the address in any case of letters", () => {
    const grant = {
      act: "role-granted",
      contract: "vault",
      role: "treasurer",
      holder: STRANGER,
      ...at,
    } as const;
    const [alert, ...rest] = alerts([...granted, grant]);
    expect(rest).to.deep.equal([]);
    expect(alert).to.deep.include({ kind: "holder-not-in-record", level: "alarm", since: at });
    expect(alert!.message).to.contain(STRANGER).and.to.contain("treasurer");
    const upper = granted.map((e) =>
      "holder" in e ? { ...e, holder: e.holder.toUpperCase().replace("X", "x") } : e,
    );
    expect(alerts(upper)).to.deep.equal([]);
    expect(alerts([...granted, grant, { ...grant, act: "role-revoked" }])).to.deep.equal([]);
  });

  it("given a recorded holder without its role, or a role that is not known, alarm", () => {
    const revoked = { ...granted[0]!, act: "role-revoked" } as GovernanceEvent;
    expect(alerts([...granted, revoked])[0]).to.deep.include({
      kind: "holder-of-record-gone",
      level: "alarm",
      since: at,
    });
    expect(alerts(granted.slice(1))[0]).to.deep.include({
      kind: "holder-of-record-gone",
      since: null,
    });
    const unknown = { ...granted[0]!, role: null, holder: STRANGER } as GovernanceEvent;
    expect(alerts([...granted, unknown])[0]).to.include({ kind: "unknown-role", level: "alarm" });
  });

  it("given a pause, alarm until it ends", () => {
    const paused = { act: "paused", contract: "vault", by: STRANGER, ...at } as const;
    expect(alerts([...granted, paused])[0]).to.include({ kind: "paused", level: "alarm" });
    const resumed = { ...paused, act: "resumed" } as const;
    expect(alerts([...granted, paused, resumed])).to.deep.equal([]);
  });

  it("given keys and parameters of a later month, say from when they are in force", () => {
    const hash = `0x${"cd".repeat(32)}`;
    const found = alerts([
      ...granted,
      key(1, 0),
      key(2, 202612),
      { act: "terms-announced", contract: "settlement", hash, firstPeriod: 202611, ...at },
      { act: "network-announced", contract: "settlement", hash, inForceAt: NOW + 1n, ...at },
      { act: "mint-keys-registered", contract: "vault", mintKeyId: 3, firstPeriod: 202701, ...at },
    ]);
    expect(found.map(({ kind }) => kind)).to.deep.equal(Array(3).fill("not-in-force"));
    expect(found.map(({ message }) => message).join())
      .to.contain("202612")
      .and.to.contain("202701");
  });

  it("given an epoch with few meters, or a falling share, say so; of the newest period nothing", () => {
    const meter = { validFrom: 202601, validUntil: 0xffffffff };
    const share = (period: number, settled: number) => ({ period, settled, meters: 20 });
    const many = { meters: Array<typeof meter>(20).fill(meter) };
    const steady = [share(202601, 20), share(202602, 19), share(202603, 2)];
    expect(alerts([...granted, key(1, 0)], { ...many, periods: steady })).to.deep.equal([]);
    const falling = [share(202601, 20), share(202602, 12), share(202603, 2)];
    const [fall] = alerts([...granted, key(1, 0)], { ...many, periods: falling });
    expect(fall!.message).to.contain("from 100 % in period 202601 to 60 % in period 202602");
    const [few] = alerts([...granted, key(1, 0)], { meters: [meter], periods: steady });
    expect(few).to.include({ kind: "few-meters", level: "notice" });
  });
});
