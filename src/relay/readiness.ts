/** Whether the node answers, for those who ask the relayer whether it is ready. */
import { systemClock } from "../time/system-clock.js";

/** Milliseconds for which an answer is given again: many may ask, and each question costs the node. */
const KEPT = 1000;
/** Milliseconds that the node is given. */
const WAIT = 2000;

export class Readiness {
  #asked: { readonly at: number; readonly answer: Promise<string | null> } | null = null;

  /** @param ask fails when the node does not answer */
  constructor(private readonly ask: () => Promise<unknown>) {}

  /** Why bills cannot be taken now; `null`: they can. */
  answer(): Promise<string | null> {
    const now = systemClock();
    if (this.#asked === null || now - this.#asked.at > KEPT) {
      this.#asked = { at: now, answer: this.#askNow() };
    }
    return this.#asked.answer;
  }

  async #askNow(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        resolve("the node does not answer in time");
      }, WAIT);
    });
    const asked = this.ask().then(
      () => null,
      () => "the node does not answer",
    );
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer;
  }
}
