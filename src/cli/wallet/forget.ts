/** `sipster wallet forget`: erases what the books hold of a settled month. */
import type { Command } from "commander";
import type { RpcProvider } from "../../chain/index.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { month } from "../option-values.js";
import type { HexAddress } from "../../sipster/index.js";
import { forgetBills, formerBills } from "./former-meters.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";
import { show, withWallet, type Options } from "./session.js";
import { settlementOf } from "./settler.js";

export function forgetCommand(own: (name: string, says: string) => Command, io: Io): void {
  own("forget", "Erase tokens, receipts and spent coins of a month whose settlement is final.")
    .argument("<month>", "the month", month)
    .action((period: number, o: Options) =>
      withWallet(o, async (wallet, provider) => {
        const tx = await forgetMonth(wallet, provider, period);
        if (o.json === true) return void show(io, "forget", { period, tx });
        io.out(`${period} is forgotten; it was settled by ${tx}`);
        io.err("Copies of the books made before still hold it: write a new one, and remove them.");
      }),
    );
}

/** @returns the transaction that settled it last @throws cli/not-settled, cli/no-meter */
export async function forgetMonth(
  wallet: OpenWallet,
  provider: RpcProvider,
  period: number,
): Promise<string> {
  const { config, pinned, resident, store } = wallet;
  const txs: string[] = [];
  for (const meter of await metersOf(wallet, period)) {
    const of = { provider, deployment: config.deployment, terms: pinned.terms, meter, period };
    const tx = await settlementOf(of);
    if (tx === null) {
      throw cliErrors.error("not-settled", `no final block settles ${period}`, { period });
    }
    txs.push(tx);
  }
  await forgetBills(store, period);
  await resident.forget(period);
  return txs.at(-1)!;
}

/** That bill the month: those that were removed, and the present one if it gave tokens of it or is the only one. */
async function metersOf(
  { store, suite, resident }: OpenWallet,
  period: number,
): Promise<readonly HexAddress[]> {
  const bills = await formerBills(store, suite);
  const former = bills.filter(({ bill }) => bill.period === period).map(({ meter }) => meter);
  const paired = await pairedMeter(store);
  if (paired !== null) {
    const own = await resident.taken(period, paired.meter);
    return own > 0 || former.length === 0 ? [...former, paired.meter] : former;
  }
  if (former.length > 0) return former;
  throw cliErrors.error("no-meter", "this wallet is not paired with a meter");
}
