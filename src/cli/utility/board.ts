/** The order board as the utility serves it: each valid order that stands there is answered there. */
import {
  answerOrder,
  BoardReader,
  type BoardPlace,
  type TransactionSender,
} from "../../chain/index.js";
import { BoardAnswers, type AnswerableBoard, type Counter } from "../../utility/index.js";
import type { Log } from "../log.js";
import { passes, type Passes } from "./passes.js";

export interface BoardOptions extends BoardPlace {
  readonly counter: Counter;
  readonly coinId: (payment: Uint8Array) => string;
  readonly sender: TransactionSender;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly log: Log;
}

export function answerBoard(options: BoardOptions): Passes {
  const { counter, coinId, every, log } = options;
  const work = new BoardAnswers(counter, chainBoard(options), coinId);
  return passes(
    async () => {
      const { answered, refused, left } = await work.step();
      if (answered > 0) log.info(`board: ${answered} orders answered`);
      return left > 0 && answered + refused > 0;
    },
    { what: "board", every, log },
  );
}

function chainBoard({ sender, ...place }: BoardOptions): AnswerableBoard {
  const reader = new BoardReader(place);
  const own = sender.address.toLowerCase();
  return {
    async news() {
      const { block, posts, answers } = await reader.news();
      const mine = answers.filter(({ answerer }) => answerer.toLowerCase() === own);
      return { block, posts, answered: mine.map(({ orderHash }) => orderHash) };
    },
    answer: (orderHash, answer) => answerOrder(sender, place.deployment, { orderHash, answer }),
  };
}
