/** The request of a withdrawal: the blinded messages with their denominations. */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, G1_BYTES, intToBytes } from "../../algebra/index.js";
import { ecashErrors } from "../errors.js";

/** A blinded message and the denomination of the coin it is to become. */
export interface BlindedMessage {
  readonly denomination: number;
  /** M', 64 bytes x ‖ y. */
  readonly message: Uint8Array;
}

export interface WithdrawalRequest {
  readonly mintKeyId: number;
  readonly messages: readonly BlindedMessage[];
}

const MESSAGE_BYTES = 4 + G1_BYTES;

/** mintKeyId u32 ‖ (denomination u32 ‖ M')…. */
export function encodeRequest({ mintKeyId, messages }: WithdrawalRequest): Uint8Array {
  return concatBytes(
    intToBytes(mintKeyId, 4),
    ...messages.flatMap((m) => [intToBytes(m.denomination, 4), m.message]),
  );
}

/** @throws ecash/bad-request */
export function decodeRequest(bytes: Uint8Array): WithdrawalRequest {
  const reader = new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-request", `these bytes are not a request: ${why}`),
  );
  const mintKeyId = reader.number(4);
  const messages: BlindedMessage[] = [];
  while (reader.left >= MESSAGE_BYTES) {
    messages.push({ denomination: reader.number(4), message: reader.take(G1_BYTES) });
  }
  reader.end();
  return { mintKeyId, messages };
}
