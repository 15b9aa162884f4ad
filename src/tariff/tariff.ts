/** What a tariff is. Prices are decimal texts in the major unit of the currency, without tax. */

/** Days of the week, and days that the tariff lists as holidays. */
export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "holiday";

export const weekdays: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A stretch of clock time on some days of some months; a window from 22:00 to 07:00 goes on past
 * midnight on the same days, and one whose ends are equal is the whole day. */
export interface Window {
  /** 1 to 12; all when absent. */
  readonly months?: readonly number[];
  /** All when absent. Where some window of a component names holidays, they are not weekdays for it. */
  readonly days?: readonly Day[];
  /** `HH:MM`, in it. */
  readonly from: string;
  /** `HH:MM`, not in it; 24:00 is the end of the day. */
  readonly to: string;
}

export interface Band {
  readonly name: string;
  /** Per kWh. */
  readonly price: string;
  /** Empty in the last band: all other times. */
  readonly windows: readonly Window[];
}

interface Named {
  readonly name: string;
  /** Whether the taxes of the version are added. */
  readonly taxed: boolean;
}

interface EnergyComponent extends Named {
  /** `export` pays for energy fed in: its prices are credits. */
  readonly direction: "import" | "export";
}

export interface FlatComponent extends EnergyComponent {
  readonly kind: "flat";
  readonly price: string;
}

export interface TimeOfUseComponent extends EnergyComponent {
  readonly kind: "time-of-use";
  /** The first band with a matching window counts. */
  readonly bands: readonly Band[];
}

/** One price for each step of time, from `from` on. */
export interface DynamicComponent extends EnergyComponent {
  readonly kind: "dynamic";
  /** Whether `from` is local time or UTC. Local prices have 24 hours every day. */
  readonly clock: "local" | "utc";
  /** `YYYY-MM-DDTHH:MM`. */
  readonly from: string;
  readonly stepSeconds: number;
  /** Runs of equal prices, in order: how many steps, and the price per kWh and name of each. */
  readonly runs: readonly {
    readonly steps: number;
    readonly price: string;
    readonly name: string;
  }[];
}

/** Prices by how much was used since the beginning of the day, month, quarter or year. */
export interface BlocksComponent extends Named {
  readonly kind: "blocks";
  readonly direction: "import";
  readonly per: "day" | "month" | "quarter" | "year";
  /** In order; the last has no upper limit. */
  readonly blocks: readonly {
    readonly name: string;
    /** Per kWh. */
    readonly price: string;
    /** Upper limit of the block in kWh since the beginning, absent in the last. */
    readonly upTo?: string;
  }[];
}

/**
 * A charge for the highest power of each calendar month within some hours. Power is the mean over
 * steps of the clock, or over all those hours of a day, in whole watts, rounded down.
 */
export interface DemandComponent extends Named {
  readonly kind: "demand";
  /** Per kW and calendar month, or per kW and day of supply in the month. */
  readonly price: string;
  readonly per: "month" | "day";
  readonly windows: readonly Window[];
  readonly basis: "step" | "day";
  /** Minutes of a step; divides a day. */
  readonly stepMinutes: number;
  /** The mean of so many highest steps, or days, counts. */
  readonly peaks: number;
  /** Less than this, in kW, is charged as this. */
  readonly minimum: string;
}

export interface StandingComponent extends Named {
  readonly kind: "standing";
  /** For each calendar day, or each calendar month, with supply. */
  readonly per: "day" | "month";
  readonly price: string;
}

export type Component =
  | FlatComponent
  | TimeOfUseComponent
  | DynamicComponent
  | BlocksComponent
  | DemandComponent
  | StandingComponent;

export interface Tax {
  readonly name: string;
  /** Percent of the net amount, a decimal. */
  readonly percent: string;
}

export interface TariffVersion {
  /** First day, `YYYY-MM-DD`; always, when absent (the first version only). */
  readonly from?: string;
  readonly components: readonly Component[];
  readonly taxes: readonly Tax[];
  /** `YYYY-MM-DD`, in order. */
  readonly holidays: readonly string[];
}

export interface Tariff {
  readonly format: "sipster/tariff@1";
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Decimal places of the minor unit: 2 for pence and cents. */
  readonly minorDigits: number;
  /** IANA name or fixed offset; a bill of another zone refuses the tariff. Any zone when absent. */
  readonly timeZone?: string;
  /** In order of time. */
  readonly versions: readonly TariffVersion[];
}
