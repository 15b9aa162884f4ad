/** `sipster utility register-receipt-key`: the key of the next key epoch, from a month on. */
import type { Command } from "commander";
import { createMclBn254 } from "../../algebra/index.js";
import { settlementContract } from "../../chain/index.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { month } from "../option-values.js";
import { registerReceiptKey } from "./register.js";
import { open, withSender, type ChainOptions } from "./session.js";

interface NextOptions extends ChainOptions {
  readonly from: number;
}

/** Gives `register-receipt-key` its options and what it does. */
export function nextReceiptKey(command: Command, io: Io): void {
  command
    .requiredOption("--from <month>", "the first month that is billed under it", month)
    .action((o: NextOptions) => registerNext(o, io));
}

/**
 * The key is kept before it is sent: if the process dies before it is registered, the next run sends the same
 * one. Each run registers the epoch after the last one that the settlement contract has.
 */
async function registerNext(o: NextOptions, io: Io): Promise<void> {
  const folder = await open(o);
  await withSender(o, io, async ({ provider, deployment, sender }) => {
    const registered = Number(await settlementContract(deployment, provider).keyEpochs());
    if (registered === 0) {
      throw cliErrors.error(
        "no-utility",
        "the contract has no receipt key: run register-key first",
      );
    }
    const keyEpoch = registered + 1;
    const curve = await createMclBn254();
    const target = { folder, curve, deployment, sender };
    const done = await registerReceiptKey(target, folder.makeReceiptKey(keyEpoch), o.from);
    const { transactions } = done;
    if (o.json === true) {
      io.json({
        ...{ format: "sipster/utility-receipt-key@1", keyEpoch, firstPeriod: o.from },
        transactions,
      });
      return;
    }
    io.out(`key epoch ${keyEpoch} begins in ${o.from}`);
    io.err("`sipster utility serve` has the key already; wallets bring its notice to their meters");
  });
}
