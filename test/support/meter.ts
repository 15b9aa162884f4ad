/** A meter for tests: installed with made-up terms, its clock and registers in the test's hand. */
import type { Bn254 } from "../../src/algebra/index.js";
import {
  MeterInstallation,
  TrustedMeter,
  VolatileMemory,
  type MeterSettings,
  type NonVolatileMemory,
} from "../../src/meter/index.js";
import {
  addressOf,
  openViewKey,
  parseDenominations,
  signKeyNotice,
  type EmissionRule,
  type KeyHash,
  type KeyNotice,
  type SuiteName,
  type SystemTerms,
  type Token,
  type ViewKey,
} from "../../src/sipster/index.js";
import { tariffHash, type Tariff } from "../../src/tariff/index.js";
import type { RegisterReading } from "../../src/tariff/register.js";
import { someTerms } from "./parameters.js";
import { sharedTokenKey, system } from "./settlement.js";

/** The utility's key for notices to meters. */
export const noticeKey = new Uint8Array(32).fill(0x17);
export const residentShare = new Uint8Array(32).fill(5);

/** A unit, which is a cent, for each kWh: a watt-hour is a thousandth of a unit. */
export const centPerKwh = flatTariff("0.01");

export function flatTariff(price: string, more: Partial<Tariff> = {}): Tariff {
  const energy = { kind: "flat", taxed: false } as const;
  return {
    format: "sipster/tariff@1",
    name: `Flat ${price}`,
    currency: "EUR",
    minorDigits: 2,
    versions: [
      {
        components: [
          { ...energy, name: "Energy", direction: "import", price },
          { ...energy, name: "Feed-in", direction: "export", price },
        ],
        taxes: [],
        holidays: [],
      },
    ],
    ...more,
  };
}

export interface MeterOptions {
  readonly suite?: SuiteName;
  readonly emission?: EmissionRule;
  readonly denominations?: readonly number[];
  readonly timeZone?: string;
  readonly tariff?: Tariff;
  /** The meter's clock at installation. */
  readonly now?: number;
}

export const HALF_HOUR = 1_800_000;
/** Where the months of tests begin. */
export const JANUARY = Date.UTC(2013, 0, 1);
export const FEBRUARY = Date.UTC(2013, 1, 1);
export const MARCH = Date.UTC(2013, 2, 1);

export function termsFor(options: MeterOptions = {}): SystemTerms {
  const { suite = "hash-bound", tariff = centPerKwh } = options;
  const usual = suite === "classic" ? [1] : [1, 10, 100];
  return {
    ...someTerms,
    deployment: {
      ...someTerms.deployment,
      chainId: system.chainId,
      settlement: system.settlement,
    },
    suite:
      suite === "classic" ? { name: suite, tokenKey: addressOf(sharedTokenKey) } : { name: suite },
    denominations: parseDenominations([...(options.denominations ?? usual)]),
    emission: options.emission ?? "as-it-accrues",
    timeZone: options.timeZone ?? "UTC",
    tariffs: [tariffHash(tariff)],
    noticeSigner: addressOf(noticeKey),
  };
}

export function settingsFor(options: MeterOptions = {}): MeterSettings {
  return {
    terms: termsFor(options),
    tariff: options.tariff ?? centPerKwh,
    tokenKey: options.suite === "classic" ? sharedTokenKey : null,
    now: options.now ?? JANUARY,
    registers: { imported: 0, exported: 0 },
  };
}

export function keyNotice(keyEpoch: number, firstPeriod: number, key = noticeKey): KeyNotice {
  const keyHash = new Uint8Array(32).fill(keyEpoch) as KeyHash;
  return signKeyNotice(system, { keyEpoch, firstPeriod, keyHash }, key);
}

/** A meter and what its hardware shows. */
export class TestMeter {
  readonly registers = { import: 0, export: 0 };

  readonly curve: Bn254;
  readonly memory: NonVolatileMemory;
  readonly viewKey: ViewKey;
  public meter: TrustedMeter;
  public now: number;
  readonly tariff: Tariff;

  constructor({
    curve,
    memory,
    viewKey,
    meter,
    now,
    tariff,
  }: {
    readonly curve: Bn254;
    readonly memory: NonVolatileMemory;
    readonly viewKey: ViewKey;
    readonly meter: TrustedMeter;
    readonly now: number;
    readonly tariff: Tariff;
  }) {
    this.curve = curve;
    this.memory = memory;
    this.viewKey = viewKey;
    this.meter = meter;
    this.now = now;
    this.tariff = tariff;
  }

  /** Half-hours of energy from the present on, in watt-hours; the clock goes along. */
  use(...wattHours: readonly (number | bigint)[]): void {
    for (const each of wattHours) {
      const from = this.now;
      this.now += HALF_HOUR;
      this.meter.advance(this.now, [this.reading({ wattHours: Number(each), from, to: this.now })]);
    }
  }

  /** The register goes on by so much. */
  reading({
    wattHours,
    from,
    to,
    kind = "import",
  }: {
    readonly wattHours: number;
    readonly from: number;
    readonly to: number;
    readonly kind?: "import" | "export";
  }): RegisterReading {
    this.registers[kind] += wattHours;
    return { kind, wattHours: this.registers[kind], from, to };
  }

  /** The clock goes to an instant, and the meter is told a moment later. */
  goTo(instant: number): void {
    this.now = instant;
    this.meter.advance(this.now + 1);
  }

  /** What a restart finds. */
  reopen(): TrustedMeter {
    this.meter = new TrustedMeter(this.curve, this.memory, [this.tariff]);
    return this.meter;
  }

  tokens(period: number, after = 0): Token[] {
    return tokensOf(this.meter, period, after);
  }

  units(period: number): number {
    return unitsOf(this.tokens(period));
  }
}

export function installMeter(
  curve: Bn254,
  memory: NonVolatileMemory = new VolatileMemory(),
  options: MeterOptions = {},
): TestMeter {
  const settings = settingsFor(options);
  const installation = new MeterInstallation(curve, memory, settings);
  const { commitment } = installation;
  const { meter, meterShare } = installation.complete(residentShare);
  const viewKey = openViewKey(system.systemId, { commitment, meterShare, residentShare });
  meter.followKeyNotice(keyNotice(1, 0));
  return new TestMeter({
    curve,
    memory,
    viewKey,
    meter,
    now: settings.now,
    tariff: settings.tariff,
  });
}

export function unitsOf(tokens: Iterable<Token>): number {
  return [...tokens].reduce((sum, t) => sum + t.denomination, 0);
}

export function tokensOf(meter: TrustedMeter, period: number, after = 0): Token[] {
  return [...meter.tokens(period, after)].map(({ token }) => token);
}
