/**
 * The one form in which roles of the aggregation and of the sealed readings send messages. All fields
 * are of fixed length but the body, integers are big-endian:
 *
 *     version 1 ‖ system 1 ‖ kind 1 ‖ context 32 ‖ sender 32 ‖ sequence 8 ‖ body length 4 ‖ body ‖ signature
 *
 * The signature covers everything before it, behind a domain tag. `context` names the group or
 * committee with its key; `sequence` says which message of its kind this is, so that a sender who signs two
 * for one place convicts itself.
 *
 * Senders sign by Ed25519 (sender: public key, signature: 64 bytes). Meters of the sealed readings sign
 * by ECDSA on secp256k1 (sender: 12 zero bytes and the address, signature: 65 bytes).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  ByteReader,
  equalBytes,
  intToBytes,
  SIGNATURE_BYTES,
  toAddress,
  verifyEcdsa,
  wasmEcdsa,
  type Address,
  type Ecdsa,
} from "../algebra/index.js";
import { sign, verify, type KeyPair } from "./curve25519.js";
import { envelopeErrors } from "./errors.js";
import { isUnique, kindNamed, kindNumbered, type Kind, type Scheme, type System } from "./kinds.js";

const VERSION = 1;
const TAG = utf8ToBytes("sipster/envelope@1");
/** A body is shorter than this: larger ones are cut short before they are read. */
export const MAX_BODY_BYTES = 1 << 26;

export interface Envelope<S extends System> {
  readonly system: S;
  readonly kind: Kind<S>;
  /** 32 bytes: the group, stream or committee the message belongs to. */
  readonly context: Uint8Array;
  /** 32 bytes. */
  readonly sender: Uint8Array;
  /** Below 2^64. */
  readonly sequence: bigint;
  readonly body: Uint8Array;
}

export interface SignedEnvelope<S extends System> extends Envelope<S> {
  readonly signature: Uint8Array;
}

export type AnyEnvelope = Envelope<"aggregation"> | Envelope<"sealed">;
export type AnySigned = SignedEnvelope<"aggregation"> | SignedEnvelope<"sealed">;

/** Everything but who sends it. */
export type Letter<S extends System> = Omit<Envelope<S>, "sender">;

/** What the receiver expects; absent fields may hold anything. */
export interface Expected<S extends System> {
  readonly system: S;
  readonly kind: Kind<S>;
  readonly context?: Uint8Array;
  readonly sender?: Uint8Array;
  readonly sequence?: bigint;
}

const SIGNATURE_LENGTH: Record<Scheme, number> = { ed25519: 64, ecdsa: SIGNATURE_BYTES };

function encodeUnsigned(envelope: AnyEnvelope): Uint8Array {
  const { system, number } = kindNamed(envelope.system, envelope.kind);
  return concatBytes(
    Uint8Array.of(VERSION, system, number),
    envelope.context,
    envelope.sender,
    intToBytes(envelope.sequence, 8),
    intToBytes(envelope.body.length, 4),
    envelope.body,
  );
}

/** A message that is signed already, as it travels. */
export function encodeEnvelope(envelope: AnySigned): Uint8Array {
  return concatBytes(encodeUnsigned(envelope), envelope.signature);
}

/** What an ECDSA signature of the envelope signs. */
export function envelopeDigest(envelope: AnyEnvelope): Uint8Array {
  return keccak_256(concatBytes(TAG, encodeUnsigned(envelope)));
}

/** Signs as the owner of an Ed25519 key. The bytes are the message as it travels. */
export function seal<S extends System>(letter: Letter<S>, key: KeyPair): Uint8Array {
  const unsigned = encodeUnsigned({ ...letter, sender: key.publicKey } as AnyEnvelope);
  return concatBytes(unsigned, sign(concatBytes(TAG, unsigned), key));
}

/** The signature of an envelope alone, for messages whose other fields the receiver has. */
export function signLetter<S extends System>(letter: Letter<S>, key: KeyPair): Uint8Array {
  return seal(letter, key).slice(-SIGNATURE_LENGTH.ed25519);
}

/** Signs as a meter. */
export function sealAsMeter<S extends System>(
  letter: Letter<S>,
  secretKey: Uint8Array,
  ecdsa: Ecdsa = wasmEcdsa,
): Uint8Array {
  const envelope = { ...letter, sender: addressSender(ecdsa.address(secretKey)) } as AnyEnvelope;
  return concatBytes(encodeUnsigned(envelope), ecdsa.sign(envelopeDigest(envelope), secretKey));
}

/** An address as a sender. */
export function addressSender(address: Address): Uint8Array {
  return concatBytes(new Uint8Array(12), address);
}

/** The address behind a sender; `null` if the sender is not an address. */
export function senderAddress(sender: Uint8Array): Address | null {
  return sender.subarray(0, 12).every((b) => b === 0) ? toAddress(sender.subarray(12)) : null;
}

/** Reads a message without checking its signature. @throws envelope/malformed */
export function readEnvelope(bytes: Uint8Array): AnySigned {
  const malformed = (why: string): Error => envelopeErrors.error("malformed", why);
  const reader = new ByteReader(bytes, malformed);
  const version = reader.number(1);
  if (version !== VERSION) throw malformed(`version ${version} is not known`);
  const known = kindNumbered(reader.number(1), reader.number(1));
  if (known === null) throw malformed("the system or kind of the message is not known");
  const context = reader.take(32);
  const sender = reader.take(32);
  const sequence = reader.bigint(8);
  const length = reader.number(4);
  if (length > MAX_BODY_BYTES) throw malformed(`a body of ${length} bytes is too long`);
  const body = reader.take(length);
  const signature = reader.take(SIGNATURE_LENGTH[known.scheme]);
  reader.end();
  const { system, kind } = known;
  return { system, kind, context, sender, sequence, body, signature } as AnySigned;
}

/** Did the sender sign it? */
export function isSigned(envelope: AnySigned, ecdsa: Ecdsa = wasmEcdsa): boolean {
  const { scheme } = kindNamed(envelope.system, envelope.kind);
  if (scheme === "ed25519") {
    const message = concatBytes(TAG, encodeUnsigned(envelope));
    return verify(envelope.signature, message, envelope.sender);
  }
  const address = senderAddress(envelope.sender);
  if (address === null) return false;
  return verifyEcdsa({
    ecdsa,
    digest: envelopeDigest(envelope),
    signature: envelope.signature,
    signer: address,
  });
}

/**
 * The message in the bytes, if it is what the receiver expects and its sender signed it.
 * @throws envelope/malformed, wrong-place, bad-signature
 */
export function open<S extends System>(
  bytes: Uint8Array,
  expected: Expected<S>,
  ecdsa?: Ecdsa,
): SignedEnvelope<S> {
  const envelope = readEnvelope(bytes);
  const field = (["system", "kind"] as const).find((f) => envelope[f] !== expected[f]);
  const wrong =
    field ??
    (["context", "sender"] as const).find((f) => {
      const wanted = expected[f];
      return wanted !== undefined && !equalBytes(wanted, envelope[f]);
    }) ??
    (expected.sequence !== undefined && expected.sequence !== envelope.sequence
      ? "sequence"
      : undefined);
  if (wrong !== undefined) {
    throw envelopeErrors.error(
      "wrong-place",
      `the ${wrong} of a message of kind "${envelope.kind}" is not the one expected`,
      { field: wrong, kind: envelope.kind, sender: bytesToHex(envelope.sender) },
    );
  }
  if (!isSigned(envelope, ecdsa)) {
    throw envelopeErrors.error(
      "bad-signature",
      `a message of kind "${envelope.kind}" is not signed by ${bytesToHex(envelope.sender)}`,
      { kind: envelope.kind, sender: bytesToHex(envelope.sender) },
    );
  }
  return envelope as unknown as SignedEnvelope<S>;
}

/**
 * Do the two messages prove that their sender broke the protocol: both signed by it, for one place of
 * one kind in one context, with different bodies?
 */
export function isEquivocation(a: Uint8Array, b: Uint8Array): boolean {
  const [first, second] = [readEnvelope(a), readEnvelope(b)];
  return (
    first.system === second.system &&
    first.kind === second.kind &&
    isUnique(first.kind) &&
    first.sequence === second.sequence &&
    equalBytes(first.context, second.context) &&
    equalBytes(first.sender, second.sender) &&
    !equalBytes(first.body, second.body) &&
    isSigned(first) &&
    isSigned(second)
  );
}
