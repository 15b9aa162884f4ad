/** ECDSA by libsecp256k1 in WebAssembly: the fast one. */
import * as tiny from "tiny-secp256k1";
import {
  addressOfPublicKey,
  checkLength,
  checkSecretKey,
  isWellFormed,
  withV,
  type Ecdsa,
} from "./ecdsa.js";

export const wasmEcdsa: Ecdsa = {
  name: "libsecp256k1",
  address(secretKey) {
    checkSecretKey(secretKey);
    return addressOfPublicKey(tiny.pointFromScalar(secretKey, false)!);
  },
  sign(digest, secretKey) {
    checkLength(digest, 32, "a digest");
    checkSecretKey(secretKey);
    const { signature, recoveryId } = tiny.signRecoverable(digest, secretKey);
    return withV(signature, recoveryId);
  },
  recover(digest, signature) {
    checkLength(digest, 32, "a digest");
    if (!isWellFormed(signature)) return null;
    const recoveryId = signature[64] === 28 ? 1 : 0;
    let publicKey: Uint8Array | null;
    try {
      publicKey = tiny.recover(digest, signature.subarray(0, 64), recoveryId, false);
    } catch {
      // After the checks above it throws only when r is not an x coordinate of the curve.
      return null;
    }
    return publicKey === null ? null : addressOfPublicKey(publicKey);
  },
};
