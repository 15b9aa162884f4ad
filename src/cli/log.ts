/**
 * What a role that runs says of itself, on stderr: lines for people, and with `--json` one JSON object
 * a line. No library: the roles say a dozen sentences, and none holds a token, a coin, a secret or a home.
 */
import type { Io } from "./io.js";

export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export function openLog(io: Io, isJson: boolean): Log {
  const at =
    (level: keyof Log) =>
    (text: string): void => {
      if (!isJson) io.err(text);
      else io.err(JSON.stringify({ time: new Date().toISOString(), level, text }));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** The streams of a running role: what commands say on stderr goes to its log. */
export function loggedIo(io: Io, log: Log): Io {
  return { ...io, err: (text) => log.info(text) };
}

/** A failure that is in no catalogue. */
export function defectText(error: unknown): string {
  return `defect: ${error instanceof Error ? error.stack : "unknown"}`;
}
