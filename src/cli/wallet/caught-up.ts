/**
 * Up to when a wallet on a development chain has done what was due: for the process that moves the clock of that
 * chain, and waits for it. `caught-up.json` in the wallet's folder; a public time and nothing else.
 */
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { countField, readJson } from "../../json/index.js";
import { readFileIfPresent, replaceFile } from "../../store/index.js";
import { cliErrors } from "../errors.js";
import type { OpenWallet } from "./open-wallet.js";
import type { Round } from "./rounds.js";

const FORMAT = "sipster/wallet-caught-up@1";
const NAME = "caught-up.json";
const schema = v.strictObject({ format: v.literal(FORMAT), chainTime: countField });

/** After a round: nothing on a chain with a lead, whose clock nobody moves, or without the meter. */
export function writeCaughtUp({ folder, pinned }: OpenWallet, { now, meter }: Round): void {
  const { lead, timeShift } = pinned.terms;
  if (lead !== 0 || meter === null) return;
  const chainTime = Math.min(now, Math.floor(meter.clock / 1000)) + timeShift;
  const text = JSON.stringify({ format: FORMAT, chainTime });
  replaceFile(join(folder.path, NAME), utf8ToBytes(`${text}\n`));
}

/** The chain's time up to which all is done, Unix seconds; `null` before the first round. */
export function readCaughtUp(folder: string): number | null {
  const bytes = readFileIfPresent(join(folder, NAME));
  if (bytes === null) return null;
  return readJson(schema, bytes, (why) => cliErrors.error("damaged-file", `${NAME} ${why}`))
    .chainTime;
}
