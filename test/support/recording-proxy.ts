/** A wire tap: passes bytes on, and keeps all of them, as someone on the line or at its end could. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";

/** What went over one connection. */
export interface RecordedConnection {
  /** Where it came from, as the receiving end sees it. */
  readonly from: string;
  /** From the one who connected. */
  readonly there: Buffer[];
  readonly back: Buffer[];
}

export class RecordingProxy {
  readonly connections: RecordedConnection[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /**
   * @param target URL of a service on this machine; asked at each connection if it is not known yet
   * @param localAddress of the proxy's own connections: 127.0.0.0/8 has many
   */
  static async start(
    target: string | (() => string),
    localAddress = "127.0.0.1",
  ): Promise<RecordingProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port: own } = server.address() as AddressInfo;
    const proxy = new RecordingProxy(server, `http://127.0.0.1:${own}/`);
    server.on("connection", (client) => {
      const record: RecordedConnection = { from: client.remoteAddress!, there: [], back: [] };
      proxy.connections.push(record);
      const { port, hostname } = new URL(typeof target === "string" ? target : target());
      const upstream = connect({ port: Number(port), host: hostname, localAddress });
      client.on("data", (chunk: Buffer) => {
        record.there.push(chunk);
        upstream.write(chunk);
      });
      upstream.on("data", (chunk: Buffer) => {
        record.back.push(chunk);
        client.write(chunk);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on("end", () => other.end());
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    return proxy;
  }

  /** Every byte in one direction. */
  all(direction: "there" | "back"): Buffer {
    return Buffer.concat(this.connections.flatMap((connection) => connection[direction]));
  }

  /** The HTTP messages of one direction: heads as text, and bodies. */
  messages(direction: "there" | "back"): { readonly head: string; readonly body: Buffer }[] {
    return this.connections.flatMap((connection) => split(Buffer.concat(connection[direction])));
  }

  close(): void {
    this.server.close();
  }
}

function split(bytes: Buffer): { head: string; body: Buffer }[] {
  const messages = [];
  for (let rest = bytes; rest.length > 0;) {
    const end = rest.indexOf("\r\n\r\n") + 4;
    if (end < 4) throw new Error("a head without an end");
    const head = rest.subarray(0, end).toString("latin1");
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    messages.push({ head, body: rest.subarray(end, end + length) });
    rest = rest.subarray(end + length);
  }
  return messages;
}
