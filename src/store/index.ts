/** Books that survive: transactions over keys and values, in memory or in a file. */
export { storeErrors } from "./errors.js";
export { FileStore } from "./file-store.js";
export { MemoryStore } from "./memory-store.js";
export { readFileIfPresent, replaceFile, type FileSystem } from "./replace-file.js";
export type { Store, Transaction } from "./store.js";
