/**
 * A private PostgreSQL for tests. Where PostgreSQL is not installed these tests are named as skipped;
 * SIPSTER_REQUIRE_POSTGRES=1 makes its absence a failure.
 */
import { once } from "node:events";
import { createServer, connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Suite } from "mocha";
import { Client } from "pg";
import { PrivatePostgres, postgresPrograms } from "../../src/town/private-postgres.js";

export { PrivatePostgres as PostgresCluster };

const PORT = 5432;

/** A suite whose tests need PostgreSQL. */
export function describeWithPostgres(title: string, body: (this: Suite) => void): void {
  if (postgresPrograms() !== null || process.env.SIPSTER_REQUIRE_POSTGRES === "1") {
    describe(title, body);
  } else {
    describe(`${title} (skipped: PostgreSQL is not installed here)`, () => {
      it("needs initdb and postgres, as the Debian package postgresql has them");
    });
  }
}

/** Makes an empty database in a cluster; its URL. */
export async function createDatabase(
  { url }: Pick<PrivatePostgres, "url">,
  name: string,
): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  await client.end();
  return url.replace("/postgres?", `/${name}?`);
}

/** Passes bytes on, until it cuts all connections. */
export class CuttingProxy {
  readonly #sockets = new Set<Socket>();
  /** Bytes from the clients after which everything is cut, counted down. */
  #budget = Infinity;
  cuts = 0;

  private constructor(private readonly server: Server) {}

  /** On loopback, in front of the socket of a cluster. */
  static async start({ folder }: Pick<PrivatePostgres, "folder">): Promise<CuttingProxy> {
    const target = join(folder, `.s.PGSQL.${PORT}`);
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on("connection", (client) => proxy.#pass(client, connect(target)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get url(): string {
    const address = this.server.address();
    const port = typeof address === "object" ? address?.port : 0;
    return `postgresql://sipster@127.0.0.1:${port}/postgres`;
  }

  /** Cuts when this many more bytes were sent by the clients, before passing the last of them on or after. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  cut(): void {
    this.#budget = Infinity;
    this.cuts++;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  #pass(client: Socket, database: Socket): void {
    for (const socket of [client, database]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (chunk) => {
      this.#budget -= chunk.length;
      database.write(chunk, () => {
        // What was sent arrives; the answer does not.
        if (this.#budget <= 0) this.cut();
      });
    });
    database.on("data", (chunk) => void client.write(chunk));
    client.on("close", () => database.destroy());
    database.on("close", () => client.destroy());
  }
}
