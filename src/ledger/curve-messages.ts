/**
 * What goes between {@link CurveThreads} and their threads: one byte string for thousands of keys or signatures, of
 * fixed fields one after the other.
 */
import { bytesToInt, writeInt, type HintedPoint } from "../algebra/index.js";
import { POINT_BYTES, SCALAR_BYTES } from "./curve.js";
import { tweak, type TweakedKey } from "./curve-work.js";
import { SCHNORR_BYTES, wrongSignatures, type SchnorrItem } from "./schnorr.js";

const METHODS = { tweak: 0, check: 1 } as const;
/** method (1) ‖ a length or count (4). */
const HEADER_BYTES = 5;
const HINTED_BYTES = POINT_BYTES + SCALAR_BYTES;
const INDEX_BYTES = 4;

/** Header, then for each key: key (33) ‖ y (32) ‖ tweaks, as many for each as for the first. */
export function tweakRequest(of: readonly TweakedKey[]): Uint8Array {
  const tweaks = of[0]?.tweaks.length ?? 0;
  const size = HINTED_BYTES + tweaks * SCALAR_BYTES;
  const bytes = framed(METHODS.tweak, tweaks, of.length * size);
  of.forEach(({ key, tweaks: own }, i) => {
    const at = HEADER_BYTES + i * size;
    writeHinted(bytes, at, key);
    own.forEach((t, j) => {
      const from = at + HINTED_BYTES + j * SCALAR_BYTES;
      writeInt(bytes.subarray(from, from + SCALAR_BYTES), t);
    });
  });
  return bytes;
}

/** @param tweaks of each key */
export function tweakAnswer(bytes: Uint8Array, tweaks: number): HintedPoint[][] {
  return Array.from({ length: bytes.length / (tweaks * HINTED_BYTES) }, (_, i) =>
    Array.from({ length: tweaks }, (_unused, j) =>
      readHinted(bytes, (i * tweaks + j) * HINTED_BYTES),
    ),
  );
}

/** Are these of the lengths that a request has room for? Others are wrong, or are checked where they are. */
export function fitsRequest({ key, keyY, signature, commitmentY }: SchnorrItem): boolean {
  return (
    key.length === POINT_BYTES &&
    signature.length === SCHNORR_BYTES &&
    keyY?.length === SCALAR_BYTES &&
    commitmentY?.length === SCALAR_BYTES
  );
}

/** Header, then for each signature: key (33) ‖ y (32) ‖ signature (65) ‖ y of its R (32) ‖ message, all of one length. */
export function checkRequest(items: readonly SchnorrItem[]): Uint8Array {
  const messageBytes = items[0]?.message.length ?? 0;
  const size = CHECK_AT.message + messageBytes;
  const bytes = framed(METHODS.check, messageBytes, items.length * size);
  items.forEach(({ key, keyY, signature, commitmentY, message }, i) => {
    const at = HEADER_BYTES + i * size;
    bytes.set(key, at);
    bytes.set(keyY!, at + CHECK_AT.keyY);
    bytes.set(signature, at + CHECK_AT.signature);
    bytes.set(commitmentY!, at + CHECK_AT.commitmentY);
    bytes.set(message, at + CHECK_AT.message);
  });
  return bytes;
}

/** The indices of the wrong ones. */
export function checkAnswer(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / INDEX_BYTES }, (_, i) =>
    Number(bytesToInt(bytes.subarray(i * INDEX_BYTES, (i + 1) * INDEX_BYTES))),
  );
}

/** What a thread does with a request. */
export function answerCurveRequest(bytes: Uint8Array): Uint8Array {
  const count = Number(bytesToInt(bytes.subarray(1, HEADER_BYTES)));
  const body = bytes.subarray(HEADER_BYTES);
  return bytes[0] === METHODS.tweak ? answerTweak(body, count) : answerCheck(body, count);
}

function answerTweak(body: Uint8Array, tweaks: number): Uint8Array {
  const size = HINTED_BYTES + tweaks * SCALAR_BYTES;
  const keys = body.length / size;
  const answer = new Uint8Array(keys * tweaks * HINTED_BYTES);
  for (let i = 0; i < keys; i++) {
    const at = i * size;
    const scalars = Array.from({ length: tweaks }, (_, j) => {
      const from = at + HINTED_BYTES + j * SCALAR_BYTES;
      return bytesToInt(body.subarray(from, from + SCALAR_BYTES));
    });
    tweak({ key: readHinted(body, at), tweaks: scalars }).forEach((key, j) => {
      writeHinted(answer, (i * tweaks + j) * HINTED_BYTES, key);
    });
  }
  return answer;
}

function answerCheck(body: Uint8Array, messageBytes: number): Uint8Array {
  const size = CHECK_AT.message + messageBytes;
  const items = Array.from({ length: body.length / size }, (_, i): SchnorrItem => {
    const item = body.subarray(i * size, (i + 1) * size);
    return {
      key: item.subarray(0, CHECK_AT.keyY),
      keyY: item.subarray(CHECK_AT.keyY, CHECK_AT.signature),
      signature: item.subarray(CHECK_AT.signature, CHECK_AT.commitmentY),
      commitmentY: item.subarray(CHECK_AT.commitmentY, CHECK_AT.message),
      message: item.subarray(CHECK_AT.message),
    };
  });
  const wrong = wrongSignatures(items);
  const answer = new Uint8Array(wrong.length * INDEX_BYTES);
  wrong.forEach((index, i) => {
    writeInt(answer.subarray(i * INDEX_BYTES, (i + 1) * INDEX_BYTES), index);
  });
  return answer;
}

const CHECK_AT = {
  keyY: POINT_BYTES,
  signature: POINT_BYTES + SCALAR_BYTES,
  commitmentY: POINT_BYTES + SCALAR_BYTES + SCHNORR_BYTES,
  message: POINT_BYTES + 2 * SCALAR_BYTES + SCHNORR_BYTES,
} as const;

function framed(method: number, count: number, bodyBytes: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes);
  bytes[0] = method;
  writeInt(bytes.subarray(1, HEADER_BYTES), count);
  return bytes;
}

function writeHinted(target: Uint8Array, at: number, { encoded, y }: HintedPoint): void {
  target.set(encoded, at);
  target.set(y, at + POINT_BYTES);
}

function readHinted(bytes: Uint8Array, at: number): HintedPoint {
  return {
    encoded: bytes.subarray(at, at + POINT_BYTES),
    y: bytes.subarray(at + POINT_BYTES, at + HINTED_BYTES),
  };
}
