/** One home of a demonstration: its meter and its resident's device. */
import { randomBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../algebra/index.js";
import type { ECashWallet, MintPeriod } from "../ecash/index.js";
import { cameToNothing } from "../funding/index.js";
import { MeterInstallation, TrustedMeter, type NonVolatileMemory } from "../meter/index.js";
import { exact, MONEY_DENOMINATOR, type ExactMoney } from "../readings/index.js";
import type { NoticedKey } from "../chain/index.js";
import { Purse, Resident, type MeterLink } from "../resident/index.js";
import {
  addPeriods,
  openViewKey,
  type SettlementSystem,
  type SignedBill,
  type SystemTerms,
  type Token,
} from "../sipster/index.js";
import type { DemoClock } from "./clock.js";
import type { DemoFolder } from "./folder.js";
import type { Household, Households } from "./households.js";
import { meterBegins, MeterRun } from "./meter-run.js";
import { periodNumber } from "./options.js";
import type { DemoUtility } from "./utility.js";

export interface DemoHome {
  readonly household: Household;
  /** Its place in the folder. */
  readonly place: string;
  readonly meter: TrustedMeter;
  readonly run: MeterRun;
  /** The resident's line to the meter. */
  readonly link: MeterLink;
  readonly resident: Resident;
  readonly purse: Purse;
}

/** What the meter made of the month. */
export interface MeteredMonth {
  /** What the month costs, exactly: for the resident's eyes. */
  readonly amount: ExactMoney;
  /** Money owed from before the month, not yet a whole unit. */
  readonly carriedIn: ExactMoney;
  /** The same at its end: carried in + amount − units. */
  readonly carriedOut: ExactMoney;
  readonly bill: SignedBill;
  readonly blinding: bigint;
  readonly tokens: readonly Token[];
  readonly units: bigint;
}

/** What all homes of a demonstration share. */
export interface DemoTown {
  readonly households: Households;
  readonly folder: DemoFolder;
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  /** As the chain has them for the month. */
  readonly terms: SystemTerms;
  readonly keys: readonly NoticedKey[];
  readonly mints: readonly MintPeriod[];
  readonly utility: DemoUtility;
  readonly wallet: ECashWallet;
  readonly clock: DemoClock;
}

/** Installs the meter and sets the device up, or opens what is there. A wallet has no secret of its own. */
export async function openHome(household: Household, town: DemoTown): Promise<DemoHome> {
  const { folder, utility, system, terms, keys, mints, wallet, clock } = town;
  const place = `homes/${encodeURIComponent(household.id)}`;
  const secret = folder.secret(`${place}/resident/secret`, () => randomBytes(32));
  const meter = openMeter(household, town, folder.memory(`${place}/meter.store`));
  const store = await folder.store(`${place}/resident/books`, { sealed: true });
  const now = (): number => clock.now;
  return {
    household,
    place,
    meter,
    run: new MeterRun({
      meter,
      home: household.home,
      month: town.households,
      removal: () => utility.removalNotice(meter.address),
    }),
    link: linkTo(meter),
    purse: new Purse({ wallet, store, secret, mints, now, cameToNothing }),
    resident: new Resident({
      system,
      suite: utility.suite,
      wallet,
      secret,
      keys,
      mints,
      payee: utility.payee,
      answerKey: terms.answerKey,
      policy: { kind: terms.schedule.policy },
      timetable: terms.schedule,
      // Everything is in one process: nobody is there to count requests.
      requests: 0,
      store,
      now,
    }),
  };
}

/** Meter and device are in one process here. */
function linkTo(meter: TrustedMeter): MeterLink {
  return {
    meter: meter.address,
    followKeyNotice: async (notice) => {
      meter.followKeyNotice(notice);
    },
    tokens: async (period, after) => [...meter.tokens(period, after)],
  };
}

function openMeter(
  { home }: Household,
  { households, curve, system, terms, utility }: DemoTown,
  memory: NonVolatileMemory,
): TrustedMeter {
  const { tariff } = households;
  if (memory.read() !== null) return new TrustedMeter(curve, memory, [tariff]);
  const installation = new MeterInstallation(curve, memory, {
    terms,
    tariff,
    tokenKey: utility.tokenKey,
    now: meterBegins(home, households),
    registers: { imported: 0, exported: 0 },
  });
  const { commitment } = installation;
  const residentShare = randomBytes(32);
  const { meter, meterShare } = installation.complete(residentShare);
  openViewKey(system.systemId, { commitment, meterShare, residentShare });
  return meter;
}

/** What the meter made of a month that is over. */
export function meterMonth(home: DemoHome, town: DemoTown): MeteredMonth {
  const { household, meter } = home;
  const period = periodNumber(town.households.period);
  const tokens = [...meter.tokens(period)].map(({ token }) => token);
  const charges = [...household.charges()];
  const amount = charges.reduce((sum, { charge }) => sum + charge.numerator, 0n);
  const units = tokens.reduce((sum, t) => sum + BigInt(t.denomination), 0n);
  return {
    amount: exact(amount),
    ...carried(home, town, amount - units * BigInt(town.terms.unit.minorUnits) * MONEY_DENOMINATOR),
    ...meter.bill(period),
    tokens,
    units,
  };
}

/** The fraction of a unit before and after the month, which the folder keeps from month to month. */
function carried(
  { place }: DemoHome,
  { folder, households }: DemoTown,
  change: bigint,
): Pick<MeteredMonth, "carriedIn" | "carriedOut"> {
  const period = periodNumber(households.period);
  const name = (p: number): string => `${place}/resident/carried-${p}`;
  const before = BigInt(folder.read(name(addPeriods(period, -1)))?.trim() ?? 0);
  const after = BigInt(folder.text(name(period), () => `${before + change}\n`).trim());
  return { carriedIn: exact(after - change), carriedOut: exact(after) };
}
