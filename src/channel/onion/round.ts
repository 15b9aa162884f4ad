/**
 * The timetable of a round. Time is cut in slots: in slot s every node takes the packets that are at hop s of
 * their routes, and at its end lets them all go together. Answers come back in as many slots, each at its
 * deadline. So who waits, or for whom, does not show.
 */
import { intToBytes } from "../../algebra/index.js";

/** Names a round: packets are good for it alone. */
export interface RoundId {
  readonly epoch: number;
  /** From 0; an epoch has few. */
  readonly round: number;
}

export interface Round extends RoundId {
  /** When its first slot begins, in milliseconds of the nodes' clock. */
  readonly start: number;
  /** Relays on a route. */
  readonly hops: number;
  /** Length of a slot in milliseconds. */
  readonly slot: number;
}

/** What every hop authenticates beside the packet: epoch u32 ‖ round u8. */
export function roundData({ epoch, round }: RoundId): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes.set(intToBytes(epoch, 4));
  bytes[4] = round;
  return bytes;
}

/** When the packets at a hop go on, and the last ones are read. */
export function releaseTime({ start, slot }: Round, hop: number): number {
  return start + (hop + 1) * slot;
}

/** When the answers to the packets that came at a hop go back. */
export function answerTime({ start, slot, hops }: Round, hop: number): number {
  return start + (2 * hops + 2 - hop) * slot;
}

/** When the sender has every answer that it will have. */
export function endTime(round: Round): number {
  return answerTime(round, 0) + round.slot;
}
