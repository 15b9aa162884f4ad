/**
 * Makes a screenshot small: the same PNG with a palette of 256 colours (PNG specification, third
 * edition, W3C 2025). Pages have few colours, and the rest are shades at the edges of letters.
 */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;

/** @param png eight bits a channel, RGB or opaque RGBA, not interlaced: what browsers write */
export function toPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const byUse = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = byUse.slice(0, COLOURS);
  const index = new Map(byUse.map((colour) => [colour, nearest(palette, colour)]));
  const rows = Buffer.alloc(height * (width + 1)); // each row begins with its filter: none
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * (width + 1) + 1 + x] = index.get(pixels[y * width + x]!)!;
    }
  }
  const header = Buffer.from(png.subarray(16, 29));
  header[9] = 3; // colours by number
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0xRRGGBB. */
  readonly pixels: Uint32Array;
}

function decode(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, type, , , interlaced] = png.subarray(24, 29);
  if (depth !== 8 || (type !== 2 && type !== 6) || interlaced !== 0) {
    throw new Error(`PNG of colour type ${type}, ${depth} bits, interlaced ${interlaced}`);
  }
  const size = type === 2 ? 3 : 4;
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const isData = png.toString("latin1", at + 4, at + 8) === "IDAT";
    if (isData) data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const filtered = inflateSync(Buffer.concat(data));
  const length = width * size;
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    const begin = y * (length + 1);
    const row = Uint8Array.from(filtered.subarray(begin + 1, begin + 1 + length));
    unfilter(filtered[begin]!, row, above, size);
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] =
        (row[x * size]! << 16) | (row[x * size + 1]! << 8) | row[x * size + 2]!;
    }
    above = row;
  }
  return { width, height, pixels };
}

/** Section 9 of the specification. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, size: number): void {
  for (let i = 0; i < row.length; i++) {
    const a = i < size ? 0 : row[i - size]!;
    const b = above[i]!;
    const c = i < size ? 0 : above[i - size]!;
    row[i]! += [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]!;
  }
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

function nearest(palette: readonly number[], colour: number): number {
  const distance = (other: number): number =>
    [16, 8, 0].reduce((sum, s) => sum + (((colour >> s) & 255) - ((other >> s) & 255)) ** 2, 0);
  let best = 0;
  for (let i = 1; i < palette.length; i++) {
    if (distance(palette[i]!) < distance(palette[best]!)) best = i;
  }
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}
