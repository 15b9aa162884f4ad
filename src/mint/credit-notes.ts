/**
 * Credit while the service has the books: `utility credit` leaves a note in the folder, and the service
 * takes it. Only who may write into the utility's folder can do so; each reference counts once.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { toAddress } from "../algebra/index.js";
import { readJson } from "../json/index.js";
import type { AccountMint } from "./account-mint.js";
import { parseAddress } from "../sipster/index.js";
import { readFileIfPresent, replaceFile } from "../store/index.js";

const FORMAT = "sipster/credit@1";

export interface Credit {
  /** Address of the account. */
  readonly account: string;
  readonly units: number;
  /** Of the payment: used again, it credits nothing. */
  readonly reference: string;
}

const schema = v.strictObject({
  format: v.literal(FORMAT),
  account: v.string(),
  units: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  reference: v.string(),
});

const noNote = (why: string): Error => new Error(`it ${why}`);

const PATIENCE = 10_000;
const LOOK = 50;
/** Milliseconds between two looks of the service. */
const EVERY = 200;

export async function creditAccount(mint: AccountMint, credit: Credit): Promise<void> {
  const { account, units, reference } = credit;
  const owner = toAddress(hexToBytes(parseAddress(account).slice(2)));
  await mint.credit(owner, BigInt(units), reference);
}

/**
 * Leaves the note, and waits until the service took it.
 * @param patience milliseconds
 * @returns false: it did not, and will
 */
export async function leaveCredit(
  folder: string,
  credit: Credit,
  patience = PATIENCE,
): Promise<boolean> {
  parseAddress(credit.account);
  const place = join(folder, "credits");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const name = createHash("sha256").update(credit.reference).digest("hex");
  const file = join(place, `${name}.json`);
  replaceFile(file, utf8ToBytes(JSON.stringify({ format: FORMAT, ...credit })));
  for (let waited = 0; existsSync(file) && waited < patience; waited += LOOK) await sleep(LOOK);
  return !existsSync(file);
}

/** Takes notes until it is closed. What is not a note stays where it is, and is told once. */
export function takeCredits(
  folder: string,
  mint: AccountMint,
  onTrouble: (text: string) => void,
): { close(): Promise<void> } {
  const place = join(folder, "credits");
  const told = new Set<string>();
  let last: Promise<void> = Promise.resolve();
  const tell = (what: string, error: unknown): void => {
    if (told.has(what)) return;
    told.add(what);
    onTrouble(`${what} is not taken: ${error instanceof Error ? error.message : "?"}`);
  };
  const look = async (): Promise<void> => {
    if (!existsSync(place)) return;
    for (const name of readdirSync(place).filter((n) => n.endsWith(".json"))) {
      try {
        const bytes = readFileIfPresent(join(place, name));
        if (bytes === null) continue;
        await creditAccount(mint, readJson(schema, bytes, noNote));
        rmSync(join(place, name));
      } catch (error) {
        tell(`credits/${name}`, error);
      }
    }
  };
  const timer = setInterval(() => {
    // A folder that cannot be read is looked at again: the service goes on.
    last = last.then(look).catch((error: unknown) => {
      tell("credits", error);
    });
  }, EVERY);
  return {
    async close() {
      clearInterval(timer);
      await last;
    },
  };
}
