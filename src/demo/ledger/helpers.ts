/** Who does, in a run, what other threads can do as well as this one: the onion, the keys of lists, many signatures. */
import {
  LocalBuilder,
  LocalPeeler,
  OnionThreads,
  type Builder,
  type Peeler,
} from "../../channel/onion/index.js";
import { CurveThreads, type CurveWork } from "../../ledger/index.js";

export interface Helpers {
  readonly builder: Builder;
  /** A node's key, with the one who peels for it. */
  readonly peeler: () => Promise<Peeler>;
  readonly curve: CurveWork | undefined;
  readonly stop: () => Promise<unknown>;
}

/** @param threads for the onion, and as many for lists and signatures; with none, this thread does all. */
export async function startHelpers(threads: number): Promise<Helpers> {
  if (threads === 0) {
    return {
      builder: new LocalBuilder(),
      peeler: () => Promise.resolve(new LocalPeeler()),
      curve: undefined,
      stop: () => Promise.resolve(),
    };
  }
  const onion = new OnionThreads(threads);
  const curve = await CurveThreads.start(threads);
  return {
    builder: onion,
    peeler: () => onion.peeler(),
    curve,
    stop: () => Promise.all([onion.stop(), curve.stop()]),
  };
}
