/** `sipster explain CODE`: what an error means and what to do, from the list that docs/errors.md is. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import { table } from "./table.js";

const DOCUMENT = resolve(import.meta.dirname, "../../docs/errors.md");

interface Explained {
  readonly code: string;
  readonly consequence: string;
  readonly cure: string;
  readonly exit: number;
}

const EXAMPLES = `Examples:
  sipster explain settlement/wrong-receipt
  sipster explain store
  sipster explain
`;

export const registerExplain: RegisterCommand = (sub, io) => {
  sub
    .addHelpText("before", EXAMPLES)
    .argument("[code]", "an error's identifier, or the part before its slash")
    .option("--json", "print as JSON")
    .action((code: string | undefined, { json }: { json?: true }) => {
      const all = readList();
      const found = all.filter((e) => e.code === code || e.code.startsWith(`${code}/`));
      if (code !== undefined && found.length === 0) {
        throw cliErrors.error("no-such-error", `there is no error "${code}"`, { code });
      }
      const shown = code === undefined ? all : found;
      if (json === true) io.json({ format: "sipster/errors@1", errors: shown });
      else if (shown.length === 1) io.out(oneText(shown[0]!));
      else io.out(listText(shown, io.tableWidth));
    });
};

function oneText({ code, consequence, cure, exit }: Explained): string {
  return `${code}\n  this means: ${consequence}\n  what to do: ${cure}\n  exit code:  ${exit}`;
}

function listText(errors: readonly Explained[], width: number | undefined): string {
  const rows = errors.map(({ code, consequence }) => [code, consequence]);
  return table([{ head: "error" }, { head: "what it means" }], rows, width);
}

/** The rows of the document's tables: identifier, meaning, cure, exit code. */
function readList(): Explained[] {
  return [
    ...readFileSync(DOCUMENT, "utf8").matchAll(/^\| `([^`]+)`\s*\|(.*)\|(.*)\|\s*(\d+)\s*\|$/gm),
  ].map(([, code, consequence, cure, exit]) => ({
    code: code!,
    consequence: consequence!.trim(),
    cure: cure!.trim(),
    exit: Number(exit),
  }));
}
