/**
 * Calls that settle bills, found in transactions: the evidence that the auditor judges. A contract
 * in between may have made the call: then its bytes usually lie in the transaction's own data, and
 * otherwise the node's trace shows them.
 */
import { dataSlice, getBytes, JsonRpcApiProvider, type Provider } from "ethers";
import { BillSettlement__factory } from "../bindings/index.js";
import { billFromWords, type BillWords } from "../contract-values.js";
import type { SignedBill } from "../../sipster/index.js";

export interface SettlementCall {
  readonly method: "settle" | "settleWithSignature" | "settleBatch";
  /** In a batch all of them: the weights depend on each. */
  readonly bills: readonly SignedBill[];
  /** σ, or σ* of a batch. */
  readonly sx: bigint;
  readonly sy: bigint;
}

/** How the evidence came to light. */
export type Route = "direct" | "nested" | "traced";

const abi = BillSettlement__factory.createInterface();
const METHODS = ["settle", "settleWithSignature", "settleBatch"] as const;
const bySelector = new Map(METHODS.map((m) => [abi.getFunction(m).selector, m]));

/** The call that this calldata is, or `null`. */
export function decodeCall(data: string): SettlementCall | null {
  const method = data.length < 10 ? undefined : bySelector.get(dataSlice(data, 0, 4));
  if (method === undefined) return null;
  try {
    const args = abi.decodeFunctionData(method, data);
    const [sx, sy] = [args.sx as bigint, args.sy as bigint];
    switch (method) {
      case "settle":
        return { method, bills: [billFromWords(args.bill as BillWords)], sx, sy };
      case "settleBatch":
        return { method, bills: (args.bills as BillWords[]).map(billFromWords), sx, sy };
      case "settleWithSignature": {
        const { r, vs } = compact(args.signature as string);
        const { period, keyEpoch, rx, ry } = args as unknown as BillWords;
        return { method, bills: [billFromWords({ period, keyEpoch, rx, ry, r, vs })], sx, sy };
      }
    }
  } catch {
    // The selector's four bytes by chance, or arguments that the contract would have refused.
    return null;
  }
}

/** 65 bytes r ‖ s ‖ v, or the 64 of EIP-2098, as two words. */
function compact(signature: string): { r: string; vs: string } {
  const bytes = getBytes(signature);
  const halves = { r: dataSlice(signature, 0, 32), vs: dataSlice(signature, 32, 64) };
  if (bytes.length === 64) return halves;
  const v = bytes[64];
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) throw new RangeError("no signature");
  const parity = BigInt(v - 27) << 255n;
  return { ...halves, vs: `0x${(BigInt(halves.vs) | parity).toString(16).padStart(64, "0")}` };
}

/** Every settlement call whose bytes lie anywhere inside some data. */
export function findNestedCalls(data: string): SettlementCall[] {
  const calls: SettlementCall[] = [];
  for (const selector of bySelector.keys()) {
    const needle = selector.slice(2);
    for (let at = data.indexOf(needle, 2); at !== -1; at = data.indexOf(needle, at + 1)) {
      // A selector begins at a whole byte.
      const call = at % 2 === 0 ? decodeCall(`0x${data.slice(at)}`) : null;
      if (call !== null) calls.push(call);
    }
  }
  return calls;
}

interface Frame {
  readonly type: string;
  readonly to?: string;
  readonly input: string;
  readonly error?: string;
  readonly calls?: readonly Frame[];
}

/**
 * The settlement calls that a transaction made, by the node's trace (debug_traceTransaction with the
 * callTracer); `null` if the node does not trace.
 */
export async function traceCalls(
  provider: Provider,
  transaction: string,
  settlement: string,
): Promise<SettlementCall[] | null> {
  if (!(provider instanceof JsonRpcApiProvider)) return null;
  let root: Frame;
  try {
    root = (await provider.send("debug_traceTransaction", [
      transaction,
      { tracer: "callTracer" },
    ])) as Frame;
  } catch {
    return null;
  }
  const calls: SettlementCall[] = [];
  const visit = (frame: Frame): void => {
    // What a failed call did was undone, with everything below it.
    if (frame.error !== undefined) return;
    if (frame.type === "CALL" && frame.to?.toLowerCase() === settlement.toLowerCase()) {
      const call = decodeCall(frame.input);
      if (call !== null) calls.push(call);
    }
    frame.calls?.forEach(visit);
  };
  visit(root);
  return calls;
}
