/** The same transactions on any development node: transfers, creations, calls of every kind, failures. */
import { getCreateAddress } from "ethers";

export interface Scenario {
  readonly hashes: readonly string[];
  /** Sender, recipient, contract that calls, contract that reverts, contract created inside, stranger. */
  readonly addresses: readonly string[];
  readonly latest: number;
  /** Number of a block of several transactions. */
  readonly fullBlock: number;
}

export async function send(
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: object };
  if (error !== undefined) throw error;
  return result;
}

/** Init code that leaves `runtime` (at most 255 bytes) as the contract's code. */
function initCode(runtime: string): string {
  const length = (runtime.length / 2).toString(16).padStart(2, "0");
  return `0x60${length}600c60003960${length}6000f3${runtime}`;
}

/** Creates twice (CREATE, CREATE2), sends a wei to its caller, and calls it by STATIC- and DELEGATECALL. */
const CALLER = [
  "600060006001f050",
  "60006000600060006001335af150",
  "6000600060006000335afa50",
  "6000600060006000335af450",
  "600035600060006001f550",
  "00",
].join("");

/** Reverts with the four bytes of a custom error. */
const REVERTER = "63deadbeef6000526004601cfd";

const SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const RECIPIENT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const STRANGER = "0x00000000000000000000000000000000000000aa";

export async function runScenario(url: string): Promise<Scenario> {
  const hashes: string[] = [];
  const transact = async (fields: object): Promise<void> => {
    const transaction = { from: SENDER, gas: "0x7a120", ...fields };
    // Hardhat's node answers a failed transaction with its reason, and mines it all the same.
    const hash = await send(url, "eth_sendTransaction", [transaction]).catch(async () => {
      const block = await send(url, "eth_getBlockByNumber", ["latest", false]);
      return (block as { transactions: string[] }).transactions[0];
    });
    hashes.push(hash as string);
  };
  const caller = getCreateAddress({ from: SENDER, nonce: 0 });
  const reverter = getCreateAddress({ from: SENDER, nonce: 1 });
  await transact({ data: initCode(CALLER) });
  await transact({ data: initCode(REVERTER) });
  await transact({ to: RECIPIENT, value: "0x2a" });
  await transact({ to: caller, value: "0x10", data: `0x${"07".padStart(64, "0")}` });
  await transact({ to: reverter });
  await transact({ to: RECIPIENT, value: "0x0" });
  await transact({ from: RECIPIENT, to: SENDER, value: "0x5" });
  // A block of five transactions.
  await send(url, "evm_setAutomine", [false]);
  for (let i = 1; i <= 5; i++) await transact({ to: RECIPIENT, value: `0x${i}`, gas: "0x5208" });
  await send(url, "evm_mine", []);
  await send(url, "evm_setAutomine", [true]);
  const latest = Number(await send(url, "eth_blockNumber", []));
  const created = getCreateAddress({ from: caller, nonce: 1 });
  return {
    hashes,
    addresses: [SENDER, RECIPIENT, caller, reverter, created, STRANGER],
    latest,
    fullBlock: latest,
  };
}
