/** Books that survive: transactions over keys and values, one record, and files written whole. */
export { storeErrors } from "./errors.js";
export { MemoryStore } from "./memory-store.js";
export {
  createFile,
  removeFile,
  readFileIfPresent,
  replaceFile,
  type FileSystem,
} from "./replace-file.js";
export { isPostgresUrl, openStore } from "./open-store.js";
export { PostgresPool, type PostgresOptions, type Query } from "./postgres/postgres-pool.js";
export { PostgresStore } from "./postgres/postgres-store.js";
export { RecordFile } from "./sqlite/record-file.js";
export { SqliteStore } from "./sqlite/sqlite-store.js";
export type { Store, Transaction } from "./store.js";
