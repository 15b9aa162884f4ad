/** What a resident's device is made of: coins, payments, receipts, funding, and the utility's client. */
export * from "../ecash/index.js";
export {
  ask,
  ANSWER_BYTES,
  exchangeErrors,
  REQUEST_BYTES,
  type Answer,
  type Carrier,
  type Order,
  type Request,
  type SignedAnswer,
} from "../exchange/index.js";
export * from "../funding/index.js";
export * from "../resident/index.js";
export { UtilityClient } from "../service/index.js";
export { OPERATIONS, type Operation, type OperationName } from "../service/index.js";
export { SqliteStore, MemoryStore, type Store, type Transaction } from "../store/index.js";
