/**
 * What the control centre and the service provider sign: one statement per interval and ledger, and
 * a receipt for every packet of reports. All are EIP-712 messages signed with ECDSA, so the contract
 * can judge them too. Their fields are those of the structs in IConsumptionLedger.sol.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import {
  addressWord,
  bytesToInt,
  eip712Domain,
  eip712Type,
  intToBytes,
  KnownSigners,
  wasmEcdsa,
  writeInt,
  type Address,
  type Ecdsa,
} from "../algebra/index.js";
import { signDigests } from "./batch-signer.js";
import { keccak256 } from "./keccak.js";
import { generator, group } from "./curve.js";
import type { IntervalNumber } from "./one-time-key.js";

/** The contract that the statements are for. It enters every signature. */
export interface LedgerDomain {
  readonly chainId: bigint;
  /** Address of the ConsumptionLedger contract, 0x and 40 hexadecimal digits. */
  readonly contract: string;
}

/** L_OCD of an interval, with the terms of interval + 2. Energies are in watt-hours. */
export interface ConsumptionStatement {
  readonly interval: IntervalNumber;
  /** 0, or 1 for the page that corrects the first. */
  readonly revision: number;
  /** Bit c is set when category c had reports, but too few to be published. */
  readonly withheld: number;
  readonly rows: number;
  /** Sum of the rows. */
  readonly load: bigint;
  /** Root of the rows' sum tree. */
  readonly root: Uint8Array;
  /** The final page that the terms are computed from; 0 if there is none yet. */
  readonly source: IntervalNumber;
  /** Terms: homes whose meters are enrolled. */
  readonly homes: number;
  /** Terms: regional average that the parcel sizes come from. */
  readonly average: bigint;
  /** Terms: bit c is set when no report may be of category c. */
  readonly mask: number;
  /** Terms: root of the enrolment's sum tree; its total is `homes`. */
  readonly enrolment: Uint8Array;
}

/** L_DAP of an interval, one row, and the total of L_BC. */
export interface BillingStatement {
  readonly interval: IntervalNumber;
  readonly revision: number;
  /** Millionths of the currency's minor unit per watt-hour. */
  readonly price: bigint;
  /** Price × load, in the same millionths. */
  readonly total: bigint;
  /** Hash of the consumption statement that is priced. */
  readonly consumption: Uint8Array;
}

/** A row of L_BC by itself, as the provider signs it for the home it is about. */
export interface BillStatement {
  readonly interval: IntervalNumber;
  readonly revision: number;
  /** Of the row of L_OCD. */
  readonly index: number;
  readonly wattHours: bigint;
  /** Price × parcel in millionths of the minor unit. */
  readonly amount: bigint;
}

/** What the control centre admitted from one packet. */
export interface Receipt {
  readonly interval: IntervalNumber;
  /** Eight salted leaves. */
  readonly leaves: readonly Uint8Array[];
}

/** A statement with its 65-byte signature r ‖ s ‖ v. */
export interface Signed<T> {
  readonly statement: T;
  readonly signature: Uint8Array;
}

/** A statement as EIP-712 sees it. */
export class TypedStruct {
  #hash: Uint8Array | undefined;
  /** The type's hash and the members, 32 bytes each. */
  readonly encoded: Uint8Array;

  /** @throws RangeError for a member that does not fit */
  constructor(type: Uint8Array, members: readonly (Uint8Array | bigint | number)[]) {
    this.encoded = new Uint8Array(WORD_BYTES * (1 + members.length));
    this.encoded.set(type);
    members.forEach((member, i) => {
      const word = this.encoded.subarray(WORD_BYTES * (1 + i), WORD_BYTES * (2 + i));
      if (member instanceof Uint8Array) word.set(member);
      else writeInt(word, member);
    });
  }

  /** EIP-712's hashStruct: what the contract keeps of a statement. */
  get hash(): Uint8Array {
    return (this.#hash ??= keccak256(this.encoded));
  }
}

const WORD_BYTES = 32;
const EIP712_PREFIX = Uint8Array.of(0x19, 0x01);

const TYPES = {
  consumption: eip712Type(
    "Consumption(uint32 interval,uint8 revision,uint8 withheld,uint32 rows,uint64 load,bytes32 root,uint32 source,uint32 homes,uint64 average,uint8 mask,bytes32 enrolment)",
  ),
  billing: eip712Type(
    "Billing(uint32 interval,uint8 revision,uint64 price,uint128 total,bytes32 consumption)",
  ),
  bill: eip712Type(
    "Bill(uint32 interval,uint8 revision,uint32 index,uint64 wattHours,uint128 amount)",
  ),
  receipt: eip712Type("Receipt(uint32 interval,bytes32 leaves)"),
};

export function consumptionStruct(s: ConsumptionStatement): TypedStruct {
  const page = [s.interval, s.revision, s.withheld, s.rows, s.load, s.root];
  const terms = [s.source, s.homes, s.average, s.mask, s.enrolment];
  return new TypedStruct(TYPES.consumption, [...page, ...terms]);
}

export function billingStruct(s: BillingStatement): TypedStruct {
  const { interval, revision, price, total, consumption } = s;
  return new TypedStruct(TYPES.billing, [interval, revision, price, total, consumption]);
}

export function billStruct(s: BillStatement): TypedStruct {
  const { interval, revision, index, wattHours, amount } = s;
  return new TypedStruct(TYPES.bill, [interval, revision, index, wattHours, amount]);
}

export function receiptStruct({ interval, leaves }: Receipt): TypedStruct {
  return new TypedStruct(TYPES.receipt, [interval, keccak256(concatBytes(...leaves))]);
}

/** As EIP-712 says, by this room's keccak256. */
function digestOf(domain: Uint8Array, struct: TypedStruct): Uint8Array {
  return keccak256(concatBytes(EIP712_PREFIX, domain, struct.hash));
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
  sign(struct: TypedStruct): Uint8Array {
    return wasmEcdsa.sign(digestOf(this.#domain, struct), this.#secretKey);
  }

  /** The same signatures for many statements, for less than one after the other: for receipts alone. */
  signAll(structs: readonly TypedStruct[]): Uint8Array[] {
    const digests = structs.map((struct) => digestOf(this.#domain, struct));
    return signDigests(digests, bytesToInt(this.#secretKey));
  }
}

/** A statement and what is said to be its signer's signature. */
export interface SignedStruct {
  readonly struct: TypedStruct;
  readonly signature: Uint8Array;
  readonly signer: Address;
}

/** Checks the statements to one contract. */
export class StatementVerifier {
  readonly #domain: Uint8Array;
  readonly #signers: KnownSigners;

  constructor(domain: LedgerDomain, ecdsa: Ecdsa = wasmEcdsa) {
    this.#domain = separatorOf(domain);
    this.#signers = new KnownSigners({ group, generator, ecdsa });
  }

  /** Did `signer` sign this? False for malformed signatures. */
  verify(struct: TypedStruct, signature: Uint8Array, signer: Address): boolean {
    return this.verifyAll([{ struct, signature, signer }])[0]!;
  }

  /** The same for each, in their order, for less than one after the other. */
  verifyAll(signed: readonly SignedStruct[]): boolean[] {
    return this.#signers.verify(
      signed.map(({ struct, signature, signer }) => ({
        digest: digestOf(this.#domain, struct),
        signature,
        signer,
      })),
    );
  }
}

function separatorOf({ chainId, contract }: LedgerDomain): Uint8Array {
  return eip712Domain({
    name: "Sipster Ledger",
    version: "2",
    chainId,
    verifyingContract: contract,
  });
}

/** 32 bytes that name the deployment; they enter what meters sign. */
export function ledgerId({ chainId, contract }: LedgerDomain): Uint8Array {
  return keccak256(concatBytes(intToBytes(chainId, 32), addressWord(contract)));
}
