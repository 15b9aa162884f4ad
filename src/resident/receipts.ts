/**
 * Verifying receipts: all that came, as one weighted batch. Without weights a utility could add Δ to
 * one receipt and −Δ to another, and learn later which home has both.
 */
import { findBadReceipts } from "../sipster/index.js";
import { encodeRequest } from "../exchange/index.js";
import type { Agenda } from "./agenda.js";
import { Books, coinNumber, type TokenRecord } from "./books.js";
import type { Payer } from "./paying.js";
import { drawRetry } from "./schedule.js";
import { termsOf, type ResidentSettings } from "./settings.js";

export interface Verification {
  /** Tokens that are paid now and were not before. */
  readonly verified: number;
  /** Hashes of tokens whose receipts are bad: they are asked for again. */
  readonly bad: readonly string[];
}

interface Item {
  readonly hash: string;
  readonly record: TokenRecord;
}

/** Verifies what came since the last time. Bad receipts are kept as evidence and asked for again. */
export async function verifyReceipts(
  settings: ResidentSettings,
  agenda: Agenda,
  payer: Payer,
): Promise<Verification> {
  const { store, now } = settings;
  const open = await store.transaction(async (tx) =>
    (await new Books(tx).tokens()).filter(({ record }) => record.stage === "receipted"),
  );
  if (open.length === 0) return { verified: 0, bad: [] };
  const bad = badOnes(settings, open);
  await store.transaction(async (tx) => {
    const books = new Books(tx);
    for (const { hash, record } of open) {
      const { answer, receipt, ...order } = record;
      if (!bad.has(hash)) {
        books.putToken(hash, { ...order, receipt: receipt!, stage: "verified" });
        continue;
      }
      const number = coinNumber(record);
      const coin = await books.coin(record.denomination, number);
      if (coin !== null && answer !== undefined) {
        await books.addEvidence({
          why: "its receipt is not under the key of its epoch",
          request: encodeRequest(payer.order(record, coin, record.sentAt!)),
          answer,
          at: record.sentAt!,
        });
      }
      if (coin !== null) {
        books.putCoin(record.denomination, number, { ...coin, state: "shown" });
      }
      const again = drawRetry(termsOf(settings, record.period), record.month, now());
      books.putToken(hash, { ...order, stage: "sent", ...again });
      agenda.set(`token/${hash}`, again.due);
    }
  });
  return { verified: open.length - bad.size, bad: [...bad] };
}

function badOnes({ suite, keys }: ResidentSettings, open: readonly Item[]): Set<string> {
  const { curve } = suite;
  const items = open.map(({ hash, record }) => {
    const token = suite.decode(record.token);
    const receipt = curve.g1.decode(record.receipt!);
    return { hash, keyEpoch: token.keyEpoch, point: suite.point(token), receipt };
  });
  const pinned = new Map(keys.map((key) => [key.keyEpoch, key]));
  // A receipt under a key that is not pinned is not verified by anything.
  const bad = new Set(items.filter((i) => !pinned.has(i.keyEpoch)).map((i) => i.hash));
  for (const [keyEpoch, key] of pinned) {
    const group = items.filter((i) => i.keyEpoch === keyEpoch);
    for (const at of findBadReceipts(curve, key, group)) bad.add(group[at]!.hash);
  }
  return bad;
}
