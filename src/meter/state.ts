/**
 * What the meter remembers, and its encoding. Its size does not depend on how much was metered: a
 * period's tokens follow from the counter at its start, the number of large tokens, and the units
 * broken down at its end.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  parseDenominations,
  parseViewKey,
  type Denominations,
  type HexAddress,
  type SuiteName,
  type ViewKey,
} from "../sipster/index.js";
import { meterErrors } from "./errors.js";

export const METER_FORMAT = "sipster/meter@1";

/** Set at installation. */
export interface Installation {
  readonly chainId: bigint;
  readonly settlement: string;
  /** Whose notices of key epochs count. */
  readonly noticeSigner: HexAddress;
  readonly suite: SuiteName;
  readonly denominations: Denominations;
  /** Money of one unit, and the denominator of every charge: unit = unitNumerator / denominator. */
  readonly unitNumerator: bigint;
  readonly denominator: bigint;
  readonly viewKey: ViewKey;
  /** Secret: signs bills. */
  readonly billKey: Uint8Array;
  /** Secret, classic suite only: shared by all meters. */
  readonly tokenKey: Uint8Array | null;
}

/** The tokens of one period: `large` of the largest denomination, then `rest` broken down. */
export interface TokenRange {
  readonly keyEpoch: number;
  /** Index of the first token. */
  readonly start: bigint;
  readonly large: number;
  /** Units, less than the largest denomination; 0 while the period is open. */
  readonly rest: bigint;
}

export interface ClosedPeriod extends TokenRange {
  readonly period: number;
  /** R, 64 bytes. */
  readonly r: Uint8Array;
  readonly signature: Uint8Array;
}

export interface MeterState {
  readonly installation: Installation;
  /** Index of the next token: never goes back. */
  readonly counter: bigint;
  readonly open: TokenRange;
  /** Acc: the sum of the open period's token points, 64 bytes. */
  readonly accumulated: Uint8Array;
  /** Sum of the open period's own blinding factors of tokens; 0 in the hash-bound suite. */
  readonly blinding: bigint;
  /** Money owed and not yet in tokens, in fractions of the currency; negative for a credit. */
  readonly accrued: bigint;
  /** Start of the last interval recorded, in ms; −1 before the first. */
  readonly recordedUpTo: number;
  readonly closed: ClosedPeriod | null;
}

export function encodeState(state: MeterState): Uint8Array {
  // Big integers and bytes have no JSON of their own: both become strings.
  const text = JSON.stringify({ format: METER_FORMAT, ...state }, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return value instanceof Uint8Array ? bytesToHex(value) : value;
  });
  return utf8ToBytes(text);
}

/** @throws meter/bad-memory */
export function decodeState(record: Uint8Array): MeterState {
  try {
    const raw = JSON.parse(new TextDecoder().decode(record)) as Raw;
    if (raw.format !== METER_FORMAT) throw new Error(`its format is ${raw.format}`);
    const { installation: i, closed } = raw;
    const range = (r: RawRange): TokenRange => ({
      keyEpoch: r.keyEpoch,
      start: BigInt(r.start),
      large: r.large,
      rest: BigInt(r.rest),
    });
    return {
      installation: {
        chainId: BigInt(i.chainId),
        settlement: i.settlement,
        noticeSigner: i.noticeSigner,
        suite: i.suite,
        denominations: parseDenominations(i.denominations),
        unitNumerator: BigInt(i.unitNumerator),
        denominator: BigInt(i.denominator),
        viewKey: parseViewKey(hexToBytes(i.viewKey)),
        billKey: hexToBytes(i.billKey),
        tokenKey: i.tokenKey === null ? null : hexToBytes(i.tokenKey),
      },
      counter: BigInt(raw.counter),
      open: range(raw.open),
      accumulated: hexToBytes(raw.accumulated),
      blinding: BigInt(raw.blinding),
      accrued: BigInt(raw.accrued),
      recordedUpTo: raw.recordedUpTo,
      closed:
        closed === null
          ? null
          : {
              ...range(closed),
              period: closed.period,
              r: hexToBytes(closed.r),
              signature: hexToBytes(closed.signature),
            },
    };
  } catch (error) {
    throw meterErrors.error(
      "bad-memory",
      `the memory is not readable: ${error instanceof Error ? error.message : String(error)}`,
      {},
      error,
    );
  }
}

interface RawRange {
  keyEpoch: number;
  start: string;
  large: number;
  rest: string;
}

interface Raw {
  format: string;
  installation: {
    chainId: string;
    settlement: string;
    noticeSigner: HexAddress;
    suite: SuiteName;
    denominations: number[];
    unitNumerator: string;
    denominator: string;
    viewKey: string;
    billKey: string;
    tokenKey: string | null;
  };
  counter: string;
  open: RawRange;
  accumulated: string;
  blinding: string;
  accrued: string;
  recordedUpTo: number;
  closed: (RawRange & { period: number; r: string; signature: string }) | null;
}
