/**
 * What the control centre and the service provider sign: one statement per interval and ledger, and
 * a receipt for every packet of reports. All are EIP-712 messages signed with ECDSA, so the contract
 * can judge them too. Their fields are those of the structs in IConsumptionLedger.sol.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import {
  addressWord,
  eip712Digest,
  eip712Domain,
  eip712Type,
  intToBytes,
  KnownSigner,
  wasmEcdsa,
  type Address,
  type Ecdsa,
} from "../algebra/index.js";
import { generator, group } from "./curve.js";
import type { Interval, Pseudonym } from "./one-time-key.js";
import type { Category } from "./parcels.js";

/** The contract that the statements are for. It enters every signature. */
export interface LedgerDomain {
  readonly chainId: bigint;
  /** Address of the ConsumptionLedger contract, 0x and 40 hexadecimal digits. */
  readonly contract: string;
}

/** L_OCD of an interval. Energies are in watt-hours. */
export interface ConsumptionStatement {
  readonly interval: Interval;
  readonly rows: number;
  /** Bit c is set when category c had rows, but too few to be published. */
  readonly withheld: number;
  /** Homes whose meters were enrolled. */
  readonly homes: number;
  /** Regional average that the parcel sizes come from. */
  readonly average: bigint;
  /** Sum of the published rows. */
  readonly load: bigint;
  /** Merkle root of the rows, chained to the root of the interval before. */
  readonly root: Uint8Array;
  /** Digest of the enrolment list. */
  readonly enrolment: Uint8Array;
}

/** L_DAP of an interval: one row. */
export interface PriceStatement {
  readonly interval: Interval;
  /** Millionths of the currency's minor unit per watt-hour. */
  readonly price: bigint;
  /** Hash of the consumption statement that the price was derived from. */
  readonly consumption: Uint8Array;
}

/** L_BC of an interval. */
export interface BillStatement {
  readonly interval: Interval;
  readonly rows: number;
  /** Sum of the rows, in millionths of the minor unit. */
  readonly total: bigint;
  /** Merkle root of the rows, chained to the root of the interval before. */
  readonly root: Uint8Array;
}

/** A row of L_BC by itself, as the provider signs it in the direct variant. */
export interface DirectBill {
  readonly interval: Interval;
  readonly pseudonym: Pseudonym;
  readonly wattHours: bigint;
  /** In millionths of the minor unit. */
  readonly amount: bigint;
}

/** What the control centre admitted from one packet. */
export interface Receipt {
  readonly interval: Interval;
  readonly pseudonyms: readonly Pseudonym[];
  readonly categories: readonly Category[];
}

/** A statement with its 65-byte signature r ‖ s ‖ v. */
export interface Signed<T> {
  readonly statement: T;
  readonly signature: Uint8Array;
}

/** A statement as EIP-712 sees it: its type and its members, 32 bytes each. */
export interface TypedStruct {
  readonly type: Uint8Array;
  readonly words: readonly Uint8Array[];
}

const TYPES = {
  consumption: eip712Type(
    "Consumption(uint32 interval,uint32 rows,uint8 withheld,uint32 homes,uint64 average,uint64 load,bytes32 root,bytes32 enrolment)",
  ),
  price: eip712Type("Price(uint32 interval,uint64 price,bytes32 consumption)"),
  bills: eip712Type("Bills(uint32 interval,uint32 rows,uint128 total,bytes32 root)"),
  directBill: eip712Type(
    "DirectBill(uint32 interval,bytes32 pseudonym,uint64 wattHours,uint128 amount)",
  ),
  receipt: eip712Type("Receipt(uint32 interval,bytes32[] pseudonyms,uint8[] categories)"),
};

const words = (...values: readonly (Uint8Array | bigint | number)[]): Uint8Array[] =>
  values.map((v) => (v instanceof Uint8Array ? v : intToBytes(v, 32)));

export function consumptionStruct(s: ConsumptionStatement): TypedStruct {
  const { interval, rows, withheld, homes, average, load, root, enrolment } = s;
  return {
    type: TYPES.consumption,
    words: words(interval, rows, withheld, homes, average, load, root, enrolment),
  };
}

export function priceStruct(s: PriceStatement): TypedStruct {
  return { type: TYPES.price, words: words(s.interval, s.price, s.consumption) };
}

export function billsStruct(s: BillStatement): TypedStruct {
  return { type: TYPES.bills, words: words(s.interval, s.rows, s.total, s.root) };
}

export function directBillStruct(s: DirectBill): TypedStruct {
  return { type: TYPES.directBill, words: words(s.interval, s.pseudonym, s.wattHours, s.amount) };
}

export function receiptStruct(s: Receipt): TypedStruct {
  const pseudonyms = keccak_256(concatBytes(...s.pseudonyms));
  const categories = keccak_256(concatBytes(...words(...s.categories)));
  return { type: TYPES.receipt, words: words(s.interval, pseudonyms, categories) };
}

/** EIP-712's hashStruct: what the contract keeps of a statement. */
export function hashStruct({ type, words }: TypedStruct): Uint8Array {
  return keccak_256(concatBytes(type, ...words));
}

/** A party's key for the statements to one contract. */
export class StatementSigner {
  readonly address: Address;
  readonly #secretKey: Uint8Array;
  readonly #domain: Uint8Array;

  /** `secretKey`: 32 bytes. @throws algebra/bad-length, algebra/scalar-out-of-range */
  constructor(domain: LedgerDomain, secretKey: Uint8Array) {
    this.address = wasmEcdsa.address(secretKey);
    this.#secretKey = secretKey.slice();
    this.#domain = separatorOf(domain);
  }

  /** 65 bytes; the same statement always gives the same ones (RFC 6979). */
  sign({ type, words }: TypedStruct): Uint8Array {
    return wasmEcdsa.sign(eip712Digest(this.#domain, type, words), this.#secretKey);
  }
}

/** Checks the statements to one contract. */
export class StatementVerifier {
  readonly #domain: Uint8Array;
  /** By address: one of the control centre, one of the provider. */
  readonly #signers = new Map<string, KnownSigner>();

  constructor(
    domain: LedgerDomain,
    private readonly ecdsa: Ecdsa = wasmEcdsa,
  ) {
    this.#domain = separatorOf(domain);
  }

  /** Did `signer` sign this? False for malformed signatures. */
  verify({ type, words }: TypedStruct, signature: Uint8Array, signer: Address): boolean {
    const name = bytesToHex(signer);
    let known = this.#signers.get(name);
    if (known === undefined) {
      known = new KnownSigner(group, generator, this.ecdsa, signer);
      this.#signers.set(name, known);
    }
    return known.verify(eip712Digest(this.#domain, type, words), signature);
  }
}

function separatorOf({ chainId, contract }: LedgerDomain): Uint8Array {
  return eip712Domain({
    name: "Sipster Ledger",
    version: "1",
    chainId,
    verifyingContract: contract,
  });
}

/** 32 bytes that name the deployment; they enter what meters sign. */
export function ledgerId({ chainId, contract }: LedgerDomain): Uint8Array {
  return keccak_256(concatBytes(intToBytes(chainId, 32), addressWord(contract)));
}
