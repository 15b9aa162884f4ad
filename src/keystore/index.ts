/** Secrets at rest: a keyring under one passphrase, sealed files, and stores with sealed values. */
export { keystoreErrors } from "./errors.js";
export { Keyring } from "./keyring.js";
export { SealedFile } from "./sealed-file.js";
export { sealedStore } from "./sealed-store.js";
