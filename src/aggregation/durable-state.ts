/**
 * State that must never go back: which labels a key has served. It is on disk before anything that
 * depends on it leaves the member, so that a power cut at any point loses at most a label.
 */

/** Values that JSON keeps as they are. */
export type StateRecord = Readonly<Record<string, string | number | null>>;

export interface DurableState<S extends StateRecord> {
  /** The state last written. */
  readonly current: S;
  /**
   * Replaces the state. When it returns, the new state has reached the disk; when it throws,
   * nothing may be done that presumes it.
   * @throws aggregation/state-moved if another process has written since
   */
  advance(next: S): void;
}

/** For simulations and tests: forgotten with the process, so never for a key that outlives it. */
export function memoryState<S extends StateRecord>(initial: S): DurableState<S> {
  let current = initial;
  return {
    get current() {
      return current;
    },
    advance(next) {
      current = next;
    },
  };
}
