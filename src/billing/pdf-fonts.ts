/**
 * The fonts of a bill: the standard ones of PDF where they have every letter, else DejaVu (Bitstream Vera
 * licence, free to embed), the fonts that are given, and those of installed packages for further scripts.
 * Only the letters used are embedded. All packages are optional.
 */
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PDFDocument, PDFFont } from "@cantoo/pdf-lib";
import { billingErrors } from "./errors.js";
import { fontPackages, installedFonts } from "./script-fonts.js";
import { visualRuns, type Bidi, type TextRun } from "./pdf-runs.js";

export type Face = "plain" | "bold" | "mono";

/** How texts are set in each face. */
export interface Fonts {
  /** A text as it is drawn from left to right, each part in a font that has its letters. */
  runs: (text: string, face: Face) => readonly TextRun<PDFFont>[];
}

/** Letters outside the standard fonts' encoding (WinAnsi). */
const beyondStandard = /[^\x20-\x7e\xa0-\xff…€\n]/;

const files: Readonly<Record<Face, string>> = {
  plain: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
  mono: "DejaVuSansMono.ttf",
};

/**
 * @param texts all that the bill says
 * @param given open fonts (TTF, OTF, WOFF) for letters that DejaVu lacks
 * @throws billing/no-font where letters need a font and it is not installed, or no font has all of them
 */
export async function fontsFor(
  document: PDFDocument,
  texts: readonly string[],
  given: readonly Uint8Array[],
): Promise<Fonts> {
  const { StandardFonts } = await import("@cantoo/pdf-lib");
  const beyond = texts.find((text) => beyondStandard.test(text));
  if (beyond === undefined) {
    const standard: Record<Face, PDFFont> = {
      plain: await document.embedFont(StandardFonts.Helvetica),
      bold: await document.embedFont(StandardFonts.HelveticaBold),
      mono: await document.embedFont(StandardFonts.Courier),
    };
    return { runs: (text, face) => [{ text, font: standard[face] }] };
  }
  const { fontkit, bidi, folder } = await openFonts(beyond);
  document.registerFontkit(fontkit);
  const others = await Promise.all(given.map((bytes) => embed(document, bytes, beyond)));
  const faces = {} as Record<Face, readonly EmbeddedFont[]>;
  for (const face of ["plain", "bold", "mono"] as const) {
    faces[face] = [
      await embed(document, await readFile(join(folder, files[face])), beyond),
      ...others,
    ];
  }
  for (const bytes of await installedFonts(
    new Set(texts.flatMap((t) => missingIn(t, faces.plain))),
  )) {
    const font = await embed(document, bytes, beyond);
    for (const face of ["plain", "bold", "mono"] as const) faces[face] = [...faces[face], font];
  }
  for (const text of texts) {
    const [letter] = missingIn(text, faces.plain);
    if (letter !== undefined)
      throw noFont(text, `no font has the letter "${letter}"${cureFor(letter)}`);
  }
  return { runs: (text, face) => visualRuns(text, faces[face], bidi) };
}

/** Letters of a text that no font has. */
function missingIn(text: string, fonts: readonly EmbeddedFont[]): string[] {
  return [...text].filter(
    (letter) => letter !== "\n" && !fonts.some(({ letters }) => letters.has(letter)),
  );
}

/** What to install for a letter, where a package has its script. */
function cureFor(letter: string): string {
  const [name] = fontPackages(letter);
  return name === undefined ? "" : ` (npm install ${name} has it)`;
}

interface EmbeddedFont {
  readonly font: PDFFont;
  readonly letters: { readonly has: (letter: string) => boolean };
}

async function embed(
  document: PDFDocument,
  bytes: Uint8Array,
  text: string,
): Promise<EmbeddedFont> {
  let font: PDFFont;
  try {
    font = await document.embedFont(bytes, { subset: true });
  } catch (cause) {
    throw noFont(text, "a file that is given is not a font", cause);
  }
  const known = new Set(font.getCharacterSet());
  return { font, letters: { has: (letter) => known.has(letter.codePointAt(0)!) } };
}

type Fontkit = Parameters<PDFDocument["registerFontkit"]>[0];

async function openFonts(
  text: string,
): Promise<{ readonly fontkit: Fontkit; readonly bidi: Bidi; readonly folder: string }> {
  try {
    // @ts-expect-error the package has no types
    const fontkit = (await import("fontkit")) as unknown as Fontkit;
    const { default: makeBidi } = (await import("bidi-js")) as unknown as { default: () => Bidi };
    const root = dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json"));
    return { fontkit, bidi: makeBidi(), folder: join(root, "ttf") };
  } catch (cause) {
    throw noFont(text, "the font is not installed", cause);
  }
}

function noFont(text: string, reason: string, cause?: unknown): Error {
  return billingErrors.errorFrom({
    key: "no-font",
    message: `"${text.slice(0, 40)}" has letters beyond the standard fonts of PDF, and ${reason}`,
    details: { text: text.slice(0, 200), reason },
    cause,
  });
}
