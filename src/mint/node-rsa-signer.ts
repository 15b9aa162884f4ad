/** The RSA mint's secret operation by OpenSSL, which blinds it and runs it in constant time. */
import { constants, privateDecrypt, type KeyObject } from "node:crypto";
import { ecashErrors, type RawRsaSigner } from "../ecash/index.js";

/** `keys`: private keys of 2,048 bits, by denomination. */
export function nodeRsaSigner(keys: ReadonlyMap<number, KeyObject>): RawRsaSigner {
  return async (denomination, message) => {
    const key = keys.get(denomination);
    if (key === undefined) {
      throw ecashErrors.error("no-mint-key", `this mint has no key for ${denomination}`, {
        denomination,
      });
    }
    return new Uint8Array(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, message));
  };
}
