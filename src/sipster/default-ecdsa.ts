/**
 * The ECDSA that is used where none is named: libsecp256k1 in WebAssembly. It has a file of its own
 * so that a build for browsers can put the smaller `nobleEcdsa` in its place.
 */
export { wasmEcdsa as defaultEcdsa } from "../algebra/ecdsa-wasm.js";
