/** The messages of both runs, made again from seeds: what vectors/{aggregation,sealed}.json hold. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { readEnvelope } from "../../src/envelope/index.js";
import { withSeededRandomness } from "../support/seeded-randomness.js";
import { runAggregation } from "./aggregation-run.js";
import type { Observe } from "./delivery.js";
import { runSealed } from "./sealed-run.js";

export interface MessageVector {
  readonly kind: string;
  readonly from: string;
  /** Hex. */
  readonly message: string;
}

export const RUNS = { aggregation: runAggregation, sealed: runSealed } as const;

export async function messagesOf(system: keyof typeof RUNS): Promise<MessageVector[]> {
  const vectors: MessageVector[] = [];
  const observe: Observe = ({ from, message }) => {
    const { kind } = readEnvelope(message);
    vectors.push({ kind, from, message: bytesToHex(message) });
    return Promise.resolve();
  };
  await withSeededRandomness(`${system} vectors`, async () => {
    await RUNS[system](observe);
  });
  return vectors;
}
