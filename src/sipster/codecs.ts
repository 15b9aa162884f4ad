/** Codecs of the protocol's own values, for memories and messages. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { codec } from "../algebra/index.js";
import { parseDenominations, type Denominations } from "./denominations.js";
import { parseAddress, type HexAddress } from "./system.js";

/** 20 bytes. */
export const addressCodec = codec.converted(
  codec.bytesOf(20),
  (text: HexAddress) => hexToBytes(text.slice(2)),
  (bytes) => parseAddress(`0x${bytesToHex(bytes)}`),
);

/** At most 14, u32 each. */
export const denominationsCodec = codec.converted(
  codec.listOf(codec.uint(4), 14),
  (values: Denominations) => values,
  parseDenominations,
);
