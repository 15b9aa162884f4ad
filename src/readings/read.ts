/** Files of readings to a reading set, whatever their format. */
import { octopusFormat } from "./formats/octopus.js";
import { assemble } from "./assemble.js";
import { Collector, type ReadOptions } from "./collector.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { readingsErrors } from "./errors.js";
import { amberFormat } from "./formats/amber.js";
import { n3rgyFormat } from "./formats/n3rgy.js";
import { csvFormat } from "./formats/csv.js";
import { dsmrFormat } from "./formats/dsmr.js";
import { greenButtonFormat } from "./formats/green-button.js";
import { nemFormat } from "./formats/nem.js";
import { splitRow } from "./table/layout.js";
import { nearestProfile, RESEMBLES } from "./table/profiles.js";
import type { Format } from "./formats/format.js";
import type { ReadingSet } from "./reading-set.js";
import { openSources, type Input, type Source } from "./source.js";

/** The known download that a table resembles, and what differs. */
function nearest(head: string): string {
  if (/^\s*[[{]/.test(head)) return nearestJson(head);
  for (const line of head.split(/\r?\n/).slice(0, 60)) {
    for (const separator of [",", ";", "\t"]) {
      const found = nearestProfile(splitRow(line, separator) ?? []);
      if (found === undefined) continue;
      const missing = found.missing.map((m) => `"${m}"`).join(", ");
      const differs =
        missing === "" ? "its rows have no time that can be read" : `it has no ${missing}`;
      return `; it most resembles ${found.name}, but ${differs}`;
    }
  }
  return "";
}

/** Names of fields by which the kinds of JSON are known. */
const JSON_FIELDS: Readonly<Record<string, readonly string[]>> = {
  "n3rgy JSON": ["resource", "start", "end", "granularity", "values", "timestamp", "value"],
  "Octopus JSON": ["results", "consumption", "interval_start", "interval_end"],
  "Amber JSON": ["type", "startTime", "endTime", "channelType", "kwh"],
};

function nearestJson(head: string): string {
  const [best] = Object.entries(JSON_FIELDS)
    .map(([name, fields]) => {
      const missing = fields.filter((field) => !head.includes(`"${field}"`));
      return { name, missing, share: 1 - missing.length / fields.length };
    })
    .sort((a, b) => b.share - a.share);
  if (best === undefined || best.share < 0.5) return "";
  const missing = best.missing.map((field) => `"${field}"`).join(", ");
  const differs = missing === "" ? "its form is another" : `it has no ${missing}`;
  return `; it most resembles ${best.name}, but ${differs}`;
}

const formats: readonly Format[] = [
  greenButtonFormat,
  nemFormat,
  dsmrFormat,
  n3rgyFormat,
  amberFormat,
  octopusFormat,
  csvFormat,
];

/**
 * Reads one file or several that belong together; the format of each is recognised by its content.
 * A reading that comes twice counts once, across files too.
 *
 * @throws readings/file-unreadable, readings/unknown-format, readings/bad-row,
 *   readings/contradictory-duplicate, readings/overlap, readings/no-readings,
 *   readings/unknown-time-zone
 */
export async function readReadings(
  source: Source | readonly Source[],
  options: ReadOptions = {},
): Promise<ReadingSet> {
  const collector = new Collector(options);
  for (const one of Array.isArray(source) ? (source as readonly Source[]) : [source as Source]) {
    for (const input of await openSources(one, options.mapping?.encoding)) {
      await readInput(input, collector);
    }
  }
  refuseMissingParts(collector);
  try {
    return assemble(collector);
  } catch (error) {
    throw withLikeness(error, collector);
  }
}

/** Readings that contradict each other may come from a column that is not there: that is said with them. */
function withLikeness(error: unknown, { oddities }: Collector): unknown {
  const like = oddities.filter((o) => o.message.startsWith(RESEMBLES)).map((o) => o.message);
  for (const key of ["contradictory-duplicate", "overlap"] as const) {
    if (like.length === 0 || !isSipsterError(error, `readings/${key}`)) continue;
    const message = `${error.message}; ${like.join("; ")}`;
    return readingsErrors.error(key, message, error.details, error);
  }
  return error;
}

async function readInput(input: Input, collector: Collector): Promise<void> {
  const { options } = collector;
  const format = formats.find((f) => f.detect(input.head, options.mapping ?? {}));
  if (format === undefined) {
    const start = input.head.slice(0, 60).replaceAll(/\s+/g, " ");
    const near = input.head.includes("\uFFFD")
      ? "; it is not UTF-8 text (--encoding names another)"
      : nearest(input.head);
    const why =
      start === "" ? "is empty" : `is not a known kind of readings; it begins "${start}"${near}`;
    throw readingsErrors.error("unknown-format", `${input.name} ${why}`, {
      file: input.name,
      begins: start,
    });
  }
  collector.openFile(input.name, format.name);
  await format.read(input, collector);
}

/** A page whose neighbour, or a stream whose companion, is not given is a part of the readings only. @throws readings/incomplete */
function refuseMissingParts({ parts, options }: Collector): void {
  if (options.mapping?.pages === "partial") return;
  const given = new Set(parts.map((p) => JSON.stringify([p.kind, p.of, p.own])));
  for (const { kind, file, of, linked } of parts) {
    const missing = linked.find((own) => !given.has(JSON.stringify([kind, of, own])));
    if (missing === undefined) continue;
    const what =
      kind === "page"
        ? `${file} is a page of several, and page ${missing}`
        : `${file} says that the meter ${of} has the stream ${missing}, which`;
    throw readingsErrors.error(
      "incomplete",
      `${what} is not given (--pages partial reads what is there)`,
      { file, missing },
    );
  }
}
