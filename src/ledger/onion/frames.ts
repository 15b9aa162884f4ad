/**
 * What goes over a link between two nodes: a packet on its way out, or an answer on its way back.
 * Both have one length each. The circuit number is chosen at random by the sender of the packet and
 * names it on this link only.
 *
 *     packet = 1 ‖ circuit (6) ‖ epoch (4) ‖ onion (1366)
 *     answer = 2 ‖ circuit (6) ‖ answer (292)
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { ANSWER_BYTES } from "./answer.js";
import { PACKET_BYTES } from "./packet.js";

const TYPE = { packet: 1, answer: 2 } as const;
const CIRCUIT_BYTES = 6;
const EPOCH_BYTES = 4;
const HEADER_BYTES = 1 + CIRCUIT_BYTES;
const PACKET_FRAME_BYTES = HEADER_BYTES + EPOCH_BYTES + PACKET_BYTES;
const ANSWER_FRAME_BYTES = HEADER_BYTES + ANSWER_BYTES;

/** 48 random bits. */
export type Circuit = number;

export type Frame =
  | {
      readonly type: "packet";
      readonly circuit: Circuit;
      /** Until when the packet is good: authenticated by every hop. */
      readonly epoch: number;
      readonly onion: Uint8Array;
    }
  | { readonly type: "answer"; readonly circuit: Circuit; readonly answer: Uint8Array };

export function randomCircuit(): Circuit {
  return readCircuit(randomBytes(CIRCUIT_BYTES), 0);
}

/** What every hop authenticates beside the packet. */
export function epochData(epoch: number): Uint8Array {
  const bytes = new Uint8Array(EPOCH_BYTES);
  new DataView(bytes.buffer).setUint32(0, epoch);
  return bytes;
}

export function encodeFrame(frame: Frame): Uint8Array {
  const isPacket = frame.type === "packet";
  const bytes = new Uint8Array(isPacket ? PACKET_FRAME_BYTES : ANSWER_FRAME_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = TYPE[frame.type];
  view.setUint16(1, Math.floor(frame.circuit / 2 ** 32));
  view.setUint32(3, frame.circuit % 2 ** 32);
  if (isPacket) {
    view.setUint32(HEADER_BYTES, frame.epoch);
    bytes.set(frame.onion, HEADER_BYTES + EPOCH_BYTES);
  } else {
    bytes.set(frame.answer, HEADER_BYTES);
  }
  return bytes;
}

/** Bytes of the frame that begins with this byte; undefined if no frame does. */
export function frameBytes(type: number): number | undefined {
  if (type === TYPE.packet) return PACKET_FRAME_BYTES;
  return type === TYPE.answer ? ANSWER_FRAME_BYTES : undefined;
}

/** Reads a frame of the length that {@link frameBytes} says. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const circuit = readCircuit(bytes, 1);
  if (bytes[0] === TYPE.answer) {
    return { type: "answer", circuit, answer: bytes.slice(HEADER_BYTES) };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    type: "packet",
    circuit,
    epoch: view.getUint32(HEADER_BYTES),
    onion: bytes.slice(HEADER_BYTES + EPOCH_BYTES),
  };
}

function readCircuit(bytes: Uint8Array, offset: number): Circuit {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}
