/** The passphrase that secrets are sealed under: from a file, or from the environment. */
import { readFileSync } from "node:fs";
import { cliErrors } from "./errors.js";

export const PASSPHRASE_VARIABLE = "SIPSTER_PASSPHRASE";

/**
 * The first line of the file, or the variable SIPSTER_PASSPHRASE. Not an option of its own: what
 * stands on a command line is seen by every process of the machine.
 * @throws cli/no-passphrase
 */
export function readPassphrase(file: string | null): string {
  const passphrase = file === null ? process.env[PASSPHRASE_VARIABLE] : firstLine(file);
  if (passphrase !== undefined && passphrase !== "") return passphrase;
  const what = file === null ? "no passphrase is given" : `the first line of ${file} is empty`;
  throw cliErrors.error("no-passphrase", what);
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/, 1)[0]!;
  } catch (error) {
    throw cliErrors.errorFrom({
      key: "no-passphrase",
      message: `${file} cannot be read`,
      details: { file },
      cause: error,
    });
  }
}
