/**
 * Stands in for `src/algebra/secp256k1/ecdsa-wasm.ts` in the build of the pages: noble gives the same bytes,
 * is a hundredth of the size, and needs no WebAssembly. A page recovers a few signatures, no more.
 */
export { nobleEcdsa as wasmEcdsa } from "../../src/algebra/secp256k1/ecdsa-noble.js";
