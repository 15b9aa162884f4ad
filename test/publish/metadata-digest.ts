/**
 * The hash of a metadata file as the compiler writes it into code: that of its IPFS object of one
 * block, SHA-256 over the file in UnixFS framing in a DAG-PB node (specs.ipfs.tech, "UnixFS").
 */
import { concat, sha256, toUtf8Bytes } from "ethers";

/** From this size on IPFS cuts a file into blocks. */
const BLOCK = 256 * 1024;

/** 0x-hex of 32 bytes. */
export function metadataDigest(metadata: string): string {
  const data = toUtf8Bytes(metadata);
  if (data.length >= BLOCK) throw new Error("the metadata does not fit one block of IPFS");
  const size = varint(data.length);
  // UnixFS: field 1, the type, is 2 (a file); field 2 the data; field 3 its size.
  const file = concat(["0x080212", size, data, "0x18", size]);
  // DAG-PB: field 1 is the data.
  return sha256(concat(["0x0a", varint((file.length - 2) / 2), file]));
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
