/** A file that is not recognised: the known download that it most resembles, and what differs. */
import { splitRow } from "./table/layout.js";
import { nearestProfile } from "./table/profiles.js";

/** Marks of formats that are not tables, and how each begins. */
const MARKS = [
  {
    name: "NEM12/NEM13",
    mark: /\bNEM1[23]\b|^(200|250|300),/m,
    begins: 'it does not begin with a record "100,NEM12", "100,NEM13", "200," or "250,"',
  },
  {
    name: "P1 telegrams",
    mark: /^\d-\d:\d+\.\d+\.\d+\(/m,
    begins: 'it does not begin with "/" and the name of the meter',
  },
  {
    name: "Green Button",
    mark: /<([\w-]+:)?(IntervalReading|IntervalBlock|UsagePoint)\b/,
    begins: "it does not begin with an element <feed>, <entry>, <UsagePoint> or <IntervalBlock>",
  },
] as const;

/** The known download that the beginning of a file resembles, and what differs; empty where there is none. */
export function nearest(head: string): string {
  if (/^\s*[[{]/.test(head)) return nearestJson(head);
  const marked = MARKS.find(({ mark }) => mark.test(head));
  if (marked !== undefined) return `; it most resembles ${marked.name}, but ${marked.begins}`;
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
  "Datadis JSON": ["cups", "date", "time", "consumptionKWh", "obtainMethod"],
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
