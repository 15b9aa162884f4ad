/** What no honest chain does: events without settlements, bits without events, altered code. */
import { AbiCoder, concat, id, keccak256, toBeHex, zeroPadValue } from "ethers";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../src/chain/contract-values.js";
import { settlementContract } from "../../src/chain/deploy/deployment.js";
import type { SettleableBill } from "../../src/sipster/index.js";
import type { TestSystem } from "./fixture.js";

export interface PlantedEvent {
  readonly meter: string;
  readonly period: number;
  readonly keyEpoch: number;
}

const abi = BillSettlement__factory.createInterface();

/** Calldata of `settle` for a bill. */
export function settleData(system: TestSystem, bill: SettleableBill): string {
  const { x, y } = g1Words(system.curve, bill.combined);
  return abi.encodeFunctionData("settle", [billWords(bill), x, y]);
}

/** The event that settling the bill would emit. */
export function eventOf({ meter, bill }: SettleableBill): PlantedEvent {
  return { meter, period: bill.period, keyEpoch: bill.keyEpoch };
}

/** Code that emits BillSettled with these arguments, for any call data. */
function emitter({ meter, period, keyEpoch }: PlantedEvent): string {
  const topics = [
    id("BillSettled(address,uint32,uint32)"),
    zeroPadValue(meter, 32),
    toBeHex(period, 32),
    toBeHex(keyEpoch, 32),
  ];
  const push = topics.toReversed().map((topic) => concat(["0x7f", topic]));
  // PUSH0 PUSH0 LOG4 STOP
  return concat([...push, "0x5f5fa400"]);
}

/**
 * Makes the settlement contract emit an event in a transaction with this calldata, as a contract
 * without any check would, and puts its code back. Returns the transaction.
 */
export async function plantEvent({
  system,
  event,
  data,
  restore = true,
}: {
  readonly system: TestSystem;
  readonly event: PlantedEvent;
  readonly data: string;
  readonly restore?: boolean;
}): Promise<string> {
  const { address } = system.deployment.contracts.settlement;
  const code = await system.chain.provider.getCode(address);
  await system.request("hardhat_setCode", address, emitter(event));
  const signer = await system.signer(0);
  const sent = await signer.sendTransaction({ to: address, data, gasLimit: 1_000_000 });
  await sent.wait();
  if (restore) await system.request("hardhat_setCode", address, code);
  return sent.hash;
}

/** Sets or clears the bit of a registered meter, behind the contract's back. */
export async function setBit({
  system,
  meter,
  period,
  on = true,
}: {
  readonly system: TestSystem;
  readonly meter: string;
  readonly period: number;
  readonly on?: boolean;
}): Promise<void> {
  const { provider } = system.chain;
  const { address } = system.deployment.contracts.settlement;
  const contract = settlementContract(system.deployment, { provider });
  const index = (await contract.meterOf(meter)).index;
  const key = (BigInt(period) << 32n) | (index >> 8n);
  const bits = await contract.settledWord(period, index >> 8n);
  const bit = 1n << (index & 255n);
  const wanted = on ? bits | bit : bits & ~bit;
  for (let slot = 0; slot < 16; slot++) {
    const place = keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot]));
    const before = await provider.getStorage(address, place);
    await system.request("hardhat_setStorageAt", address, place, toBeHex(wanted, 32));
    if ((await contract.settledWord(period, index >> 8n)) === wanted) return;
    await system.request("hardhat_setStorageAt", address, place, before);
  }
  throw new Error("the mapping of settled bits is in none of the first slots");
}

/**
 * A contract that passes on what follows the first word of its calldata to the address in that word:
 * as it is, or with every bit flipped, so that the bytes of the call are not in the transaction.
 */
export async function deployForwarder(system: TestSystem, flipped: boolean): Promise<string> {
  const not = flipped ? "19" : "";
  const body = [
    "5f", // i = 0
    "5b", // 01: loop
    `80602001 35 ${not} 81 52`, // memory[i] = calldata[i + 32], flipped or not
    "602001", // i += 32
    "80602001 36 11 6001 57", // while calldatasize > i + 32
    "5f5f 6020 36 03 5f5f 5f35 5a f1", // call(gas, calldata[0], 0, 0, calldatasize - 32, 0, 0)
  ]
    .join("")
    .replaceAll(" ", "");
  // Jump over the revert if the call succeeded.
  const target = body.length / 2 + 6;
  const code = `${body}60${target.toString(16).padStart(2, "0")}575f5ffd5b00`;
  const length = (code.length / 2).toString(16).padStart(2, "0");
  // PUSH1 length, DUP1, PUSH1 9, PUSH0, CODECOPY, PUSH0, RETURN
  const creation = `0x60${length}8060095f395ff3${code}`;
  const signer = await system.signer(0);
  const receipt = await (await signer.sendTransaction({ data: creation })).wait();
  return receipt!.contractAddress!;
}

/** Calldata for a forwarder: pass `data` on to `to`. */
export function forwarded(to: string, data: string, flipped: boolean): string {
  const bytes = [...Buffer.from(data.slice(2), "hex")].map((b) => (flipped ? b ^ 0xff : b));
  return concat([zeroPadValue(to, 32), Uint8Array.from(bytes)]);
}
