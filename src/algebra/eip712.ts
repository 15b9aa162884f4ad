/**
 * Typed structured data of EIP-712, for structs whose members are all atomic (each 32 bytes when
 * encoded): what bills and payments need, at hashing speed.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "./bytes.js";

const DOMAIN_TYPE = keccak_256(
  utf8ToBytes("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** The domain separator. `verifyingContract` is 0x and 40 hexadecimal digits. */
export function eip712Domain(domain: {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: string;
}): Uint8Array {
  return keccak_256(
    concatBytes(
      DOMAIN_TYPE,
      keccak_256(utf8ToBytes(domain.name)),
      keccak_256(utf8ToBytes(domain.version)),
      intToBytes(domain.chainId, 32),
      addressWord(domain.verifyingContract),
    ),
  );
}

/** keccak256 of a type string such as `Bill(uint32 period,…)`. */
export function eip712Type(type: string): Uint8Array {
  return keccak_256(utf8ToBytes(type));
}

/** The digest that is signed: `words` are the members, 32 bytes each, in the order of the type. */
export function eip712Digest(
  domain: Uint8Array,
  type: Uint8Array,
  words: readonly Uint8Array[],
): Uint8Array {
  return keccak_256(
    concatBytes(Uint8Array.of(0x19, 0x01), domain, keccak_256(concatBytes(type, ...words))),
  );
}

/** An address as a 32-byte word. */
export function addressWord(address: string): Uint8Array {
  const word = new Uint8Array(32);
  word.set(hexToBytes(address.slice(2)), 12);
  return word;
}
