/**
 * Orders on the board, as every wallet judges them. An order that the counter leaves unanswered would
 * name its home by who cannot settle; so nobody settles before every valid order that was posted in
 * time is answered. Anybody can judge: an order is valid if its coin and token are, and an answer is
 * good if its receipt or its proof is.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import type { ExpectedPayment } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import {
  isPublicExpiry,
  parseAnswerContent,
  parseRequestContent,
  type Answer,
  type Order,
} from "../exchange/index.js";
import { addPeriods, periodOfTime, type Token } from "../sipster/index.js";
import { Books, coinNumber } from "./books.js";
import { DAY, startOfDay } from "./calendar.js";
import { isReceipt } from "./judge-answer.js";
import type { OrderBoard, PostedOrder } from "./order-board.js";
import { payeesOf, termsOf, type ResidentSettings } from "./settings.js";

/** A posted order that the counter has to answer. */
interface ValidOrder {
  readonly order: Order;
  readonly token: Token;
  readonly answers: readonly Uint8Array[];
}

interface ReadOrder extends ValidOrder {
  readonly expected: ExpectedPayment;
}

export interface BoardState {
  /** Valid orders that were posted on the day of posting. */
  readonly posted: number;
  readonly unanswered: number;
  /** Hashes of this wallet's tokens whose receipts were taken from the board now. */
  readonly taken: readonly string[];
}

/** The orders posted in `month` (YYYYMM), judged; own ones that are answered are written down. */
export async function readBoard(
  rules: ResidentSettings,
  board: OrderBoard,
  month: number,
): Promise<BoardState> {
  const { timetable } = termsOf(rules, addPeriods(month, -1));
  const from = startOfDay(month, timetable.posting);
  const valid = validOrders(rules, await board.posts(from, from + DAY), BigInt(from));
  let unanswered = 0;
  const taken: string[] = [];
  for (const order of valid) {
    const answer = goodAnswer(rules, order);
    if (answer === null) unanswered++;
    else if (await takeOwn(rules, order, answer)) taken.push(hashOf(rules, order));
  }
  return { posted: valid.length, unanswered, taken };
}

/** The months (YYYYMM) in which orders of this wallet were posted that have no receipt yet. */
export function monthsPosted({ store }: ResidentSettings): Promise<readonly number[]> {
  return store.transaction(async (tx) => {
    const posted = (await new Books(tx).tokens()).filter(({ record }) => record.stage === "posted");
    return [...new Set(posted.map(({ record }) => record.month))];
  });
}

/**
 * The orders that the counter must answer: a token, and a payment for it of a signed coin that expires
 * as all payments of its day do. All payments are checked together, so junk costs its poster more than
 * its readers. Of orders with one coin the first counts: the others are for the same token, signed once more,
 * or the first proves that their coin is spent.
 */
function validOrders(
  rules: ResidentSettings,
  posts: readonly PostedOrder[],
  from: bigint,
): ValidOrder[] {
  const { wallet } = rules;
  const read = posts.map((post) => readOrder(rules, post)).filter((one) => one !== null);
  const verdicts = wallet.verify(
    read.map(({ expected }) => expected),
    from,
  );
  const seen = new Set<string>();
  return read.filter(({ order }, i) => {
    if (verdicts[i] !== null) return false;
    const coin = wallet.coinId(order.payment);
    const isFirst = !seen.has(coin);
    seen.add(coin);
    return isFirst;
  });
}

/** All of an order but whether its coin is signed; `null`: the counter need not answer it. */
function readOrder(rules: ResidentSettings, post: PostedOrder): ReadOrder | null {
  const { suite, wallet, keys } = rules;
  try {
    const { request } = parseRequestContent(post.order);
    if (request.kind !== "buy") return null;
    const token = suite.decode(request.order.token);
    const { keyEpoch, denomination } = token;
    // No token of an epoch to come is emitted yet: the utility need not have its key at hand.
    const month = periodOfTime(post.at);
    if (!keys.some((k) => k.keyEpoch === keyEpoch && k.firstPeriod <= month)) return null;
    suite.point(token);
    const { payment } = request.order;
    const said = wallet.memo(payment).payee;
    const payee = payeesOf(rules).find((one) => equalBytes(one, said));
    if (payee === undefined || !isPublicExpiry(wallet.expiry(payment), post.at)) return null;
    const memo = { tokenHash: suite.hash(token), payee, keyEpoch };
    const expected = { payment, memo, denomination };
    return { order: request.order, token, answers: post.answers, expected };
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}

function hashOf({ suite }: ResidentSettings, { token }: ValidOrder): string {
  return bytesToHex(suite.hash(token));
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

function parseOrNull(content: Uint8Array): Answer | null {
  try {
    return parseAnswerContent(content);
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}

/** If the order is this wallet's own, takes the receipt. @returns whether it did */
async function takeOwn(
  rules: ResidentSettings,
  order: ValidOrder,
  answer: Answer,
): Promise<boolean> {
  if (answer.kind !== "sold" && answer.kind !== "already-paid") return false;
  const hash = hashOf(rules, order);
  return rules.store.transaction(async (tx) => {
    const books = new Books(tx);
    const record = await books.token(hash);
    if (record === null || record.stage === "verified") return false;
    // An order of others for this home's token, with a coin of theirs, brings its receipt too.
    books.putToken(hash, { ...record, stage: "verified", receipt: answer.receipt });
    const number = coinNumber(record);
    const coin = await books.coin(record.denomination, number);
    if (coin !== null && coin.state === "shown") {
      books.putCoin(record.denomination, number, { ...coin, state: "spent" });
    }
    return true;
  });
}
