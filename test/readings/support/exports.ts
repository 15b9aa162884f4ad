/** Downloads by the headers of their portals, each with a week of readings made up here. */
import { readFileSync } from "node:fs";
import { dataFile } from "../../data.js";

export interface Export {
  readonly name: string;
  readonly text: string;
  /** Of a table: what separates its fields, and the line of its header, counted from 0. */
  readonly table?: { readonly separator: "," | ";"; readonly header: number };
  /** Answers that the file itself needs. */
  readonly timeZone?: string;
  /** It is a register that counts up: a row more or less moves no energy. */
  readonly counts?: true;
}

const HALF_HOUR = 1_800_000;
const WEEK = 7 * 48;
/** Monday 2024-02-12: no order of dates but one fits. */
const BEGINS = Date.UTC(2024, 1, 12);

/** Watt-hours of the half-hour `i`: each differs from its neighbours, and no two days are alike. */
const wattHours = (i: number): number => 100 + ((i * 137) % 389);
const fedIn = (i: number): number => (i % 48 < 20 ? 0 : 7 + ((i * 41) % 97));
const kWh = (wh: number): string => (wh / 1000).toFixed(3);

interface Step {
  readonly i: number;
  readonly from: string;
  readonly to: string;
}

const iso = (at: number): string => new Date(at).toISOString().slice(0, 19);
const steps: readonly Step[] = Array.from({ length: WEEK }, (_, i) => ({
  i,
  from: iso(BEGINS + i * HALF_HOUR),
  to: iso(BEGINS + (i + 1) * HALF_HOUR),
}));
const day = (time: string): string => time.slice(0, 10);
const clock = (time: string): string => time.slice(11, 16);
const dayFirst = (time: string, between: string): string =>
  day(time).split("-").reverse().join(between);
const lines = (header: string, row: (step: Step) => string): string =>
  `${header}\n${steps.map(row).join("\n")}\n`;

/** Downloads that are made up here, in the order of the table in docs/readings.md. */
export const MADE: readonly Export[] = [
  {
    name: "Opower with usage and units",
    text: lines(
      "Name,JANE DOE\nAccount Number,77\n\nTYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES",
      ({ i, from }) =>
        `Electric usage,${day(from)},${clock(from)},${clock(iso(Date.parse(`${from}Z`) + HALF_HOUR - 60_000))},${kWh(wattHours(i))},kWh,$0.10,`,
    ),
    table: { separator: ",", header: 3 },
  },
  {
    name: "Southern California Edison",
    text: lines(
      '"Your account data"\n"For location: ","1 MAIN ST"\n\n"Energy consumption time period","Usage(Real energy in kilowatt-hours)","Reading quality"',
      ({ i, from, to }) =>
        `"${from.replace("T", " ")} to ${to.replace("T", " ")}","${kWh(wattHours(i))}",""`,
    ),
    table: { separator: ",", header: 3 },
  },
  {
    name: "Smart Meter Texas",
    text: lines(
      "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION",
      ({ i, from, to }) => {
        const [y, m, d] = day(from).split("-");
        const row = (wh: number, flow: string): string =>
          `'1008,${m!}/${d!}/${y!},02/25/2024 01:00:00, ${clock(from)}, ${clock(to)},${kWh(wh)},${i % 50 === 3 ? "E" : "A"},${flow}`;
        return `${row(wattHours(i), "Consumption")}\n${row(fedIn(i), "Surplus Generation")}`;
      },
    ),
    table: { separator: ",", header: 0 },
  },
  {
    name: "ESB Networks HDF",
    text: lines(
      "MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time",
      ({ i, to }) => {
        const row = (wh: number, type: string): string =>
          `1000,2000,${((wh * 2) / 1000).toFixed(3)},Active ${type} Interval (kW),${dayFirst(to, "-")} ${clock(to)}`;
        return `${row(wattHours(i), "Import")}\n${row(fedIn(i), "Export")}`;
      },
    ),
    table: { separator: ",", header: 0 },
  },
  {
    name: "Datadis",
    text: lines("CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion", ({ i, from }) => {
      const [y, m, d] = day(from).split("-");
      const at = new Date(Date.parse(`${from}Z`) + HALF_HOUR);
      const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
      const end = hour === 0 ? "24:00" : clock(at.toISOString());
      return `ES00;${y!}/${m!}/${d!};${end};${kWh(wattHours(i)).replace(".", ",")};${i % 50 === 3 ? "Estimada" : "Real"}`;
    }),
    table: { separator: ";", header: 0 },
    timeZone: "Europe/Madrid",
  },
  {
    name: "n3rgy CSV",
    text: lines(
      "timestamp (UTC),energyConsumption (kWh)",
      ({ i, from }) => `${from.slice(0, 16).replace("T", " ")},${kWh(wattHours(i))}`,
    ),
    table: { separator: ",", header: 0 },
  },
  {
    name: "Amber JSON",
    text: JSON.stringify(
      steps.flatMap(({ i, from, to }) => {
        const usage = (channel: string, id: string, wh: number): object => ({
          ...{ type: "Usage", startTime: `${from.slice(0, 18)}1Z`, endTime: `${to}Z` },
          ...{ channelType: channel, channelIdentifier: id, kwh: wh / 1000, quality: "billable" },
        });
        return [usage("general", "E1", wattHours(i)), usage("feedIn", "B1", fedIn(i))];
      }),
    ),
  },
  {
    name: "Datadis JSON",
    text: JSON.stringify(
      Array.from({ length: 7 * 24 }, (_, i) => ({
        ...{ cups: "ES00", date: `2024/02/${12 + Math.floor(i / 24)}` },
        ...{
          time: `${String((i % 24) + 1).padStart(2, "0")}:00`,
          consumptionKWh: wattHours(i) / 1000,
        },
        ...{ obtainMethod: i % 50 === 3 ? "Estimada" : "Real", surplusEnergyKWh: fedIn(i) / 1000 },
      })),
    ),
    timeZone: "Europe/Madrid",
  },
  {
    name: "Octopus JSON",
    text: JSON.stringify({
      ...{ count: WEEK, next: null, previous: null },
      results: steps.map(({ i, from, to }) => ({
        ...{ consumption: wattHours(i) / 1000, interval_start: `${from}Z` },
        interval_end: `${to}Z`,
      })),
    }),
  },
];

const FILES: readonly (readonly [string, Export["table"]?, true?])[] = [
  ["cumulative_meter.csv", { separator: ",", header: 0 }, true],
  ["enedis.csv", { separator: ";", header: 2 }],
  ["fluvius.csv", { separator: ";", header: 0 }],
  ["import_export_kwh.csv", { separator: ",", header: 0 }],
  ["octopus.csv", { separator: ",", header: 0 }],
  ["pge_electric_new.csv", { separator: ",", header: 5 }],
  ["semicolon.csv", { separator: ";", header: 0 }],
  ["uk_mpan_rows.csv", { separator: ",", header: 0 }],
  ["us_dates.csv", { separator: ",", header: 0 }],
  ["n3rgy.json"],
];

/** The downloads of the data folder, to be called where it is there. */
export function filesOfPortals(): readonly Export[] {
  return FILES.map(([name, table, counts]) => ({
    name,
    text: readFileSync(dataFile(`exports/${name}`), "utf8"),
    ...(table === undefined ? {} : { table }),
    ...(counts === undefined ? {} : { counts }),
  }));
}
