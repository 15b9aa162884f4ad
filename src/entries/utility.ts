/** What a utility is made of: the counter, the mint, keys at rest, and its HTTP service. */
export * from "../keystore/index.js";
export * from "../mint/index.js";
export * from "../service/index.js";
export * from "../utility/index.js";
