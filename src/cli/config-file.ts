/**
 * The configuration file: values for options that the command line leaves out, so that the node and
 * the account need not be typed each time. `sipster.config.json` in the folder where the command
 * runs, or the file that SIPSTER_CONFIG names. A command takes from it what it has options for.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import * as v from "valibot";
import { readJson, withoutFormat } from "../json/index.js";
import { cliErrors } from "./errors.js";
import type { Io } from "./io.js";

export const CONFIG_FORMAT = "sipster/config@1";
const CONFIG_FILE = "sipster.config.json";

const text = v.exactOptional(v.string());

/** What it may hold: options of the long form, without dashes in front. Never a secret itself. */
const configField = v.strictObject({
  format: v.literal(CONFIG_FORMAT),
  rpc: text,
  deployments: text,
  deployment: text,
  account: text,
  "key-file": text,
  keystore: text,
  "password-file": text,
  relay: text,
  published: text,
  "time-zone": text,
  tariff: text,
});

/** @throws cli/bad-config */
export function applyConfig(
  command: Command,
  environment: Readonly<Record<string, string | undefined>>,
  io: Io,
): void {
  const file = environment.SIPSTER_CONFIG ?? CONFIG_FILE;
  if (environment.SIPSTER_CONFIG === undefined && !existsSync(file)) return;
  const values = readConfig(file);
  const used: string[] = [];
  for (const option of command.options) {
    const value = values.get(option.long?.slice(2) ?? "");
    if (value === undefined || option.variadic) continue;
    command.setOptionValueWithSource(option.attributeName(), value, "config");
    used.push(option.long!);
  }
  if (used.length > 0) io.err(`${file}: ${used.join(", ")}`);
}

function readConfig(file: string): Map<string, string> {
  const bad = (why: string, cause?: unknown) =>
    cliErrors.errorFrom({
      key: "bad-config",
      message: `${file}: ${why}`,
      details: { file },
      cause,
    });
  let content: Uint8Array;
  try {
    content = readFileSync(file);
  } catch (cause) {
    throw bad("cannot be read", cause);
  }
  const values = withoutFormat(
    readJson(configField, content, (why, _field, cause) => bad(why, cause)),
  );
  return new Map(Object.entries(values));
}
