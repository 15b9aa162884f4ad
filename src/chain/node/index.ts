/** What needs Node: local chains. */
export {
  serveLocalChain,
  startLocalChain,
  type Eip1193Provider,
  type InProcessChain,
  type LocalChain,
  type LocalChainOptions,
  type ServedChain,
} from "./local-chain.js";
