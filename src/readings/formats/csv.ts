/**
 * Tables: CSV in the shapes that utilities, portals and trials give. What each column is, and how times
 * and numbers are to be read, is proposed from the header and the rows; what stays open is asked.
 */
import { readingsErrors } from "../errors.js";
import { names } from "../table/columns.js";
import { layoutOf, preambleValue, splitRow, type Layout } from "../table/layout.js";
import type { Mapping } from "../table/mapping.js";
import { propose, type Plan } from "../table/plan.js";
import { nearestProfile, RESEMBLES } from "../table/profiles.js";
import { questionError } from "../table/question.js";
import { TableFile } from "../table/table-file.js";
import type { Collector } from "../collector.js";
import type { Input } from "../source.js";
import type { Format } from "./format.js";
import { badRow } from "../errors.js";
import { readLines } from "./text-lines.js";

const accountNames =
  /^(account( number)?|mpan|mprn|nmi|cups|esiid|identifiant prm|prm|ean([- ]code)?|service point( id)?)$/;

export const csvFormat: Format = {
  name: "CSV",

  detect(head, mapping) {
    if (/^\s*[[{<]/.test(head)) return false;
    const layout = layoutOf(head, mapping);
    // A file of prices has times too; it is not a file of readings.
    return (
      layout !== undefined &&
      !layout.header.some((h) => /per.?k?wh|\/k?wh\b/i.test(h) && !/hh/i.test(h))
    );
  },

  async read(input, collector) {
    const mapping = collector.options.mapping ?? {};
    const plan = planOf(input, mapping);
    if (plan.profile?.zone !== undefined) collector.nameZone(plan.profile.zone);
    const { layout } = plan;
    const named = preambleValue(layout.preamble, accountNames);
    refuseTwins(plan, input.name);
    sayWhatDiffers(plan, collector);
    const file = new TableFile(collector, plan, named);
    const { header, separator, headLines } = layout;
    await readLines(input, (text, line) => {
      if (line <= headLines) return;
      const row = text.trim();
      if (row === "") return;
      const fields = splitRow(row, separator);
      const place = { file: input.name, line };
      if (fields === undefined)
        throw badRow(place, "a quote does not close, or stands within a field");
      if (fields.length !== header.length && !sameButEmpty(fields, header)) {
        throw badRow(
          place,
          `the row has ${fields.length} fields, and the header has ${header.length}`,
        );
      }
      file.take(fields, line);
    });
    const settled = file.settle();
    collector.understood.push({
      file: input.name,
      format: plan.profile?.name ?? "CSV",
      mapping: mappingOf(plan, settled),
      rows: settled.rows,
    });
  },
};

/** @throws readings/question, readings/unknown-format */
function planOf(input: Input, mapping: Mapping): Plan {
  const layout = layoutOf(input.head, mapping);
  if (layout === undefined) {
    throw readingsErrors.error(
      "unknown-format",
      `${input.name} is not a table with a time in each row`,
      {
        file: input.name,
      },
    );
  }
  if (layout.sample.length === 0 && input.head.length > 60_000) {
    throw readingsErrors.error("too-large", `${input.name}: a line does not end`, {
      file: input.name,
    });
  }
  if (layout.sample.length === 0) {
    throw readingsErrors.error("no-readings", `${input.name} has a header and no rows`, {
      file: input.name,
    });
  }
  const proposal = propose(layout, mapping);
  if ("plan" in proposal) return proposal.plan;
  const rows = layout.sample.slice(0, 3).map((row) => row.slice(0, 6).join(" | "));
  throw questionError(
    input.name,
    proposal.questions,
    `${layout.header.slice(0, 6).join(" | ")} / ${rows.join(" / ")}${resembles(layout)}`,
  );
}

/** The known download that the columns resemble, and which they lack. */
function resembles({ header, preamble }: Layout): string {
  // A header without a time is taken for a line before the table.
  const [near] = [header, ...preamble].flatMap((row) => nearestProfile(row) ?? []);
  if (near === undefined || near.missing.length === 0) return "";
  const missing = near.missing.map((m) => `"${m}"`).join(", ");
  return `; it most resembles ${near.name}, but it has no ${missing}`;
}

/** Columns that no header word explains, and how the table differs from the download that it resembles. */
function sayWhatDiffers({ layout, leftOut, noDirection }: Plan, collector: Collector): void {
  const file = collector.file;
  if (leftOut.length > 0) {
    const message = `columns are left out, since nothing is known of their headers: ${names(leftOut)}`;
    collector.note({ kind: "ignored", file, message });
  }
  for (const { name, cells } of noDirection) {
    const message = `every row says "${cells[0]!.slice(0, 40)}" under "${name}": this is taken for no direction`;
    collector.note({ kind: "assumed", file, message });
  }
  const near = nearestProfile(layout.header);
  if (near === undefined || near.isCommon || near.missing.length === 0) return;
  const missing = near.missing.map((m) => `"${m}"`).join(", ");
  const message = `${RESEMBLES}${near.name}, but it has no ${missing}`;
  collector.note({ kind: "assumed", file, message });
}

/** A row may have empty fields more than the header, or fewer. */
function sameButEmpty(fields: string[], header: readonly string[]): boolean {
  if (fields.length > header.length) return fields.slice(header.length).every((f) => f === "");
  return header.slice(fields.length).every((h) => h === "");
}

function refuseTwins({ cells, layout }: Plan, file: string): void {
  const ids = cells.flatMap((c) => (c.home === undefined ? [] : [c.home]));
  const twin = ids.find((id, i) => id === "" || ids.indexOf(id) !== i);
  if (twin === undefined) return;
  const reason = twin === "" ? "a column has no name" : `two columns are named "${twin}"`;
  throw badRow({ file, line: layout.headLines }, reason);
}

/** The mapping that reads this file without a question. */
function mappingOf(plan: Plan, settled: ReturnType<TableFile["settle"]>): Mapping {
  const separator = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" } as const;
  return {
    ...plan.answers,
    separator: separator[plan.layout.separator as ","],
    ...(settled.decimal === undefined
      ? {}
      : { decimal: settled.decimal === "," ? "comma" : "dot" }),
    ...(settled.dates === undefined ? {} : { dates: settled.dates }),
    ...(settled.labels === undefined ? {} : { labels: settled.labels }),
  };
}
