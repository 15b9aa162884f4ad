/**
 * Links over TCP on the loopback interface. Frames have fixed lengths, so a stream needs no other
 * structure; a peer that sends anything else is cut off. The links are not encrypted: the packets
 * are, and circuit numbers say nothing beyond their link. Between machines, put TLS beneath.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { concatBytes } from "@noble/hashes/utils.js";
import { ledgerErrors } from "../errors.js";
import { decodeFrame, encodeFrame, frameBytes, type Frame } from "./frames.js";
import type { Link, Listener, Receive, Transport } from "./transport.js";

const HOST = "127.0.0.1";
/** A peer that does not read what it is sent is cut off when this much is waiting. */
const MAX_WAITING_BYTES = 1 << 26;

class TcpLink implements Link {
  #corked = false;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    // The connection's end is seen as `isOpen`; what was lost with it is lost like any packet.
    socket.on("error", () => socket.destroy());
  }

  get isOpen(): boolean {
    return this.socket.writable;
  }

  send(frame: Frame): void {
    if (!this.isOpen) return;
    if (this.socket.writableLength > MAX_WAITING_BYTES) {
      this.socket.destroy();
      return;
    }
    // All frames of one turn of the event loop leave in one write.
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      setImmediate(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(encodeFrame(frame));
  }

  close(): void {
    this.socket.end();
  }
}

/** Cuts the stream of a socket into frames. */
function receiveFrom(socket: Socket, receive: Receive): void {
  let rest: Uint8Array = new Uint8Array();
  socket.on("data", (chunk: Buffer) => {
    // A plain array from here on: a Buffer's `slice` would not copy.
    const fresh = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    const bytes = rest.length === 0 ? fresh : concatBytes(rest, fresh);
    let offset = 0;
    while (offset < bytes.length) {
      const length = frameBytes(bytes[offset]!);
      if (length === undefined) {
        socket.destroy();
        return;
      }
      if (offset + length > bytes.length) break;
      receive(decodeFrame(bytes.subarray(offset, offset + length)));
      offset += length;
    }
    rest = bytes.slice(offset);
  });
}

export class TcpTransport implements Transport {
  async listen(accept: (link: Link) => Receive): Promise<Listener> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      receiveFrom(socket, accept(new TcpLink(socket)));
    });
    await once(server.listen(0, HOST), "listening");
    const { port } = server.address() as { port: number };
    return {
      address: `${HOST}:${port}`,
      close: async () => {
        const closed = once(server, "close");
        server.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
  }

  async connect(address: string, receive: Receive): Promise<Link> {
    const [host, port] = address.split(":");
    const socket = connect(Number(port), host);
    try {
      await once(socket, "connect");
    } catch (error) {
      throw ledgerErrors.error("unreachable", `no node answers at ${address}`, { address }, error);
    }
    const link = new TcpLink(socket);
    receiveFrom(socket, receive);
    return link;
  }
}
