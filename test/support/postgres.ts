/**
 * A private PostgreSQL for tests: a cluster of its own in a temporary folder, run by a user that is not
 * root, reached by a socket in that folder alone. Where PostgreSQL is not installed these tests are
 * named as skipped; SIPSTER_REQUIRE_POSTGRES=1 makes its absence a failure.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite } from "mocha";
import { Client } from "pg";

const DEBIAN = "/usr/lib/postgresql";
const NOBODY = 65534;
const PORT = 5432;
const START_TRIES = 100;

/** The folder of `initdb` and `postgres`; `null` if PostgreSQL is not installed. */
function binaries(): string | null {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((v) => join(DEBIAN, v, "bin")) : [];
  const folders = [...debian.toReversed(), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

/** A suite whose tests need PostgreSQL. */
export function describeWithPostgres(title: string, body: (this: Suite) => void): void {
  if (binaries() !== null || process.env.SIPSTER_REQUIRE_POSTGRES === "1") {
    describe(title, body);
  } else {
    describe(`${title} (skipped: PostgreSQL is not installed here)`, () => {
      it("needs initdb and postgres, as the Debian package postgresql has them");
    });
  }
}

export class PostgresCluster {
  #server: ChildProcess | null = null;

  private constructor(
    /** Its data, its log and its socket. */
    readonly folder: string,
    private readonly bin: string,
    private readonly settings: readonly string[],
  ) {}

  /** @param settings of the server beside its own, as arguments */
  static async start(settings: readonly string[] = []): Promise<PostgresCluster> {
    const bin = binaries();
    if (bin === null) throw new Error("PostgreSQL is not installed");
    const folder = mkdtempSync(join(tmpdir(), "sipster-pg-"));
    if (process.getuid!() === 0) chownSync(folder, NOBODY, NOBODY);
    const cluster = new PostgresCluster(folder, bin, settings);
    const options = ["-D", join(folder, "data"), "-U", "sipster", "-A", "trust", "-E", "UTF8"];
    execFileSync(join(bin, "initdb"), [...options, "--locale=C", "--no-sync"], {
      ...cluster.#as(),
      stdio: "pipe",
    });
    await cluster.restart();
    return cluster;
  }

  /** The URL by the socket in the cluster's folder. */
  get url(): string {
    return `postgresql://sipster@localhost/postgres?host=${encodeURIComponent(this.folder)}`;
  }

  /** Makes an empty database; its URL. */
  async createDatabase(name: string): Promise<string> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    await client.end();
    return this.url.replace("/postgres?", `/${name}?`);
  }

  /** Starts the server; after a kill it recovers from its log first. Children of a killed one end before. */
  async restart(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#start();
        return;
      } catch (error) {
        if (tries === START_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async #start(): Promise<void> {
    const settings = ["-k", this.folder, "-h", "", "-c", "max_connections=100", ...this.settings];
    const server = spawn(
      join(this.bin, "postgres"),
      ["-D", join(this.folder, "data"), ...settings],
      {
        ...this.#as(),
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    this.#server = server;
    let log = "";
    await new Promise<void>((ready, failed) => {
      server.stderr!.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes("ready to accept connections")) ready();
      });
      server.on("exit", () => failed(new Error(`postgres ended: ${log}`)));
    });
  }

  /**
   * Ends all of it at once, without a chance to write anything more. By SIGQUIT the server kills its
   * children and leaves the rest to recovery, as after a power cut; by SIGKILL they find it gone and end.
   */
  async kill(signal: "SIGQUIT" | "SIGKILL" = "SIGQUIT"): Promise<void> {
    if (this.#server === null || this.#server.exitCode !== null) return;
    const ended = once(this.#server, "exit");
    this.#server.kill(signal);
    await ended;
    this.#server = null;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  #as() {
    const user = process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    return { ...user, cwd: "/", env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } };
  }

  /** A proxy of ours in front of it, on loopback. */
  async proxy(): Promise<CuttingProxy> {
    return CuttingProxy.start(join(this.folder, `.s.PGSQL.${PORT}`));
  }
}

/** Passes bytes on, until it cuts all connections. */
export class CuttingProxy {
  readonly #sockets = new Set<Socket>();
  /** Bytes from the clients after which everything is cut, counted down. */
  #budget = Infinity;
  cuts = 0;

  private constructor(private readonly server: Server) {}

  static async start(target: string): Promise<CuttingProxy> {
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
