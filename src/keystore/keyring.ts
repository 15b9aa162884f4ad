/**
 * Secrets at rest: one passphrase, stretched once by scrypt (RFC 7914), and a subkey for each purpose
 * by HKDF-SHA256 (RFC 5869), under which that secret alone is sealed with XChaCha20-Poly1305. The
 * record of the keyring (salt, cost) lies beside the secrets; a process that needs one secret gets the
 * record and that one's file.
 */
import { createHash, randomBytes, scrypt } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import { matching, readJson } from "../json/index.js";
import { createFile, readFileIfPresent } from "../store/index.js";
import { keystoreErrors } from "./errors.js";

const KEYRING_FORMAT = "sipster/keyring@1";
const SEALED_FORMAT = "sipster/sealed@1";

/** 128 MiB and some 0.4 s, the cost that OWASP recommends: N = 2^17, r = 8, p = 1. */
const COST = 2 ** 17;
const BLOCK_SIZE = 8;
const NONCE_BYTES = 24;

/** Lower-case hexadecimal of so many bytes. */
const hexOf = (bytes: number) =>
  matching(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `is not ${bytes} bytes in hexadecimal`);

const keyringSchema = v.strictObject({
  format: v.literal(KEYRING_FORMAT),
  kdf: v.literal("scrypt"),
  // A record that asks for more would let its writer exhaust the memory of its reader.
  cost: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(2 ** 20)),
  salt: hexOf(16),
  /** Tells a wrong passphrase from an altered secret. */
  check: hexOf(16),
  /** First 8 bytes of SHA-256 of the above: tells a wrong passphrase from an altered record. */
  checksum: hexOf(8),
});
type KeyringRecord = v.InferOutput<typeof keyringSchema>;

const sealedSchema = v.strictObject({
  format: v.literal(SEALED_FORMAT),
  keyring: hexOf(8),
  purpose: v.string(),
  nonce: hexOf(NONCE_BYTES),
  box: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/)),
});

export class Keyring {
  readonly #master: Uint8Array;
  /** Which keyring: sealed secrets name it. */
  readonly id: string;

  private constructor(master: Uint8Array, record: KeyringRecord) {
    this.#master = master;
    this.id = identify(record);
  }

  /**
   * Opens the keyring whose record is the file `path`, or makes it. The folder must exist.
   * @param cost of a new keyring: N of scrypt, a power of two
   * @throws keystore/no-passphrase, wrong-passphrase, bad-keyring, and the store's errors for files
   */
  static async open(path: string, passphrase: string, cost = COST): Promise<Keyring> {
    if (passphrase === "") throw keystoreErrors.error("no-passphrase", "the passphrase is empty");
    const existing = readFileIfPresent(path) ?? (await makeKeyring(path, passphrase, cost));
    const record = parseKeyring(path, existing);
    const master = await stretch(passphrase, record);
    if (checkOf(master) !== record.check) {
      const what = `the passphrase does not open the keyring ${path}`;
      throw keystoreErrors.error("wrong-passphrase", what, { path });
    }
    return new Keyring(master, record);
  }

  /** The key for one purpose, 32 bytes. No two purposes have the same. */
  subkey(purpose: string): Uint8Array {
    return derive(this.#master, `${SEALED_FORMAT} ${purpose}`, 32);
  }

  /** A secret as the content of a file, readable under this keyring and for this purpose only. */
  seal(purpose: string, secret: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const box = this.#cipher(purpose, nonce).encrypt(secret);
    const sealed = {
      format: SEALED_FORMAT,
      keyring: this.id,
      purpose,
      nonce: nonce.toString("hex"),
      box: Buffer.from(box).toString("hex"),
    };
    return Buffer.from(`${JSON.stringify(sealed)}\n`, "utf8");
  }

  /**
   * The secret in the content of the file `path`.
   * @throws keystore/bad-file, other-keyring, other-secret, altered
   */
  open(purpose: string, content: Uint8Array, path: string): Uint8Array {
    const fail = (key: Parameters<typeof keystoreErrors.error>[0], what: string) =>
      keystoreErrors.error(key, `${path} ${what}`, { path, purpose });
    const sealed = readJson(sealedSchema, content, (why) =>
      fail("bad-file", `is not a sealed secret: ${why}`),
    );
    if (sealed.keyring !== this.id) {
      throw fail("other-keyring", `was sealed under the keyring ${sealed.keyring}`);
    }
    if (sealed.purpose !== purpose) {
      throw fail("other-secret", `holds the secret "${sealed.purpose}" and not "${purpose}"`);
    }
    try {
      const nonce = Buffer.from(sealed.nonce, "hex");
      return this.#cipher(purpose, nonce).decrypt(Buffer.from(sealed.box, "hex"));
    } catch {
      throw fail("altered", "was altered");
    }
  }

  #cipher(purpose: string, nonce: Uint8Array) {
    const bound = Buffer.from(JSON.stringify([SEALED_FORMAT, this.id, purpose]), "utf8");
    return xchacha20poly1305(this.subkey(purpose), nonce, bound);
  }
}

/** Makes the record, unless another process was faster; returns what is there. */
async function makeKeyring(path: string, passphrase: string, cost: number): Promise<Uint8Array> {
  const salt = randomBytes(16).toString("hex");
  const master = await stretch(passphrase, { cost, salt });
  const record = {
    format: KEYRING_FORMAT,
    kdf: "scrypt",
    cost,
    salt,
    check: checkOf(master),
  } as const;
  const complete = { ...record, checksum: checksumOf(record) };
  const content = Buffer.from(`${JSON.stringify(complete)}\n`, "utf8");
  if (createFile(path, content)) return content;
  return readFileIfPresent(path)!;
}

function parseKeyring(path: string, content: Uint8Array): KeyringRecord {
  const bad = (why: string) =>
    keystoreErrors.error("bad-keyring", `${path} is not the record of a keyring: ${why}`, { path });
  const record = readJson(keyringSchema, content, bad);
  if (checksumOf(record) !== record.checksum) throw bad("its checksum is wrong");
  return record;
}

function stretch(
  passphrase: string,
  { cost, salt }: Pick<KeyringRecord, "cost" | "salt">,
): Promise<Uint8Array> {
  // The same passphrase may reach two keyboards as different code points.
  const secret = Buffer.from(passphrase.normalize("NFKC"), "utf8");
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * cost * BLOCK_SIZE };
  return new Promise((resolve, reject) => {
    scrypt(secret, Buffer.from(salt, "hex"), 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function derive(master: Uint8Array, info: string, bytes: number): Uint8Array {
  return hkdf(sha256, master, undefined, Buffer.from(info, "utf8"), bytes);
}

function checkOf(master: Uint8Array): string {
  return Buffer.from(derive(master, `${KEYRING_FORMAT} check`, 16)).toString("hex");
}

function identify({ salt }: KeyringRecord): string {
  return createHash("sha256").update(salt, "hex").digest().subarray(0, 8).toString("hex");
}

function checksumOf(record: Omit<KeyringRecord, "checksum">): string {
  const fields = [record.format, record.kdf, record.cost, record.salt, record.check];
  const digest = createHash("sha256").update(JSON.stringify(fields)).digest();
  return digest.subarray(0, 8).toString("hex");
}
