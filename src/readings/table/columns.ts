/** The columns of a table and what each holds: by its header, or by the answer that names it. */
import { columnsNamed, type Layout } from "./layout.js";
import type { Mapping, Question, Role } from "./mapping.js";
import { headerMeaning, plainText, type HeaderMeaning } from "./words.js";

export interface Column {
  readonly index: number;
  readonly name: string;
  readonly meaning: HeaderMeaning | undefined;
  /** Of the first rows. */
  readonly cells: readonly string[];
  /** An answer names it. */
  readonly answered?: true;
}

const TIMES: readonly string[] = ["time", "start", "end"];
const FLOWS: readonly string[] = ["import", "export", "net"];

export function columnsOf(layout: Layout, { columns: answered }: Mapping): Column[] {
  const named =
    typeof answered === "object"
      ? Object.entries(answered).flatMap(([role, to]) =>
          columnsNamed(layout.header.map(plainText), to).map((part) => [role, part] as const),
        )
      : [];
  const answers = (roles: readonly string[]): boolean => named.some(([r]) => roles.includes(r));
  return layout.header.map((name, index): Column => {
    const cells = layout.sample.map((row) => row[index] ?? "");
    const answer = named.find(
      ([, to]) => to === `#${index + 1}` || plainText(to) === plainText(name),
    );
    const meaning = headerMeaning(name);
    if (answer !== undefined) {
      return {
        index,
        name,
        cells,
        answered: true,
        meaning: { ...meaning, role: answer[0] as Role },
      };
    }
    // Once columns of energy are named, no other is one; the same for times.
    const role = meaning?.role ?? "";
    const taken =
      (answers(FLOWS) && [...FLOWS, "value"].includes(role)) ||
      (answers(["time"]) && TIMES.includes(role)) ||
      answers([role]);
    return { index, name, cells, meaning: taken ? { role: "ignore" } : meaning };
  });
}

export function sole(columns: readonly Column[], role: Role): number | undefined {
  return columns.find((c) => c.meaning?.role === role)?.index;
}

export function ask(question: string, option: string, choices: readonly string[]): Question {
  return { about: option, question, option: `--${option}`, choices };
}

export function names(columns: readonly Column[]): string {
  const some = columns.slice(0, 8).map((c) => `"${c.name.slice(0, 30)}"`);
  return columns.length > 8 ? `${some.join(", ")} …` : some.join(", ");
}
