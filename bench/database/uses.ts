/** What the measurements of the database share. */
import type { ECashAcceptor } from "../../src/ecash/index.js";

/** Payments here are random bytes, each of one use: nothing ever reads what they are for. */
export const unreadMemos: Pick<ECashAcceptor, "memo"> = {
  memo() {
    throw new Error("two payments with one random coin");
  },
};
