/** The contracts on a chain: deploying, registering, settling, auditing; the relayer's client. */
export * from "../chain/index.js";
export * from "../chain/node/index.js";
export { RelayClient } from "../relay/index.js";
