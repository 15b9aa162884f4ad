/** Channels between wallet and counter. */
export type { Channel } from "./channel.js";
export { plainHttp } from "./plain-http.js";
export { obliviousHttp, type ObliviousOptions } from "./ohttp/client.js";
export { channelErrors } from "./errors.js";
