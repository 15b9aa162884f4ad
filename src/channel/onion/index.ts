/** The onion: packets of one size through relays, in rounds that look alike for everyone. */
export { channelErrors } from "../errors.js";
export { SystemClock, VirtualClock, type Clock } from "./clock.js";
export {
  decodeDelivery,
  encodeDelivery,
  OnionClient,
  OnionSession,
  PINNED_ENTRIES,
  type ClientOptions,
  type OnionNetwork,
} from "./client.js";
export { buildAnswer, openAnswer, wrapAnswer, type OpenedAnswer } from "./answer.js";
export {
  decapsulate,
  encapsulate,
  onionKeyPair,
  parseOnionKey,
  type OnionKeyPair,
  type OnionPublicKey,
} from "./kem.js";
export {
  OnionNode,
  type Application,
  type NodeCounts,
  type NodeOptions,
  type OnionPeer,
} from "./node.js";
export { OnionThread } from "./onion-thread.js";
export { OnionThreads } from "./onion-threads.js";
export {
  buildOnion,
  hopData,
  PACKET_BYTES,
  peelOnion,
  type Malformed,
  type Onion,
  type OnionRandomness,
  type Peeled,
} from "./packet.js";
export {
  LocalBuilder,
  LocalPeeler,
  type Builder,
  type OnionOrder,
  type PeeledBatch,
  type Peeler,
} from "./peeler.js";
export { hmacSha256, sha256 } from "./sha256.js";
export {
  MOST_PAYMENT_HOPS,
  OnionPayments,
  PAYMENT_ANSWER_ROOM,
  paymentCounter,
  type OnionPaymentsOptions,
} from "./payments.js";
export { answerTime, endTime, releaseTime, type Round, type RoundId } from "./round.js";
