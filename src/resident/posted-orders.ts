/**
 * Orders on the board, as every wallet judges them. An order that the counter leaves unanswered would
 * name its home by who cannot settle; so nobody settles before every valid order that was posted in
 * time is answered. Anybody can judge: an order is valid if its coin and token are, and an answer is
 * good if its receipt or its proof is.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import {
  isPublicExpiry,
  parseAnswerContent,
  parseRequestContent,
  type Answer,
  type Order,
} from "../exchange/index.js";
import { addPeriods, findBadReceipts, type Token } from "../sipster/index.js";
import { Books, coinNumber } from "./books.js";
import { DAY, startOfDay } from "./calendar.js";
import type { OrderBoard, PostedOrder } from "./order-board.js";
import { payeesOf, termsOf, type ResidentSettings } from "./settings.js";

/** A posted order that the counter has to answer. */
interface ValidOrder {
  readonly order: Order;
  readonly token: Token;
  readonly answers: readonly Uint8Array[];
}

export interface BoardState {
  /** Valid orders that were posted on the day of posting. */
  readonly posted: number;
  readonly unanswered: number;
}

/** The orders posted in `month` (YYYYMM), judged; own ones that are answered are written down. */
export async function readBoard(
  rules: ResidentSettings,
  board: OrderBoard,
  month: number,
): Promise<BoardState> {
  const { timetable } = termsOf(rules, addPeriods(month, -1));
  const from = startOfDay(month, timetable.posting);
  const posts = await board.posts(from, from + DAY);
  let [posted, unanswered] = [0, 0];
  for (const post of posts) {
    const valid = validOrder(rules, post);
    if (valid === null) continue;
    posted++;
    const answer = goodAnswer(rules, valid);
    if (answer === null) unanswered++;
    else await takeOwn(rules, valid, answer);
  }
  return { posted, unanswered };
}

/**
 * The order, if the counter must answer it: a token, and a payment for it of a signed coin that expires
 * as all payments of its day do.
 */
function validOrder(rules: ResidentSettings, post: PostedOrder): ValidOrder | null {
  const { suite, wallet, keys } = rules;
  try {
    const { request } = parseRequestContent(post.order);
    if (request.kind !== "buy") return null;
    const token = suite.decode(request.order.token);
    const { keyEpoch, denomination } = token;
    if (!keys.some((key) => key.keyEpoch === keyEpoch)) return null;
    suite.point(token);
    const { payment } = request.order;
    const said = wallet.memo(payment).payee;
    const payee = payeesOf(rules).find((one) => equalBytes(one, said));
    if (payee === undefined || !isPublicExpiry(wallet.expiry(payment), post.at)) return null;
    const memo = { tokenHash: suite.hash(token), payee, keyEpoch };
    const [wrong] = wallet.verify([{ payment, memo, denomination }], BigInt(post.at));
    return wrong === null ? { order: request.order, token, answers: post.answers } : null;
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}

/** The first answer that is good: a receipt that verifies, or a proof that the coin was spent. */
function goodAnswer(rules: ResidentSettings, { order, token, answers }: ValidOrder): Answer | null {
  for (const content of answers) {
    const answer = parseOrNull(content);
    if (answer === null) continue;
    if (answer.kind === "coin-spent") {
      if (rules.wallet.provesDoubleSpend(answer.proof, order.payment)) return answer;
    } else if (answer.kind === "sold" || answer.kind === "already-paid") {
      if (isReceipt(rules, token, answer.receipt)) return answer;
    }
  }
  return null;
}

function isReceipt({ suite, keys }: ResidentSettings, token: Token, bytes: Uint8Array): boolean {
  const { curve } = suite;
  try {
    const receipt = curve.g1.decode(bytes);
    const key = keys.find(({ keyEpoch }) => keyEpoch === token.keyEpoch)!;
    return findBadReceipts(curve, key, [{ point: suite.point(token), receipt }]).length === 0;
  } catch (error) {
    if (isSipsterError(error)) return false;
    throw error;
  }
}

function parseOrNull(content: Uint8Array): Answer | null {
  try {
    return parseAnswerContent(content);
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}

/** If the order is this wallet's own, takes the receipt. */
async function takeOwn(
  { suite, store }: ResidentSettings,
  { token }: ValidOrder,
  answer: Answer,
): Promise<void> {
  if (answer.kind !== "sold" && answer.kind !== "already-paid") return;
  const hash = bytesToHex(suite.hash(token));
  await store.transaction(async (tx) => {
    const books = new Books(tx);
    const record = await books.token(hash);
    if (record === null || record.stage === "verified") return;
    // Someone else's order for this home's token, with a coin of their own, brings its receipt too.
    books.putToken(hash, { ...record, stage: "verified", receipt: answer.receipt });
    const number = coinNumber(record);
    const coin = await books.coin(record.denomination, number);
    if (coin !== null && coin.state === "shown") {
      books.putCoin(record.denomination, number, { ...coin, state: "spent" });
    }
  });
}
