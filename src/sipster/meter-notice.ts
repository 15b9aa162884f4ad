/**
 * What the utility says to meters beside key notices, signed by the notice signer of the deployment:
 * which tariff follows another, what time it is, and that a meter is to be removed. A meter takes
 * them from anyone who brings them.
 */
import { isSipsterError } from "../errors/sipster-error.js";
import { addressWord, eip712Digest, eip712Type, intToBytes, type Ecdsa } from "../algebra/index.js";
import { REMOVAL_NOTICE_TYPE, TARIFF_NOTICE_TYPE, TIME_NOTICE_TYPE } from "./domains.js";
import { sipsterErrors } from "./errors.js";
import { recoverNoticeSigner, type KeyNotice } from "./key-notice.js";
import { recoverSigner, signDigest } from "./signature.js";
import type { HexAddress, SettlementSystem } from "./system.js";

/** Meters that price by `tariff` price by `successor` from a period on. Both are hashes, 32 bytes. */
export interface TariffAnnouncement {
  readonly kind: "tariff";
  readonly tariff: Uint8Array;
  readonly successor: Uint8Array;
  /** YYYYMM. */
  readonly firstPeriod: number;
}

/** The time at which the utility answers a meter that has lost its clock. */
export interface TimeAnnouncement {
  readonly kind: "time";
  /** Of the meter's question, 32 bytes. */
  readonly nonce: Uint8Array;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
}

/** The meter at this address ends its resident's service. */
export interface RemovalAnnouncement {
  readonly kind: "removal";
  readonly meter: HexAddress;
}

export type MeterAnnouncement = TariffAnnouncement | TimeAnnouncement | RemovalAnnouncement;
/** An announcement with a signature of 64 bytes as in EIP-2098. */
export type Signed<A extends MeterAnnouncement> = A & { readonly signature: Uint8Array };
export type TariffNotice = Signed<TariffAnnouncement>;
export type TimeNotice = Signed<TimeAnnouncement>;
export type RemovalNotice = Signed<RemovalAnnouncement>;

const TYPES = {
  tariff: eip712Type(TARIFF_NOTICE_TYPE),
  time: eip712Type(TIME_NOTICE_TYPE),
  removal: eip712Type(REMOVAL_NOTICE_TYPE),
};

/** The EIP-712 digest that the notice signer signs. */
export function meterNoticeDigest(system: SettlementSystem, a: MeterAnnouncement): Uint8Array {
  return eip712Digest(system.domain, TYPES[a.kind], wordsOf(a));
}

/** `noticeKey`: 32 bytes, of the notice signer. */
export function signMeterNotice<A extends MeterAnnouncement>(
  system: SettlementSystem,
  announcement: A,
  noticeKey: Uint8Array,
): Signed<A> {
  const signature = signDigest(meterNoticeDigest(system, announcement), noticeKey);
  return { ...announcement, signature };
}

/** Who signed the notice, for this system. @throws sipster/bad-signature */
export function recoverMeterNoticeSigner(
  system: SettlementSystem,
  notice: Signed<MeterAnnouncement>,
  ecdsa?: Ecdsa,
): HexAddress {
  return recoverSigner(meterNoticeDigest(system, notice), notice.signature, ecdsa);
}

/**
 * Accepts a notice of the deployment's notice signer for this system, and, where it names a meter,
 * for this one.
 * @throws sipster/bad-notice
 */
export function checkNotice(
  system: SettlementSystem,
  { noticeSigner, meter }: { readonly noticeSigner: HexAddress; readonly meter: HexAddress },
  notice: KeyNotice | Signed<MeterAnnouncement>,
): void {
  const refuse = (why: string) =>
    sipsterErrors.error("bad-notice", `the notice ${why}`, { noticeSigner });
  let signer: HexAddress | null = null;
  try {
    signer =
      "kind" in notice
        ? recoverMeterNoticeSigner(system, notice)
        : recoverNoticeSigner(system, notice);
  } catch (error) {
    if (!isSipsterError(error, "sipster/bad-signature")) throw error;
  }
  if (signer !== noticeSigner) {
    throw refuse(
      `is signed by ${signer ?? "nobody"}, and not by the notice signer ${noticeSigner}`,
    );
  }
  if ("meter" in notice && notice.meter !== meter) {
    throw refuse(`is for the meter ${notice.meter}, and not for ${meter}`);
  }
}

function wordsOf(a: MeterAnnouncement): Uint8Array[] {
  switch (a.kind) {
    case "tariff":
      return [a.tariff, a.successor, intToBytes(a.firstPeriod, 32)];
    case "time":
      return [a.nonce, intToBytes(a.time, 32)];
    case "removal":
      return [addressWord(a.meter)];
  }
}
