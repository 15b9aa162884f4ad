/** A transaction journal as a folder: one file for each transaction, so that runs side by side agree. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { removeFile, replaceFile } from "../../store/index.js";
import { chainErrors } from "../errors/errors.js";
import { countField, hexField, readJson } from "../../json/index.js";
import type {
  PendingTransaction,
  TransactionJournal,
} from "../transactions/transaction-journal.js";

const FORMAT = "sipster/pending-transaction@1";

export function fileJournal(folder: string): TransactionJournal {
  const fileOf = (hash: string) => join(folder, `${hash}.json`);
  return {
    async add({ hash, from, nonce }) {
      await mkdir(folder, { recursive: true });
      const record = `${JSON.stringify({ format: FORMAT, hash, from, nonce })}\n`;
      replaceFile(fileOf(hash), new TextEncoder().encode(record));
    },
    async remove(hash) {
      removeFile(fileOf(hash));
    },
    async list() {
      const names = await readdir(folder).catch(() => []);
      const files = names.filter((name) => /^0x[0-9a-f]{64}\.json$/.test(name));
      return Promise.all(
        files.map(async (name) => parse(await readFile(join(folder, name), "utf8"), name)),
      );
    },
  };
}

const recordField = v.object({
  format: v.literal(FORMAT),
  hash: hexField(32),
  from: hexField(20),
  nonce: countField,
});

function parse(text: string, name: string): PendingTransaction {
  const { hash, from, nonce } = readJson(recordField, text, (why) =>
    chainErrors.error("bad-journal", `the record ${name} of a pending transaction ${why}`, {
      file: name,
    }),
  );
  return { hash, from, nonce };
}
