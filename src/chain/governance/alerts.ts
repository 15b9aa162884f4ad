/**
 * What an auditor should look at first: holders of roles that the record does not name, pauses, keys
 * and parameters that are announced and not in force, epochs with few meters, a falling share of
 * settled bills. Works in a browser.
 */
import { periodOfTime } from "../../sipster/index.js";
import { ROLES, type Deployment, type Role } from "../deploy/deployment.js";
import type { GovernanceEvent, GovernanceHistory } from "./history.js";
import { POWERS } from "./sentences.js";
import { ROLE_CONTRACTS, type GovernedContract } from "./roles.js";

export type AlertKind =
  | "holder-not-in-record"
  | "holder-of-record-gone"
  | "unknown-role"
  | "paused"
  | "not-in-force"
  | "few-meters"
  | "falling-share";

export interface Alert {
  readonly kind: AlertKind;
  /** `alarm`: the deployment is not as recorded, or is stopped. `notice`: worth knowing. */
  readonly level: "alarm" | "notice";
  /** A sentence that begins in lower case and ends without a stop. */
  readonly message: string;
  /** When it came about; `null` where no event of the chain says so. */
  readonly since: Pick<GovernanceEvent, "block" | "time" | "transaction"> | null;
}

/** How the periods are settled, the earliest first. */
export interface PeriodShare {
  readonly period: number;
  readonly settled: number;
  /** Meters that may settle it. */
  readonly meters: number;
}

export interface AlertInputs {
  readonly deployment: Deployment;
  readonly history: GovernanceHistory;
  readonly periods: readonly PeriodShare[];
  /** First and last period of each registered meter. */
  readonly meters: readonly { readonly validFrom: number; readonly validUntil: number }[];
  /** Of the last block, Unix seconds. */
  readonly now: bigint;
}

/** Meters of an epoch below which the settlements of one hide little among those of the others. */
const FEW_METERS = 10;
/** Fall of the share of settled bills, in percent of the meters, from one period to the next. */
const FALL = 10;

/** The alarms first, each kind in the order of the chain. */
export function alertsOf(inputs: AlertInputs): readonly Alert[] {
  return [
    ...holders(inputs),
    ...unknownRoles(inputs),
    ...pauses(inputs),
    ...announced(inputs),
    ...fewMeters(inputs),
    ...fallingShare(inputs),
  ];
}

function holders({ deployment, history }: AlertInputs): Alert[] {
  const isRecorded = (role: Role, holder: string) =>
    deployment.roles[role].toLowerCase() === holder.toLowerCase();
  const strangers = history.holders
    .filter(({ role, holder }) => !isRecorded(role, holder))
    .map(({ contract, role, holder, since }): Alert => ({
      kind: "holder-not-in-record",
      level: "alarm",
      message: `${holder} may ${POWERS[role]} (${role} of the ${contract} contract), and the deployment record does not name it`,
      since,
    }));
  const gone = ROLES.flatMap((role) =>
    ROLE_CONTRACTS[role]
      .filter(
        (contract) =>
          !history.holders.some(
            (h) => h.contract === contract && h.role === role && isRecorded(role, h.holder),
          ),
      )
      .map((contract): Alert => {
        const holder = deployment.roles[role];
        return {
          kind: "holder-of-record-gone",
          level: "alarm",
          message: `${holder} may no longer ${POWERS[role]} (${role} of the ${contract} contract), as the deployment record says it may`,
          since: lastRevocation(history, { contract, role, holder }),
        };
      }),
  );
  return [...strangers, ...gone];
}

function lastRevocation(
  { events }: GovernanceHistory,
  lost: { readonly contract: GovernedContract; readonly role: Role; readonly holder: string },
): Alert["since"] {
  const event = events.findLast(
    (e) =>
      e.act === "role-revoked" &&
      e.contract === lost.contract &&
      e.role === lost.role &&
      e.holder.toLowerCase() === lost.holder.toLowerCase(),
  );
  return event === undefined ? null : sinceOf(event);
}

function unknownRoles({ history }: AlertInputs): Alert[] {
  return history.events.flatMap((event): Alert[] =>
    event.act === "role-granted" && event.role === null
      ? [
          {
            kind: "unknown-role",
            level: "alarm",
            message: `${event.holder} was given a right in the ${event.contract} contract that this program does not know`,
            since: sinceOf(event),
          },
        ]
      : [],
  );
}

function pauses({ history }: AlertInputs): Alert[] {
  return (["settlement", "vault"] as const)
    .filter((contract) => history.paused[contract])
    .map((contract): Alert => {
      const event = history.events.findLast((e) => e.act === "paused" && e.contract === contract);
      const what = contract === "vault" ? "deposits" : "registrations";
      const by = event?.act === "paused" ? ` by ${event.by}` : "";
      return {
        kind: "paused",
        level: "alarm",
        message: `${what} are paused${by}; settling goes on`,
        since: event === undefined ? null : sinceOf(event),
      };
    });
}

/** Keys and parameters of a later month than the last block's. */
function announced({ history, now }: AlertInputs): Alert[] {
  const month = periodOfTime(now);
  return history.events.flatMap((event): Alert[] => {
    const what = announcement(event, month, now);
    return what === null
      ? []
      : [{ kind: "not-in-force", level: "notice", message: what, since: sinceOf(event) }];
  });
}

function announcement(event: GovernanceEvent, month: number, now: bigint): string | null {
  const later = (what: string, firstPeriod: number) =>
    firstPeriod > month ? `${what} announced, and in force from period ${firstPeriod} on` : null;
  switch (event.act) {
    case "key-registered":
      return later(`the key of epoch ${event.keyEpoch} is`, event.firstPeriod);
    case "terms-announced":
      return later(`the terms ${event.hash} are`, event.firstPeriod);
    case "mint-keys-registered":
      return later(`the mint's keys number ${event.mintKeyId} are`, event.firstPeriod);
    case "network-announced":
      return event.inForceAt > now
        ? `the network parameters ${event.hash} are announced, and in force from ${utc(event.inForceAt)} on`
        : null;
    case "meter-retired":
    case "paused":
    case "resumed":
    case "role-granted":
    case "role-revoked":
      return null;
  }
}

/** Each epoch in which periods were settled, with the largest number of meters of such a period. */
function fewMeters({ history, periods, meters }: AlertInputs): Alert[] {
  const keys = history.events.filter((event) => event.act === "key-registered");
  return keys.flatMap((key, i): Alert[] => {
    const end = keys[i + 1]?.firstPeriod ?? Infinity;
    const used = periods.filter(({ period }) => period >= key.firstPeriod && period < end);
    if (used.length === 0) return [];
    const most = Math.max(
      ...used.map(
        ({ period }) =>
          meters.filter((m) => m.validFrom <= period && period <= m.validUntil).length,
      ),
    );
    if (most >= FEW_METERS) return [];
    return [
      {
        kind: "few-meters",
        level: "notice",
        message: `key epoch ${key.keyEpoch} has ${most} meters: with fewer than ${FEW_METERS}, one home is easy to tell from the others`,
        since: sinceOf(key),
      },
    ];
  });
}

/** The last period that a later one follows, against the one before: the newest is still settled. */
function fallingShare({ periods }: AlertInputs): Alert[] {
  const [before, last] = periods.filter(({ meters }) => meters > 0).slice(-3, -1);
  if (before === undefined || last === undefined) return [];
  const share = ({ settled, meters }: PeriodShare) => Math.round((100 * settled) / meters);
  if (share(before) - share(last) < FALL) return [];
  return [
    {
      kind: "falling-share",
      level: "notice",
      message: `the share of settled bills fell from ${share(before)} % in period ${before.period} to ${share(last)} % in period ${last.period}`,
      since: null,
    },
  ];
}

function sinceOf({ block, time, transaction }: GovernanceEvent) {
  return { block, time, transaction };
}

function utc(seconds: bigint): string {
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
