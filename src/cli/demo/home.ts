/** One home of a demonstration: its meter and its resident's device. */
import { randomBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import type { ECashWallet } from "../../ecash/index.js";
import { Meter, MeterInstallation } from "../../meter/index.js";
import { exact, type ExactMoney } from "../../readings/index.js";
import { Purse, Resident } from "../../resident/index.js";
import type { SettlementSystem, SignedBill, Token } from "../../sipster/index.js";
import type { DemoFolder } from "./folder.js";
import type { Household } from "./households.js";
import { periodNumber, type DemoSettings } from "./options.js";
import { unixSeconds, type DemoUtility } from "./utility.js";

export interface DemoHome {
  readonly household: Household;
  /** Its place in the folder. */
  readonly place: string;
  readonly meter: Meter;
  readonly resident: Resident;
  readonly purse: Purse;
}

/** What the meter made of the month. */
export interface MeteredMonth {
  /** What the month costs, exactly: for the resident's eyes. */
  readonly amount: ExactMoney;
  readonly bill: SignedBill;
  readonly tokens: readonly Token[];
  readonly units: bigint;
}

/** Installs the meter and sets the device up, or opens what is there. A wallet has no secret of its own. */
export async function openHome(
  household: Household,
  options: DemoSettings,
  folder: DemoFolder,
  curve: Bn254,
  system: SettlementSystem,
  utility: DemoUtility,
  wallet: ECashWallet,
): Promise<DemoHome> {
  const place = `homes/${encodeURIComponent(household.id)}`;
  const memory = folder.memory(`${place}/meter.store`);
  const secret = folder.secret(`${place}/resident/secret`, () => randomBytes(32));
  const { tokenKey } = utility;
  const meter =
    memory.read() === null
      ? new MeterInstallation(curve, memory, {
          chainId: system.chainId,
          settlement: system.settlement,
          noticeSigner: utility.noticeSigner,
          keyEpoch: utility.key.keyEpoch,
          denominations: options.denominations,
          unit: options.unit,
          suite: tokenKey === null ? { name: "hash-bound" } : { name: "classic", tokenKey },
        }).complete(randomBytes(32)).meter
      : Meter.open(curve, memory);
  const store = await folder.store(`${place}/resident/books`, { sealed: true });
  return {
    household,
    place,
    meter,
    purse: new Purse(wallet, store, secret),
    resident: new Resident({
      system,
      suite: utility.suite,
      wallet,
      keys: new Map([[utility.key.keyEpoch, utility.key]]),
      payee: utility.payee,
      store,
      now: unixSeconds,
    }),
  };
}

/** The meter's month: charges to tokens, then the bill. */
export function meterMonth({ household, meter }: DemoHome, period: string): MeteredMonth {
  const charges = [...household.charges()];
  // What was recorded before, in a run that was interrupted, is passed over; so is a closed month.
  const number = periodNumber(period);
  const fresh = meter.openUnits === 0n;
  const recorded = meter.lastPeriod === number ? [] : meter.record(charges);
  const bill = meter.closePeriod(number);
  // Tokens of an interrupted run come again, all of them; else only those of the period's end.
  const known = fresh ? recorded : [];
  const tokens = [...known, ...meter.reemit("last", known.length)];
  return {
    amount: exact(charges.reduce((sum, { charge }) => sum + charge.numerator, 0n)),
    bill,
    tokens,
    units: tokens.reduce((sum, t) => sum + BigInt(t.denomination), 0n),
  };
}
