/** Files of readings to a reading set, whatever their format. */
import { octopusFormat } from "./formats/octopus.js";
import { assemble } from "./assemble.js";
import { Collector, type ReadOptions } from "./collector.js";
import { readingsErrors } from "./errors.js";
import { amberFormat } from "./formats/amber.js";
import { n3rgyFormat } from "./formats/n3rgy.js";
import { csvFormat } from "./formats/csv.js";
import { dsmrFormat } from "./formats/dsmr.js";
import { greenButtonFormat } from "./formats/green-button.js";
import { nemFormat } from "./formats/nem.js";
import { splitRow } from "./table/layout.js";
import { nearestProfile } from "./table/profiles.js";
import type { Format } from "./formats/format.js";
import type { ReadingSet } from "./reading-set.js";
import { openSources, type Input, type Source } from "./source.js";

/** The known download that a table resembles, and what differs. */
function nearest(head: string): string {
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
  refuseMissingPages(collector);
  return assemble(collector);
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

/** A page whose neighbour is not given is a part of the readings only. @throws readings/incomplete */
function refuseMissingPages({ pages, options }: Collector): void {
  if (options.mapping?.pages === "partial") return;
  for (const { file, of, linked } of pages) {
    const missing = linked.find((n) => !pages.some((p) => p.of === of && p.own === n));
    if (missing === undefined) continue;
    throw readingsErrors.error(
      "incomplete",
      `${file} is a page of several, and page ${missing} is not given (--pages partial reads what is there)`,
      { file, page: missing },
    );
  }
}
