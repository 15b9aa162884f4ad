/** Reads fields of parsed JSON with checks; every refusal names the field. Numbers keep their text. */
import { decimalText, parseDecimal, scaled } from "../readings/decimal.js";
import { parseJson } from "../json/index.js";
import { tariffErrors } from "./errors.js";
import type { SipsterError } from "../errors/sipster-error.js";

/** A JSON number as it was written: prices must not pass through binary floating point. */
export class NumberText {
  constructor(readonly text: string) {}
}

/** Texts, which stay as they are, and `Infinity`, which some files write and JSON does not have. */
const textOrInfinity = /"(?:[^"\\]|\\.)*"|\bInfinity\b/g;

/**
 * Parses JSON with numbers as `NumberText`. An `Infinity` that is written as a number becomes the text.
 *
 * @throws tariff/bad-tariff
 */
export function parseJsonExactly(text: string, file: string): unknown {
  const json = text.replace(textOrInfinity, (t) => (t === "Infinity" ? '"Infinity"' : t));
  const fault = (_why: string, _field: string, cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return tariffErrors.errorFrom({
      key: "bad-tariff",
      message: `${file}: ${reason}`,
      details: { file, reason },
      cause,
    });
  };
  return parseJson(json, fault, (_key, value, context) =>
    typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value,
  );
}

/** One object or list of a document, with the path that leads to it. */
export class Fields {
  constructor(
    readonly file: string,
    readonly path: string,
    readonly value: unknown,
  ) {}

  refuse(reason: string): SipsterError {
    const where = this.path === "" ? this.file : `${this.file}, ${this.path}`;
    return tariffErrors.error("bad-tariff", `${where}: ${reason}`, {
      file: this.file,
      field: this.path,
      reason,
    });
  }

  get(key: string): Fields {
    const path = this.path === "" ? key : `${this.path}.${key}`;
    return new Fields(this.file, path, this.object()[key]);
  }

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  object(): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.refuse("an object is needed");
    }
    return value as Record<string, unknown>;
  }

  /** Refuses fields that would be ignored: a misspelt one changes a bill. */
  only(...keys: readonly string[]): this {
    const other = Object.keys(this.object()).find((key) => !keys.includes(key));
    if (other !== undefined) throw this.refuse(`the field "${other}" is not known`);
    return this;
  }

  list(): Fields[] {
    if (!Array.isArray(this.value)) throw this.refuse("a list is needed");
    return this.value.map((v: unknown, i) => new Fields(this.file, `${this.path}[${i}]`, v));
  }

  listOr(whenAbsent: Fields[]): Fields[] {
    return this.absent ? whenAbsent : this.list();
  }

  text(pattern?: RegExp, what = "a text"): string {
    const { value } = this;
    if (typeof value !== "string" || (pattern !== undefined && !pattern.test(value))) {
      throw this.refuse(`${what} is needed`);
    }
    return value;
  }

  oneOf<const T extends string>(values: readonly T[], whenAbsent?: T): T {
    if (this.absent && whenAbsent !== undefined) return whenAbsent;
    const found = values.find((v) => v === this.value);
    if (found === undefined) throw this.refuse(`one of ${values.join(", ")} is needed`);
    return found;
  }

  boolean(whenAbsent: boolean): boolean {
    if (this.absent) return whenAbsent;
    if (typeof this.value !== "boolean") throw this.refuse("true or false is needed");
    return this.value;
  }

  /** The shortest text of a decimal that is written as a text or as a JSON number. */
  decimal(): string {
    const { value } = this;
    const text = value instanceof NumberText ? value.text : value;
    const decimal = typeof text === "string" ? parseDecimal(text) : undefined;
    if (decimal === undefined) throw this.refuse("a decimal number is needed");
    return decimalText(decimal);
  }

  /** A decimal with at most `places` places, times ten to that power. */
  integerOf(places: number): number {
    const value = scaled(parseDecimal(this.decimal())!, places);
    if (value === undefined || value > 10n ** 15n || value < -(10n ** 15n)) {
      throw this.refuse(`a number with at most ${places} decimals is needed`);
    }
    return Number(value);
  }

  integer(least: number, most: number): number {
    const number = Number(this.decimal());
    if (!Number.isSafeInteger(number) || number < least || number > most) {
      throw this.refuse(`an integer from ${least} to ${most} is needed`);
    }
    return number;
  }
}
