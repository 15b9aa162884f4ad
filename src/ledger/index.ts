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
