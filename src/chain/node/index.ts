/** What needs Node: local chains, deploying, and a journal on disk. */
export { deploySipster, type DeployOptions } from "./deploy.js";
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
