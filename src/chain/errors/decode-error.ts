/**
 * From a revert to a sentence: finds the revert data in what a wallet, a node or a library
 * threw, and turns it into the catalogue error `contract/<name>` with its cause, consequence and cure.
 * Works in a browser.
 */
import { AbiCoder, Interface, Result, dataSlice, isHexString, type ErrorFragment } from "ethers";
import type { ErrorDetails, SipsterError } from "../../errors/sipster-error.js";
import { contractAbis, type ContractErrorName } from "./contracts/abis.js";
import { contractErrors, explanations } from "./contracts/errors.js";

const bySelector = new Map<string, ErrorFragment>();
for (const abi of Object.values(contractAbis)) {
  new Interface(abi).forEachError((fragment) => bySelector.set(fragment.selector, fragment));
}

const ERROR_STRING = "0x08c379a0";
const PANIC = "0x4e487b71";

/**
 * The explanation of revert data (selector and arguments, 0x-hexadecimal). Data that no contract of
 * ours reverts with gives `contract/Error`, `contract/Panic` or `contract/Unknown`.
 * @param cause what was thrown, to keep
 */
export function decodeRevert(data: string, cause?: unknown): SipsterError {
  const selector = data.length >= 10 ? dataSlice(data, 0, 4) : data;
  try {
    const fragment = bySelector.get(selector);
    if (fragment !== undefined) return explain(fragment, dataSlice(data, 4), cause);
    if (selector === ERROR_STRING) {
      const [text] = AbiCoder.defaultAbiCoder().decode(["string"], dataSlice(data, 4));
      return contractErrors.errorFrom({
        key: "Error",
        message: `a contract refused: "${text}"`,
        details: { data },
        cause,
      });
    }
    if (selector === PANIC) {
      const [code] = AbiCoder.defaultAbiCoder().decode(["uint256"], dataSlice(data, 4));
      const message = `a contract panicked with code 0x${BigInt(code).toString(16)}`;
      return contractErrors.errorFrom({ key: "Panic", message, details: { data }, cause });
    }
  } catch {
    // Arguments that do not decode: the data are someone else's, regardless of the selector.
  }
  const what =
    data === "0x" ? "without a reason" : `with data that no known contract uses: ${data}`;
  return contractErrors.errorFrom({
    key: "Unknown",
    message: `a contract reverted ${what}`,
    details: { data },
    cause,
  });
}

function explain(fragment: ErrorFragment, encoded: string, cause: unknown): SipsterError {
  const args = AbiCoder.defaultAbiCoder().decode(fragment.inputs, encoded);
  const name = fragment.name as ContractErrorName;
  // The table pairs each name with a function of that error's arguments; only the pairing is lost here.
  const describe = explanations[name].cause as (args: unknown) => string;
  return contractErrors.errorFrom({
    key: name,
    message: describe(toObject(args)),
    details: details(args),
    cause,
  });
}

/** The arguments by name, nested structs as well. */
function toObject(args: Result): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args.toObject()).map(([k, v]) => [k, v instanceof Result ? toObject(v) : v]),
  );
}

function details(args: Result): ErrorDetails {
  return Object.fromEntries(
    Object.entries(args.toObject()).map(([k, v]) => [
      k,
      v instanceof Result ? v.toArray(true).join(",") : (v as string | bigint | boolean),
    ]),
  );
}

/**
 * The revert data inside an error thrown by ethers, by a wallet (EIP-1193) or by a node, where
 * each puts it; `null` when the error is not a revert.
 */
export function revertData(error: unknown, depth = 0): string | null {
  if (typeof error !== "object" || error === null || depth > 6) return null;
  const fields = error as Record<string, unknown>;
  if (isHexString(fields.data) && isRevert(fields.data)) return fields.data;
  for (const key of ["data", "error", "info", "cause"]) {
    const found = revertData(fields[key], depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** Selector and whole words: a transaction's own calldata is never where revert data is looked for. */
function isRevert(data: string): boolean {
  return data.length >= 10 && (data.length - 10) % 64 === 0;
}

/** The explanation of a revert inside an error, or `null` when the error is something else. */
export function decodeError(error: unknown): SipsterError | null {
  const data = revertData(error);
  if (data !== null) return decodeRevert(data, error);
  return isBareRevert(error) ? decodeRevert("0x", error) : null;
}

/** ethers' CALL_EXCEPTION without data: the call reverted and gave no reason. */
function isBareRevert(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "CALL_EXCEPTION";
}
