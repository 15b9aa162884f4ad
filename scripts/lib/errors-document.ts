/** The text of docs/errors.md, from the catalogues that the rooms declare. */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "prettier";
import type { ErrorCatalogue } from "../../src/errors/catalogue.js";
import { ExitCode } from "../../src/errors/sipster-error.js";

const root = resolve(import.meta.dirname, "../..");

function isCatalogue(value: unknown): value is ErrorCatalogue<string> {
  return typeof value === "object" && value !== null && "room" in value && "entries" in value;
}

/** Every catalogue exported by a file src/…/errors.ts, sorted by room. */
export async function allCatalogues(): Promise<ErrorCatalogue<string>[]> {
  const files = globSync(["src/**/errors.ts", "src/errors/machine.ts"], { cwd: root });
  const modules = await Promise.all(
    files.map((f) => import(pathToFileURL(resolve(root, f)).href) as Promise<object>),
  );
  return modules
    .flatMap((m) => Object.values(m).filter(isCatalogue))
    .sort((a, b) => (a.room < b.room ? -1 : 1));
}

export async function errorsDocument(): Promise<string> {
  let text = `# Errors

Every error says what happened, what it means and what to do, and carries one of these identifiers.
This page is generated from the catalogues in \`src\` (\`tsx scripts/errors-doc.ts\`).
`;
  for (const { room, entries } of await allCatalogues()) {
    text += `\n## ${room}\n\n| error | what it means | what to do | exit code |\n|---|---|---|---|\n`;
    for (const [key, e] of Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))) {
      text += `| \`${room}/${key}\` | ${e.consequence} | ${e.cure} | ${e.exit ?? ExitCode.Data} |\n`;
    }
  }
  return format(text, { parser: "markdown", printWidth: 100 });
}
