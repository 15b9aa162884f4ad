/** One telegram of the consumer port P1: its lines of OBIS codes, and what they say. */
import { civilTime } from "../timestamp.js";
import { Crc16 } from "./crc16.js";

/** A line: an OBIS code, short of its last part, and values in brackets; the code may be a line before. */
const lineForm = /^(?:(\d+-\d+:\d+\.\d+\.\d+)(?:\.\d+)?)?((?:\([^()]*\))+)$/;

/** Registers of electricity: 1 is drawn, 2 is fed in; 0 is the total, others are parts by tariff. */
const electricity = /^1-\d+:([12])\.8\.(\d)$/;
const known = /^(0-0:1\.0\.0|0-\d:(96\.1\.[01]|24\.1\.0|24\.2\.[13]|24\.3\.0))$/;

export class Telegram {
  readonly crc = new Crc16();
  /** The same with line ends as the meter sends them. */
  readonly lineEnds = new Crc16();
  /** Values of the lines that matter, by their codes. */
  readonly #fields = new Map<string, readonly string[]>();
  /** Codes that come twice with other values. */
  readonly #contradicted = new Set<string>();
  /** Of older telegrams: the code whose value is on the next line. */
  #awaiting: string | undefined;

  /** `line`: where it begins. */
  constructor(readonly line: number) {}

  /** Takes a line; false where it is none of a telegram. */
  take(text: string): boolean {
    const match = lineForm.exec(text);
    if (match === null) return false;
    const [, code, groups = ""] = match;
    const values = groups.slice(1, -1).split(")(");
    if (code === undefined) {
      const before = this.#awaiting === undefined ? undefined : this.#fields.get(this.#awaiting);
      if (before !== undefined) this.#fields.set(this.#awaiting!, [before[0]!, `${values[0]!}*m3`]);
      this.#awaiting = undefined;
      return true;
    }
    this.#awaiting = /^0-\d:24\.3\.0$/.test(code) ? code : undefined;
    if (!known.test(code) && !electricity.test(code)) return true;
    const before = this.#fields.get(code);
    if (before !== undefined && before.join() !== values.join()) this.#contradicted.add(code);
    this.#fields.set(code, values);
    return true;
  }

  /** A code that comes twice with other values. */
  get contradicted(): string | undefined {
    return [...this.#contradicted][0];
  }

  /** The registers of electricity and their units. */
  get forms(): string {
    const forms = [...this.#fields].flatMap(([code, values]) =>
      electricity.test(code) ? [`${code} (${values[0]!.replace(/^[^*]*\*?/, "")})`] : [],
    );
    return forms.sort().join(", ");
  }

  /** Text of the time of the telegram. */
  get time(): string | undefined {
    return this.#fields.get("0-0:1.0.0")?.[0];
  }

  /** Serial number of a meter: 0 is the electricity meter itself. */
  serial(channel: string): string | undefined {
    const hex = (this.#fields.get(`0-${channel}:96.1.1`) ??
      this.#fields.get(`0-${channel}:96.1.0`))?.[0];
    return hex === undefined || hex === "" ? undefined : serialText(hex);
  }

  /** Texts of the registers that add up to what was drawn (1) or fed in (2): the total, or its parts. */
  registers(direction: "1" | "2"): string[] {
    const texts: string[] = [];
    for (const [code, values] of this.#fields) {
      const match = electricity.exec(code);
      if (match?.[1] !== direction) continue;
      if (match[2] === "0") return [values[0]!];
      texts.push(values[0]!);
    }
    return texts;
  }

  /** Readings of the other meters: channel, kind of meter where it is told, time and value. */
  *others(): Generator<{ channel: string; kind: string | undefined; at: string; value: string }> {
    for (const [code, values] of this.#fields) {
      const match = /^0-(\d):24\.(2\.[13]|3\.0)$/.exec(code);
      if (match === null) continue;
      const channel = match[1]!;
      const kind = this.#fields.get(`0-${channel}:24.1.0`)?.[0];
      yield { channel, kind, at: values[0]!, value: values.at(-1)! };
    }
  }
}

/** `YYMMDDhhmmssX`, X being W in winter and S in summer, or nothing where a clock has no summer. */
export function telegramTime(text: string): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([WS])?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const civil = civilTime({
    year: 2000 + year!,
    month: month!,
    day: day!,
    hour: hour!,
    minute: minute!,
    second: second!,
  });
  if (civil === undefined) return undefined;
  return civil - (match[7] === "S" ? 7_200_000 : 3_600_000);
}

/** Serial numbers come as the hexadecimal of their characters. */
function serialText(hex: string): string {
  if (!/^([2-7][\dA-Fa-f])+$/.test(hex)) return hex;
  return Buffer.from(hex, "hex").toString("latin1");
}
