/**
 * The store in a SQLite file. Transactions that end in the same turn of the event loop share one
 * commit, and so one sync of the disk: a service under load confirms many at the price of one.
 */
import { isSipsterError } from "../../errors/sipster-error.js";
import type { Changes } from "../pending-transaction.js";
import { SerialStore } from "../serial-store.js";
import { EntryFile } from "./entry-file.js";

/** How long what was deleted may stay on the disk. */
const ERASE_AFTER_MS = 60_000;

/** Transactions that wait for one commit. */
interface Group {
  readonly durable: Promise<void>;
  readonly confirm: () => void;
  readonly refuse: (error: unknown) => void;
}

export class SqliteStore extends SerialStore {
  readonly #file: EntryFile;
  readonly #eraseAfter: number;
  #group: Group | null = null;
  #erasing: NodeJS.Timeout | null = null;
  /** Why nothing more is written; only opening again tells what is on disk. */
  #broken: unknown = null;

  private constructor(file: EntryFile, eraseAfter: number) {
    super();
    this.#file = file;
    this.#eraseAfter = eraseAfter;
  }

  /**
   * Opens the store in the file `path`, or makes it, with mode 0600. The folder must exist.
   * @param eraseAfter milliseconds after which what was deleted is erased from the disk, at most;
   *   closing erases it as well
   * @throws store/locked, no-folder, no-access, disk-full, not-a-store, newer, damaged, rolled-back,
   *   write-failed
   */
  static async open(
    path: string,
    { eraseAfter = ERASE_AFTER_MS }: { eraseAfter?: number } = {},
  ): Promise<SqliteStore> {
    return new SqliteStore(EntryFile.open(path), eraseAfter);
  }

  protected get(key: string): Uint8Array | undefined {
    this.#refuseIfBroken();
    return this.#file.get(key);
  }

  protected list(prefix: string): (readonly [string, Uint8Array])[] {
    this.#refuseIfBroken();
    return this.#file.list(prefix);
  }

  protected commit(changes: Changes): Promise<void> {
    this.#refuseIfBroken();
    if (changes.size > 0) {
      const group = (this.#group ??= this.#startGroup());
      try {
        this.#file.change(changes);
      } catch (error) {
        this.#undo(group, error);
      }
      return group.durable;
    }
    // It may have read what is not durable yet.
    return this.#group?.durable ?? Promise.resolve();
  }

  #startGroup(): Group {
    let confirm!: () => void;
    let refuse!: (error: unknown) => void;
    const durable = new Promise<void>((resolve, reject) => {
      confirm = resolve;
      refuse = reject;
    });
    // A failure reaches every transaction that waits for it; perhaps none does.
    durable.catch(() => undefined);
    setImmediate(() => this.#commitGroup());
    return { durable, confirm, refuse };
  }

  #commitGroup(): void {
    const group = this.#group;
    if (group === null) return;
    try {
      this.#file.commit();
    } catch (error) {
      this.#undo(group, error);
      return;
    }
    this.#group = null;
    group.confirm();
    if (this.#file.mayErase) this.#eraseLater();
  }

  /** Nothing of the group is made, and what is still running on top of it is refused too. */
  #undo(group: Group, error: unknown): void {
    this.#file.rollback();
    this.#group = null;
    this.undone = { count: this.undone.count + 1, error };
    // A full disk leaves the file as it was. After any other fault that is not known.
    if (!isSipsterError(error, "store/disk-full")) this.#broken = error;
    group.refuse(error);
  }

  #eraseLater(): void {
    this.#erasing ??= setTimeout(() => {
      this.#erasing = null;
      if (this.#group === null) this.#file.erase();
      if (this.#file.mayErase) this.#eraseLater();
    }, this.#eraseAfter).unref();
  }

  #refuseIfBroken(): void {
    if (this.#broken !== null) throw this.#broken;
  }

  protected async release(): Promise<void> {
    if (this.#erasing !== null) clearTimeout(this.#erasing);
    this.#commitGroup();
    this.#file.close();
  }
}
