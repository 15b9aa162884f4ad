/** A process of the town: started, watched by what it prints, killed, and started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { readJson } from "../json/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import { townErrors } from "./errors.js";

export type Role =
  | "chain"
  /** What keeps the town's own PostgreSQL. */
  | "database"
  | "utility"
  /** The second instance, over the same database. */
  | "utility-2"
  | "relay"
  | "relay-ohttp"
  | "meter"
  | "wallet";

export interface ProcessSpec {
  readonly role: Role;
  /** Of a meter or a wallet: the number of its home. */
  readonly home?: number;
  /** After `sipster`. */
  readonly args: readonly string[];
  /** 0: it does not listen. */
  readonly port: number;
  /** Takes what it prints to stderr. */
  readonly log: string;
  /** Takes what it prints to stdout; thrown away when absent. */
  readonly out?: string;
  /** `format` of the document by which it says that it is ready. */
  readonly ready: string;
}

/** Exit codes of what may be well again soon: a service manager starts such a process again, too. */
const PASSING: readonly (number | null)[] = [ExitCode.Unavailable, ExitCode.TryAgain];
/** How often at most, and milliseconds before. */
const [MOST_TRIES, TRY_PAUSE] = [20, 500];

const documentField = v.looseObject({ format: v.string() });

/** A document that a process printed. */
export type Document = Readonly<v.InferOutput<typeof documentField>>;

export class TownProcess {
  restarts = 0;
  #child: ChildProcess | null = null;
  #isReady = false;
  #isStopping = false;
  #tries = 0;
  #failure: Error | null = null;
  readonly #listeners = new Set<() => void>();
  /** The last document of each format. */
  readonly documents = new Map<string, Document>();

  /** @param command how `sipster` is started here */
  constructor(
    readonly spec: ProcessSpec,
    private readonly command: readonly string[],
  ) {}

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get name(): string {
    const { role, home } = this.spec;
    return home === undefined ? role : `${role} ${home}`;
  }

  start(): void {
    const { args, log, out } = this.spec;
    const [program, ...before] = this.command;
    const file = openSync(log, "a", 0o600);
    const child = spawn(program!, [...before, ...args], {
      // The channel tells the process when the town is gone, however it ended.
      stdio: ["ignore", "pipe", file, "ipc"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    closeSync(file);
    this.#child = child;
    this.#isReady = false;
    this.#isStopping = false;
    let text = "";
    createInterface({ input: child.stdout! }).on("line", (line) => {
      text += line;
      const isWhole = line === "}" || (text === line && line.startsWith("{") && line.endsWith("}"));
      if (!isWhole) return;
      let document: Document;
      try {
        document = readJson(documentField, text, (why) => new Error(`what it printed ${why}`));
      } catch (error) {
        this.#fail((error as Error).message);
        return;
      }
      if (out !== undefined) appendFileSync(out, `${JSON.stringify(document)}\n`, { mode: 0o600 });
      this.#take(document);
      text = "";
    });
    child.on("error", (error) => {
      this.#fail(error.message);
    });
    child.on("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#isReady = false;
      if (this.#isStopping) return;
      if (signal === "SIGKILL") {
        this.restarts++;
        this.start();
      } else if (PASSING.includes(code) && this.#tries++ < MOST_TRIES) {
        setTimeout(() => {
          if (!this.#isStopping) this.start();
        }, TRY_PAUSE);
      } else this.#fail(`it ended with ${signal ?? code}`);
    });
  }

  /** SIGKILL: no chance to finish a write. It is started again at once. */
  kill(): void {
    this.#isReady = false;
    this.#child?.kill("SIGKILL");
  }

  /** Resolves when it has printed that it is ready, and `holds` is true. @throws town/process-ended */
  async until(holds: () => boolean = () => true): Promise<void> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#isReady && holds()) return;
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  /** SIGTERM, and SIGKILL where it does not end in time. */
  async stop(patience = 10_000): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    await gone;
    clearTimeout(timer);
  }

  #take(document: Document): void {
    this.documents.set(document.format, document);
    if (document.format === this.spec.ready) this.#isReady = true;
    this.#wake();
  }

  #fail(why: string): void {
    this.#failure ??= townErrors.error(
      "process-ended",
      `the ${this.name} ended by itself: ${why}; its log is ${this.spec.log}`,
    );
    this.#wake();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
