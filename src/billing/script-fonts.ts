/**
 * Fonts for scripts that DejaVu lacks: Noto Sans (SIL Open Font Licence) as Fontsource packages it, one
 * package a script, none of them a dependency: those that are installed are used.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Scripts by their Unicode names, and the packages that have their letters. */
const PACKAGES: readonly (readonly [script: string, ...names: readonly string[]])[] = [
  ["Devanagari", "devanagari"],
  ["Bengali", "bengali"],
  ["Gurmukhi", "gurmukhi"],
  ["Gujarati", "gujarati"],
  ["Tamil", "tamil"],
  ["Telugu", "telugu"],
  ["Kannada", "kannada"],
  ["Malayalam", "malayalam"],
  ["Sinhala", "sinhala"],
  ["Thai", "thai"],
  ["Khmer", "khmer"],
  ["Myanmar", "myanmar"],
  ["Ethiopic", "ethiopic"],
  ["Hiragana", "jp"],
  ["Katakana", "jp"],
  ["Hangul", "kr"],
  ["Han", "sc", "jp", "tc", "kr"],
];

/** The packages that have a letter, the usual one first; none where its script is not listed. */
export function fontPackages(letter: string): readonly string[] {
  return PACKAGES.filter(([script]) =>
    new RegExp(`\\p{Script_Extensions=${script}}`, "u").test(letter),
  )
    .flatMap(([, ...names]) => names)
    .map((name) => `@fontsource/noto-sans-${name}`);
}

/** Font files of installed packages that have the letters, each once. */
export async function installedFonts(letters: ReadonlySet<string>): Promise<readonly Uint8Array[]> {
  const files = new Set<string>();
  for (const letter of letters) {
    for (const name of fontPackages(letter)) {
      const file = await fileWith(letter, name);
      if (file === undefined) continue;
      files.add(file);
      break;
    }
  }
  return Promise.all([...files].map((file) => readFile(file)));
}

/** The file of a package that has a letter; `undefined` where the package is not installed or lacks it. */
async function fileWith(letter: string, name: string): Promise<string | undefined> {
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve(`${name}/LICENSE`));
  } catch {
    return undefined;
  }
  const text = await readFile(join(folder, "unicode.json"), "utf8");
  // One line a subset: "[4]": "U+1f1e9-1f1f5,U+1f1f7".
  const subsets = [...text.matchAll(/"\[?([\w-]+)\]?":\s*"([^"]*)"/g)];
  const found = subsets.find(([, , ranges]) => isWithin(letter.codePointAt(0)!, ranges!));
  if (found === undefined) return undefined;
  const subset = found[1]!;
  return join(folder, "files", `${name.split("/")[1]!}-${subset}-400-normal.woff`);
}

/** @param ranges such as `U+0900-097F,U+200C` */
function isWithin(code: number, ranges: string): boolean {
  return ranges.split(",").some((range) => {
    const [from, to = from] = range.trim().slice(2).split("-");
    return code >= parseInt(from!, 16) && code <= parseInt(to!, 16);
  });
}
