/**
 * The code that a meter shows once: 100 random bits as twenty letters and digits (Crockford's base 32:
 * no I, L, O, U), so that nobody who hears a pairing can find it by trying.
 */
import { hkdfSync, randomInt } from "node:crypto";
import { meterErrors } from "../errors.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS = 20;

/** Four groups of five, such as `7KQ2M-…`. */
export function newPairingCode(): string {
  const letters = Array.from({ length: LETTERS }, () => ALPHABET[randomInt(32)]).join("");
  return letters.replace(/(.{5})(?!$)/g, "$1-");
}

/** The key of the pairing's channel. Case and hyphens do not matter. @throws meter/bad-code */
export function pairingKey(code: string): Uint8Array {
  const letters = code.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0");
  const plain = letters.replaceAll(/[IL]/g, "1");
  if (!new RegExp(`^[${ALPHABET}]{${LETTERS}}$`).test(plain)) {
    throw meterErrors.error("bad-code", `a pairing code has ${LETTERS} letters and digits`);
  }
  const info = "sipster/meter-pairing@1";
  return new Uint8Array(hkdfSync("sha256", plain, new Uint8Array(), info, 32));
}
