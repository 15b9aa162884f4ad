/** A transaction journal as a folder: one file for each transaction, so that runs side by side agree. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { removeFile, replaceFile } from "../../store/index.js";
import { chainErrors } from "../errors/errors.js";
import { Fields } from "../json-fields.js";
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

function parse(text: string, name: string): PendingTransaction {
  const fields = Fields.parse(text, (why) =>
    chainErrors.error("bad-journal", `the record ${name} of a pending transaction ${why}`, {
      file: name,
    }),
  );
  fields.literal("format", FORMAT);
  return {
    hash: fields.hex("hash", 32),
    from: fields.hex("from", 20),
    nonce: fields.integer("nonce"),
  };
}
