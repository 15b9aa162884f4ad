/** What needs Node: local chains, deploying, records and journals on disk, keys. */
export type { BytecodeComparison, BytecodeMatch, NamedValue } from "./bytecode/comparison.js";
export { verifyBytecode, type VerifyBytecodeOptions } from "./bytecode/verify-bytecode.js";
export { deploySipster, type DeployOptions } from "./deploy.js";
export {
  ignitionFolder,
  pendingFolder,
  readDeployment,
  recordFile,
  relayQueueFile,
  saveDeployment,
} from "./deployment-files.js";
export { fileJournal } from "./file-journal.js";
export {
  serveLocalChain,
  startLocalChain,
  type Eip1193Provider,
  type InProcessChain,
  type LocalChain,
  type LocalChainOptions,
  type ServedChain,
} from "./local-chain.js";
export { openSigner, type OpenSignerOptions, type SignerChoice } from "./open-signer.js";
export { PERIOD_DEFAULTS } from "./period-defaults.js";
