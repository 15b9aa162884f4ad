/** Handing bills to a relayer and asking what became of them. Works in a browser. */
import { SipsterError } from "../errors/sipster-error.js";
import { parseJson } from "../json/index.js";
import { relayErrors } from "./errors.js";
import {
  MAX_ASKED,
  MAX_HANDED_IN,
  parseAnswers,
  parseError,
  parseStatus,
  type RelayStatus,
} from "./protocol.js";

/** A batch takes the relayer a while to check. */
const TIMEOUT = 60_000;

export class RelayClient {
  readonly #base: string;

  constructor(url: string) {
    this.#base = url.replace(/\/+$/, "");
  }

  /**
   * Hands in a bill file.
   * @throws relay/…, and what is wrong with the bill: sipster/…, chain/…, contract/…
   */
  async submit(billFile: string): Promise<RelayStatus> {
    return parseStatus(await this.#post("/bills", billFile));
  }

  /**
   * Hands in bill files, at most {@link MAX_HANDED_IN} in one request; of each its status, or why it
   * was not taken.
   * @throws relay/bad-request if a file is not JSON; relay/…, http/too-many-requests with the seconds to wait
   */
  async submitAll(billFiles: readonly string[]): Promise<(RelayStatus | SipsterError)[]> {
    const answers: (RelayStatus | SipsterError | null)[] = [];
    for (let i = 0; i < billFiles.length; i += MAX_HANDED_IN) {
      const part = billFiles.slice(i, i + MAX_HANDED_IN);
      const bills = part.map((text) => parseJson(text, noBill));
      answers.push(
        ...parseAnswers(await this.#post("/batches", JSON.stringify({ bills })), part.length),
      );
    }
    return answers.map(
      (answer) => answer ?? relayErrors.error("bad-answer", "the relayer leaves out a bill"),
    );
  }

  /** What became of a bill. @throws relay/bill-unknown, relay/unreachable, … */
  async status(id: string): Promise<RelayStatus> {
    return parseStatus(await this.#ask(`/bills/${id}`, {}));
  }

  /** What became of each; `null` for one that the relayer does not know. @throws as above */
  async statuses(ids: readonly string[]): Promise<(RelayStatus | null)[]> {
    const answers: (RelayStatus | null)[] = [];
    for (let i = 0; i < ids.length; i += MAX_ASKED) {
      const part = ids.slice(i, i + MAX_ASKED);
      const text = await this.#post("/statuses", JSON.stringify({ ids: part }));
      for (const answer of parseAnswers(text, part.length)) {
        answers.push(answer instanceof SipsterError ? null : answer);
      }
    }
    return answers;
  }

  #post(path: string, body: string): Promise<string> {
    return this.#ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
  }

  async #ask(path: string, request: RequestInit): Promise<string> {
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
      throw relayErrors.errorFrom({
        key: "unreachable",
        message: `the relayer at ${this.#base} does not answer: ${why}`,
        cause: error,
      });
    }
    if (response.ok) return text;
    throw withWait(parseError(text), Number(response.headers.get("Retry-After")));
  }
}

/** The error with the seconds to wait, where the relayer names them. */
function withWait(error: SipsterError, seconds: number): SipsterError {
  if (!Number.isFinite(seconds) || seconds <= 0) return error;
  const { code, message, consequence, cure, exitCode } = error;
  return new SipsterError({ code, message, consequence, cure, exitCode, details: { seconds } });
}

function noBill(why: string): Error {
  return relayErrors.error("bad-request", `a bill to be handed in ${why}`);
}
