/** Handing bills to a relayer, together, and waiting as long as it asks for. */
import { isSipsterError, type SipsterError } from "../../../src/errors/sipster-error.js";
import type { RelayClient } from "../../../src/relay/client.js";
import { idOf, type BillList } from "./bill-list.js";
import type { Submission } from "./saved-progress.js";
import type { SettleableBill } from "../../../src/sipster/bill-file.js";

/** Bills in one request: the relayer checks each before it answers. */
const TOGETHER = 50;
/** Seconds that a relayer may ask to wait; beyond that the owner decides. */
const PATIENCE = 120;

/** The bills that are ready, and where the owner reads what the page waits for. */
export interface HandedOver {
  readonly list: BillList;
  readonly ready: readonly SettleableBill[];
  say(what: string): void;
}

/**
 * Hands over every bill that is ready.
 * @param note told what the relayer has taken, after each request
 * @returns why it did not take the others
 * @throws relay/unreachable, …
 */
export async function handOver(
  settling: HandedOver,
  relay: RelayClient,
  note: (submission: Submission) => void,
): Promise<SipsterError[]> {
  const { ready, list } = settling;
  const refusals: SipsterError[] = [];
  for (let i = 0; i < ready.length; i += TOGETHER) {
    const part = ready.slice(i, i + TOGETHER);
    const texts = part.map((bill) => list.find(idOf(bill))!.text);
    const answers = await patiently(settling, () => relay.submitAll(texts));
    const taken = part.filter((_, k) => !isSipsterError(answers[k]));
    if (taken.length > 0) note({ via: "relay", bills: taken.map(idOf) });
    refusals.push(...answers.filter((answer) => isSipsterError(answer)));
  }
  return refusals;
}

async function patiently<T>(settling: HandedOver, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const seconds = isSipsterError(error) ? error.details.seconds : undefined;
      if (typeof seconds !== "number" || seconds > PATIENCE) throw error;
      settling.say(`The relayer asks to wait ${seconds} seconds`);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}
