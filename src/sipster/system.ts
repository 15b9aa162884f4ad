/** Which deployment a value belongs to: everything hashed or signed is bound to it. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { addressWord, eip712Domain, intToBytes } from "../algebra/index.js";
import { EIP712_NAME, EIP712_VERSION } from "./domains.js";
import { sipsterErrors } from "./errors.js";

declare const brand: unique symbol;

/** 0x and 40 lower-case hexadecimal digits. */
export type HexAddress = `0x${string}` & { readonly [brand]: "HexAddress" };
/** keccak256(abi.encode(chainId, settlement contract)): 32 bytes. */
export type SystemId = Uint8Array & { readonly [brand]: "SystemId" };

export interface SettlementSystem {
  readonly chainId: bigint;
  /** The settlement contract. */
  readonly settlement: HexAddress;
  readonly systemId: SystemId;
  /** The EIP-712 domain separator. */
  readonly domain: Uint8Array;
}

/** Normalises an address. @throws sipster/bad-address */
export function parseAddress(text: string): HexAddress {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw sipsterErrors.error("bad-address", `"${text}" is not an address`);
  }
  return text.toLowerCase() as HexAddress;
}

/** The system of the contract at `settlement` on chain `chainId`. @throws sipster/bad-address */
export function settlementSystem(chainId: bigint, settlement: string): SettlementSystem {
  const address = parseAddress(settlement);
  return {
    chainId,
    settlement: address,
    systemId: keccak_256(concatBytes(intToBytes(chainId, 32), addressWord(address))) as SystemId,
    domain: eip712Domain({
      name: EIP712_NAME,
      version: EIP712_VERSION,
      chainId,
      verifyingContract: address,
    }),
  };
}
