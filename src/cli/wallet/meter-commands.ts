/**
 * What a wallet does with its meter beside fetching tokens: `sipster wallet remove-meter`, `meter-tariff`,
 * `ask-time` and `set-time`. The notices come from the utility as files; the meter checks who signed them.
 */
import type { Command } from "commander";
import { bytesToHex } from "@noble/hashes/utils.js";
import { meterErrors, type MeterClient } from "../../meter/index.js";
import { takeTokens, type MeteredBill } from "../../resident/index.js";
import { billGen, type RemovalNotice, type TariffNotice } from "../../sipster/index.js";
import { UtilityClient } from "../../service/index.js";
import { readTariff } from "../../tariff/index.js";
import { systemClock } from "../../time/system-clock.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { readNotice } from "../notice-file.js";
import { billFrom, keepBills } from "./former-meters.js";
import type { OpenWallet } from "./open-wallet.js";
import { forgetMeter, pairedMeter } from "./paired-meter.js";
import { show, withWallet, type Options } from "./session.js";

export function meterCommands(own: (name: string, says: string) => Command, io: Io): void {
  own(
    "remove-meter",
    "Take all that the meter owes, then let it erase its keys, by the utility's notice.",
  )
    .argument("<notice>", "file from `sipster utility remove-meter`")
    .action((file: string, o: Options) =>
      withWallet(o, async (wallet) => {
        const periods = await removeMeter(wallet, readNotice(file, "removal"));
        if (o.json === true) show(io, "remove-meter", { periods });
        else io.out(`removed; the books have its bills of ${periods.join(", ")}`);
      }),
    );
  own("meter-tariff", "Bring the meter the tariff of later months.")
    .argument("<notice>", "file from `sipster utility next-tariff`")
    .action((file: string, o: Options) =>
      withWallet(o, async (wallet) => {
        const notice = readNotice(file, "tariff");
        await bringTariff(wallet, notice);
        const { firstPeriod } = notice;
        if (o.json === true) show(io, "meter-tariff", { firstPeriod });
        else io.out(`the meter prices by it from ${firstPeriod} on`);
      }),
    );
  own("ask-time", "Let a meter that has lost its clock ask for the time.").action((o: Options) =>
    withWallet(o, async (wallet) => {
      const nonce = await withMeter(wallet, (client) => client.askTime());
      const text = `0x${bytesToHex(nonce)}`;
      if (o.json === true) show(io, "ask-time", { nonce: text });
      else io.out(text);
      io.err(
        "next, within two minutes: `sipster utility meter-time`, and `sipster wallet set-time`",
      );
    }),
  );
  own(
    "set-time",
    "Set the clock of a meter that has lost it, by the utility's time and this wallet's.",
  )
    .argument("<notice>", "file from `sipster utility meter-time`")
    .action((file: string, o: Options) =>
      withWallet(o, async (wallet) => {
        const notice = readNotice(file, "time");
        await withMeter(wallet, (client) => client.confirmTime(notice, () => timeOf(wallet)));
        const time = new Date(notice.time).toISOString();
        if (o.json === true) show(io, "set-time", { time });
        else io.out(`the meter goes by ${time}`);
      }),
    );
}

async function withMeter<T>(
  wallet: OpenWallet,
  work: (client: MeterClient) => Promise<T>,
): Promise<T> {
  const client = await wallet.meter();
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Milliseconds: this machine's; the chain's in a development deployment, whose clock is another. */
function timeOf({ pinned, clock }: OpenWallet): number {
  return pinned.terms.lead === 0 ? 1000 * clock.now : systemClock();
}

/**
 * The meter closes its open month; its tokens and bills are durable in the books before it may erase its keys.
 * May be run again when it was interrupted. @returns the months whose bills were kept
 * @throws meter/refused, bad-message, resident/…
 */
export async function removeMeter(
  wallet: OpenWallet,
  notice: RemovalNotice,
): Promise<readonly number[]> {
  const { resident, store, pinned, folder, config } = wallet;
  const { meter } = (await pairedMeter(store)) ?? { meter: null };
  const kept: MeteredBill[] = [];
  await withMeter(wallet, async (client) => {
    await client.remove(notice);
    const { closed } = await client.status();
    const forgotten = await resident.forgotten();
    const bills: MeteredBill[] = [];
    for (const period of closed) {
      await takeTokens(resident, client, { keys: pinned.keys, period });
      const metered = await billFrom(client, meter!, period);
      checkSum(wallet, metered);
      bills.push(metered);
    }
    kept.push(...bills.filter(({ bill }) => !forgotten.has(bill.period)));
    await keepBills(wallet, kept);
    await client.release(bills.map(({ bill }) => bill));
  });
  await forgetMeter(store);
  folder.writeConfig({ ...config, meter: null });
  return kept.map(({ bill }) => bill.period);
}

/** Tokens and blinding factor make the bill: afterwards nobody can be asked again. @throws meter/bad-message */
function checkSum({ curve, suite }: OpenWallet, { bill, tokens, blinding }: MeteredBill): void {
  const accumulated = curve.g1.sum([...tokens].map((token) => suite.point(token)));
  const { period, keyEpoch } = bill;
  const { r } = billGen({ curve, period, keyEpoch, accumulated, blinding });
  if (Buffer.compare(r, bill.r) === 0) return;
  throw meterErrors.error("bad-message", `tokens and blinding of ${period} do not make its bill`);
}

/** Brings only what the announced terms name for the month: a tariff for one home would show its bill. */
async function bringTariff(wallet: OpenWallet, notice: TariffNotice): Promise<void> {
  const { pinned, config } = wallet;
  const hash = `0x${bytesToHex(notice.successor)}` as const;
  const ruling = pinned.announced.findLast(({ firstPeriod }) => firstPeriod <= notice.firstPeriod);
  if (ruling?.terms.tariffs.includes(hash) !== true) {
    throw cliErrors.error("foreign-tariff", `no terms of ${notice.firstPeriod} name ${hash}`);
  }
  const bytes = await new UtilityClient(config.utility).call("tariff", { hash }, undefined);
  const tariff = await readTariff({ name: "the utility's tariff", bytes });
  await withMeter(wallet, (client) => client.followTariffNotice(notice, tariff));
}
