/**
 * The file `sipster/withdrawal@1`: a withdrawal's request as a wallet writes it. Nothing in it is secret:
 * the messages are blinded.
 *
 *   { "format": "sipster/withdrawal@1", "request": "0x…" }
 */
import { readFile } from "node:fs/promises";
import { getBytes, hexlify } from "ethers";
import * as v from "valibot";
import { DepositTree, MAX_DEPOSIT_COUNT } from "../../chain/index.js";
import { matching, readJson } from "../../json/index.js";
import { decodeRequest, type BlindedMessage } from "../../ecash/index.js";
import { cliErrors } from "../errors.js";

export const WITHDRAWAL_FORMAT = "sipster/withdrawal@1";

const schema = v.strictObject({
  format: v.literal(WITHDRAWAL_FORMAT),
  request: matching(/^0x([0-9a-f]{2})*$/i, "is not hexadecimal"),
});

/** A withdrawal that fits into one deposit. */
export interface WithdrawalFile {
  readonly request: Uint8Array;
  readonly mintKeyId: number;
  readonly messages: readonly BlindedMessage[];
  readonly tree: DepositTree;
  /** What the coins are worth, in units of money. */
  readonly units: bigint;
}

export function writeWithdrawalFile(request: Uint8Array): string {
  return `${JSON.stringify({ format: WITHDRAWAL_FORMAT, request: hexlify(request) }, null, 2)}\n`;
}

/** @throws cli/unreadable-file, cli/bad-withdrawal, ecash/bad-request */
export async function readWithdrawalFile(file: string): Promise<WithdrawalFile> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw cliErrors.error("unreadable-file", `${file} cannot be read`, { file }, error);
  }
  const bad = (why: string, cause?: unknown) =>
    cliErrors.error("bad-withdrawal", `${file} ${why}`, { file }, cause);
  const request = getBytes(readJson(schema, text, (why, _field, cause) => bad(why, cause)).request);
  const { mintKeyId, messages } = decodeRequest(request);
  if (messages.length === 0 || messages.length > MAX_DEPOSIT_COUNT) {
    throw bad(`has ${messages.length} coins, and a deposit takes 1 to ${MAX_DEPOSIT_COUNT}`);
  }
  return {
    request,
    mintKeyId,
    messages,
    tree: DepositTree.ofMessages(messages),
    units: messages.reduce((sum, m) => sum + BigInt(m.denomination), 0n),
  };
}
