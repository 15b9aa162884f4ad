/** What a command may touch of the outside: two streams and what is known about the terminal. */
export interface Io {
  /** Data for people or programs, one line or block, to stdout. */
  out(text: string): void;
  /** Progress and hints, to stderr. */
  err(text: string): void;
  /** One JSON document to stdout; big integers become decimal strings. */
  json(value: unknown): void;
  /** False under NO_COLOR, `--json`, or when stdout is not a terminal. */
  readonly colour: boolean;
  /** Columns of the terminal, 100 when there is none. */
  readonly width: number;
  /** Columns that tables must fit; absent where a program or a file gets them, which want them whole. */
  readonly tableWidth?: number;
}

/** JSON in which big integers are decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, withDecimals, 2);
}

/** The same on one line. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value, withDecimals);
}

const withDecimals = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;

/** The streams of this process. */
export function processIo(): Io {
  const tty = process.stdout.isTTY === true;
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    json: (value) => void process.stdout.write(`${toJson(value)}\n`),
    colour: tty && (process.env.NO_COLOR ?? "") === "",
    width: tty ? process.stdout.columns : 100,
    ...(tty ? { tableWidth: process.stdout.columns } : {}),
  };
}
