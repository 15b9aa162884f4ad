/** What `sipster audit --bytecode` shows: each contract's code against the source compiled again. */
import type { BytecodeComparison, NamedValue } from "../../chain/node/index.js";
import type { Io } from "../io.js";
import { table } from "../table.js";

export const MATCHES: Readonly<Record<BytecodeComparison["result"], string>> = {
  exact: "exact match",
  "code-only": "match, without the hash of the source",
  none: "no match",
  unknown: "unknown",
};

export function showBytecode(comparisons: readonly BytecodeComparison[], io: Io): void {
  const word = (match: BytecodeComparison["runtime"]) => (match === null ? "–" : MATCHES[match]);
  io.out("");
  io.out(
    table(
      [
        { head: "code of" },
        { head: "source", long: "wrap" },
        { head: "result", long: "wrap" },
        { head: "at the address", long: "wrap" },
        { head: "created by", long: "wrap" },
      ],
      comparisons.map(({ contract, source, result, runtime, creation }) => [
        contract,
        source.split(":")[0]!,
        MATCHES[result],
        word(runtime),
        word(creation),
      ]),
      io.tableWidth,
    ),
  );
  const compilers = new Set(comparisons.flatMap(({ compiler }) => compiler ?? []));
  compilers.forEach((version) => io.out(`  compiled with solc ${version}`));
  for (const { contract, immutables, arguments: args, problems } of comparisons) {
    problems.forEach((problem) => io.out(`  ${contract}: ${problem}`));
    list(`  ${contract}: constructor arguments`, args, io);
    list(`  ${contract}: immutables, as found in the code`, immutables, io);
  }
}

function list(title: string, values: readonly NamedValue[], io: Io): void {
  if (values.length === 0) return;
  io.out(title);
  const width = Math.max(...values.map(({ name }) => name.length));
  values.forEach(({ name, type, value }) => {
    io.out(`    ${name.padEnd(width)}  ${value}  ${type}`);
  });
}
