/** The demonstration, step by step: from readings to settled bills. The audit and the report follow. */
import { availableParallelism } from "node:os";
import { reconcileCharges, type Reconciliation } from "../aggregation/index.js";
import { createMclBn254, type Bn254 } from "../algebra/index.js";
import {
  readKeyEpochs,
  registerMeters,
  settleBills,
  systemOf,
  type Deployment,
  type SettlementOutcome,
} from "../chain/index.js";
import { BlindBlsWallet } from "../ecash/index.js";
import {
  addressOf,
  parseBillFile,
  type Denominations,
  type SettlementSystem,
  type SystemTerms,
} from "../sipster/index.js";
import type { Sales } from "../utility/index.js";
import { count } from "../errors/count.js";
import { openChain, type DemoChain } from "./chain.js";
import type { DemoClock } from "./clock.js";
import { withDenominations } from "./denominations.js";
import { billName, type DemoFolder } from "./folder.js";
import { meterMonth, openHome, type DemoHome, type DemoTown, type MeteredMonth } from "./home.js";
import { checkInputs } from "./inputs.js";
import { loadHouseholds, type Households } from "./households.js";
import { periodNumber, type DemoOptions, type DemoSettings } from "./options.js";
import { basketFor, liveMonth, payAll, withdrawAll, type LivedMonth } from "./pay.js";
import type { Progress } from "./progress.js";
import { demoTerms, pinnedTerms } from "./terms.js";
import { openUtility, type DemoUtility } from "./utility.js";

/** Most homes whose meters agree on keys for the private total: each pair takes milliseconds. */
const MOST_RECONCILED = 60;

/** From so many homes on, threads make receipts and blind signatures: starting them takes a second. */
const HOMES_FOR_THREADS = 100;
const MOST_THREADS = 4;

export interface DemoBill {
  readonly home: DemoHome;
  readonly month: MeteredMonth;
  /** The bill file. */
  readonly file: string;
  readonly outcome: SettlementOutcome | null;
}

export interface DemoResult {
  readonly homes: Households;
  readonly denominations: Denominations;
  /** That the month went by. */
  readonly terms: SystemTerms;
  readonly system: SettlementSystem;
  readonly chain: DemoChain;
  readonly curve: Bn254;
  readonly bills: readonly DemoBill[];
  readonly sold: Sales;
  /** The private total of all bills against what was paid; `null` for one home or very many. */
  readonly reconciliation: Reconciliation | null;
  /** Units of the coins in one withdrawal. */
  readonly basketUnits: bigint;
  /** Homes that needed more than one. */
  readonly extraBaskets: number;
}

/** What every step of a run works with. */
interface Run {
  readonly options: DemoSettings;
  readonly folder: DemoFolder;
  readonly progress: Progress;
  readonly homes: Households;
  readonly curve: Bn254;
  readonly chain: DemoChain;
  readonly clock: DemoClock;
}

/** Runs everything up to settlement. */
export async function runDemo<T>({
  given,
  folder,
  progress,
  after,
}: {
  readonly given: DemoOptions;
  readonly folder: DemoFolder;
  readonly progress: Progress;
  /** what is done with the result while the chain is still there */
  readonly after: (result: DemoResult) => Promise<T>;
}): Promise<T> {
  const homes = await progress.step({
    name: "read",
    doing: "reading meters and tariff",
    run: () => loadHouseholds(given),
    describe: (h) =>
      `${count(h.households.length, "home")} in ${h.period}, tariff "${h.tariff.name}"`,
  });
  checkInputs(folder, given, homes);
  const options = withDenominations(given, folder, homes.households);
  const curve = await createMclBn254();
  const chain = await progress.step({
    name: "deploy",
    doing: options.rpc === null ? "starting a chain and deploying" : `deploying to ${options.rpc}`,
    run: () => openChain(options, folder),
    describe: ({ deployment }) =>
      `contracts on chain ${deployment.chainId}, settlement at ${deployment.contracts.settlement.address}`,
  });
  const run: Run = { options, folder, progress, homes, curve, chain, clock: { now: 0 } };
  const open: { close(): Promise<void> }[] = [chain, folder];
  try {
    const installed = await install(run, open);
    return await after(await payAndSettle(run, installed));
  } finally {
    for (const each of open.reverse()) await each.close();
  }
}

interface Installed {
  readonly town: readonly DemoHome[];
  readonly shared: DemoTown;
}

/** Registers the utility's keys, installs a meter in every home and registers them. */
function install(
  { options, folder, progress, homes, curve, chain, clock }: Run,
  open: { close(): Promise<void> }[],
): Promise<Installed> {
  const { sender, deployment } = chain;
  const system = systemOf(deployment);
  return progress.step({
    name: "install",
    doing: "registering the utility's keys and installing meters",
    run: async () => {
      const threads = threadsFor(homes.households.length);
      const period = periodNumber(homes.period);
      const place = { folder, curve, system, deployment, sender, clock };
      const utility = await openUtility({ options, period, threads, ...place });
      open.push(utility);
      const terms = termsOf({
        settings: options,
        households: homes,
        utility,
        deployment,
        payee: sender.address,
      });
      const shared: DemoTown = {
        households: homes,
        folder,
        curve,
        system,
        terms: await pinnedTerms(sender, deployment, { terms, period }),
        keys: await readKeyEpochs({ provider: sender.provider, deployment, curve }),
        // Readings of any year are paid with coins of today.
        mints: [{ mintKeyId: utility.mint.mintKeyId, firstPeriod: 0 }],
        utility,
        clock,
        wallet: new BlindBlsWallet(curve, system, utility.mint),
      };
      const town: DemoHome[] = [];
      for (const household of homes.households) town.push(await openHome(household, shared));
      const meters = town.map(({ meter }) => meter.address);
      await registerMeters({ sender, deployment, meters });
      return { town, shared };
    },
    describe: ({ town, shared }) =>
      `${count(town.length, "meter")} registered, key epoch ${shared.utility.key.keyEpoch}`,
  });
}

/** The month: metered, paid, combined, settled, and compared with what the utility took. */
async function payAndSettle(run: Run, { town, shared }: Installed): Promise<DemoResult> {
  const { options, folder, progress, homes, curve, chain, clock } = run;
  const { utility, system } = shared;
  const soldBefore = await salesBefore(folder, utility, homes.period);
  const basket = basketFor(options, homes.households);
  const months = await live(progress, { folder, homes, clock, town, shared, basket });
  // Its threads have nothing more to do, and each holds memory.
  await utility.close();
  const files = await progress.step({
    name: "combine",
    doing: "combining receipts",
    run: () => combineAll(folder, town, months),
    describe: (all) => `${count(all.length, "combined receipt")} of 64 bytes`,
  });
  const outcomes = await settle(run, files);
  const soldInAll = await utility.counter.sales();
  const sold = {
    units: soldInAll.units - soldBefore.units,
    receipts: soldInAll.receipts - soldBefore.receipts,
  };
  return {
    basketUnits: basket.units,
    extraBaskets: basket.extra,
    reconciliation: await reconcile({ progress, period: homes.period, town, months, sold }),
    homes,
    denominations: options.denominations,
    terms: shared.terms,
    system,
    chain,
    curve,
    bills: town.map((home, i) => ({
      home,
      month: months[i]!,
      file: files[i]!,
      outcome: outcomes?.[i] ?? null,
    })),
    sold,
  };
}

/** Homes withdraw coins, meters measure the month, and every token is paid. */
async function live(progress: Progress, month: LivedMonth): Promise<MeteredMonth[]> {
  const { basket, town, shared } = month;
  await progress.step({
    name: "withdraw",
    doing: "withdrawing coins",
    run: () => withdrawAll(month),
    describe: () =>
      `every home withdrew the same ${basket.coins.length} coins, worth ${basket.units} units`,
  });
  const months = await progress.step({
    name: "meter",
    doing: "metering the month, and paying what is due in it",
    run: async () => {
      await liveMonth(month);
      return town.map((home) => meterMonth(home, shared));
    },
    describe: (all) =>
      `${count(
        all.reduce((n, m) => n + m.tokens.length, 0),
        "token",
      )} and ${count(all.length, "signed bill")}`,
  });
  await progress.step({
    name: "pay",
    doing: "paying tokens",
    run: () => payAll(month),
    describe: () => "every token has a receipt, and every receipt was verified",
  });
  return months;
}

/** What the utility had sold when the month's first run began: the books go over all months. */
async function salesBefore(
  folder: DemoFolder,
  { counter }: DemoUtility,
  period: string,
): Promise<Sales> {
  const { units, receipts } = await counter.sales();
  const text = folder.text(`utility/sold-before-${period}`, () => `${units} ${receipts}\n`);
  const [unitsBefore, receiptsBefore] = text.trim().split(" ").map(BigInt);
  return { units: unitsBefore!, receipts: receiptsBefore! };
}

/**
 * The meters' units through private stream aggregation, so that nobody sees one home's, against the
 * coins the utility redeemed: an audit that neither system can make alone.
 */
async function reconcile({
  progress,
  period,
  town,
  months,
  sold,
}: {
  readonly progress: Progress;
  readonly period: string;
  readonly town: readonly DemoHome[];
  readonly months: readonly MeteredMonth[];
  readonly sold: Sales;
}): Promise<Reconciliation | null> {
  if (town.length < 2 || town.length > MOST_RECONCILED) return null;
  return progress.step({
    name: "reconcile",
    doing: "adding up all bills privately",
    run: () =>
      reconcileCharges({
        neighbourhood: "demo",
        period: periodNumber(period),
        units: new Map(town.map(({ household }, i) => [household.id, months[i]!.units])),
        redeemed: sold.units,
      }),
    describe: ({ charged, redeemed }) => `${charged} units charged in all, ${redeemed} paid`,
  });
}

async function combineAll(
  folder: DemoFolder,
  town: readonly DemoHome[],
  months: readonly MeteredMonth[],
): Promise<string[]> {
  const files: string[] = [];
  for (const [i, { resident, meter, household }] of town.entries()) {
    const { bill, tokens, blinding } = months[i]!;
    const file = await resident.combine({ bill, tokens, blinding, meter: meter.address });
    folder.write(billName(household.id), file);
    files.push(file);
  }
  return files;
}

async function settle(
  { options, progress, chain, curve }: Run,
  files: readonly string[],
): Promise<readonly SettlementOutcome[] | null> {
  if (!options.settle) return null;
  const { sender, deployment } = chain;
  const bills = files.map((file) => parseBillFile(curve, file));
  return progress.step({
    name: "settle",
    doing: options.batch ? "settling in batches" : "settling bill by bill",
    run: () => settleBills({ sender, deployment, bills, curve, batch: options.batch }),
    describe: (all) =>
      `${all.filter((o) => o.status !== "refused").length} of ${count(all.length, "bill")} settled`,
  });
}

function termsOf({
  settings: { minorUnits, denominations, emission },
  households: { tariff, timeZone },
  utility: { tokenKey, noticeSigner, answerKey },
  deployment,
  payee,
}: {
  readonly settings: DemoSettings;
  readonly households: Households;
  readonly utility: DemoUtility;
  readonly deployment: Deployment;
  readonly payee: string;
}): SystemTerms {
  const key = tokenKey === null ? null : addressOf(tokenKey);
  const money = { payee, minorUnits, denominations, emission };
  const keys = { tokenKey: key, noticeSigner, answerKey };
  return demoTerms({ deployment, tariff, timeZone, ...keys, ...money });
}

function threadsFor(homes: number): number {
  return homes < HOMES_FOR_THREADS ? 0 : Math.min(MOST_THREADS, availableParallelism() - 1);
}
