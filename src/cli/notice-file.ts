/** Notices to meters as files, `sipster/meter-notice@1`: the utility writes them, wallet and meter read them. */
import { readFileSync } from "node:fs";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { countField, hexField, readJson } from "../json/index.js";
import {
  parseAddress,
  type MeterAnnouncement,
  type RemovalNotice,
  type Signed,
  type TariffNotice,
  type TimeNotice,
} from "../sipster/index.js";
import { cliErrors } from "./errors.js";

const FORMAT = "sipster/meter-notice@1";

const bytesField = (length: number) =>
  v.pipe(
    hexField(length),
    v.transform((text) => hexToBytes(text.slice(2))),
  );
const common = { format: v.literal(FORMAT), signature: bytesField(64) };
const schema = v.variant("kind", [
  v.strictObject({ ...common, kind: v.literal("removal"), meter: hexField(20) }),
  v.strictObject({
    ...common,
    kind: v.literal("tariff"),
    tariff: bytesField(32),
    successor: bytesField(32),
    firstPeriod: countField,
  }),
  v.strictObject({
    ...common,
    kind: v.literal("time"),
    nonce: bytesField(32),
    time: countField,
  }),
]);

type Notices = {
  readonly removal: RemovalNotice;
  readonly tariff: TariffNotice;
  readonly time: TimeNotice;
};

/** The notice as its file has it; bytes as 0x and hexadecimal. */
export function noticeDocument(notice: Signed<MeterAnnouncement>): object {
  const fields = Object.entries(notice).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array ? `0x${bytesToHex(value)}` : value,
  ]);
  return { format: FORMAT, ...(Object.fromEntries(fields) as object) };
}

/** The notice in a file. Who signed it is checked by the meter. @throws cli/damaged-file */
export function readNotice<K extends keyof Notices>(file: string, kind: K): Notices[K] {
  return parseNotice(readFileSync(file), { kind, name: file });
}

/** @throws cli/damaged-file */
export function parseNotice<K extends keyof Notices>(
  bytes: Uint8Array,
  { kind, name }: { readonly kind: K; readonly name: string },
): Notices[K] {
  const fault = (why: string) => cliErrors.error("damaged-file", `${name} ${why}`);
  const { format, ...notice } = readJson(schema, bytes, fault);
  void format;
  if (notice.kind !== kind) throw fault(`holds a notice of another kind, ${notice.kind}`);
  const read =
    notice.kind === "removal" ? { ...notice, meter: parseAddress(notice.meter) } : notice;
  return read as Notices[keyof Notices] as Notices[K];
}
