/** One way to serve HTTP: limits, proxies, headers, errors, health, metrics, and an orderly end. */
export { answerErrors, errorAnswer, type ErrorAnswers, type Statuses } from "./answers.js";
export { byteRoute, type ByteRoute } from "./byte-route.js";
export { readBytes, readJson, readText } from "./body.js";
export { subscriberOf, TrustedProxies } from "./client-address.js";
export { httpErrors } from "./errors.js";
export { anyOrigin, apiHeaders, clientOf, rateGate, requestGate, type RateGate } from "./guards.js";
export { addHealth, type Health } from "./health.js";
export { HttpMetrics } from "./metrics.js";
export { RateLimit } from "./rate-limit.js";
export { serveHttp, type ServeOptions, type Served } from "./serve.js";
