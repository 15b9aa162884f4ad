/** What a wallet stores of a withdrawal or refresh that is under way. Secret: it holds the seed. */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes, toAddress } from "../../algebra/index.js";
import { ecashErrors } from "../errors.js";
import type { CoinSketch, CoinSource } from "./coin-secrets.js";
import { SEED_BYTES } from "./coin-secrets.js";
import { decodeRequest, encodeRequest, type WithdrawalRequest } from "./request.js";

export interface WithdrawalState extends WithdrawalRequest {
  readonly seed: Uint8Array;
  /** One for each message. */
  readonly coins: readonly CoinUnderWay[];
}

export interface CoinUnderWay {
  readonly number: number;
  readonly source: CoinSource;
  readonly sketch: CoinSketch;
}

/**
 * seed ‖ count u32 ‖ (number u64 ‖ attempt u32 ‖ input length u8 ‖ input ‖ retry u8 ‖ ctr u8 ‖
 * address)… ‖ request.
 */
export function encodeState({ seed, coins, mintKeyId, messages }: WithdrawalState): Uint8Array {
  return concatBytes(
    seed,
    intToBytes(coins.length, 4),
    ...coins.map(({ number, source: { attempt, input }, sketch: { retry, ctr, address } }) =>
      concatBytes(
        intToBytes(number, 8),
        intToBytes(attempt, 4),
        Uint8Array.of(input.length),
        input,
        Uint8Array.of(retry, ctr),
        address,
      ),
    ),
    encodeRequest({ mintKeyId, messages }),
  );
}

/** @throws ecash/bad-coin */
export function decodeState(state: Uint8Array): WithdrawalState {
  const bad = (why: string) =>
    ecashErrors.error("bad-coin", `these bytes are not a withdrawal under way: ${why}`);
  const reader = new ByteReader(state, bad);
  const seed = reader.take(SEED_BYTES);
  const open = Array.from({ length: reader.number(4) }, () => ({
    number: reader.number(8),
    attempt: reader.number(4),
    input: reader.take(reader.number(1)),
    sketch: {
      retry: reader.number(1),
      ctr: reader.number(1),
      address: toAddress(reader.take(20)),
    },
  }));
  const { mintKeyId, messages } = decodeRequest(reader.take(reader.left));
  if (messages.length !== open.length)
    throw bad(`${open.length} coins, ${messages.length} messages`);
  const coins = open.map(({ number, attempt, input, sketch }) => ({
    number,
    sketch,
    source: { mintKeyId, attempt, input },
  }));
  return { seed, coins, mintKeyId, messages };
}
