/** What each party holds of a month, as files. Homes appear in the order of their accounts. */
import { addPeriods } from "../../sipster/index.js";
import { uniform, windowOf } from "../../resident/index.js";
import type { Chance } from "../random.js";
import {
  jsonFile,
  PATHS,
  type AccountFile,
  type ClientFile,
  type Files,
  type OutageFile,
  type PublicFile,
  type SettlementFile,
} from "../view/files.js";
import { writeRequestLog } from "../view/request-log.js";
import { basketRecord, classIndexOf, coinCounts } from "./purchases.js";
import type { Town } from "./scenario.js";

const RELAYER = `0x${"ee".repeat(20)}`;
/** Days of a month on which wallets withdraw, at uniform times. */
const WITHDRAWING = { first: 1, last: 28 };

export function viewOf(town: Town, chance: Chance): Files {
  const { accounts } = town;
  // Nobody's place in a file says more than its account does.
  const order = accounts.map((_, i) => i).sort((a, b) => (accounts[a]! < accounts[b]! ? -1 : 1));
  return new Map([
    [PATHS.public, jsonFile(publicOf(town))],
    [PATHS.requests, writeRequestLog(town.sent)],
    [PATHS.accounts, jsonFile(order.map((home) => accountOf(town, home, chance)))],
    [PATHS.clients, jsonFile(clientsOf(town, order))],
    [PATHS.settlements, jsonFile(settlementsOf(town))],
    [PATHS.feeder, jsonFile({ wattHours: feederOf(town) })],
    [PATHS.curves, curvesOf(town, order)],
    ...outageOf(town),
  ]);
}

/** After a known outage alone: a late return is known to nobody. */
function outageOf({ scenario, accounts, mishaps }: Town): [string, Uint8Array][] {
  const off = [...mishaps.values()][0]?.off;
  if (scenario.event !== "known-outage" || off === undefined) return [];
  const without = [...mishaps.keys()].map((home) => accounts[home]!).sort();
  return [[PATHS.outage, jsonFile({ ...off, accounts: without } satisfies OutageFile)]];
}

function publicOf({ scenario, classes }: Town): PublicFile {
  const { habits, population, period, denominations, emission } = scenario;
  return {
    format: "sipster/attack-view@1",
    period,
    denominations,
    emission,
    policy: habits.policy,
    timetable: habits.timetable,
    classes: classes.map(({ name, meanUnits }) => ({ name, meanUnits: Math.round(meanUnits) })),
    intervals: {
      from: population.bounds.from / 1000,
      seconds: population.stepSeconds,
      count: population.intervals,
    },
  };
}

/** A withdrawal in the month of the period, and the one in the month after. */
function accountOf(
  { scenario, accounts, classes, months }: Town,
  home: number,
  chance: Chance,
): AccountFile {
  const { homes, habits, period } = scenario;
  const { name, basket } = classes[classIndexOf(homes[home]!)]!;
  const next = addPeriods(period, 1);
  const regular = basketRecord(basket);
  const needed = coinCounts(months[home]!.paid.map(({ denomination }) => denomination));
  const at = (month: number): number => uniform(windowOf(month, WITHDRAWING), chance.below);
  return {
    account: accounts[home]!,
    sizeClass: name,
    withdrawals: [
      { at: at(period), coins: regular },
      { at: at(next), coins: habits.buysByNeed ? needed : regular },
    ],
  };
}

function clientsOf({ scenario, accounts, classes, sent }: Town, order: readonly number[]) {
  const { homes, habits, event } = scenario;
  const times = accounts.map((): number[] => []);
  for (const { home, at, isFollowing } of sent) if (!isFollowing) times[home]!.push(at);
  return order.map((home): ClientFile => {
    const { requests } = classes[classIndexOf(homes[home]!)]!;
    const own = times[home]!;
    return {
      account: accounts[home]!,
      requests: habits.noDummies ? own.length : Math.max(requests, own.length),
      ...(event === "relay-colludes" ? { times: own } : {}),
    };
  });
}

/** In the order of the blocks. */
function settlementsOf({ scenario, accounts, months }: Town): SettlementFile[] {
  const { habits, period } = scenario;
  return months
    .map(({ settledAt }, home) => ({
      meter: accounts[home]!,
      at: settledAt,
      period,
      sender: habits.ownAccount ? accounts[home]! : RELAYER,
    }))
    .sort((a, b) => a.at - b.at);
}

function feederOf({ scenario: { homes, population } }: Town): number[] {
  const load = new Array<number>(population.intervals).fill(0);
  for (const { wattHours } of homes) wattHours.forEach((w, i) => (load[i] = load[i]! + w));
  return load;
}

/** For each home, the share of its bill that falls due in each interval. */
function curvesOf({ scenario: { homes, population } }: Town, order: readonly number[]): Uint8Array {
  const { intervals } = population;
  const shares = new Float32Array(order.length * intervals);
  order.forEach((home, row) => {
    const { owed } = homes[home]!;
    const total = Math.max(1, owed.at(-1)!);
    for (let i = 0; i < intervals; i++) {
      shares[row * intervals + i] = (owed[i]! - (owed[i - 1] ?? 0)) / total;
    }
  });
  return new Uint8Array(shares.buffer);
}
