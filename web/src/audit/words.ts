/** 256-bit words as hexadecimal. */

export function toHex(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
