/**
 * Tokens of RFC 9578 with public verification, type 0x0002, as coins: the nonce holds the address of a
 * key of the coin's own, and the challenge names the system, the mint key and the denomination.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { intToBytes, type Address } from "../../algebra/index.js";
import type { EcashSystem } from "../domains.js";
import { MODULUS_BYTES, type RsaPublicKey } from "./rsabssa.js";

const TOKEN_TYPE = Uint8Array.of(0x00, 0x02);
const ISSUER = "sipster";
/** DER of SubjectPublicKeyInfo for RSASSA-PSS with SHA-384, MGF1, a salt of 48 bytes, up to the modulus. */
const SPKI_HEAD = hexToBytes(
  "30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d0101" +
    "08300b0609608648016503040202a2030201300382010f003082010a0282010100",
);
const SPKI_TAIL = hexToBytes("0203010001");

/** SHA-256 of the key as RFC 9578 encodes it. */
export function tokenKeyId(n: RsaPublicKey): Uint8Array {
  return sha256(concatBytes(SPKI_HEAD, intToBytes(n, MODULUS_BYTES), SPKI_TAIL));
}

/** `TokenChallenge` (RFC 9577, 2.1) of coins of a denomination, without a redemption context. */
export function coinChallenge(
  { systemId }: Pick<EcashSystem, "systemId">,
  mintKeyId: number,
  denomination: number,
): Uint8Array {
  const origin = concatBytes(systemId, intToBytes(mintKeyId, 4), intToBytes(denomination, 4));
  const text = utf8ToBytes(bytesToHex(origin));
  const issuer = utf8ToBytes(ISSUER);
  return concatBytes(
    TOKEN_TYPE,
    intToBytes(issuer.length, 2),
    issuer,
    Uint8Array.of(0),
    intToBytes(text.length, 2),
    text,
  );
}

/** What the authenticator signs: token_type ‖ nonce ‖ challenge_digest ‖ token_key_id. */
export function tokenInput(nonce: Uint8Array, challenge: Uint8Array, n: RsaPublicKey): Uint8Array {
  return concatBytes(TOKEN_TYPE, nonce, sha256(challenge), tokenKeyId(n));
}

/** 12 zero bytes ‖ address. */
export function coinNonce(address: Address): Uint8Array {
  return concatBytes(new Uint8Array(12), address);
}
