/**
 * The compiler's note in code: a CBOR map with the IPFS hash of the metadata and the compiler's
 * version, and its length in two bytes (Solidity documentation, "Encoding of the Metadata Hash in the
 * Bytecode"). The metadata names every source file by its hash, and every setting.
 */

export interface MetadataNote {
  /** Position in the code, in bytes. */
  readonly offset: number;
  /** The note with its length, 0x-hex. */
  readonly value: string;
  /** SHA-256 of the metadata as IPFS keeps it, 0x-hex of 32 bytes. */
  readonly digest: string;
}

// {"ipfs": 34 bytes of multihash (SHA-256), "solc": 3 bytes}, then the length of these 51 bytes.
const NOTE = /a264697066735822(1220([0-9a-f]{64}))64736f6c6343[0-9a-f]{6}0033/g;

/** Every note in the code, 0x-hex: code that creates contracts carries theirs as well. */
export function metadataNotes(code: string): MetadataNote[] {
  return [...code.matchAll(NOTE)].map(({ index, 0: value, 2: digest }) => ({
    offset: (index - 2) / 2,
    value: `0x${value}`,
    digest: `0x${digest}`,
  }));
}
