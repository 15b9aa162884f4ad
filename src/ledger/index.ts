/** A ledger everybody can recompute: onion reports, dynamic prices, bills. */
export { decodeAdmission, encodeAdmission, type Admission, type Refusal } from "./admission.js";
export { ControlCentre, type ControlCentreOptions } from "./control-centre.js";
export { PublicKey, SecretKey } from "./curve.js";
export { EnrolmentList, Registrar, type Enrolment, type EnrolmentEntry } from "./enrolment.js";
export { ledgerErrors } from "./errors.js";
export { LedgerMeter, type MeterSecrets, type SentReport } from "./meter.js";
export { type Interval, type Pseudonym } from "./one-time-key.js";
export { buildOnion, PACKET_BYTES, type Hop, type Onion } from "./onion/packet.js";
export { peelOnion, type Malformed, type Peeled } from "./onion/peel.js";
export { buildAnswer, openAnswer, wrapAnswer, type OpenedAnswer } from "./onion/answer.js";
export {
  categoryOf,
  nextAverage,
  parcelSize,
  splitIntoParcels,
  toAverage,
  type Category,
  type Split,
} from "./parcels.js";
export {
  billAt,
  CHEATS,
  rewriteBills,
  rewriteConsumption,
  withAmount,
  withoutRow,
  type Cheat,
} from "./cheating.js";
export { ZERO_ROOT } from "./merkle.js";
export { Neighbourhood, type NeighbourhoodOptions } from "./neighbourhood.js";
export {
  RelayGroup,
  type NodeAddress,
  type RelayGroupOptions,
  type Relays,
} from "./onion/relay-group.js";
export { RelayThread } from "./onion/relay-thread.js";
export { LedgerAuditor } from "./audit/auditor.js";
export { auditClaim } from "./audit/claims.js";
export type { Challenge, Claim, Finding, OpenFault, Proved } from "./audit/finding.js";
export { IndexedPages, type IntervalPages } from "./audit/indexed-pages.js";
export type { LedgerRules } from "./audit/rules.js";
export {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  pageArgument,
  timetableArguments,
  type Anchorers,
  type ContractCall,
} from "./contract-calls.js";
export { recomputedBills, type BillPage, type ConsumptionPage, type PricePage } from "./pages.js";
export {
  PiecewiseLinearPrice,
  TimetablePrice,
  type PriceFunction,
  type PricePoint,
} from "./price.js";
export { BillCounter } from "./direct/bill-counter.js";
export type { SignedBill } from "./direct/direct-bill.js";
export { ServiceProvider } from "./provider.js";
export { LedgerResident, type OwnBill } from "./resident.js";
export { ledgerId, StatementSigner, StatementVerifier, type LedgerDomain } from "./statements.js";
export { chooseRoute, OnionClient, type NodeRecord } from "./onion/client.js";
export { MemoryTransport } from "./onion/memory-transport.js";
export type { Mixing } from "./onion/mix-pool.js";
export { OnionNode, type Dropped, type NodeCounts, type NodeOptions } from "./onion/node.js";
export { TcpTransport } from "./onion/tcp-transport.js";
export type { Link, Listener, Receive, Transport } from "./onion/transport.js";
export { encodeBundle, decodeBundle, type Report, type ReportBundle } from "./report.js";
