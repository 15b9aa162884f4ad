/**
 * A withdrawal charged to an account with the utility: the request, signed with the account's key, so
 * that nobody else can charge it. An account is an address; what it is in the utility's books (a
 * customer, a prepaid card) is outside this protocol.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  ByteReader,
  eip712Digest,
  eip712Type,
  equalBytes,
  SIGNATURE_BYTES,
  toAddress,
  wasmEcdsa,
  type Address,
} from "../algebra/index.js";
import type { EcashSystem } from "./domains.js";
import { ecashErrors } from "./errors.js";

const ORDER_TYPE = eip712Type("AccountWithdrawal(address account,bytes32 requestHash)");

export interface AccountOrder {
  readonly account: Address;
  readonly request: Uint8Array;
}

/** keccak256 of the request: what the account's books know a withdrawal by. */
export function requestHash(request: Uint8Array): Uint8Array {
  return keccak_256(request);
}

function orderDigest(system: Pick<EcashSystem, "domain">, order: AccountOrder): Uint8Array {
  return eip712Digest(system.domain, ORDER_TYPE, [
    concatBytes(new Uint8Array(12), order.account),
    requestHash(order.request),
  ]);
}

/** account ‖ signature ‖ request. */
export function signAccountOrder(
  system: Pick<EcashSystem, "domain">,
  request: Uint8Array,
  accountKey: Uint8Array,
): Uint8Array {
  const account = wasmEcdsa.address(accountKey);
  const signature = wasmEcdsa.sign(orderDigest(system, { account, request }), accountKey);
  return concatBytes(account, signature, request);
}

/** @throws ecash/bad-order unless the account's key signed it */
export function openAccountOrder(
  system: Pick<EcashSystem, "domain">,
  bytes: Uint8Array,
): AccountOrder {
  const bad = (why: string) => ecashErrors.error("bad-order", `the order ${why}`);
  const reader = new ByteReader(bytes, (why) => bad(`is cut short: ${why}`));
  const account = toAddress(reader.take(20));
  const signature = reader.take(SIGNATURE_BYTES);
  const order = { account, request: reader.take(reader.left) };
  const signer = wasmEcdsa.recover(orderDigest(system, order), signature);
  if (signer === null || !equalBytes(signer, account)) {
    throw bad("is not signed with the key of its account");
  }
  return order;
}
