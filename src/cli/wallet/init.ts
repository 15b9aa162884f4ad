/** `sipster wallet init`: a wallet whose parameters the contract has confirmed. */
import { readFileSync } from "node:fs";
import { hexToBytes } from "@noble/hashes/utils.js";
import { Option, type Command } from "commander";
import { createMclBn254 } from "../../algebra/index.js";
import { addressOf } from "../../sipster/index.js";
import {
  nodeOptions,
  openDeployment,
  recordOption,
  withNode,
  type RecordOptions,
} from "../chain-options.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { channelOf } from "./channel.js";
import type { ChannelName } from "./folder.js";
import { pin } from "./pinned.js";
import { openFolder, options, show, type Options } from "./session.js";

interface InitOptions extends Options, RecordOptions {
  readonly utility: string;
  readonly sizeClass: string;
  readonly secretFile?: string;
  readonly channel?: ChannelName;
  readonly relay?: string;
}

export function initCommand(command: Command, io: Io): void {
  recordOption(nodeOptions(options(command.description("Make a wallet."))))
    .requiredOption("--utility <url>", "the utility's service")
    .option("--size-class <name>", "of the public parameters", "standard")
    .addOption(
      new Option(
        "--channel <name>",
        "how payments travel (default: ohttp if there are relays)",
      ).choices(["plain", "ohttp"]),
    )
    .option("--relay <url>", "one of the announced relays of Oblivious HTTP; else drawn each time")
    .option("--secret-file <file>", "restore: 64 hexadecimal digits of the secret")
    .action(async (o: InitOptions) => {
      const given = o.secretFile === undefined ? undefined : secretOf(o.secretFile);
      const folder = await openFolder(o);
      if (given !== undefined) folder.checkSecret(given);
      const curve = await createMclBn254();
      await withNode(o.rpc, async (provider) => {
        const deployment = await openDeployment(provider, o);
        const { utility, rpc, sizeClass, channel, relay } = o;
        // Nothing is written before the contract has confirmed what the utility serves.
        const pinned = await pin({
          provider,
          curve,
          deployment,
          utility,
          sizeClass,
          kept: folder.parameters,
        });
        const way = { ...(channel && { channel }), ...(relay && { relay }) };
        channelOf({ utility, ...way }, pinned);
        folder.writeConfig({ utility, rpc, sizeClass, meter: null, deployment, ...way });
      });
      const secret = folder.secret(given);
      const account = addressOf(folder.derived("account"));
      const shown = given === undefined ? Buffer.from(secret).toString("hex") : null;
      if (o.json === true) return show(io, "init", { account, ...(shown && { secret: shown }) });
      io.out(`account  ${account}`);
      if (shown !== null) {
        io.out(`secret   ${shown}`);
        io.err("Write the secret down and keep it elsewhere: with it the money is restored.");
      }
    });
}

/** The secret in a file: 64 digits, no more and no fewer, as a shorter one is anybody's to guess. */
export function secretOf(file: string): Uint8Array {
  const text = readFileSync(file, "utf8").trim();
  if (/^[0-9a-fA-F]{64}$/.test(text)) return hexToBytes(text);
  const what = `${file} does not hold 64 hexadecimal digits and nothing else`;
  throw cliErrors.error("bad-option", what, { option: "--secret-file" });
}
