/** The order board as a wallet uses it: read as of a final block, and posted to from an account. */
import {
  BoardReader,
  postOrder,
  type BoardPlace,
  type BoardPost,
  type TransactionSender,
} from "../../chain/index.js";
import type { OrderBoard } from "../../resident/index.js";
import { cliErrors } from "../errors.js";

/** @param sender posts; `null`: this wallet posts nothing, and reads */
export function orderBoard(place: BoardPlace, sender: TransactionSender | null): OrderBoard {
  const reader = new BoardReader(place);
  const known: BoardPost[] = [];
  const answers = new Map<string, Uint8Array[]>();
  return {
    async post(order) {
      if (sender === null) {
        const what = "no account posts orders for this wallet";
        throw cliErrors.error("bad-option", what, { option: "--key-file" });
      }
      await postOrder(sender, place.deployment, order);
    },
    async posts(from, to) {
      const news = await reader.news();
      known.push(...news.posts);
      for (const { orderHash } of news.posts) {
        if (!answers.has(orderHash)) answers.set(orderHash, []);
      }
      // An answer to what nobody posted answers nothing.
      for (const { orderHash, answer } of news.answers) answers.get(orderHash)?.push(answer);
      return known
        .filter(({ at }) => at >= from && at < to)
        .map(({ orderHash, order, at }) => ({ order, at, answers: answers.get(orderHash)! }));
    },
  };
}
