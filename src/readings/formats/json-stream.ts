/** JSON as a stream of values, numbers as their text, for input that may be hostile. */
import {
  Tokenizer,
  TokenizerError,
  TokenParser,
  TokenParserError,
  TokenType,
} from "@streamparser/json";
import { badRow, readingsErrors } from "../errors.js";
import type { Input } from "../source.js";

/** Deeper than any list of readings. */
const deepest = 16;
/** What may be read without a token ending: bounds texts and numbers. */
const longestSilence = 65_536;

/** A number as it was written: energy must not pass through binary floating point. */
class ExactTokenizer extends Tokenizer {
  protected override parseNumber(text: string): number {
    // The parser hands the value on untouched, of any type.
    return text as unknown as number;
  }
}

/**
 * Calls `take` for each value at the path, in order. Values are not kept.
 *
 * @param path as `$.results.*`; of several, the key of a value tells which
 * @throws readings/bad-row where it is not JSON, readings/incomplete where it is cut short, readings/too-large where it is nested too deeply or a
 *   token does not end
 */
export async function readJson(
  input: Input,
  path: string | readonly string[],
  take: (value: unknown, key: string | number | undefined) => void,
): Promise<void> {
  const tokenizer = new ExactTokenizer({ stringBufferSize: longestSilence });
  const parser = new TokenParser({
    paths: typeof path === "string" ? [path] : [...path],
    keepStack: false,
  });
  let depth = 0;
  let silence = 0;
  let seen = false;
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const tooLarge = (reason: string): Error =>
    readingsErrors.error("too-large", `${input.name}: ${reason}`, { file: input.name, reason });
  tokenizer.onToken = (token) => {
    silence = 0;
    seen = true;
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) depth += 1;
    if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET)
      depth -= 1;
    if (depth > deepest) throw tooLarge(`values are nested deeper than ${deepest}`);
    parser.write(token);
  };
  parser.onValue = ({ value, key }) => {
    take(value, key);
  };
  try {
    for await (const chunk of input.chunks()) {
      checkUtf8(utf8, input, chunk);
      for (let at = 0; at < chunk.length; at += longestSilence) {
        if (tokenizer.isEnded) refuseMore(input, chunk.subarray(at));
        else tokenizer.write(chunk.subarray(at, at + longestSilence));
        silence += Math.min(longestSilence, chunk.length - at);
        if (silence > 2 * longestSilence) throw tooLarge("a value does not end");
      }
    }
    if (!tokenizer.isEnded) tokenizer.end();
    if (depth > 0 || !seen) throw cutShort(input);
  } catch (cause) {
    if (!(cause instanceof TokenizerError) && !(cause instanceof TokenParserError)) throw cause;
    if (cause.message.includes("ended in the middle")) throw cutShort(input);
    throw badRow({ file: input.name }, `the JSON is broken: ${cause.message}`);
  }
}

function cutShort(input: Input): Error {
  return readingsErrors.error("incomplete", `${input.name} ends within its JSON: it is cut short`, {
    file: input.name,
  });
}

function checkUtf8(
  decoder: InstanceType<typeof TextDecoder>,
  input: Input,
  chunk: Uint8Array,
): void {
  try {
    decoder.decode(chunk, { stream: true });
  } catch {
    throw badRow({ file: input.name }, "the text is not UTF-8 (--encoding names another)");
  }
}

function refuseMore(input: Input, bytes: Uint8Array): void {
  if (bytes.some((b) => b !== 0x20 && b !== 0x0a && b !== 0x0d && b !== 0x09)) {
    throw badRow({ file: input.name }, "something follows the end of the JSON");
  }
}
