/**
 * The files within a zip (APPNOTE 6.3.10), as utilities pack downloads: stored or deflated, without
 * encryption. Sizes come from the central directory and are bounds, so that a small file cannot fill memory.
 */
import { inflateRawSync, crc32 } from "node:zlib";
import { readingsErrors } from "./errors.js";

export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** More than any download. */
const MOST_FILES = 1_000;
const MOST_BYTES = 512 * 1024 * 1024;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

export function isArchive(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** @throws readings/bad-archive, readings/incomplete, readings/too-large */
export function filesOf(archive: Buffer, name: string): ArchivedFile[] {
  const end = endOf(archive);
  if (end < 0) {
    throw readingsErrors.error(
      "incomplete",
      `${name} has no directory at its end: it is cut short`,
      {
        file: name,
      },
    );
  }
  const bad = (reason: string): Error =>
    readingsErrors.error("bad-archive", `${name}: ${reason}`, { file: name, reason });
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count > MOST_FILES) throw tooLarge(name);
  const found: ArchivedFile[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY)
      throw bad("its directory is damaged");
    const entry = {
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      local: archive.readUInt32LE(at + 42),
    };
    const nameLength = archive.readUInt16LE(at + 28);
    const path = archive.subarray(at + 46, at + 46 + nameLength).toString("utf8");
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    total += entry.size;
    if (total > MOST_BYTES) throw tooLarge(name);
    if (path.endsWith("/") || /(^|\/)(__MACOSX|\.)/.test(path)) continue;
    if ((entry.flags & 1) !== 0) throw bad(`${path} is encrypted`);
    found.push({
      name: `${name}/${path}`,
      bytes: unpacked({ archive, entry, path, bad }),
    });
  }
  if (at !== archive.readUInt32LE(end + 16) + archive.readUInt32LE(end + 12))
    throw bad("its directory holds other files than it counts");
  if (found.length === 0) throw bad("it holds no file");
  return found;
}

function unpacked({
  archive,
  entry,
  path,
  bad,
}: {
  readonly archive: Buffer;
  readonly entry: { method: number; crc: number; packed: number; size: number; local: number };
  readonly path: string;
  readonly bad: (reason: string) => Error;
}): Uint8Array {
  const { local, packed, size, method } = entry;
  if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL)
    throw bad(`${path} is damaged`);
  const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const body = archive.subarray(from, from + packed);
  if (body.length < packed) throw bad(`${path} is cut short`);
  if (method !== 0 && method !== 8) throw bad(`${path} is packed by method ${method}`);
  let bytes: Uint8Array;
  try {
    bytes = method === 0 ? body : inflateRawSync(body, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw bad(`${path} cannot be unpacked: ${reason}`);
  }
  if (bytes.length !== size || crc32(bytes) !== entry.crc)
    throw bad(`${path} does not match its checksum`);
  return bytes;
}

/** Where the end record begins: within the last 64 KiB, before a comment. */
function endOf(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(0, archive.length - 65_557); at--) {
    if (archive.readUInt32LE(at) === END) return at;
  }
  return -1;
}

function tooLarge(name: string): Error {
  const limit = `${MOST_FILES} files or ${MOST_BYTES} bytes`;
  return readingsErrors.error("too-large", `${name} unpacks to more than ${limit}`, {
    file: name,
    limit,
  });
}
