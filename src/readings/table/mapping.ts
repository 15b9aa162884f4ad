/** What a table leaves open, and the answers: given by options, or kept in a file `sipster/mapping@1`. */
import * as v from "valibot";
import { readJson, withoutFormat } from "../../json/index.js";
import { readingsErrors } from "../errors.js";

/** What a column holds. */
export const roles = [
  ...["time", "start", "end", "import", "export", "net"],
  ...["home", "meter", "unit", "quality", "direction", "ignore"],
] as const;
export type Role = (typeof roles)[number];

export const quantities = ["Wh", "kWh", "MWh", "W", "kW", "register"] as const;
/** Energy of an interval in a unit, mean power over it, or a register that counts up. */
export type Quantity = (typeof quantities)[number];

export const separators = { comma: ",", semicolon: ";", tab: "\t", bar: "|" } as const;
export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;

/** Answers to what a table leaves open. Each is an option of the command line by the same name. */
export interface Mapping {
  readonly encoding?: (typeof encodings)[number];
  readonly separator?: keyof typeof separators;
  readonly decimal?: "dot" | "comma";
  /** The order of day and month. */
  readonly dates?: "day-first" | "month-first";
  /** Whether a time begins or ends its interval. */
  readonly labels?: "start" | "end";
  readonly quantity?: Quantity;
  /** Of energy in a column that does not say it. */
  readonly direction?: "import" | "export" | "net";
  /** By role the column's name, or `#n` for the n-th, `A+B` for two that add up; or that each is a home. */
  readonly columns?: "homes" | Readonly<Partial<Record<Role, string>>>;
  /** Minutes of every interval, or that the step changes within the file. */
  readonly step?: number | "changes";
  /** Whether the day that ends a row is part of its interval. */
  readonly ends?: "included" | "excluded";
  /** What times without a row are. */
  readonly gaps?: "missing" | "zero";
  /** What a register that goes back is. */
  readonly resets?: "exchange" | "rollover" | "zero";
  /** Registers of the same energy: the one named counts, or all are added up. */
  readonly registers?: string;
  /** What all energy is multiplied by where a file states its unit wrongly, or that it is as stated. */
  readonly scale?: number | "as-stated";
  /** Read a list that comes in pages, or a meter's streams, though some are not given. */
  readonly pages?: "whole" | "partial";
  /** Several files that name no home: of one home together, or each of another. */
  readonly files?: "one" | "each";
}

/** Questions that a file leaves open, and the options that answer them. */
export interface Question {
  readonly about: string;
  readonly question: string;
  readonly option: string;
  readonly choices: readonly string[];
}

const choices: Readonly<Record<string, readonly string[]>> = {
  encoding: encodings,
  separator: Object.keys(separators),
  decimal: ["dot", "comma"],
  dates: ["day-first", "month-first"],
  labels: ["start", "end"],
  quantity: quantities,
  direction: ["import", "export", "net"],
  ends: ["included", "excluded"],
  gaps: ["missing", "zero"],
  resets: ["exchange", "rollover", "zero"],
  pages: ["whole", "partial"],
  files: ["one", "each"],
};

/** Powers of ten by which units of energy are mistaken. */
const SCALES = [0.000_001, 0.001, 0.01, 0.1, 10, 100, 1000, 1_000_000];

/** One answer from its text. @throws readings/bad-mapping */
export function parseAnswer(name: string, text: string): Mapping {
  const refuse = (expected: string): Error =>
    readingsErrors.error(
      "bad-mapping",
      `${name} is "${text.slice(0, 60)}" and must be ${expected}`,
      {
        name,
        value: text.slice(0, 200),
      },
    );
  const allowed = choices[name];
  if (allowed !== undefined) {
    if (!allowed.includes(text)) throw refuse(`one of ${allowed.join(", ")}`);
    return { [name]: text };
  }
  if (name === "registers") return { registers: text };
  if (name === "step") {
    if (text === "changes") return { step: text };
    const minutes = Number(text);
    if (!/^\d{1,6}(\.\d+)?$/.test(text) || minutes <= 0) throw refuse("minutes, or changes");
    return { step: minutes };
  }
  if (name === "scale") {
    if (text === "as-stated") return { scale: text };
    const factor = Number(text);
    if (!SCALES.includes(factor)) throw refuse(`as-stated, or one of ${SCALES.join(", ")}`);
    return { scale: factor };
  }
  if (name !== "columns") throw refuse("an answer that is known");
  if (text === "homes") return { columns: "homes" };
  const columns: Partial<Record<Role, string>> = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    const role = pair.slice(0, at).trim();
    if (at < 0 || !(roles as readonly string[]).includes(role)) {
      throw refuse(`homes, or pairs such as time=Date,import=#3, with ${roles.join(", ")}`);
    }
    columns[role as Role] = pair.slice(at + 1).trim();
  }
  return { columns };
}

const answerField = v.exactOptional(
  v.union([v.string(), v.number()], "is neither a text nor a number"),
);

/** Each answer as its option takes it, or a number; columns by their roles. */
const mappingField = v.strictObject({
  format: v.literal("sipster/mapping@1"),
  encoding: answerField,
  separator: answerField,
  decimal: answerField,
  dates: answerField,
  labels: answerField,
  quantity: answerField,
  direction: answerField,
  step: answerField,
  ends: answerField,
  gaps: answerField,
  resets: answerField,
  registers: answerField,
  scale: answerField,
  pages: answerField,
  files: answerField,
  columns: v.exactOptional(
    v.union(
      [v.literal("homes"), v.strictObject(v.entriesFromList(roles, v.exactOptional(v.string())))],
      "is neither homes nor columns by their roles",
    ),
  ),
});

/** A file of answers. @throws readings/bad-mapping */
export function parseMapping(text: string, file: string): Mapping {
  const refuse = (reason: string): Error =>
    readingsErrors.error("bad-mapping", `${file}: ${reason}`, { file, reason });
  const { columns, ...answers } = withoutFormat(readJson(mappingField, text, refuse));
  let mapping: Mapping = {};
  for (const [name, value] of Object.entries(answers)) {
    mapping = { ...mapping, ...parseAnswer(name, String(value)) };
  }
  return columns === undefined ? mapping : { ...mapping, columns };
}

/** The file that keeps a mapping. */
export function mappingText(mapping: Mapping): string {
  return `${JSON.stringify({ format: "sipster/mapping@1", ...mapping }, null, 2)}\n`;
}
