/** What the numbers of a column measure: by its header, its rows, or what stands before the table. */
import { ask } from "./columns.js";
import { preambleValue, type Layout } from "./layout.js";
import type { Mapping, Question } from "./mapping.js";
import type { Cell } from "./cell.js";
import type { Profile } from "./profiles.js";
import { flowOf, unitIn, unitNamed } from "./words.js";

export function withUnit({
  cell,
  answers,
  questions,
  about,
}: {
  readonly cell: Cell;
  readonly answers: Mapping;
  readonly questions: Question[];
  readonly about: {
    unitColumn: number | undefined;
    flow: number | undefined;
    layout: Layout;
    profile: Profile | undefined;
  };
}): Cell {
  const name = about.layout.header[cell.index]!;
  const { quantity } = answers;
  if (quantity === "register") {
    return { ...cell, register: true, unit: cell.unit ?? unitNamed("kWh") };
  }
  if (quantity !== undefined) return { ...cell, register: false, unit: unitNamed(quantity) };
  const said =
    cell.unit ?? unitIn(about.layout.sample[0]?.[about.unitColumn ?? about.flow ?? -1] ?? "");
  const before = unitIn(preambleValue(about.layout.preamble, /^(unite|unit|units|eenheid)$/) ?? "");
  if (said === undefined && before !== undefined) {
    const flow = flowOf(preambleValue(about.layout.preamble, /^grandeur metier$/) ?? "");
    const fed = typeof flow === "object" && flow.direction === "export";
    return withUnit({
      cell: { ...cell, unit: before, ...(fed ? { direction: "export" } : {}) },
      answers,
      questions,
      about,
    });
  }
  if (said === undefined) {
    if (about.unitColumn !== undefined) return cell;
    const which = cell.home === undefined ? `"${name}"` : "the columns of homes";
    questions.push(
      ask(`what ${which} measures: the header names no unit`, "quantity", [
        "kWh",
        "Wh",
        "kW",
        "W",
        "register",
      ]),
    );
  } else if (said.kind === "power" && about.profile?.meanPower !== true) {
    questions.push(
      ask(`whether "${name}" in ${said.name} is the mean power over each interval`, "quantity", [
        said.name,
        "kWh",
        "Wh",
      ]),
    );
  }
  return cell;
}
