/** Downloads that are known by their headers, and what is known of them beyond what they say. */
import type { Layout } from "./layout.js";
import type { Mapping } from "./mapping.js";
import { plainText } from "./words.js";

export interface Profile {
  readonly name: string;
  /** Names of columns that such a file has, in plain text. */
  readonly columns: readonly string[];
  /** Names that such a file has besides, in each of its forms: without them it is read, and this is said. */
  readonly forms?: readonly (readonly string[])[];
  readonly answers?: Mapping;
  /** Its local times are in this zone. */
  readonly zone?: string;
  /** Its power is the mean over each interval. */
  readonly meanPower?: boolean;
  /** Further condition. */
  readonly when?: (layout: Layout) => boolean;
}

const known: readonly Profile[] = [
  {
    name: "Smart Grid Smart City trial",
    columns: ["customer id", "reading datetime", "general supply kwh"],
    // The trial keeps the standard time of New South Wales all year.
    zone: "+10:00",
    answers: { labels: "start" },
  },
  {
    name: "Smart Grid Smart City trial, one column a home",
    columns: ["datetime"],
    zone: "+10:00",
    answers: { columns: "homes", quantity: "kWh" },
    when: ({ header }) =>
      header[0] === "Datetime" &&
      header.length > 1 &&
      header.slice(1).every((h) => /^8\d{6}$/.test(h)),
  },
  {
    name: "Low Carbon London trial",
    columns: ["lclid", "kwh/hh (per half hour)"],
    answers: { labels: "start" },
  },
  {
    name: "Octopus Energy CSV",
    columns: ["consumption (kwh)", "start", "end"],
    zone: "Europe/London",
  },
  {
    name: "PG&E and other Opower utilities",
    columns: ["type", "date", "start time", "end time"],
    forms: [
      ["usage", "units"],
      ["import (kwh)", "export (kwh)"],
    ],
  },
  {
    name: "Southern California Edison",
    columns: ["energy consumption time period"],
    forms: [["usage(real energy in kilowatt-hours)", "reading quality"]],
    zone: "America/Los_Angeles",
  },
  {
    name: "Smart Meter Texas",
    columns: ["esiid", "usage date", "usage start time", "usage end time"],
    forms: [["usage kwh", "estimated actual", "consumption surplusgeneration"]],
    zone: "America/Chicago",
    answers: { dates: "month-first" },
  },
  {
    name: "ESB Networks HDF",
    columns: ["mprn", "meter serial number", "read value", "read type", "read date and end time"],
    zone: "Europe/Dublin",
    answers: { labels: "end", dates: "day-first" },
    meanPower: true,
  },
  {
    name: "Datadis",
    columns: ["cups", "fecha", "hora"],
    forms: [["consumo kwh", "metodo obtencion"]],
    answers: { labels: "end", dates: "day-first" },
  },
  {
    name: "Enedis",
    columns: ["horodate", "valeur"],
    zone: "Europe/Paris",
    meanPower: true,
  },
  {
    name: "Fluvius",
    columns: ["van (datum)", "van (tijdstip)", "tot (datum)", "tot (tijdstip)", "volume"],
    forms: [["register", "eenheid", "validatiestatus"]],
    zone: "Europe/Brussels",
    answers: { dates: "day-first" },
  },
  {
    name: "half-hourly rows of an MPAN",
    columns: ["mpan", "date", "hh01", "hh48"],
    forms: [Array.from({ length: 46 }, (_, i) => `hh${String(i + 2).padStart(2, "0")}`)],
    zone: "Europe/London",
    answers: { dates: "day-first", quantity: "kWh" },
  },
  {
    name: "n3rgy CSV",
    columns: ["timestamp (utc)", "energyconsumption (kwh)"],
    zone: "Europe/London",
  },
  {
    name: "n3rgy CSV of gas",
    columns: ["timestamp (utc)", "energyconsumption (m3)"],
    zone: "Europe/London",
  },
];

/** The known download that a table is. */
export function profileOf(layout: Layout): Profile | undefined {
  const header = layout.header.map(plainText);
  return known.find(
    (p) => p.columns.every((c) => header.includes(c)) && (p.when?.(layout) ?? true),
  );
}

/** How a note begins that says which known download a table resembles. */
export const RESEMBLES = "the table resembles ";

/** A known download, and the columns that a header lacks of it. */
export interface Likeness {
  readonly name: string;
  readonly missing: readonly string[];
  /** What it has of it are names that any table may have. */
  readonly isCommon: boolean;
}

/** Names that any table may have. */
const COMMON = new Set(["timestamp", "date", "type", "start", "end"]);

/** The known download that a header resembles most, and the columns in which it differs. */
export function nearestProfile(header: readonly string[]): Likeness | undefined {
  const names = header.map(plainText);
  const [best] = known
    .filter((p) => p.when === undefined)
    .flatMap((p) => (p.forms ?? [[]]).map((form) => likeness(p, form, names)))
    .sort((a, b) => b.share - a.share || a.missing.length - b.missing.length);
  return best !== undefined && best.share >= 0.5 ? best : undefined;
}

function likeness(
  { name, columns }: Profile,
  form: readonly string[],
  names: readonly string[],
): Likeness & { readonly share: number } {
  const all = [...columns, ...form];
  const present = (list: readonly string[]): string[] => list.filter((c) => names.includes(c));
  const share = Math.max(
    present(columns).length / columns.length,
    present(all).length / all.length,
  );
  return {
    ...{ name, share, missing: all.filter((column) => !names.includes(column)) },
    isCommon: present(all).every((column) => COMMON.has(column)),
  };
}
