/** The demonstration, step by step: from readings to settled bills. The audit and the report follow. */
import { availableParallelism } from "node:os";
import { reconcileCharges, type Reconciliation } from "../../aggregation/index.js";
import { createMclBn254, type Bn254 } from "../../algebra/index.js";
import {
  checkChain,
  connectRpc,
  parseDeployment,
  registerMeters,
  settleBills,
  systemOf,
  TransactionSender,
  writeDeployment,
  type Deployment,
  type SettlementOutcome,
} from "../../chain/index.js";
import {
  deploySipster,
  fileJournal,
  readDeployment,
  startLocalChain,
} from "../../chain/node/index.js";
import { BlindBlsWallet, constantBasket } from "../../ecash/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { parseBillFile, type SettlementSystem } from "../../sipster/index.js";
import { sales, type Sales } from "../../utility/index.js";
import { cliErrors } from "../errors.js";
import type { DemoFolder } from "./folder.js";
import { meterMonth, openHome, type DemoHome, type MeteredMonth } from "./home.js";
import { loadHouseholds, type Households } from "./households.js";
import { periodNumber, type DemoOptions } from "./options.js";
import type { Progress } from "./progress.js";
import { openUtility, type DemoUtility } from "./utility.js";

/** Most homes whose meters agree on keys for the private total: each pair takes milliseconds. */
const MOST_RECONCILED = 60;

/** Homes that pay at the same time: their orders reach the counter mixed. */
const PAYING_TOGETHER = 64;

/** Homes that withdraw at the same time: one computes while others wait for the chain and the mint. */
const WITHDRAWING_TOGETHER = 4;

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
  readonly system: SettlementSystem;
  readonly deployment: Deployment;
  readonly sender: TransactionSender;
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

interface DemoChain {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

/**
 * Runs everything up to settlement.
 * @param after what is done with the result while the chain is still there
 */
export async function runDemo<T>(
  options: DemoOptions,
  folder: DemoFolder,
  progress: Progress,
  after: (result: DemoResult) => Promise<T>,
): Promise<T> {
  const homes = await progress.step(
    "read",
    "reading meters and tariff",
    () => loadHouseholds(options),
    (h) => `${h.households.length} homes in ${h.period}, tariff "${h.tariff.name}"`,
  );
  const curve = await createMclBn254();
  const chain = await progress.step(
    "deploy",
    options.rpc === null ? "starting a chain and deploying" : `deploying to ${options.rpc}`,
    () => openChain(options, folder),
    ({ deployment }) =>
      `contracts on chain ${deployment.chainId}, settlement at ${deployment.contracts.settlement.address}`,
  );
  const open: { close(): Promise<void> }[] = [chain, folder];
  try {
    const { sender, deployment } = chain;
    const system = systemOf(deployment);
    const { utility, town } = await progress.step(
      "install",
      "registering the utility's keys and installing meters",
      async () => {
        const threads = threadsFor(homes.households.length);
        const utility = await openUtility(
          options,
          folder,
          curve,
          system,
          deployment,
          sender,
          threads,
        );
        open.push(utility);
        const wallet = new BlindBlsWallet(curve, system, utility.mint);
        const town: DemoHome[] = [];
        for (const household of homes.households) {
          town.push(await openHome(household, options, folder, curve, system, utility, wallet));
        }
        const meters = town.map(({ meter }) => meter.address);
        await registerMeters(sender, deployment, meters);
        return { utility, town };
      },
      ({ utility, town }) => `${town.length} meters registered, key epoch ${utility.key.keyEpoch}`,
    );
    const months = await progress.step(
      "meter",
      "metering the month",
      () => Promise.resolve(town.map((home) => meterMonth(home, homes.period))),
      (all) =>
        `${all.reduce((n, m) => n + m.tokens.length, 0)} tokens and ${all.length} signed bills`,
    );
    const soldBefore = await salesBefore(folder, utility, homes.period);
    const { basketUnits, extraBaskets } = await pay(
      options,
      folder,
      progress,
      homes.period,
      utility,
      town,
      months,
    );
    const files = await progress.step(
      "combine",
      "combining receipts",
      () => combineAll(folder, town, months),
      (all) => `${all.length} combined receipts of 64 bytes`,
    );
    const outcomes = await settle(options, folder, progress, chain, curve, files);
    const soldInAll = await sales(utility.books);
    const sold = {
      units: soldInAll.units - soldBefore.units,
      receipts: soldInAll.receipts - soldBefore.receipts,
    };
    return await after({
      reconciliation: await reconcile(progress, homes.period, town, months, sold),
      homes,
      system,
      deployment,
      sender,
      curve,
      bills: town.map((home, i) => ({
        home,
        month: months[i]!,
        file: files[i]!,
        outcome: outcomes?.[i] ?? null,
      })),
      sold,
      basketUnits,
      extraBaskets,
    });
  } finally {
    for (const each of open.reverse()) await each.close();
  }
}

/** What the utility had sold when the month's first run began: the books go over all months. */
async function salesBefore(
  folder: DemoFolder,
  { books }: DemoUtility,
  period: string,
): Promise<Sales> {
  const { units, receipts } = await sales(books);
  const text = folder.text(`utility/sold-before-${period}`, () => `${units} ${receipts}\n`);
  const [unitsBefore, receiptsBefore] = text.trim().split(" ").map(BigInt);
  return { units: unitsBefore!, receipts: receiptsBefore! };
}

async function openChain(options: DemoOptions, folder: DemoFolder): Promise<DemoChain> {
  const known = folder.read("deployment.json");
  if (options.rpc === null) {
    if (known !== null) {
      throw cliErrors.error(
        "folder-in-use",
        `${folder.path} belongs to an earlier run, whose chain is gone`,
        { out: folder.path },
      );
    }
    const chain = await startLocalChain();
    const signer = await chain.provider.getSigner(0);
    const deployment = await deploySipster(signer);
    folder.write("deployment.json", writeDeployment(deployment));
    return {
      deployment,
      sender: await TransactionSender.create(signer),
      close: () => chain.close(),
    };
  }
  const provider = await connectRpc(options.rpc);
  const [account] = await provider.listAccounts();
  if (account === undefined) {
    throw cliErrors.error("no-account", `the node at ${options.rpc} has no unlocked account`);
  }
  const given = options.deployment === null ? null : await readDeployment(options.deployment);
  const recorded = known === null ? given : parseDeployment(known);
  if (recorded !== null) await checkChain(provider, recorded);
  const deployment =
    recorded ??
    (await deploySipster(account, {
      ...(folder.path === null ? {} : { journal: `${folder.path}/ignition` }),
    }));
  folder.write("deployment.json", writeDeployment(deployment));
  const journal = folder.path === null ? {} : { journal: fileJournal(`${folder.path}/pending`) };
  return {
    deployment,
    sender: await TransactionSender.create(account, journal),
    close: () => {
      provider.destroy();
      return Promise.resolve();
    },
  };
}

async function pay(
  options: DemoOptions,
  folder: DemoFolder,
  progress: Progress,
  period: string,
  utility: DemoUtility,
  town: readonly DemoHome[],
  months: readonly MeteredMonth[],
): Promise<{ basketUnits: bigint; extraBaskets: number }> {
  const basket = constantBasket(options.denominations, basketFor(months));
  const basketUnits = basket.reduce((sum, d) => sum + BigInt(d), 0n);
  await progress.step(
    "withdraw",
    "withdrawing coins",
    async () => {
      await together(town, WITHDRAWING_TOGETHER, async ({ purse, place }) => {
        // One basket a month, whatever is left of the last one.
        const mark = `${place}/resident/withdrew-${period}`;
        const resumed = await purse.resume(utility.withdraw);
        if (resumed === 0 && folder.read(mark) === null) {
          await purse.withdraw(basket, utility.withdraw);
        }
        folder.write(mark, `${basketUnits} units\n`);
      });
    },
    () => `every home withdrew the same ${basket.length} coins, worth ${basketUnits} units`,
  );
  let extraBaskets = 0;
  await progress.step(
    "pay",
    "paying tokens",
    () =>
      together(town, PAYING_TOGETHER, async ({ resident, purse }, i) => {
        await resident.accept(months[i]!.tokens);
        for (;;) {
          try {
            await resident.pay(utility.service);
            return;
          } catch (error) {
            if (!isSipsterError(error, "resident/no-coin")) throw error;
            // A bill above the basket: visible to the mint, as a second withdrawal.
            extraBaskets++;
            await purse.withdraw(basket, utility.withdraw);
          }
        }
      }),
    () => "every token has a receipt, and every receipt was verified",
  );
  return { basketUnits, extraBaskets };
}

/**
 * Units in a basket: twice the neighbourhood's mean, which is public (the total is on no home's bill),
 * rounded up to two digits, so that most homes never need a second one.
 */
function basketFor(months: readonly MeteredMonth[]): bigint {
  const total = months.reduce((sum, m) => sum + m.units, 0n);
  const twice = (2n * total) / BigInt(months.length) + 1n;
  const scale = 10n ** BigInt(Math.max(0, twice.toString().length - 2));
  return ((twice + scale - 1n) / scale) * scale;
}

/**
 * The meters' units through private stream aggregation, so that nobody sees one home's, against the
 * coins the utility redeemed: an audit that neither system can make alone.
 */
async function reconcile(
  progress: Progress,
  period: string,
  town: readonly DemoHome[],
  months: readonly MeteredMonth[],
  sold: Sales,
): Promise<Reconciliation | null> {
  if (town.length < 2 || town.length > MOST_RECONCILED) return null;
  return progress.step(
    "reconcile",
    "adding up all bills privately",
    () =>
      reconcileCharges({
        neighbourhood: "demo",
        period: periodNumber(period),
        units: new Map(town.map(({ household }, i) => [household.id, months[i]!.units])),
        redeemed: sold.units,
      }),
    ({ charged, redeemed }) => `${charged} units charged in all, ${redeemed} paid`,
  );
}

async function combineAll(
  folder: DemoFolder,
  town: readonly DemoHome[],
  months: readonly MeteredMonth[],
): Promise<string[]> {
  const files: string[] = [];
  for (const [i, { resident, meter, household }] of town.entries()) {
    const { bill, tokens } = months[i]!;
    const file = await resident.combine(bill, tokens, meter.lastBlinding(), meter.address);
    folder.write(`bills/${encodeURIComponent(household.id)}.json`, file);
    files.push(file);
  }
  return files;
}

async function settle(
  { settle: wanted, batch }: DemoOptions,
  folder: DemoFolder,
  progress: Progress,
  { sender, deployment }: DemoChain,
  curve: Bn254,
  files: readonly string[],
): Promise<readonly SettlementOutcome[] | null> {
  if (!wanted) return null;
  return progress.step(
    "settle",
    batch ? "settling in batches" : "settling bill by bill",
    () =>
      settleBills(
        sender,
        deployment,
        files.map((file) => parseBillFile(curve, file)),
        { curve, batch },
      ),
    (all) => `${all.filter((o) => o.status !== "refused").length} of ${all.length} bills settled`,
  );
}

function threadsFor(homes: number): number {
  return homes < HOMES_FOR_THREADS ? 0 : Math.min(MOST_THREADS, availableParallelism() - 1);
}

/** Runs `work` for every item, at most `limit` at a time. */
async function together<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const [i, item] of queue) await work(item, i);
    }),
  );
}
