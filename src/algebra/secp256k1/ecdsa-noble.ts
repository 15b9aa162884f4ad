/** ECDSA by @noble/curves: the independent one, and the one of browsers. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  addressOfPublicKey,
  checkLength,
  checkSecretKey,
  isWellFormed,
  withV,
  type Ecdsa,
} from "./ecdsa.js";

export const nobleEcdsa: Ecdsa = {
  name: "noble",
  address(secretKey) {
    checkSecretKey(secretKey);
    return addressOfPublicKey(secp256k1.getPublicKey(secretKey, false));
  },
  sign(digest, secretKey) {
    checkLength(digest, 32, "a digest");
    checkSecretKey(secretKey);
    const options = { prehash: false, lowS: true, format: "recovered" } as const;
    // noble puts the recovery bit first.
    const recovered = secp256k1.sign(digest, secretKey, options);
    return withV(recovered.subarray(1), recovered[0]!);
  },
  recover(digest, signature) {
    checkLength(digest, 32, "a digest");
    if (!isWellFormed(signature)) return null;
    try {
      const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
      const publicKey = parsed.addRecoveryBit(signature[64]! - 27).recoverPublicKey(digest);
      return addressOfPublicKey(publicKey.toBytes(false));
    } catch {
      // It throws when r is not an x coordinate of the curve, and when the key is the identity.
      return null;
    }
  },
};
