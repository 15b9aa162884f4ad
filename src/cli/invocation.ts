/** How this program was started, so that the commands it suggests work when they are pasted. */
import { relative, resolve } from "node:path";

const ENTRY = resolve(import.meta.dirname, "../../bin/sipster.js");

export interface Started {
  /** The script that Node runs. */
  readonly script: string;
  readonly cwd: string;
  /** Under `npx -p node@24 -c`, an inner npx does not work, and the shell outside has an older Node. */
  readonly npmCommand: string | undefined;
}

/** `sipster ARGS` as one can type it here: `npx sipster …` from an install, a path from a checkout. */
export function invocation(
  args: string,
  { script, cwd, npmCommand }: Started = {
    script: process.argv[1] ?? "",
    cwd: process.cwd(),
    npmCommand: process.env.npm_command,
  },
): string {
  const isInstalled = ENTRY.includes("/node_modules/") || /[\\/]\.bin[\\/]sipster$/.test(script);
  if (isInstalled) return `npx sipster ${args}`;
  const command = `node ${relative(cwd, ENTRY) || "bin/sipster.js"} ${args}`;
  return npmCommand === "exec" || npmCommand === "run-script"
    ? `npx -y -p node@24 -c "${command}"`
    : command;
}
