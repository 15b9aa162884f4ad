/**
 * A withdrawal by files, for a wallet that sends no transaction itself.
 *
 *   sipster/withdrawal@1    { "format": …, "request": "0x…" }   from the wallet; not secret: messages are blinded
 *   sipster/mint-answer@1   { "format": …, "answer": "0x…" }    to the wallet; null: the deposit was given back
 */
import { getBytes, hexlify } from "ethers";
import * as v from "valibot";
import { DepositTree, MAX_DEPOSIT_COUNT } from "../chain/index.js";
import { decodeRequest, type BlindedMessage } from "../ecash/index.js";
import { matching, readJson } from "../json/index.js";
import { fundingErrors } from "./errors.js";
import type { Funding } from "./funding.js";

export const WITHDRAWAL_FORMAT = "sipster/withdrawal@1";
export const MINT_ANSWER_FORMAT = "sipster/mint-answer@1";

const hexSchema = matching(/^0x([0-9a-f]{2})*$/i, "is not hexadecimal with 0x before it");
const withdrawalSchema = v.strictObject({
  format: v.literal(WITHDRAWAL_FORMAT),
  request: hexSchema,
});
const answerSchema = v.strictObject({
  format: v.literal(MINT_ANSWER_FORMAT),
  answer: v.nullable(hexSchema),
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

const badFile = (file: string, why: string, cause?: unknown) =>
  fundingErrors.errorFrom({ key: "bad-file", message: `${file} ${why}`, details: { file }, cause });

export function writeWithdrawal(request: Uint8Array): string {
  return `${JSON.stringify({ format: WITHDRAWAL_FORMAT, request: hexlify(request) }, null, 2)}\n`;
}

/** @param file the name of the file, for the error @throws funding/bad-file, ecash/bad-request */
export function readWithdrawal(text: string, file: string): WithdrawalFile {
  const { request: hex } = readJson(withdrawalSchema, text, (why, _, cause) =>
    badFile(file, why, cause),
  );
  const request = getBytes(hex);
  const { mintKeyId, messages } = decodeRequest(request);
  if (messages.length === 0 || messages.length > MAX_DEPOSIT_COUNT) {
    const size = `${messages.length} coins, and a deposit takes 1 to ${MAX_DEPOSIT_COUNT}`;
    throw badFile(file, `has ${size}`);
  }
  return {
    request,
    mintKeyId,
    messages,
    tree: DepositTree.ofMessages(messages),
    units: messages.reduce((sum, m) => sum + BigInt(m.denomination), 0n),
  };
}

/** @param answer `null` when the deposit was given back */
export function writeMintAnswer(answer: Uint8Array | null): string {
  const hex = answer === null ? null : hexlify(answer);
  return `${JSON.stringify({ format: MINT_ANSWER_FORMAT, answer: hex }, null, 2)}\n`;
}

/** @param file the name of the file, for the error @throws funding/bad-file */
export function readMintAnswer(text: string, file: string): Uint8Array | null {
  const { answer } = readJson(answerSchema, text, (why, _, cause) => badFile(file, why, cause));
  return answer === null ? null : getBytes(answer);
}

/** Where the files are. */
export interface WithdrawalFiles {
  write(name: string, text: string): void;
  /** `null` if there is none of this name. */
  read(name: string): string | null;
}

/**
 * Funding by files that a person carries: `withdrawal-R.json` out, `answer-R.json` in, where R begins the
 * root of the messages. A file is believed no more than a mint: the purse checks each signature.
 */
export class FileFunding implements Funding {
  constructor(private readonly files: WithdrawalFiles) {}

  /** @throws funding/no-answer until there is one, funding/given-back, funding/bad-file */
  withdraw(request: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve().then(() => this.#exchange(request));
  }

  #exchange(request: Uint8Array): Uint8Array {
    const name = hexlify(DepositTree.ofMessages(decodeRequest(request).messages).root).slice(2, 18);
    const [out, back] = [`withdrawal-${name}.json`, `answer-${name}.json`];
    this.files.write(out, writeWithdrawal(request));
    const text = this.files.read(back);
    if (text === null) {
      throw fundingErrors.error("no-answer", `${out} waits for ${back}`, { file: out });
    }
    const answer = readMintAnswer(text, back);
    if (answer !== null) return answer;
    throw fundingErrors.error("given-back", `${back} says that the deposit was given back`, {
      file: back,
    });
  }
}
