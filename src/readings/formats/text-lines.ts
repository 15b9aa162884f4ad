/** Lines of a text one by one, without holding the whole. */
import { badRow, readingsErrors } from "../errors.js";
import type { Input } from "../source.js";

/** Longer than any row: a year of homes in a wide file, side by side. */
const longest = 1_000_000;

/**
 * Calls `take` for each line with its end as it is, since checksums cover it. Lines count from 1.
 *
 * @throws readings/too-large for a line that does not end, readings/bad-row for text that is not UTF-8
 */
export async function readLines(
  input: Input,
  take: (text: string, line: number) => void,
): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let line = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw badRow(
        { file: input.name, line: line + 1 },
        "the text is not UTF-8 (--encoding names another, such as windows-1252)",
      );
    }
  };
  for await (const chunk of input.chunks()) {
    rest += decode(chunk);
    let from = 0;
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
      line += 1;
      take(rest.slice(from, at + 1), line);
      from = at + 1;
    }
    rest = rest.slice(from);
    if (rest.length > longest) {
      throw readingsErrors.error("too-large", `${input.name}, line ${line + 1} does not end`, {
        file: input.name,
        line: line + 1,
        limit: longest,
      });
    }
  }
  rest += decode();
  if (rest !== "") take(rest, line + 1);
}
