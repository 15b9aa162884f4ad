/** The port between wallet and counter: requests, answers, their encodings, and who signed them. */
export {
  answerContent,
  parseAnswerContent,
  type AlreadyPaid,
  type Answer,
  type CoinSpent,
  type Healthy,
  type Refreshed,
  type Refused,
  type Sold,
} from "./answer.js";
export { ask, type Carrier, type SignedAnswer } from "./carrier.js";
export { exchangeErrors } from "./errors.js";
export { expiryOf, isPublicExpiry } from "./expiry.js";
export {
  decodeRequest,
  encodeRequest,
  parseRequestContent,
  requestContent,
  requestHash,
  REQUEST_BYTES,
  type Order,
  type ReceivedRequest,
  type Request,
  type RequestHash,
} from "./request.js";
export {
  ANSWER_BYTES,
  decodeAnswer,
  encodeAnswer,
  type AnswerSigner,
  type AnswerVerifier,
} from "./signed-answer.js";
