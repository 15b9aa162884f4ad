/**
 * The utility's secret keys as files, for a process that signs: the receipt key of a key epoch, and the
 * mint's keys, one for each denomination. The caller seals them.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { GROUP_ORDER, randomScalar } from "../algebra/index.js";
import type { MintSecretKeys } from "../ecash/index.js";
import { countField, decimalField, readJson } from "../json/index.js";
import type { Denominations, UtilitySecretKey } from "../sipster/index.js";
import { utilityErrors } from "./errors.js";

const RECEIPT_FORMAT = "sipster/receipt-key@1";
const MINT_FORMAT = "sipster/mint-keys@1";

const scalarField = v.pipe(
  decimalField,
  v.check((scalar) => scalar > 0n && scalar < GROUP_ORDER, "is not a scalar of the group"),
);
const receiptField = v.strictObject({
  format: v.literal(RECEIPT_FORMAT),
  suite: v.picklist(["hash-bound", "classic"]),
  keyEpoch: countField,
  scalar: scalarField,
});
const mintField = v.strictObject({
  format: v.literal(MINT_FORMAT),
  mintKeyId: countField,
  scalars: v.array(v.strictTuple([countField, scalarField])),
});

/** A new receipt key. */
export function newReceiptKeyFile(of: Pick<UtilitySecretKey, "suite" | "keyEpoch">): Uint8Array {
  return fileOf({ format: RECEIPT_FORMAT, ...of, scalar: newScalar() });
}

/** @throws utility/bad-key-file */
export function parseReceiptKeyFile(bytes: Uint8Array): UtilitySecretKey {
  const { suite, keyEpoch, scalar } = readJson(receiptField, bytes, badFile("receipt key"));
  return { suite, keyEpoch, scalar };
}

/** New keys of the mint, one for each denomination. */
export function newMintKeyFile(mintKeyId: number, denominations: Denominations): Uint8Array {
  const scalars = denominations.map((denomination) => [denomination, newScalar()]);
  return fileOf({ format: MINT_FORMAT, mintKeyId, scalars });
}

/** @throws utility/bad-key-file */
export function parseMintKeyFile(bytes: Uint8Array): MintSecretKeys {
  const { mintKeyId, scalars } = readJson(mintField, bytes, badFile("mint's keys"));
  return { mintKeyId, scalars: new Map(scalars) };
}

function newScalar(): string {
  return randomScalar(GROUP_ORDER).toString();
}

function fileOf(document: object): Uint8Array {
  return utf8ToBytes(JSON.stringify(document));
}

function badFile(what: string) {
  return (why: string): Error =>
    utilityErrors.error("bad-key-file", `the file with the ${what} ${why}`);
}
