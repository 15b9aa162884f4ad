/** What a transaction did inside, from the node's callTracer (go-ethereum's format). */
import { RpcFailure } from "./errors.js";
import type { Node } from "./node.js";

/** One call of a trace, with the calls it made. */
export interface CallFrame {
  readonly type: string;
  readonly from: string;
  readonly to?: string;
  readonly value?: string;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly calls?: readonly CallFrame[];
}

/** An entry of `ots_traceTransaction`. */
export interface TraceEntry {
  readonly type: string;
  readonly depth: number;
  readonly from: string;
  readonly to: string;
  /** That of the caller's frame for DELEGATECALL, which moves none. */
  readonly value: string;
  readonly input: string;
  readonly output: string;
}

/** An entry of `ots_getInternalOperations`. */
export interface InternalOperation {
  readonly type: number;
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

/** Types of internal operations, numbered as Otterscan does. */
const TRANSFER = 0;
const OPERATIONS: Readonly<Record<string, number>> = { SELFDESTRUCT: 1, CREATE: 2, CREATE2: 3 };

/** @throws RpcFailure -32001 if there is no such transaction */
export async function callTrace(node: Node, hash: string): Promise<CallFrame> {
  if ((await node.send("eth_getTransactionReceipt", [hash])) === null) {
    throw new RpcFailure(-32001, "Resource not found");
  }
  return (await node.send("debug_traceTransaction", [hash, { tracer: "callTracer" }])) as CallFrame;
}

/** Every frame with its depth, callers before what they call. */
export function* framesOf(
  frame: CallFrame,
  depth = 0,
): Generator<{ frame: CallFrame; depth: number }> {
  yield { frame, depth };
  for (const call of frame.calls ?? []) yield* framesOf(call, depth + 1);
}

/** Calls and creations, callers before what they call. */
export function traceEntries(root: CallFrame): TraceEntry[] {
  return [...framesOf(root)]
    .filter(({ frame }) => frame.type !== "SELFDESTRUCT")
    .map(({ frame, depth }) => ({
      type: frame.type,
      depth,
      from: frame.from,
      to: frame.to ?? "",
      value: frame.value ?? "0x0",
      input: frame.input,
      output: frame.output ?? "0x",
    }));
}

/** Transfers of value, creations and self-destructions, in the order in which they happened. */
export function internalOperations(root: CallFrame): InternalOperation[] {
  const operations: InternalOperation[] = [];
  for (const { frame } of framesOf(root)) {
    const value = frame.value ?? "0x0";
    const isTransfer = frame.type === "CALL" && BigInt(value) > 0n;
    const type = isTransfer ? TRANSFER : OPERATIONS[frame.type];
    if (type === undefined) continue;
    operations.push({ type, from: frame.from, to: frame.to ?? "", value });
  }
  return operations;
}

/** Data of the revert that ended a transaction; `0x` if it succeeded or failed without data. */
export function errorData(root: CallFrame): string {
  return root.error === undefined ? "0x" : (root.output ?? "0x");
}
