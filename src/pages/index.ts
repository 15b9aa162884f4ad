/** Serving the settle and audit pages. */
export {
  defaultChainName,
  parseWebConfig,
  writeWebConfig,
  WEB_CONFIG_FILE,
  type WebConfig,
} from "./config.js";
export { webErrors } from "./errors.js";
export { assertPagesBuilt, serveWeb, writeWeb, type WebOptions } from "./server.js";
