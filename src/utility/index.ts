/** The utility: sells one receipt for each token, for one coin. */
export { BoardAnswers, type AnswerableBoard, type BoardPass } from "./board-answers.js";
export { Counter, type CounterSetup } from "./counter.js";
export {
  StoredCounterBook,
  type CoinUse,
  type CounterBook,
  type Sales,
  type UseOutcome,
} from "./counter-book.js";
export { utilityErrors } from "./errors.js";
export {
  newMintKeyFile,
  newReceiptKeyFile,
  parseMintKeyFile,
  parseReceiptKeyFile,
} from "./key-files.js";
export {
  payingCoins,
  paysAt,
  refreshableAt,
  refreshingCoins,
  type PeriodMint,
} from "./mint-calendar.js";
export { MintWorkers } from "./mint-workers.js";
export type { CounterRules, Refreshing, ServedEpoch } from "./order-check.js";
export { inThread, type ReceiptMaker } from "./receipt-maker.js";
export { openCounterBook, type OpenedCounterBook } from "./open-counter-book.js";
export { PostgresCounterBook } from "./postgres-counter-book.js";
export { ReceiptWorkers } from "./receipt-workers.js";
