/**
 * A store whose values are sealed under a keyring, each bound to its key: who reads the file sees how
 * many entries there are, their keys and lengths, and no value; who moves a value to another key is
 * found out. An old value put back under its own key is not: the store's file itself is checked for that.
 */
import { randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Store, Transaction } from "../store/index.js";
import { keystoreErrors } from "./errors.js";
import type { Keyring } from "./keyring.js";

const NONCE_BYTES = 24;

/** @param purpose which books: each has a subkey of its own */
export function sealedStore(store: Store, keyring: Keyring, purpose: string): Store {
  const key = keyring.subkey(`store ${purpose}`);
  const cipher = (entry: string, nonce: Uint8Array) =>
    xchacha20poly1305(key, nonce, Buffer.from(entry, "utf8"));
  const seal = (entry: string, value: Uint8Array): Uint8Array => {
    const nonce = randomBytes(NONCE_BYTES);
    return Buffer.concat([nonce, cipher(entry, nonce).encrypt(value)]);
  };
  const open = (entry: string, sealed: Uint8Array): Uint8Array => {
    try {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      return cipher(entry, nonce).decrypt(sealed.subarray(NONCE_BYTES));
    } catch {
      const what = `the entry ${entry} of the books "${purpose}" does not open`;
      throw keystoreErrors.error("altered", what, { entry, purpose });
    }
  };
  const opened = (tx: Transaction): Transaction => ({
    async get(entry) {
      const sealed = await tx.get(entry);
      return sealed === undefined ? undefined : open(entry, sealed);
    },
    async list(prefix) {
      return (await tx.list(prefix)).map(([entry, sealed]) => [entry, open(entry, sealed)]);
    },
    put: (entry, value) => tx.put(entry, seal(entry, value)),
    delete: (entry) => tx.delete(entry),
  });
  return {
    transaction: (body) => store.transaction((tx) => body(opened(tx))),
    close: () => store.close(),
  };
}
