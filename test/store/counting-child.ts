/** A process over one store for the tests of faults: what it does and how it ends are its arguments. */
import { spawnSync } from "node:child_process";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { SqliteStore, type Store } from "../../src/store/index.js";

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Adds one to `n` and leaves an entry that says so: each is whole in its transaction. */
export async function increment(store: Store): Promise<number> {
  return store.transaction(async (tx) => {
    const value = Number(new TextDecoder().decode(await tx.get("n")) || "0") + 1;
    tx.put("n", new TextEncoder().encode(String(value)));
    tx.put(`seen/${value}`, new Uint8Array(100));
    tx.delete(`seen/${value - 3}`);
    return value;
  });
}

/** Counts for ever, five transactions at once, and prints what is confirmed. */
async function forever(path: string): Promise<void> {
  const store = await SqliteStore.open(path);
  const loop = async (): Promise<never> => {
    for (;;) print(await increment(store));
  };
  await Promise.all(Array.from({ length: 5 }, loop));
}

/** Counts to three and dies before the statement with the number `at`, counted from 0. */
async function dieAtStatement(path: string, at: number): Promise<void> {
  let statements = 0;
  const counted = <A extends unknown[], R>(run: (this: never, ...args: A) => R) =>
    function (this: never, ...args: A): R {
      if (statements++ === at) process.kill(process.pid, "SIGKILL");
      return run.apply(this, args);
    };
  DatabaseSync.prototype.exec = counted(DatabaseSync.prototype.exec);
  for (const name of ["get", "run"] as const) {
    StatementSync.prototype[name] = counted(StatementSync.prototype[name] as never) as never;
  }
  const store = await SqliteStore.open(path);
  for (let i = 0; i < 3; i++) print(await increment(store));
  await store.close();
  print("done");
}

/** Opens and counts to eight where no file may grow beyond so many bytes, for each of the limits. */
async function onFullDisk(folder: string, limits: readonly number[]): Promise<void> {
  for (const [i, limit] of limits.entries()) {
    const path = `${folder}/${i}`;
    const confirmed: number[] = [];
    const errors: string[] = [];
    const attempt = async (use: () => Promise<unknown>): Promise<void> => {
      await use().catch((error: unknown) => {
        errors.push(isSipsterError(error) ? error.code : String(error));
      });
    };
    limitFiles(String(limit));
    let store: Store | undefined;
    await attempt(async () => (store = await SqliteStore.open(path)));
    for (let n = 0; n < 8; n++) {
      await attempt(async () => {
        if (store !== undefined) confirmed.push(await increment(store));
      });
    }
    limitFiles("unlimited");
    // The disk is well again; only opening the store again tells what is on it.
    const before = errors.length;
    if (store !== undefined && before > 0) await attempt(() => increment(store!));
    const late = errors.slice(before);
    await attempt(async () => store?.close());
    print({ limit, path, confirmed, errors, opened: store !== undefined, late });
  }
}

/** The soft limit alone, so that it can be lifted again. */
function limitFiles(limit: string): void {
  const { status } = spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${limit}:`]);
  if (status !== 0) throw new Error("prlimit failed");
}

if (import.meta.filename === process.argv[1]) {
  const [what, path, ...rest] = process.argv.slice(2);
  if (what === "forever") await forever(path!);
  if (what === "die") await dieAtStatement(path!, Number(rest[0]));
  if (what === "full") await onFullDisk(path!, rest.map(Number));
  if (what === "hold") {
    await SqliteStore.open(path!);
    print("open");
    setInterval(() => undefined, 1000);
  }
}
