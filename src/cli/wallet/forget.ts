/** `sipster wallet forget`: erases what the books hold of a settled month. */
import type { Command } from "commander";
import type { RpcProvider } from "../../chain/index.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { month } from "../option-values.js";
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

/** @returns the transaction that settled it @throws cli/not-settled, cli/no-meter */
export async function forgetMonth(
  { config, pinned, resident, store }: OpenWallet,
  provider: RpcProvider,
  period: number,
): Promise<string> {
  const paired = await pairedMeter(store);
  if (paired === null) throw cliErrors.error("no-meter", "this wallet is not paired with a meter");
  const { meter } = paired;
  const tx = await settlementOf({
    provider,
    deployment: config.deployment,
    terms: pinned.terms,
    meter,
    period,
  });
  if (tx === null) {
    throw cliErrors.error("not-settled", `no final block settles ${period}`, { period });
  }
  await resident.forget(period);
  return tx;
}
