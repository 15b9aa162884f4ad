/**
 * The source of a contract as the compiler is given it: its own file and every file it imports, under
 * the names that the build gives them. These names are part of what the code commits to.
 */
import { readFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import * as v from "valibot";
import { readJson } from "../../../json/index.js";
import { chainErrors } from "../../errors/errors.js";
import {
  COMPILER_SETTINGS,
  SETTINGS_OF_FILES,
  type CompilerSettings,
} from "./compiler-settings.js";

/** The package that contracts/ and its libraries came with: a checkout, or an installed package. */
export const PACKAGE_ROOT = resolve(import.meta.dirname, "../../../..");

const LIBRARY = "@openzeppelin/contracts";
const PROJECT = "project/";

/** The compiler's standard JSON input, without a selection of its output. */
export interface SourceInput {
  readonly language: "Solidity";
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: CompilerSettings & { readonly remappings: readonly string[] };
}

/** The compiler's name of a file of the project. */
export function sourceName(file: string): string {
  return `${PROJECT}${file}`;
}

/**
 * Reads a contract's file and what it imports.
 * @param file in the package, such as contracts/CreditVault.sol
 * @param root folder of the package: contracts/ is in it, and the library in its node_modules/ or in
 *   that of a folder above
 * @throws chain/no-sources
 */
export async function readSources(file: string, root = PACKAGE_ROOT): Promise<SourceInput> {
  const library = await findLibrary(root);
  const sources: Record<string, { content: string }> = {};
  const open = async (name: string): Promise<void> => {
    if (name in sources) return;
    const path = name.startsWith(library.name)
      ? join(library.folder, name.slice(library.name.length))
      : join(root, name.slice(PROJECT.length));
    const content = await readText(path, `the source file ${name}`);
    sources[name] = { content };
    for (const imported of importsOf(content)) {
      await open(
        imported.startsWith(`${LIBRARY}/`)
          ? library.name + imported.slice(LIBRARY.length + 1)
          : posix.join(posix.dirname(name), imported),
      );
    }
  };
  await open(sourceName(file));
  return {
    language: "Solidity",
    // In the order of the build, by name.
    sources: Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1))),
    settings: {
      ...(SETTINGS_OF_FILES[file] ?? COMPILER_SETTINGS),
      remappings: [`${PROJECT}:${LIBRARY}/=${library.name}`],
    },
  };
}

/** Where the library is, and what the compiler calls that folder. */
async function findLibrary(root: string): Promise<{ name: string; folder: string }> {
  for (let folder = resolve(root); ; folder = resolve(folder, "..")) {
    const found = join(folder, "node_modules", LIBRARY);
    const manifest = await readFile(join(found, "package.json"), "utf8").catch(() => null);
    if (manifest !== null) {
      const { version } = readJson(v.object({ version: v.string() }), manifest, (why) =>
        missing(`a package.json of ${LIBRARY}, which ${why}`, found),
      );
      return { name: `npm/${LIBRARY}@${version}/`, folder: found };
    }
    if (folder === resolve(folder, "..")) break;
  }
  throw missing(`${LIBRARY}, which the contracts import`, join(root, "node_modules", LIBRARY));
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw missing(what, path, error);
  }
}

function missing(what: string, path: string, cause?: unknown): Error {
  return chainErrors.errorFrom({
    key: "no-sources",
    message: `${what} is not at ${path}`,
    details: { path },
    cause,
  });
}

/** The paths of the import directives, which stand at the beginning of a line. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/^import\s[^;]*?"([^"]+)"[^;]*;/gm)].map((found) => found[1]!);
}
