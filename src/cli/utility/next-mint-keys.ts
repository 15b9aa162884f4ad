/** `sipster utility register-mint-keys`: the mint's next keys, all of one id in one transaction. */
import type { Command } from "commander";
import { createMclBn254 } from "../../algebra/index.js";
import { VaultCalls, VaultReader } from "../../chain/index.js";
import { mintPublicKeys } from "../../ecash/index.js";
import { registerMintKeys } from "../../mint/index.js";
import { costLine } from "../cost-line.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { month } from "../option-values.js";
import { open, withSender, type ChainOptions } from "./session.js";

interface NextOptions extends ChainOptions {
  readonly from?: number;
}

/** Gives `register-mint-keys` its options and what it does. */
export function mintKeys(command: Command, io: Io): void {
  command
    .option("--from <month>", "the first month of the keys; the earliest when left out", month)
    .action((o: NextOptions) => registerNext(o, io));
}

/**
 * Keys are kept before they are sent: if the process dies before they are registered, the next run sends the
 * same ones. Each run registers the id after the last one that the vault has.
 */
async function registerNext(o: NextOptions, io: Io): Promise<void> {
  const folder = await open(o);
  await withSender(o, io, async ({ provider, deployment, sender }) => {
    const reader = new VaultReader(provider, deployment);
    const { mintKeyId, firstPeriod: earliest } = await reader.nextMintKeys();
    if (mintKeyId === 1) {
      throw cliErrors.error("no-utility", "the vault has no mint key: run register-key first");
    }
    const firstPeriod = o.from ?? earliest;
    const curve = await createMclBn254();
    const secret = folder.makeMint(mintKeyId);
    const keys = { ...mintPublicKeys(curve, secret), firstPeriod };
    const cost = await registerMintKeys(new VaultCalls(sender, deployment), curve, keys);
    const denominations = [...secret.scalars.keys()];
    const { transaction, gas, fee } = cost;
    if (o.json === true) {
      const sent = { transaction, gas: String(gas), fee: String(fee) };
      io.json({
        ...{ format: "sipster/utility-mint-keys@1", mintKeyId, firstPeriod },
        ...{ denominations, ...sent },
      });
      return;
    }
    io.out(`mint key ${mintKeyId} begins in ${firstPeriod}`);
    io.out(costLine(`register ${denominations.length} keys`, cost));
    io.err("next: start `sipster utility serve` again before that month, so that it has the keys");
  });
}
