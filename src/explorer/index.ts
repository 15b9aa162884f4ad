/** A block explorer for nodes that have none: Otterscan's methods in front of any node that traces. */
export { explorerErrors } from "./errors.js";
export { serveExplorer, type Explorer, type ExplorerOptions } from "./server.js";
