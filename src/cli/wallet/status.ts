/** What a wallet says of itself: what is paid, missing and due, and what the utility can see. */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import type { RpcProvider } from "../../chain/index.js";
import { countField, decimalField, readJson } from "../../json/index.js";
import { whatTimesShow } from "../../resident/index.js";
import { addPeriods, periodOfTime } from "../../sipster/index.js";
import { cliErrors } from "../errors.js";
import { table } from "../table.js";
import type { Io } from "../io.js";
import { toJson } from "../io.js";
import { formerBills } from "./former-meters.js";
import { instant } from "./instant.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";
import { settlementOf } from "./settler.js";

/** Months that a status shows: the present one, and those before. */
const MONTHS = 4;
const MONTH_SECONDS = 30 * 86_400;

export interface MonthStatus {
  /** YYYYMM. */
  readonly period: number;
  readonly units: bigint;
  readonly paid: bigint;
  /** Tokens whose payment was sent and has no good receipt. */
  readonly missing: number;
  /** Tokens whose time to be paid has not come. */
  readonly due: number;
  /** Tokens whose coin was used for another token. */
  readonly blocked: number;
  /** Transaction of the settlement, final; `null` before. */
  readonly tx: string | null;
}

export interface WalletStatus {
  /** The deployment's clock, Unix seconds. */
  readonly now: number;
  readonly months: readonly MonthStatus[];
  readonly coins: readonly (readonly [denomination: number, count: number])[];
  /** Unix seconds; `null`: nothing is planned. */
  readonly nextDue: number | null;
  /** Signed answers of the counter that are false. */
  readonly evidence: number;
  /** When the books were copied last, Unix seconds; `null`: never. */
  readonly backup: number | null;
  /** What the utility can see of this wallet, in two sentences. */
  readonly sees: string;
}

export async function statusOf(wallet: OpenWallet, provider: RpcProvider): Promise<WalletStatus> {
  const { resident, purse, pinned, channel, clock, config, store } = wallet;
  const bills = await formerBills(store, wallet.suite);
  const paired = await pairedMeter(store);
  const months: MonthStatus[] = [];
  const month = periodOfTime(clock.now);
  for (let period = month; period > addPeriods(month, -MONTHS); period = addPeriods(period, -1)) {
    const of = await resident.status(period);
    const { deployment } = config;
    const former = bills.find(({ bill }) => bill.period === period);
    const meter = former?.meter ?? paired?.meter;
    const tx =
      meter === undefined
        ? null
        : await settlementOf({ provider, deployment, terms: pinned.terms, meter, period });
    if (of.tokens === 0 && tx === null) continue;
    const missing = of.sent + of.posted + of.receipted;
    const { units, unitsPaid: paid, waiting: due, blocked } = of;
    months.push({ period, units, paid, missing, due, blocked, tx });
  }
  const { schedule } = pinned.terms;
  return {
    now: clock.now,
    months,
    coins: [...(await purse.coins())].sort(([a], [b]) => a - b),
    nextDue: await resident.nextDue(),
    evidence: (await resident.evidence()).length,
    backup: await lastBackup(wallet),
    sees: `${whatTimesShow({ kind: schedule.policy }, schedule)} ${channel.says}`,
  };
}

const BACKUP = "wallet/backup";

export async function noteBackup({ store, clock }: OpenWallet): Promise<void> {
  const at = utf8ToBytes(String(clock.now));
  await store.transaction(async (tx) => tx.put(BACKUP, at));
}

async function lastBackup({ store }: OpenWallet): Promise<number | null> {
  const bytes = await store.transaction((tx) => tx.get(BACKUP));
  return bytes === undefined ? null : Number(new TextDecoder().decode(bytes));
}

/** A status as it is kept for a command that asks while another process has the books. */
export function encodeStatus(status: WalletStatus): Uint8Array {
  return utf8ToBytes(toJson(status));
}

export function decodeStatus(bytes: Uint8Array): WalletStatus {
  return readJson(statusField, bytes, (why) =>
    cliErrors.error("damaged-file", `what the wallet said last ${why}`),
  );
}

const statusField = v.strictObject({
  now: countField,
  months: v.array(
    v.strictObject({
      period: countField,
      units: decimalField,
      paid: decimalField,
      missing: countField,
      due: countField,
      blocked: countField,
      tx: v.nullable(v.string()),
    }),
  ),
  coins: v.array(v.strictTuple([countField, countField])),
  nextDue: v.nullable(countField),
  evidence: countField,
  backup: v.nullable(countField),
  sees: v.string(),
});

/** For people. */
export function showStatus(status: WalletStatus, io: Io): void {
  const right = "right" as const;
  const heads = ["month", "units", "paid", "missing", "due", "settled by"];
  const rows = status.months.map(({ period, units, paid, missing, due, tx }) => [
    `${Math.floor(period / 100)}-${String(period % 100).padStart(2, "0")}`,
    ...[units, paid, missing, due].map(String),
    tx ?? "",
  ]);
  const columns = heads.map((head, i) => (i > 0 && i < 5 ? { head, align: right } : { head }));
  io.out(table(columns, rows, io.tableWidth));
  const coins = status.coins.map(([d, n]) => `${n} × ${d}`).join(", ");
  io.out(`\nnow       ${instant(status.now)}, by the chain's clock`);
  io.out(`coins     ${coins === "" ? "none" : coins}`);
  if (status.nextDue !== null) io.out(`next      ${instant(Math.max(status.nextDue, status.now))}`);
  if (status.evidence > 0) io.out(`evidence  ${status.evidence} false answers of the counter`);
  io.out(`\n${status.sees}`);
  if (status.backup === null || status.now - status.backup > MONTH_SECONDS) {
    const when = status.backup === null ? "never" : `last on ${instant(status.backup)}`;
    io.err(
      `The books were copied ${when}: run \`sipster wallet backup FILE\`, and keep the copy elsewhere.`,
    );
  }
}
