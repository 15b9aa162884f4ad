/**
 * A copy of the books, encrypted under a key that follows from the wallet's secret, always of one
 * size: who keeps it learns neither what a home owes nor how much. The secret alone restores the
 * money; the copy restores the times that were drawn as well, so that nothing is sent twice.
 */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes, randomness } from "../algebra/index.js";
import type { SystemId } from "../sipster/index.js";
import type { Store } from "../store/index.js";
import { Books } from "./books.js";
import { residentErrors } from "./errors.js";

/** Bytes of every backup: room for some 1,500 tokens. */
export const BACKUP_BYTES = 1 << 20;

const LABEL = utf8ToBytes("SIPSTER-V1-BOOKS-BACKUP");
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const BODY_BYTES = BACKUP_BYTES - NONCE_BYTES - TAG_BYTES;

export interface BackupKey {
  readonly systemId: SystemId;
  /** The wallet's secret, 32 bytes. */
  readonly secret: Uint8Array;
}

/**
 * A copy of all records of the books, made at `time` (Unix seconds): nonce ‖ XChaCha20-Poly1305 of
 * time u64 ‖ count u32 ‖ (key length u16 ‖ key ‖ value length u32 ‖ value)… ‖ zeros.
 * @throws resident/books-too-large
 */
export async function exportBooks(store: Store, key: BackupKey, time: number): Promise<Uint8Array> {
  const entries = await store.transaction((tx) => tx.list(""));
  const parts = entries.flatMap(([name, value]) => {
    const bytes = utf8ToBytes(name);
    return [intToBytes(bytes.length, 2), bytes, intToBytes(value.length, 4), value];
  });
  const content = concatBytes(intToBytes(time, 8), intToBytes(entries.length, 4), ...parts);
  if (content.length > BODY_BYTES) {
    throw residentErrors.error(
      "books-too-large",
      `the books have ${content.length} bytes, and a backup holds ${BODY_BYTES}`,
    );
  }
  const body = new Uint8Array(BODY_BYTES);
  body.set(content);
  const nonce = randomness(NONCE_BYTES);
  return concatBytes(nonce, cipher(key, nonce).encrypt(body));
}

/**
 * Writes a backup into empty books. Returns when it was made, in Unix seconds.
 * @throws resident/bad-backup if it is not whole or of another secret or system, not-empty
 */
export async function importBooks(
  store: Store,
  key: BackupKey,
  backup: Uint8Array,
): Promise<number> {
  const { time, entries } = read(key, backup);
  await store.transaction(async (tx) => {
    if ((await tx.list("")).length > 0) {
      throw residentErrors.error("not-empty", "the books are not empty");
    }
    for (const [name, value] of entries) tx.put(name, value);
    // Since the copy was made a spare coin may have paid: here nothing says for which token.
    new Books(tx).putRestored();
  });
  return time;
}

function read(
  key: BackupKey,
  backup: Uint8Array,
): { time: number; entries: [string, Uint8Array][] } {
  const bad = (why: string, cause?: unknown) =>
    residentErrors.errorFrom({
      key: "bad-backup",
      message: `the backup is not taken: ${why}`,
      cause,
    });
  if (backup.length !== BACKUP_BYTES) {
    throw bad(`it has ${backup.length} bytes and not ${BACKUP_BYTES}`);
  }
  let body: Uint8Array;
  try {
    const nonce = backup.subarray(0, NONCE_BYTES);
    body = cipher(key, nonce).decrypt(backup.subarray(NONCE_BYTES));
  } catch (error) {
    throw bad("it was changed, or made with another secret or for another system", error);
  }
  const reader = new ByteReader(body, (why) => bad(why));
  const time = reader.number(8);
  const entries = Array.from({ length: reader.number(4) }, (): [string, Uint8Array] => {
    const name = new TextDecoder().decode(reader.take(reader.number(2)));
    return [name, reader.take(reader.number(4))];
  });
  return { time, entries };
}

function cipher({ systemId, secret }: BackupKey, nonce: Uint8Array) {
  return xchacha20poly1305(hkdf(sha256, secret, systemId, LABEL, 32), nonce);
}
