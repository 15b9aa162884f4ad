/** Handing bills to a relayer and asking what became of them. Works in a browser. */
import { relayErrors } from "./errors.js";
import { parseError, parseStatus, type RelayStatus } from "./protocol.js";

const TIMEOUT = 30_000;

export class RelayClient {
  readonly #base: string;

  constructor(url: string) {
    this.#base = url.replace(/\/+$/, "");
  }

  /**
   * Hands in a bill file.
   * @throws relay/…, and what is wrong with the bill: sipster/…, chain/…, contract/…
   */
  submit(billFile: string): Promise<RelayStatus> {
    return this.#ask("/bills", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: billFile,
    });
  }

  /** What became of a bill. @throws relay/bill-unknown, relay/unreachable, … */
  status(id: string): Promise<RelayStatus> {
    return this.#ask(`/bills/${id}`, {});
  }

  async #ask(path: string, request: RequestInit): Promise<RelayStatus> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#base + path, {
        ...request,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      text = await response.text();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw relayErrors.error(
        "unreachable",
        `the relayer at ${this.#base} does not answer: ${why}`,
        {},
        error,
      );
    }
    if (response.ok) return parseStatus(text);
    throw parseError(text);
  }
}
