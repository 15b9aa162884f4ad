/** Relaying: settling the bills of others, so that no wallet of theirs is seen on the chain. */
export { RelayClient } from "./client.js";
export { relayErrors } from "./errors.js";
export {
  MAX_ASKED,
  MAX_HANDED_IN,
  relayId,
  RELAY_FORMAT,
  RELAY_STATUS_FORMAT,
  type RelayState,
  type RelayStatus,
} from "./protocol.js";
export { Relayer, type RelayerOptions } from "./relayer.js";
export { serveRelay, type RelayServerOptions } from "./server.js";
