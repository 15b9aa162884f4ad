/**
 * L_OCD on disk: one journal for each interval, `ocd-<interval>.journal` in the control centre's
 * directory. Its first frame holds the terms of the interval, then come batches of admitted reports,
 * and at last the signature of the statement that closes it. Everything else is computed again.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import { POINT_BYTES } from "./curve.js";
import { ledgerErrors } from "./errors.js";
import { Journal } from "./journal.js";
import { PSEUDONYM_BYTES, type Interval, type Pseudonym } from "./one-time-key.js";
import type { AdmittedReport, IntervalTerms } from "./pages.js";
import type { Category } from "./parcels.js";
import { SCHNORR_BYTES } from "./schnorr.js";

const FRAME = { terms: 1, reports: 2, closed: 3 } as const;
const REPORT_BYTES = PSEUDONYM_BYTES + 1 + POINT_BYTES + SCHNORR_BYTES;
const TERMS_BYTES = 4 + 4 + 4 + 8 + 32 + 32;

/** What a journal holds. */
export interface OcdFile {
  readonly journal: Journal;
  readonly terms: IntervalTerms;
  readonly reports: readonly AdmittedReport[];
  /** Signature of the statement; undefined while the interval is open. */
  readonly closed: Uint8Array | undefined;
}

function pathOf(directory: string, interval: Interval): string {
  return join(directory, `ocd-${interval}.journal`);
}

/** The intervals that have a journal, the latest first. */
export async function intervalsOnDisk(directory: string): Promise<Interval[]> {
  return (await readdir(directory))
    .map((name) => /^ocd-(\d+)\.journal$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

/**
 * Opens the journal of an interval. Undefined if nothing of it was written before a crash.
 * @throws ledger/journal-damaged
 */
export async function openOcdFile(
  directory: string,
  interval: Interval,
): Promise<OcdFile | undefined> {
  const path = pathOf(directory, interval);
  const { journal, frames } = await Journal.open(path);
  const [first, ...rest] = frames;
  if (first === undefined) {
    await journal.close();
    return undefined;
  }
  try {
    const last = rest.at(-1);
    const closed = last?.[0] === FRAME.closed ? last.slice(1) : undefined;
    const batches = closed === undefined ? rest : rest.slice(0, -1);
    return { journal, terms: decodeTerms(first), reports: batches.flatMap(decodeReports), closed };
  } catch (error) {
    await journal.close();
    throw ledgerErrors.error("journal-damaged", `${path} is no journal of L_OCD`, { path }, error);
  }
}

/** Begins the journal of an interval. */
export async function createOcdFile(directory: string, terms: IntervalTerms): Promise<Journal> {
  const { journal } = await Journal.open(pathOf(directory, terms.interval));
  await journal.append(encodeTerms(terms));
  return journal;
}

/** Adds admitted reports to a journal, all or none. */
export async function appendReports(
  journal: Journal,
  reports: readonly AdmittedReport[],
): Promise<void> {
  await journal.append(
    concatBytes(
      Uint8Array.of(FRAME.reports),
      ...reports.flatMap((r) => [r.pseudonym, Uint8Array.of(r.category), r.key, r.signature]),
    ),
  );
}

/** Closes the interval: the statement's signature is the last frame. */
export async function appendClosed(journal: Journal, signature: Uint8Array): Promise<void> {
  await journal.append(concatBytes(Uint8Array.of(FRAME.closed), signature));
}

function encodeTerms({
  interval,
  homes,
  k,
  average,
  enrolment,
  previousRoot,
}: IntervalTerms): Uint8Array {
  return concatBytes(
    Uint8Array.of(FRAME.terms),
    intToBytes(interval, 4),
    intToBytes(homes, 4),
    intToBytes(k, 4),
    intToBytes(average, 8),
    enrolment,
    previousRoot,
  );
}

function decodeTerms(bytes: Uint8Array): IntervalTerms {
  if (bytes[0] !== FRAME.terms || bytes.length !== 1 + TERMS_BYTES) {
    throw new RangeError("the first frame does not hold the terms of an interval");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1);
  return {
    interval: view.getUint32(0),
    homes: view.getUint32(4),
    k: view.getUint32(8),
    average: view.getBigUint64(12),
    enrolment: bytes.slice(21, 53),
    previousRoot: bytes.slice(53, 85),
  };
}

function decodeReports(bytes: Uint8Array): AdmittedReport[] {
  if (bytes[0] !== FRAME.reports || (bytes.length - 1) % REPORT_BYTES !== 0) {
    throw new RangeError("a frame does not hold reports");
  }
  const reports: AdmittedReport[] = [];
  for (let at = 1; at < bytes.length; at += REPORT_BYTES) {
    const keyAt = at + PSEUDONYM_BYTES + 1;
    reports.push({
      pseudonym: bytes.slice(at, at + PSEUDONYM_BYTES) as Pseudonym,
      category: bytes[at + PSEUDONYM_BYTES]! as Category,
      key: bytes.slice(keyAt, keyAt + POINT_BYTES),
      signature: bytes.slice(keyAt + POINT_BYTES, at + REPORT_BYTES),
    });
  }
  return reports;
}
