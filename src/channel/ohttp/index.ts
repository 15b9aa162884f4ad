/** Oblivious HTTP (RFC 9458): client, relay and gateway, over HPKE (RFC 9180) and binary HTTP (RFC 9292). */
export { obliviousHttp, type ObliviousOptions } from "./client.js";
export { counterAt, type CounterAt } from "./counter-at.js";
export { type GatewayKey } from "./encapsulation.js";
export { Gateway, serveGateway, type GatewayParts } from "./gateway.js";
export { AEADS, hpkeKeyPair, type HpkeKeyPair } from "./hpke.js";
export { encodeKeyConfig, parseKeyConfig, type KeyConfig } from "./key-config.js";
export { serveOhttpRelay, type RelayOptions } from "./relay.js";
export { ENCAPSULATED_REQUEST_BYTES, ENCAPSULATED_RESPONSE_BYTES } from "./sizes.js";
