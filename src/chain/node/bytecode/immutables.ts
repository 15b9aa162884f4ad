/** Names, types and values of immutable variables, which the compiler knows by number only. */
import { getAddress } from "ethers";
import type { CompilerOutput } from "./solc.js";
import type { NamedValue } from "./comparison.js";

/**
 * @param values words of the code, by the number of the variable's declaration
 * @param sources of the compiler's output, with their syntax trees
 */
export function nameImmutables(
  values: Readonly<Record<string, string>>,
  sources: CompilerOutput["sources"] = {},
): NamedValue[] {
  const named: NamedValue[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { id, nodeType, name, typeDescriptions } = node as Declaration;
    const word = values[`${id}`];
    if (nodeType === "VariableDeclaration" && word !== undefined) {
      const type = typeDescriptions?.typeString ?? "bytes32";
      named.push({ name: name ?? `${id}`, type, value: valueOf(word, type) });
    }
    Object.values(node).forEach(visit);
  };
  Object.values(sources).forEach(({ ast }) => visit(ast));
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

interface Declaration {
  readonly id?: number;
  readonly nodeType?: string;
  readonly name?: string;
  readonly typeDescriptions?: { readonly typeString?: string };
}

function valueOf(word: string, type: string): string {
  if (/^u?int\d*$/.test(type)) return BigInt(word).toString();
  if (/^(address|contract)\b/.test(type)) return getAddress(`0x${word.slice(-40)}`);
  return word;
}
