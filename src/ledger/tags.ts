/** The domain separation tags of every hash and signature of this room. */
import { utf8ToBytes } from "@noble/hashes/utils.js";

const tag = (name: string): Uint8Array => utf8ToBytes(`sipster/ledger/${name}@1`);

export const TAGS = {
  /** Children of a node of the GGM tree. */
  ggm: tag("ggm"),
  pseudonym: tag("pn"),
  /** What is added to the meter's key for one report. */
  keyTweak: tag("sig"),
  /** Schnorr challenge and nonce. */
  schnorr: tag("schnorr"),
  nonce: tag("schnorr-nonce"),
  /** What a report's signature covers. */
  report: tag("report"),
  /** What the signature of a meter's account of a period covers. */
  period: tag("period"),
  /** Salts of a receipt's leaves. */
  receiptSalt: tag("receipt-salt"),
} as const;
