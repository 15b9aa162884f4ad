/** What needs Node: local chains, and deploying. */
export { deploySipster, type DeployOptions } from "./deploy.js";
export {
  serveLocalChain,
  startLocalChain,
  type Eip1193Provider,
  type InProcessChain,
  type LocalChain,
  type LocalChainOptions,
  type ServedChain,
} from "./local-chain.js";
