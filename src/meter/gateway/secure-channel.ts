/**
 * Messages between a wallet and its meter over TCP: a byte for the kind of key, the Noise handshake,
 * then messages of any length in encrypted frames. A frame is its length (u16) and its bytes.
 */
import type { Socket } from "node:net";
import { meterErrors } from "../errors.js";
import { Handshake, MOST_PLAIN_BYTES, type Session } from "./noise.js";

/** Which key a channel begins with: the code of a pairing, or the key that it left. */
export type KeyKind = "code" | "paired";
const KINDS: readonly KeyKind[] = ["code", "paired"];
const PROLOGUE = "sipster/meter-channel@1:";
const MOST_MESSAGE_BYTES = 8_000_000;
const HANDSHAKE_MS = 10_000;

export class SecureChannel {
  private constructor(
    private readonly wire: Wire,
    private readonly session: Session,
    readonly kind: KeyKind,
  ) {}

  /** The wallet's side. @throws meter/not-trusted, meter/no-answer */
  static async connect(socket: Socket, kind: KeyKind, key: Uint8Array): Promise<SecureChannel> {
    const wire = new Wire(socket);
    return wire.within(HANDSHAKE_MS, async () => {
      const handshake = new Handshake({ role: "initiator", psk: key, prologue: prologue(kind) });
      wire.send(Buffer.concat([Uint8Array.of(KINDS.indexOf(kind)), handshake.write()]));
      handshake.read(await wire.receive());
      return new SecureChannel(wire, handshake.split(), kind);
    });
  }

  /**
   * The meter's side.
   * @param keyOf the key of a kind; `null` where there is none at present
   * @throws meter/not-trusted, meter/no-answer
   */
  static async accept(
    socket: Socket,
    keyOf: (kind: KeyKind) => Uint8Array | null,
  ): Promise<SecureChannel> {
    const wire = new Wire(socket);
    return wire.within(HANDSHAKE_MS, async () => {
      const first = await wire.receive();
      const kind = KINDS[first[0] ?? KINDS.length];
      const key = kind === undefined ? null : keyOf(kind);
      if (kind === undefined || key === null) {
        throw meterErrors.error("not-trusted", "no key of this kind is in use at present");
      }
      const handshake = new Handshake({ role: "responder", psk: key, prologue: prologue(kind) });
      handshake.read(first.subarray(1));
      wire.send(handshake.write());
      return new SecureChannel(wire, handshake.split(), kind);
    });
  }

  send(message: Uint8Array): void {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    const whole = Buffer.concat([length, message]);
    for (let at = 0; at < whole.length; at += MOST_PLAIN_BYTES) {
      this.wire.send(this.session.sending.encrypt(whole.subarray(at, at + MOST_PLAIN_BYTES)));
    }
  }

  /** @throws meter/not-trusted for what the other side did not send; meter/no-answer */
  async receive(withinMs: number): Promise<Uint8Array> {
    return this.wire.within(withinMs, async () => {
      const parts = [await this.#frame()];
      const length = parts[0]!.length < 4 ? 0 : Buffer.from(parts[0]!).readUInt32BE(0);
      if (length > MOST_MESSAGE_BYTES) throw meterErrors.error("bad-message", "it is too long");
      let have = parts[0]!.length - 4;
      while (have < length) {
        const part = await this.#frame();
        parts.push(part);
        have += part.length;
      }
      if (have !== length) throw meterErrors.error("bad-message", "its length is wrong");
      return Buffer.concat(parts).subarray(4);
    });
  }

  close(): void {
    this.wire.close();
  }

  async #frame(): Promise<Uint8Array> {
    return this.session.receiving.decrypt(await this.wire.receive());
  }
}

function prologue(kind: KeyKind): Uint8Array {
  return Buffer.from(`${PROLOGUE}${kind}`, "ascii");
}

/** Frames of a socket, one reader at a time. */
class Wire {
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      // A whole frame and the beginning of the next are enough to go on with.
      if (this.#buffer.length > 2 * 65_537) socket.pause();
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on("end", end).on("close", end).on("error", end);
  }

  send(frame: Uint8Array): void {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(frame.length);
    this.socket.write(Buffer.concat([length, frame]));
  }

  async receive(): Promise<Uint8Array> {
    for (;;) {
      const length = this.#buffer.length < 2 ? Infinity : this.#buffer.readUInt16BE(0);
      if (this.#buffer.length >= 2 + length) {
        const frame = this.#buffer.subarray(2, 2 + length);
        this.#buffer = this.#buffer.subarray(2 + length);
        this.socket.resume();
        return frame;
      }
      if (this.#ended) throw meterErrors.error("no-answer", "the connection ended");
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }

  /** Closes the connection when `work` fails or takes too long. */
  async within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.socket.destroy(), ms);
    try {
      return await work();
    } catch (error) {
      this.socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.socket.end();
  }
}
