/** Ports of a demonstration: the usual ones, so that a wallet finds the chain again the next time. */
import { isSipsterError } from "../errors/sipster-error.js";

const TAKEN = new Set(["chain/local-chain-failed", "http/port-unusable"]);

/** Serves on the port, or, where that is taken, on any that is free. */
export async function preferred<T>(port: number, serve: (port: number) => Promise<T>): Promise<T> {
  try {
    return await serve(port);
  } catch (error) {
    if (isSipsterError(error) && TAKEN.has(error.code)) return serve(0);
    throw error;
  }
}
