/** The utility as an HTTP service: counter, mint, tariffs and public parameters; and its client. */
export { UtilityClient } from "./client.js";
export { serviceErrors } from "./errors.js";
export { openApiDocument } from "./openapi.js";
export { OPERATIONS, type Operation, type OperationName } from "./operations.js";
export { serveUtility, type ServiceParts } from "./server.js";
