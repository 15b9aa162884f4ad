/** What the words of headers and cells mean, in the languages that utilities' downloads come in. */
import { energyUnit, kilowatt, therm, watt, type EnergyUnit } from "../energy.js";
import type { Quality } from "../interval.js";
import type { Role } from "./mapping.js";

/** What a header says about its column. */
export interface HeaderMeaning {
  /** `value`: a number whose kind or direction the header does not say. */
  readonly role: Role | "value";
  readonly unit?: TableUnit;
  /** The header says that the column is a register that counts up. */
  readonly register?: boolean;
  /** Of a time: the header says which end of the interval it is. */
  readonly labels?: "start" | "end";
}

/** A unit of energy, or of power: then of the energy of an hour at that power. */
export interface TableUnit {
  readonly name: string;
  readonly kind: "energy" | "power" | "gas" | "volume";
  /** Of a volume, the energy of a cubic metre has to be told. */
  readonly unit: EnergyUnit;
}

/** Lower case, without accents and what surrounds the words. */
export function plainText(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/[\u0300-\u036f\uFEFF]/g, "")
    .replaceAll("\u00a0", " ")
    .replaceAll(/_/g, " ")
    .toLowerCase()
    .trim();
}

const money =
  /[£€$]|\b(cost|price|amount|pence|cents?|tariff|charge|tax|bill(ed)?|betrag|kosten|prix|precio)\b|p\/kwh|ct\/kwh/;
const other =
  /\b(temp(erature)?|humidity|volt(s|age)?|kva|kvarh?|kvah?|co2|degree|weather|notes?|address|name|description|omschrijving|metertype|revision|issue|spot|renewables?|pas en minutes|service type)\b|°c|%/;
const energy = /(^|[^a-z])(kwh|wh|mwh)([^a-z]|$)/;
const power = /(^|[^a-z])(kw|w|watts?|kilowatts?)([^a-z]|$)/;
const volume = /(^|[^a-z])m(3|³)($|[^a-z0-9])|\bcubic met(re|er)s?\b/;
const therms = /(^|[^a-z])therms?([^a-z]|$)/;
const kilowattHours = /kilowatt[- ]?hours?/;
const imports =
  /\b(import(ed|s)?|consum(ption|o|ed)|consommation|usage|afname|verbrauch|bezug|soutirage|soutiree|prelievo|general supply|energyconsumption)\b/;
const exports =
  /\b(export(ed|s)?|inject(ion|ie|ee)|production injectee|einspeisung|feed[- ]?in|fed in|surplus( ?generation)?|vertid[oa]|excedentes?|teruglevering|to grid)\b/;
const unclear =
  /\b(net(to|t)?|generation|solar|production|produktion|pv|delivered|received|total|peak|off[- ]?peak|day|night|hp|hc)\b/;
const registers =
  /\b(register|index|stand|zahlerstand|meterstand|cumulative|cumul|meter reading|totali[sz]er|counter)\b/;
const values = /^(value|valeur|volume|read value|wert|valor|reading|energy|energie|kwh|wh|mwh)$/;
const starts = /\b(start|from|begin(ning|n)?|van|debut|von|desde|inicio)\b|^valid from/;
const ends = /\b(end|ending|to|tot|bis|fin|ende|hasta)\b/;
const times =
  /\b(date|datetime|time|timestamp|tstp|horodate|fecha|hora|hour|datum|tijd|tijdstip|zeit|uhrzeit|zeitstempel|data|ora|period|interval|day)\b|datetime|timestamp/;
const homes =
  /^(customer|household|home|house|meter|lcl)? ?id$|^(home|household|customer)$|^lclid$|\b(mpan|mprn|nmi|cups|esiid|prm|ean([- ]code)?|pod)\b|^account( number)?$|^service point/;
const meters = /^meter$|\b(serial|meter( serial)? (number|no)|msn)\b/;
const qualitiesHeader =
  /\b(quality|qualite|status|estimated actual|validatiestatus|metodo obtencion|metodoobtencion|real\/estimado|estimated\??|read quality|reading quality)\b/;
const units = /^(units?|uom|eenheid|einheit|unite|unidad)$/;
const directions =
  /^(type|register|read type|flow|direction|consumption surplusgeneration|type de donnees|channel)$/;

/** What a header says; `undefined` where it says nothing that matters. */
export function headerMeaning(header: string): HeaderMeaning | undefined {
  const text = plainText(header);
  if (text === "") return undefined;
  if (units.test(text)) return { role: "unit" };
  if (qualitiesHeader.test(text)) return { role: "quality" };
  if (directions.test(text)) return { role: "direction" };
  const unit = unitIn(text);
  if (!money.test(text) && (unit !== undefined || values.test(text))) {
    return {
      role: flow(text),
      ...(unit === undefined ? {} : { unit }),
      register: registers.test(text),
    };
  }
  if (money.test(text) || other.test(text)) return { role: "ignore" };
  if (homes.test(text)) return { role: "home" };
  if (meters.test(text)) return { role: "meter" };
  if (
    times.test(text) ||
    /^(start|end|from|to)$/.test(text) ||
    /^(van|tot|von|bis|debut|fin)\b/.test(text)
  ) {
    return timeMeaning(text);
  }
  if (imports.test(text)) return { role: "import" };
  if (exports.test(text)) return { role: "export" };
  return registers.test(text) ? { role: "value", register: true } : undefined;
}

function timeMeaning(text: string): HeaderMeaning {
  const [isStart, isEnd] = [starts.test(text), ends.test(text)];
  // "Date and end time" is one time, and says which.
  if (/\bdate\b.*\btime\b/.test(text)) {
    return { role: "time", ...(isEnd ? { labels: "end" } : isStart ? { labels: "start" } : {}) };
  }
  if (isStart && !isEnd) return { role: "start" };
  return isEnd && !isStart ? { role: "end" } : { role: "time" };
}

function flow(text: string): HeaderMeaning["role"] {
  if (/\bnet\b/.test(text)) return "value";
  if (exports.test(text)) return "export";
  if (imports.test(text)) return "import";
  return unclear.test(text) ? "value" : "import";
}

/** The unit that a text names, if it names one of energy, power, or gas by its energy or volume. */
export function unitIn(text: string): TableUnit | undefined {
  const plain = plainText(text);
  if (kilowattHours.test(plain)) return named("kwh");
  const name = energy.exec(plain)?.[2] ?? power.exec(plain)?.[2];
  if (name !== undefined) return named(name);
  if (therms.test(plain)) return { name: "therm", kind: "gas", unit: therm };
  const none = { numerator: 0n, denominator: 1n };
  return volume.test(plain) ? { name: "m³", kind: "volume", unit: none } : undefined;
}

function named(name: string): TableUnit {
  const found = energyUnit(name);
  if (found !== undefined)
    return {
      name: name === "wh" ? "Wh" : name === "kwh" ? "kWh" : "MWh",
      kind: "energy",
      unit: found,
    };
  return name.startsWith("k")
    ? { name: "kW", kind: "power", unit: kilowatt }
    : { name: "W", kind: "power", unit: watt };
}

/** The unit of an answer. */
export function unitNamed(name: string): TableUnit {
  return named(name.toLowerCase());
}

export interface Flow {
  readonly direction: "import" | "export";
  readonly gas?: true;
  /** The number is the state of a register that counts up. */
  readonly register?: true;
}

/** What a cell says about the flow of its row; `undefined` where it is not understood. */
export function flowOf(cell: string): Flow | "other" | undefined {
  const text = plainText(cell);
  if (/reactive|reactif|inductive|capacitive/.test(text)) return "other";
  if (/gas/.test(text)) return { direction: "import", gas: true };
  const counts = registers.test(text) ? ({ register: true } as const) : {};
  if (exports.test(text)) return { direction: "export", ...counts };
  if (imports.test(text) || /^electric|^courbe de charge$|^(e|a)[1-9]$|^general$/.test(text)) {
    return { direction: "import", ...counts };
  }
  return undefined;
}

const actual =
  /^(|a|r|actual|real|measured|metered|valid|validated|uitgelezen|read|normal|v|ok|reel|reelle|geen verbruik|smart|0)$/;
const estimated = /^(e|est|estimated?|estimado|estimada|geschat|estime|geschatzt|1)$/;
const substituted = /^(s|f|substituted?|final|final substituted?|edited|corrected|corrige)$/;

/** The quality that a cell names; `undefined` where it is not understood. */
export function qualityNamed(cell: string): Quality | undefined {
  const text = plainText(cell);
  if (actual.test(text)) return "actual";
  if (estimated.test(text)) return "estimated";
  return substituted.test(text) ? "substituted" : undefined;
}
