/**
 * The fonts of a bill: the standard ones of PDF where they have every letter, else DejaVu (Bitstream Vera
 * licence, free to embed), of which only the letters used are embedded. Its packages are optional.
 */
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PDFDocument, PDFFont } from "@cantoo/pdf-lib";
import { billingErrors } from "./errors.js";
import type { Face } from "./pdf-sheet.js";

/** Letters outside the standard fonts' encoding (WinAnsi). */
const beyondStandard = /[^\x20-\x7e\xa0-\xff…€\n]/;

const files: Readonly<Record<Face, string>> = {
  plain: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
  mono: "DejaVuSansMono.ttf",
};

/**
 * @param texts all that the bill says
 * @throws billing/no-font where letters need the font and it is not installed, or has not all of them
 */
export async function fontsFor(
  document: PDFDocument,
  texts: readonly string[],
): Promise<Record<Face, PDFFont>> {
  const { StandardFonts } = await import("@cantoo/pdf-lib");
  const beyond = texts.find((text) => beyondStandard.test(text));
  if (beyond === undefined) {
    return {
      plain: await document.embedFont(StandardFonts.Helvetica),
      bold: await document.embedFont(StandardFonts.HelveticaBold),
      mono: await document.embedFont(StandardFonts.Courier),
    };
  }
  const fonts = await openFonts(beyond);
  document.registerFontkit(fonts.fontkit);
  const embed = async (face: Face): Promise<PDFFont> =>
    document.embedFont(await readFile(join(fonts.folder, files[face])), { subset: true });
  const embedded = {
    plain: await embed("plain"),
    bold: await embed("bold"),
    mono: await embed("mono"),
  };
  const known = new Set(embedded.plain.getCharacterSet());
  for (const text of texts) {
    const missing = [...text].find(
      (letter) => letter !== "\n" && !known.has(letter.codePointAt(0)!),
    );
    if (missing !== undefined) throw noFont(text, `the font has no letter "${missing}"`);
  }
  return embedded;
}

/** What is used of a font here: one face, and not a collection. */
interface FontFace {
  createSubset: () => object;
}
type Fontkit = Parameters<PDFDocument["registerFontkit"]>[0];

/**
 * The PDF library calls `encode()` where a subset has it, and this fontkit's wants a stream: the library
 * is shown `encodeStream()` alone, which both know.
 */
function withStreams(fontkit: Fontkit): Fontkit {
  return {
    create: (bytes, name) => {
      const font = fontkit.create(bytes, name) as unknown as FontFace;
      const createSubset = font.createSubset.bind(font);
      font.createSubset = () =>
        new Proxy(createSubset(), {
          get(subset, key) {
            const value: unknown = Reflect.get(subset, key);
            if (key === "encode") return undefined;
            return typeof value === "function" ? (value.bind(subset) as unknown) : value;
          },
        });
      return font as unknown as ReturnType<Fontkit["create"]>;
    },
  };
}

async function openFonts(text: string): Promise<{
  readonly fontkit: Fontkit;
  readonly folder: string;
}> {
  try {
    const { default: fontkit } = await import("@pdf-lib/fontkit");
    const root = dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json"));
    return {
      fontkit: withStreams(fontkit as unknown as Fontkit),
      folder: join(root, "ttf"),
    };
  } catch (cause) {
    throw noFont(text, "the font is not installed", cause);
  }
}

function noFont(text: string, reason: string, cause?: unknown): Error {
  return billingErrors.error(
    "no-font",
    `"${text.slice(0, 40)}" has letters beyond the standard fonts of PDF, and ${reason}`,
    { text: text.slice(0, 200), reason },
    cause,
  );
}
