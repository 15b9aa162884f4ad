/** The decimal sign of a table, and its numbers with a dot, without signs that group thousands. */
import type { Mapping } from "./mapping.js";

export type DecimalSign = "." | ",";

const forms = {
  ".": /^[-+]?(\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d*)?(e[-+]?\d+)?$/i,
  ",": /^[-+]?(\d*|[1-9]\d{0,2}(\.\d{3})+)(,\d*)?(e[-+]?\d+)?$/i,
} as const;

const whole = /^[-+]?\d+$/;
/** Spaces and apostrophes that group thousands in the languages that write them. */
const groups = /(\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))/g;

/**
 * The sign, where only one fits all numbers of the first rows; `later` where all are whole, so that a later
 * row decides; `undefined` where both fit.
 */
export function decimalSign(
  separator: string,
  numbers: readonly string[],
  { decimal }: Mapping,
): DecimalSign | "later" | undefined {
  if (decimal !== undefined) return decimal === "comma" ? "," : ".";
  const broken = numbers.filter((text) => !whole.test(text));
  if (broken.length === 0) return "later";
  return signOf(separator, broken);
}

function signOf(separator: string, numbers: readonly string[]): DecimalSign | undefined {
  const [dot, comma] = [".", ","].map((sign) =>
    numbers.every((text) => forms[sign as DecimalSign].test(text)),
  );
  if (dot !== comma) return comma === true ? "," : ".";
  if (dot !== true) return ".";
  // Where commas separate fields, a number with a dot alone has no thousands to group.
  return separator === "," && !numbers.some((text) => text.includes(",")) ? "." : undefined;
}

/** A number of a cell. */
export type NumberText = { readonly number: string } | { readonly bad: string } | "both-fit";

export class NumberReader {
  #sign: DecimalSign | "later";

  constructor(
    sign: DecimalSign | "later",
    private readonly separator: string,
  ) {
    this.#sign = sign;
  }

  /** The sign that was met; `undefined` where all numbers were whole. */
  get sign(): DecimalSign | undefined {
    return this.#sign === "later" ? undefined : this.#sign;
  }

  /** With a dot for the decimal sign. */
  read(cell: string): NumberText {
    if (this.#sign === "." && !cell.includes(",")) return { number: ungrouped(cell) };
    const text = ungrouped(cell);
    if (this.#sign === "later") {
      if (whole.test(text)) return { number: text };
      const sign = signOf(this.separator, [text]);
      if (sign === undefined) return "both-fit";
      this.#sign = sign;
    }
    if (!forms[this.#sign].test(text)) {
      const name = this.#sign === "." ? "dot" : "comma";
      return {
        bad: `"${cell.slice(0, 40)}" is not a number whose decimal sign is a ${name} (--decimal names another)`,
      };
    }
    return {
      number:
        this.#sign === "." ? text.replaceAll(",", "") : text.replaceAll(".", "").replace(",", "."),
    };
  }
}

function ungrouped(text: string): string {
  return /[ '’\u00a0\u202f]/.test(text) ? text.replaceAll(groups, "$1") : text;
}
