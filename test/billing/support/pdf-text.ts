/** The text of a PDF that `billPdf` made, as a viewer copies it: glyphs by the `ToUnicode` map of their font. */
import { inflateSync } from "node:zlib";

interface Entry {
  readonly dictionary: string;
  readonly stream: string;
}

/** Texts in the order in which they are drawn. */
export function textsOfPdf(bytes: Uint8Array): string[] {
  const entries = entriesOf(Buffer.from(bytes));
  const fonts = fontMaps(entries);
  const found: string[] = [];
  for (const { stream } of entries.values()) {
    let font: ReadonlyMap<string, string> | undefined;
    for (const [, name, hex] of stream.matchAll(/\/(\S+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj/g)) {
      if (name !== undefined) font = fonts.get(name);
      else if (hex !== undefined) found.push(decoded(hex, font));
    }
  }
  return found;
}

function entriesOf(pdf: Buffer): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const text = pdf.toString("latin1");
  for (const match of text.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [dictionary = "", body] = match[2]!.split("stream\n");
    const raw = Buffer.from((body ?? "").replace(/\n?endstream$/, ""), "latin1");
    const isFlate = dictionary.includes("/FlateDecode");
    const isFont = dictionary.includes("/Length1") || dictionary.includes("/Subtype /CIDFont");
    const stream =
      body === undefined || isFont ? "" : isFlate ? inflated(raw) : raw.toString("latin1");
    entries.set(match[1]!, { dictionary, stream });
  }
  return entries;
}

function inflated(raw: Buffer): string {
  try {
    return inflateSync(raw).toString("latin1");
  } catch {
    return "";
  }
}

/** By the name that pages use, from the codes of glyphs to letters. */
function fontMaps(
  entries: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const maps = new Map<string, ReadonlyMap<string, string>>();
  for (const { dictionary } of entries.values()) {
    for (const [, name, number] of dictionary.matchAll(/\/([\w-]+) (\d+) 0 R/g)) {
      const map = /\/ToUnicode (\d+) 0 R/.exec(entries.get(number!)?.dictionary ?? "");
      if (map !== null) maps.set(name!, unicodeMap(entries.get(map[1]!)!.stream));
    }
  }
  return maps;
}

function unicodeMap(cmap: string): ReadonlyMap<string, string> {
  const pairs = [...cmap.matchAll(/<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>/g)];
  return new Map(
    pairs.map(([, glyph, units]) => [
      glyph!.toUpperCase(),
      Buffer.from(units!, "hex").swap16().toString("utf16le"),
    ]),
  );
}

function decoded(hex: string, font: ReadonlyMap<string, string> | undefined): string {
  if (font === undefined) return Buffer.from(hex, "hex").toString("latin1");
  return (hex.match(/.{4}/g) ?? [])
    .map((code) => font.get(code.toUpperCase()) ?? "\uFFFD")
    .join("");
}
