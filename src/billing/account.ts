/**
 * The life of an account: month after month of one supply, with estimates for what is missing, the
 * difference when better readings come later, moving in and out, and what is carried from bill to bill.
 */
import { aroundBill, sameState, type AccountState, type ClosedPeriod } from "./account-state.js";
import { itemise } from "./itemise.js";
import type { BillDetails } from "./bill-details.js";
import { kilowattHours } from "./kilowatt-hours.js";
import { makeBill, readingsHash, type BillParts, type ItemisedBill } from "./itemised-bill.js";
import { billingErrors } from "./errors.js";
import {
  type Interval,
  type IntervalSeries,
  exact,
  type ExactMoney,
  parsePeriod,
  periodBounds,
  type Home,
  sameZone,
} from "../readings/index.js";
import {
  tariffHash,
  homeOfBill,
  itemsOfPeriod,
  supplyBegins,
  supplyEnds,
  type Tariff,
} from "../tariff/index.js";
import { estimateGaps, merged } from "./estimate.js";

export interface CloseOptions {
  /** First instant of the contract: what is before it is not the account's. */
  readonly movedIn?: number;
  /** First instant after the contract. */
  readonly movedOut?: number;
  /** Whose signature on the tariff was checked. */
  readonly signed?: { readonly signer: string; readonly sequence: number };
  readonly details?: BillDetails;
  /** The command that makes the bill, for those who check it. */
  readonly command?: string;
  /** The zone of the deployment that the bill is settled in. */
  readonly deploymentZone?: string;
  /** Tariffs of earlier bills, where they were others: needed to correct them. */
  readonly earlierTariffs?: readonly Tariff[];
}

/** The readings of one month as they are known now, with estimates for what is missing. */
interface Known extends Pick<BillParts, "drawn" | "fedIn" | "missing" | "from" | "to"> {
  readonly period: string;
  /** The home with its estimates. */
  readonly home: Home;
  readonly estimates: readonly Interval[];
  readonly hash: string;
}

export class Account {
  #state: AccountState | undefined;

  /** A new account, or one to go on with. */
  constructor(state?: AccountState) {
    this.#state = state;
  }

  /** `undefined` before the first bill. */
  get state(): AccountState | undefined {
    return this.#state;
  }

  /**
   * Bills one month: its own charges, and the differences of earlier months whose readings have
   * changed since. The account moves on only when the bill is complete. A month that is closed gives
   * its bill again, from the state before it, and the account stays as it is.
   *
   * @throws readings/bad-period, tariff/no-price; billing/period-closed for a month before one that is
   *   billed, and for a closed one whose readings or tariff are not those of its bill;
   *   billing/wrong-account for another home; billing/other-zone where the bills before were of
   *   another time zone; what `billZone` throws; billing/earlier-tariff where a correction needs a
   *   tariff that is not given
   */
  close({
    supply,
    period,
    tariff,
    ...options
  }: {
    readonly supply: Home;
    readonly period: string;
    readonly tariff: Tariff;
  } & CloseOptions): ItemisedBill {
    parsePeriod(period);
    const home = homeOfBill(supply, tariff, options.deploymentZone);
    const state = this.#state ?? newState(home);
    refuseOther(state, home);
    const closed = aroundBill(state, period);
    if (closed === undefined) {
      refuseEarlier(state, period);
      const { bill, next } = billMonth({ state, home, period, tariff, options });
      this.#state = next;
      return bill;
    }
    const { before, after } = closed;
    const standing = after.periods.at(-1)!.estimates;
    const { bill, next } = billMonth({ state: before, home, period, tariff, options, standing });
    if (!sameState(next, after)) {
      throw billingErrors.error(
        "period-closed",
        `the bill of ${period} is made, and these readings and this tariff make another`,
        { period, last: state.periods.at(-1)!.period },
      );
    }
    return bill;
  }
}

interface Month {
  readonly state: AccountState;
  readonly home: Home;
  readonly period: string;
  readonly tariff: Tariff;
  readonly options: CloseOptions;
  /** Estimates of the month's bill, where it was made before. */
  readonly standing?: ClosedPeriod["estimates"];
}

/** The bill of one month, and the state after it. */
function billMonth(month: Month): { bill: ItemisedBill; next: AccountState } {
  const { state, home, period, tariff, options } = month;
  const contract = withinContract(home, options);
  const tariffs = [tariff, ...(options.earlierTariffs ?? [])];
  const { periods, corrections } = correctAll(contract, state.periods, tariffs);
  const known = readingsOf(contract, period, {
    ...(month.standing === undefined ? {} : { own: month.standing }),
    earlier: periods.flatMap((p) => p.estimates),
  });
  const itemised = itemise(
    itemsOfPeriod({ supply: known.home, period, tariff }),
    tariff.minorDigits,
  );
  const { bill, carriedOut } = makeBill({
    ...known,
    home: home.id,
    commodity: home.commodity,
    timeZone: home.timeZone,
    tariff,
    itemised,
    corrections,
    carriedIn: exact(BigInt(state.balance)),
    filled: new Set(known.estimates.map((e) => e.start)),
    details: detailsOf({ home, known, state, given: options.details }),
    ...(options.signed === undefined ? {} : { signed: options.signed }),
    ...(options.command === undefined ? {} : { command: options.command }),
  });
  const changed = state.periods.filter((before, i) => periods[i] !== before);
  const next: AccountState = {
    ...state,
    periods: [...periods, closedPeriod(known, tariff, itemised.gross)],
    bills: [...state.bills, { period, carriedIn: state.balance, before: changed }],
    balance: carriedOut.numerator.toString(),
  };
  return { bill, next };
}

function newState(home: Home): AccountState {
  return {
    format: "sipster/account@1",
    home: home.id,
    commodity: home.commodity,
    timeZone: home.timeZone,
    periods: [],
    bills: [],
    balance: "0",
  };
}

/** What is known of the supply without being told: its meter, its registers, last year's use. */
function detailsOf({
  home,
  known,
  state,
  given = {},
}: {
  readonly home: Home;
  readonly known: Known;
  readonly state: AccountState;
  readonly given?: BillDetails | undefined;
}): BillDetails {
  const [year, month] = known.period.split("-");
  const before = `${Number(year) - 1}-${month!}`;
  const billed = state.periods.find((p) => p.period === before);
  const { from, to } = periodBounds(before, home.timeZone);
  const read = home.intervals.between(from, to);
  const whole = read.from === from && read.to === to && read.gaps().length === 0;
  const lastYear =
    billed === undefined ? (whole ? read.wattHours : undefined) : BigInt(billed.wattHours);
  return {
    ...registersOf(home, known),
    ...(lastYear === undefined ? {} : { lastYear: kilowattHours(lastYear) }),
    ...given,
  };
}

/** The states of the meter's register, where the readings are of one meter and without a hole. */
function registersOf({ counter, intervals }: Home, known: Known): BillDetails {
  if (counter === undefined) return {};
  const first = intervals.from ?? Infinity;
  const upTo = (instant: number): string =>
    kilowattHours(BigInt(counter.wattHours) + intervals.between(first, instant).wattHours);
  const sound =
    first === counter.at && known.from >= first && intervals.gaps(first, known.to).length === 0;
  return {
    meter: counter.meter,
    ...(sound ? { openingRegister: upTo(known.from), closingRegister: upTo(known.to) } : {}),
  };
}

function refuseOther(state: AccountState, home: Home): void {
  if (state.home !== home.id || state.commodity !== home.commodity) {
    throw billingErrors.error(
      "wrong-account",
      `the account is of ${state.home} (${state.commodity}), the readings of ${home.id} (${home.commodity})`,
      { account: state.home, home: home.id },
    );
  }
  if (!sameZone(state.timeZone, home.timeZone)) {
    throw billingErrors.error(
      "other-zone",
      `the bills before are in the time of ${state.timeZone}, this one would be in that of ${home.timeZone}`,
      { account: state.timeZone, timeZone: home.timeZone },
    );
  }
}

function refuseEarlier(state: AccountState, period: string): void {
  const last = state.periods.at(-1)?.period;
  if (last !== undefined && period <= last) {
    throw billingErrors.error("period-closed", `${period} is not after ${last}, the last bill`, {
      period,
      last,
    });
  }
}

/** The home without what lies outside the contract. */
function withinContract(home: Home, { movedIn, movedOut }: CloseOptions): Home {
  if (movedIn === undefined && movedOut === undefined) return home;
  const [from, to] = [movedIn ?? -Infinity, movedOut ?? Infinity];
  const intervals = home.intervals.between(from, to);
  return { ...home, intervals, exported: home.exported.between(from, to), gaps: intervals.gaps() };
}

/** Estimates that were billed: they stand where there is still no reading. */
interface Standing {
  /** Of the month's own bill. */
  readonly own?: ClosedPeriod["estimates"];
  /** Of the months before it, which its blocks count. */
  readonly earlier: ClosedPeriod["estimates"];
}

function readingsOf(home: Home, period: string, { own = [], earlier }: Standing): Known {
  const { from, to } = periodBounds(period, home.timeZone);
  const before = uncovered(home.intervals, intervalsOf(own));
  const filled = estimateGaps(merged(home.intervals, before), from, to);
  const counted = merged(home.intervals, uncovered(home.intervals, intervalsOf(earlier)));
  const estimates = uncovered(counted, [...before, ...filled.estimates]);
  const series = merged(counted, estimates);
  const drawn = series.between(from, to);
  const fedIn = home.exported.between(from, to);
  const whole: Home = { ...home, intervals: series };
  return {
    period,
    home: whole,
    drawn,
    fedIn,
    missing: filled.left.map((g) => ({ from: Math.max(g.from, from), to: Math.min(g.to, to) })),
    from: Math.max(from, Math.min(supplyBegins(whole), to)),
    to: Math.min(to, Math.max(supplyEnds(whole), from)),
    estimates: estimates.filter((e) => e.start >= from && e.start < to),
    hash: readingsHash(drawn, fedIn),
  };
}

function intervalsOf(estimates: ClosedPeriod["estimates"]): Interval[] {
  return estimates.map(([start, seconds, wattHours]) => ({
    ...{ start, seconds, wattHours },
    quality: "estimated",
  }));
}

/** Those of which no part is in the series. */
function uncovered(series: IntervalSeries, estimates: readonly Interval[]): Interval[] {
  return estimates.filter((e) => series.between(e.start, e.start + e.seconds * 1000).length === 0);
}

/** Earlier bills as they would be today, and the differences. */
function correctAll(
  home: Home,
  closed: readonly ClosedPeriod[],
  tariffs: readonly Tariff[],
): { periods: ClosedPeriod[]; corrections: BillParts["corrections"] } {
  const periods: ClosedPeriod[] = [];
  const corrections: BillParts["corrections"][number][] = [];
  let changed = false;
  for (const before of closed) {
    const earlier = periods.flatMap((p) => p.estimates);
    const known = readingsOf(home, before.period, { own: before.estimates, earlier });
    // Blocks go on from month to month: a change moves the months after it too.
    changed ||= known.hash !== before.readingsHash;
    if (!changed) {
      periods.push(before);
      continue;
    }
    const tariff = tariffs.find((t) => tariffHash(t) === before.tariffHash);
    if (tariff === undefined) {
      throw billingErrors.error(
        "earlier-tariff",
        `the bill of ${before.period} was made with the tariff ${before.tariffHash}, which is not given`,
        { period: before.period, tariffHash: before.tariffHash },
      );
    }
    const { gross } = itemise(
      itemsOfPeriod({ supply: known.home, period: before.period, tariff }),
      tariff.minorDigits,
    );
    const amount = exact(gross.numerator - BigInt(before.charged));
    periods.push(closedPeriod(known, tariff, gross));
    if (amount.numerator === 0n && known.hash === before.readingsHash) continue;
    corrections.push({
      period: before.period,
      billedEnergy: kilowattHours(BigInt(before.wattHours)),
      energy: kilowattHours(known.drawn.wattHours),
      amount,
    });
  }
  return { periods, corrections };
}

function closedPeriod(known: Known, tariff: Tariff, charged: ExactMoney): ClosedPeriod {
  return {
    period: known.period,
    tariffHash: tariffHash(tariff),
    readingsHash: known.hash,
    wattHours: known.drawn.wattHours.toString(),
    charged: charged.numerator.toString(),
    estimates: known.estimates.map((e) => [e.start, e.seconds, e.wattHours]),
  };
}
