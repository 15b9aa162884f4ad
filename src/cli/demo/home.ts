/** One home of a demonstration: its meter and its resident's device. */
import { randomBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import type { ECashWallet } from "../../ecash/index.js";
import { Meter, MeterInstallation } from "../../meter/index.js";
import { exact, type ExactMoney } from "../../readings/index.js";
import { COMMON_DEADLINE, Purse, Resident, type NumberedToken } from "../../resident/index.js";
import type { DemoClock } from "./clock.js";
import type { SettlementSystem, SignedBill, Token } from "../../sipster/index.js";
import type { DemoFolder } from "./folder.js";
import type { Household } from "./households.js";
import { periodNumber, type DemoSettings } from "./options.js";
import type { DemoUtility } from "./utility.js";

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
  /** The tokens with their numbers in their denominations. */
  readonly numbered: readonly NumberedToken[];
  readonly units: bigint;
}

interface HomeSetup {
  readonly options: DemoSettings;
  readonly folder: DemoFolder;
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  readonly utility: DemoUtility;
  readonly wallet: ECashWallet;
  readonly clock: DemoClock;
}

/** Installs the meter and sets the device up, or opens what is there. A wallet has no secret of its own. */
export async function openHome(
  household: Household,
  { options, folder, curve, system, utility, wallet, clock }: HomeSetup,
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
  const now = (): number => clock.now;
  const mints = [{ mintKeyId: utility.mint.mintKeyId, firstPeriod: 0 }];
  return {
    household,
    place,
    meter,
    purse: new Purse({ wallet, store, secret, mints, now }),
    resident: new Resident({
      system,
      suite: utility.suite,
      wallet,
      secret,
      keys: [{ ...utility.key, firstPeriod: 0 }],
      mints,
      payee: utility.payee,
      answerKey: utility.answerKey,
      policy: { kind: "common-deadline" },
      timetable: COMMON_DEADLINE,
      // Everything is in one process: nobody is there to count requests.
      requests: 0,
      store,
      now,
    }),
  };
}

/** The meter's month: charges to tokens, then the bill. */
export function meterMonth(
  { household, meter, place }: DemoHome,
  period: string,
  folder: DemoFolder,
): MeteredMonth {
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
    numbered: numberTokens(folder, place, period, tokens),
    units: tokens.reduce((sum, t) => sum + BigInt(t.denomination), 0n),
  };
}

/** Numbers the tokens of a month on from those of the months before, in each denomination. */
function numberTokens(
  folder: DemoFolder,
  place: string,
  period: string,
  tokens: readonly Token[],
): NumberedToken[] {
  const name = (what: string): string => `${place}/resident/token-numbers${what}.json`;
  const before = folder.text(name(`-before-${period}`), () => folder.read(name("")) ?? "{}");
  const next = JSON.parse(before) as Record<number, number>;
  const numbered = tokens.map((token) => {
    const number = next[token.denomination] ?? 0;
    next[token.denomination] = number + 1;
    return { token, number };
  });
  folder.write(name(""), JSON.stringify(next));
  return numbered;
}
