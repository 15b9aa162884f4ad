/** Channels between wallet and counter. */
export type { Channel } from "./channel.js";
export { plainHttp } from "./plain-http.js";
