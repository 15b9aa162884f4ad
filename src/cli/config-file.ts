/**
 * The configuration file: values for options that the command line leaves out, so that the node and
 * the account need not be typed each time. `sipster.config.json` in the folder where the command
 * runs, or the file that SIPSTER_CONFIG names. A command takes from it what it has options for.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { cliErrors } from "./errors.js";
import type { Io } from "./io.js";

export const CONFIG_FORMAT = "sipster/config@1";
const CONFIG_FILE = "sipster.config.json";

/** What it may hold: options of the long form, without dashes in front. Never a secret itself. */
const KEYS: ReadonlySet<string> = new Set([
  "rpc",
  "deployments",
  "deployment",
  "account",
  "key-file",
  "keystore",
  "password-file",
  "relay",
  "published",
  "time-zone",
  "tariff",
]);

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
    cliErrors.error("bad-config", `${file}: ${why}`, { file }, cause);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw bad(cause instanceof SyntaxError ? "it is not JSON" : "it cannot be read", cause);
  }
  if (typeof document !== "object" || document === null) throw bad("it is not an object");
  const { format, ...rest } = document as Readonly<Record<string, unknown>>;
  if (format !== CONFIG_FORMAT) throw bad(`its format is not "${CONFIG_FORMAT}"`);
  for (const [key, value] of Object.entries(rest)) {
    if (!KEYS.has(key)) throw bad(`"${key}" cannot be configured`);
    if (typeof value !== "string") throw bad(`"${key}" is not text`);
  }
  return new Map(Object.entries(rest as Readonly<Record<string, string>>));
}
