/** What explorers and wallets of others read of the contracts, made from the package's own sources. */
export { SOURCES } from "../bytecode/verify-bytecode.js";
export { builtContract, compiledContract, type BuiltContract } from "./built-contract.js";
export { publishedAt, publishedOfRecord } from "./deployed-contract.js";
export { publishDescriptor, publishInterfaces, publishMatch } from "./publish.js";
