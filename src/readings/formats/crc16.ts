/** CRC-16 with the polynomial x¹⁶+x¹⁵+x²+1, reflected, from 0: the checksum of P1 telegrams (DSMR 5.0.2, 6.2). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

export class Crc16 {
  #crc = 0;

  /** Adds characters of one byte each. */
  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      this.#crc = (this.#crc >>> 8) ^ table[(this.#crc ^ text.charCodeAt(i)) & 0xff]!;
    }
  }

  /** Four digits, in capitals. */
  get hex(): string {
    return this.#crc.toString(16).toUpperCase().padStart(4, "0");
  }
}
