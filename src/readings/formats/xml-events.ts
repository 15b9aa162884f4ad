/**
 * XML as a stream of elements, for input that may be hostile: no document type and no entities but
 * the five of XML, bounded depth and bounded names, attributes and texts, well-formed UTF-8 only.
 */
import { SaxesParser } from "saxes";
import { badRow, readingsErrors } from "../errors.js";
import type { Input } from "../source.js";

export interface XmlHandler {
  /** Name without its prefix; attributes as they are written. `line` counts from 1. */
  open(name: string, attributes: Readonly<Record<string, string>>, line: number): void;
  /** `text` is all text directly in the element, trimmed. */
  close(name: string, text: string, line: number): void;
}

/** Deeper than any feed nests. */
const deepest = 64;
/** Longer than any text of a reading. */
const longestText = 65_536;
/** What may be read without an element beginning or ending: bounds names, attributes, comments. */
const longestSilence = 1_048_576;

/** @throws readings/unsafe-xml, readings/bad-row where it is not well-formed or not UTF-8 */
export async function readXml(input: Input, handler: XmlHandler): Promise<void> {
  const parser = new SaxesParser({ position: true });
  const texts: string[] = [];
  let silence = 0;
  const line = (): number => parser.line;
  const unsafe = (reason: string): Error =>
    readingsErrors.error("unsafe-xml", `${input.name}, line ${line()}: ${reason}`, {
      file: input.name,
      line: line(),
      reason,
    });
  const append = (text: string): void => {
    if (texts.length === 0) return;
    const before = texts[texts.length - 1]!;
    // White space between elements is not their text.
    const sum = before === "" ? text.trimStart() : before + text;
    if (sum.length > longestText) throw unsafe(`a text is longer than ${longestText} characters`);
    texts[texts.length - 1] = sum;
  };
  parser.on("error", (error) => {
    const reason = error.message.replace(/^\d+:\d+: /, "");
    throw /entity/i.test(reason)
      ? unsafe("an entity is used that XML does not define")
      : badRow({ file: input.name, line: line() }, `the XML is broken: ${reason}`);
  });
  parser.on("doctype", () => {
    throw unsafe("a document type is declared");
  });
  parser.on("text", append);
  parser.on("cdata", append);
  parser.on("opentag", (tag) => {
    silence = 0;
    texts.push("");
    if (texts.length > deepest) throw unsafe(`elements are nested deeper than ${deepest}`);
    // Without the option `xmlns` attributes are plain texts.
    handler.open(local(tag.name), tag.attributes as Record<string, string>, line());
  });
  parser.on("closetag", ({ name }) => {
    silence = 0;
    handler.close(local(name), texts.pop()!.trim(), line());
  });
  for await (const text of decoded(input)) {
    silence += text.length;
    // A declaration is reported only when it ends; one that never does must not fill memory.
    if (silence > longestSilence + text.length) throw unsafe("a construct does not end");
    parser.write(text);
  }
  parser.close();
}

/** @throws readings/bad-row for bytes that are not UTF-8 */
async function* decoded(input: Input): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of input.chunks()) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw badRow({ file: input.name }, "the text is not UTF-8");
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
