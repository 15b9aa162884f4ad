/**
 * A PostgreSQL of our own: a cluster in a temporary folder, reached by a socket in that folder alone. It can
 * be killed like any process, and recovers from its log when it starts again. PostgreSQL does not run as
 * root; where root starts it, the user 65534 (nobody) runs it.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { townErrors } from "./errors.js";

const DEBIAN = "/usr/lib/postgresql";
const NOBODY = 65_534;
/**
 * Tries to start, and milliseconds between two. A server whose children have not all seen yet that it is gone
 * does not start again ("pre-existing shared memory block is still in use").
 */
const [TRIES, PAUSE] = [300, 200];

/** The folder of `initdb` and `postgres`; `null` if PostgreSQL is not installed. */
export function postgresPrograms(): string | null {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((v) => join(DEBIAN, v, "bin")) : [];
  const folders = [...debian.toReversed(), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

export class PrivatePostgres {
  #server: ChildProcess | null = null;
  #isStopped = false;

  private constructor(
    /** Its data and its socket. */
    readonly folder: string,
    private readonly programs: string,
    private readonly settings: readonly string[],
  ) {}

  /**
   * Makes a cluster, and starts its server.
   * @param settings of the server beside its own, as arguments
   * @throws town/no-postgresql
   */
  static async start(settings: readonly string[] = []): Promise<PrivatePostgres> {
    const programs = postgresPrograms();
    if (programs === null) {
      throw townErrors.error(
        "no-postgresql",
        "initdb is neither on the PATH nor in Debian's folder",
      );
    }
    const folder = mkdtempSync(join(tmpdir(), "sipster-pg-"));
    if (process.getuid!() === 0) chownSync(folder, NOBODY, NOBODY);
    const cluster = new PrivatePostgres(folder, programs, settings);
    const options = ["-D", join(folder, "data"), "-U", "sipster", "-A", "trust", "-E", "UTF8"];
    execFileSync(join(programs, "initdb"), [...options, "--locale=C", "--no-sync"], {
      ...cluster.#as(),
      stdio: "pipe",
    });
    await cluster.#startAtLast();
    return cluster;
  }

  /** The URL by the socket in the cluster's folder. */
  get url(): string {
    return `postgresql://sipster@localhost/postgres?host=${encodeURIComponent(this.folder)}`;
  }

  /** Of the server; 0 when none runs. */
  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Resolves when the server that runs now has ended. */
  async ended(): Promise<void> {
    if (this.#server !== null && isRunning(this.#server)) await once(this.#server, "exit");
  }

  /** Starts the server that was killed; it recovers from its log, and then answers. */
  async restart(): Promise<void> {
    await this.#startAtLast();
  }

  /**
   * Ends all of it at once, without a chance to write anything more. By SIGQUIT the server kills its
   * children and leaves the rest to recovery, as after a power cut; by SIGKILL they find it gone and end.
   */
  async kill(signal: "SIGQUIT" | "SIGKILL" = "SIGQUIT"): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null || !isRunning(server)) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #startAtLast(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#start();
        return;
      } catch (error) {
        if (tries === TRIES || this.#isStopped) throw error;
        await sleep(PAUSE);
      }
    }
  }

  async #start(): Promise<void> {
    const settings = ["-k", this.folder, "-h", "", "-c", "max_connections=100", ...this.settings];
    const data = join(this.folder, "data");
    const server = spawn(join(this.programs, "postgres"), ["-D", data, ...settings], {
      ...this.#as(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#server = server;
    let log = "";
    await new Promise<void>((ready, failed) => {
      server.stderr.on("data", (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-10_000);
        if (log.includes("ready to accept connections")) ready();
      });
      server.on("error", failed);
      server.on("exit", () => {
        failed(townErrors.error("no-postgresql", `postgres ended: ${log.trim()}`));
      });
    });
  }

  #as() {
    const user = process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    return { ...user, cwd: "/", env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } };
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
