/** Files of readings, of any format, to a reading set. */
import { octopusFormat } from "./formats/octopus.js";
import { assemble } from "./assemble.js";
import { Collector, type ReadOptions } from "./collector.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { readingsErrors } from "./errors.js";
import { amberFormat } from "./formats/amber.js";
import { n3rgyFormat } from "./formats/n3rgy.js";
import { csvFormat } from "./formats/csv.js";
import { datadisFormat } from "./formats/datadis.js";
import { dsmrFormat } from "./formats/dsmr.js";
import { greenButtonFormat } from "./formats/green-button.js";
import { nemFormat } from "./formats/nem.js";
import { nearest } from "./likeness.js";
import { RESEMBLES } from "./table/profiles.js";
import type { Format } from "./formats/format.js";
import type { ReadingSet } from "./reading-set.js";
import { openSources, type Input, type Source } from "./source.js";

const formats: readonly Format[] = [
  greenButtonFormat,
  nemFormat,
  dsmrFormat,
  n3rgyFormat,
  amberFormat,
  datadisFormat,
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
  collector.refuseUnnamedFiles();
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
    return readingsErrors.errorFrom({ key, message, details: error.details, cause: error });
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
  for (const { file, of, total } of parts) {
    const held = parts.filter((p) => p.of === of).reduce((n, p) => n + (p.held ?? 0), 0);
    if (total === undefined || held >= total) continue;
    throw readingsErrors.error(
      "incomplete",
      `${file} says that there are ${total} readings, and ${held} are given (--pages partial reads what is there)`,
      { file, total, held },
    );
  }
}
