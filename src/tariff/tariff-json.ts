/** Tariff files of the format `sipster/tariff@1`. */
import type { Fields } from "./json-fields.js";
import { Zone } from "../readings/zone.js";
import { parseStamp } from "../readings/timestamp.js";
import {
  weekdays,
  type Band,
  type BlocksComponent,
  type Component,
  type Day,
  type DemandComponent,
  type Tariff,
  type TariffVersion,
  type Window,
} from "./tariff.js";

const clockTime = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const days: readonly Day[] = [...weekdays, "holiday"];

/** @throws tariff/bad-tariff, readings/unknown-time-zone */
export function tariffFromJson(fields: Fields): Tariff {
  fields.only(
    "format",
    "name",
    "currency",
    "minorDigits",
    "timeZone",
    "versions",
    "from",
    "components",
    "taxes",
    "holidays",
  );
  const format = fields.get("format").oneOf(["sipster/tariff@1"]);
  const currency = fields.get("currency").text(/^[A-Z]{3}$/, "a currency code such as EUR");
  const timeZone = fields.get("timeZone");
  if (!timeZone.absent) Zone.of(timeZone.text());
  const minorDigits = fields.get("minorDigits");
  const versions = fields.get("versions");
  const inline = versions.absent ? [versionFromJson(fields)] : versions.list().map(versionFromJson);
  inline.forEach((version, i) => {
    const before = inline[i - 1];
    if (before === undefined) return;
    if (version.from === undefined || version.from <= (before.from ?? "")) {
      throw versions.refuse("each version after the first needs a date later than the one before");
    }
  });
  if (inline.length === 0) throw versions.refuse("at least one version is needed");
  return {
    format,
    name: fields.get("name").text(/\S/),
    currency,
    minorDigits: minorDigits.absent ? 2 : minorDigits.integer(0, 4),
    ...(timeZone.absent ? {} : { timeZone: timeZone.text() }),
    versions: inline,
  };
}

function versionFromJson(fields: Fields): TariffVersion {
  const from = fields.get("from");
  const components = fields.get("components").list();
  if (components.length === 0) throw fields.get("components").refuse("at least one is needed");
  return {
    ...(from.absent ? {} : { from: dateText(from) }),
    components: components.map(componentFromJson),
    taxes: fields
      .get("taxes")
      .listOr([])
      .map((tax) => {
        tax.only("name", "percent");
        return { name: tax.get("name").text(/\S/), percent: tax.get("percent").decimal() };
      }),
    holidays: fields.get("holidays").listOr([]).map(dateText).sort(),
  };
}

function dateText(fields: Fields): string {
  const text = fields.text(date, "a date YYYY-MM-DD");
  if (parseStamp(text) === undefined) throw fields.refuse(`${text} is not in the calendar`);
  return text;
}

function componentFromJson(fields: Fields): Component {
  const kind = fields
    .get("kind")
    .oneOf(["flat", "time-of-use", "dynamic", "blocks", "demand", "standing"]);
  const name = fields.get("name").text(/\S/);
  if (kind === "standing") {
    fields.only("kind", "name", "taxed", "per", "price");
    return {
      kind,
      name,
      taxed: fields.get("taxed").boolean(true),
      per: fields.get("per").oneOf(["day", "month"], "day"),
      price: fields.get("price").decimal(),
    };
  }
  if (kind === "demand") return demandFromJson(fields, name);
  if (kind === "blocks") return blocksFromJson(fields, name);
  const direction = fields.get("direction").oneOf(["import", "export"], "import");
  const common = { name, direction, taxed: fields.get("taxed").boolean(direction === "import") };
  switch (kind) {
    case "flat":
      fields.only("kind", "name", "taxed", "direction", "price");
      return { kind, ...common, price: fields.get("price").decimal() };
    case "time-of-use":
      fields.only("kind", "name", "taxed", "direction", "bands");
      return { kind, ...common, bands: fields.get("bands").list().map(bandFromJson) };
    case "dynamic": {
      fields.only("kind", "name", "taxed", "direction", "clock", "from", "stepSeconds", "runs");
      const from = fields
        .get("from")
        .text(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, "a time YYYY-MM-DDTHH:MM");
      if (parseStamp(from) === undefined) throw fields.get("from").refuse("no such time");
      return {
        kind,
        ...common,
        clock: fields.get("clock").oneOf(["local", "utc"]),
        from,
        stepSeconds: fields.get("stepSeconds").integer(60, 86_400),
        runs: fields
          .get("runs")
          .list()
          .map((run) => {
            run.only("steps", "price", "name");
            return {
              steps: run.get("steps").integer(1, 10_000_000),
              price: run.get("price").decimal(),
              name: run.get("name").text(/\S/),
            };
          }),
      };
    }
  }
}

function blocksFromJson(fields: Fields, name: string): BlocksComponent {
  fields.only("kind", "name", "taxed", "direction", "per", "blocks");
  const all = fields.get("blocks").list();
  let before = 0;
  const blocks = all.map((block, i) => {
    block.only("name", "price", "upTo");
    const upTo = block.get("upTo");
    if (upTo.absent !== (i === all.length - 1)) {
      throw upTo.refuse("every block but the last needs an upper limit, and the last has none");
    }
    if (!upTo.absent) {
      const limit = upTo.integerOf(3);
      if (limit <= before) throw upTo.refuse("the limits of blocks must rise");
      before = limit;
    }
    return {
      name: block.get("name").text(/\S/),
      price: block.get("price").decimal(),
      ...(upTo.absent ? {} : { upTo: upTo.decimal() }),
    };
  });
  if (blocks.length === 0) throw fields.get("blocks").refuse("at least one is needed");
  return {
    kind: "blocks",
    name,
    taxed: fields.get("taxed").boolean(true),
    direction: fields.get("direction").oneOf(["import"], "import"),
    per: fields.get("per").oneOf(["day", "month", "quarter", "year"]),
    blocks,
  };
}

function demandFromJson(fields: Fields, name: string): DemandComponent {
  fields.only(
    ...["kind", "name", "taxed", "price", "per", "windows"],
    ...["basis", "stepMinutes", "peaks", "minimum"],
  );
  const stepMinutes = fields.get("stepMinutes");
  const peaks = fields.get("peaks");
  const minimum = fields.get("minimum");
  const step = stepMinutes.absent ? 30 : stepMinutes.integer(1, 1440);
  if (1440 % step !== 0) throw stepMinutes.refuse("the step does not divide a day");
  if (!minimum.absent && minimum.integerOf(3) < 0) throw minimum.refuse("it is negative");
  return {
    kind: "demand",
    name,
    taxed: fields.get("taxed").boolean(true),
    price: fields.get("price").decimal(),
    per: fields.get("per").oneOf(["month", "day"], "month"),
    windows: fields.get("windows").list().map(windowFromJson),
    basis: fields.get("basis").oneOf(["step", "day"], "step"),
    stepMinutes: step,
    peaks: peaks.absent ? 1 : peaks.integer(1, 31),
    minimum: minimum.absent ? "0" : minimum.decimal(),
  };
}

function bandFromJson(fields: Fields, index: number, all: readonly Fields[]): Band {
  fields.only("name", "price", "windows");
  const windows = fields.get("windows").listOr([]);
  if (windows.length === 0 && index !== all.length - 1) {
    throw fields.refuse("only the last band may be for all other times");
  }
  return {
    name: fields.get("name").text(/\S/),
    price: fields.get("price").decimal(),
    windows: windows.map(windowFromJson),
  };
}

function windowFromJson(fields: Fields): Window {
  fields.only("months", "days", "from", "to");
  const months = fields.get("months");
  const on = fields.get("days");
  const from = fields.get("from");
  const to = fields.get("to");
  return {
    ...(months.absent ? {} : { months: inOrder(months.list().map((m) => m.integer(1, 12))) }),
    ...(on.absent
      ? {}
      : { days: inOrder(on.list().map((d) => days.indexOf(d.oneOf(days)))).map((d) => days[d]!) }),
    from: from.absent ? "00:00" : from.text(clockTime, "a time HH:MM"),
    to: to.absent ? "24:00" : to.text(clockTime, "a time HH:MM"),
  };
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
