/**
 * Rewrites test/contracts/gas-snapshot.json and consumption-ledger-gas.json, which the tests compare
 * with, and the tables of docs/gas.md: `npm run gas`, after a change of the contracts that is meant
 * to change their gas.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { moneyTable } from "./gas-money.js";
import { measureGas, type GasReport } from "../test/contracts/support/gas.js";
import { measureLedgerGas } from "../test/contracts/support/ledger-gas.js";

const contractTests = resolve(import.meta.dirname, "../test/contracts");
const docFile = resolve(import.meta.dirname, "../docs/gas.md");

function table(head: readonly string[], rows: readonly (readonly [string, number])[]): string {
  return [
    `| ${head.join(" | ")} |`,
    "| --- | ---: |",
    ...rows.map(([what, value]) => `| ${what} | ${value.toLocaleString("en-US")} |`),
  ].join("\n");
}

function tables({ gas, bytecode, breakdown }: GasReport): Record<string, string> {
  const perBill = Object.entries(gas).flatMap(([what, value]): [string, number][] => {
    const count = Number(/^settleBatch of (\d+)/.exec(what)?.[1] ?? 1);
    const own: [string, number] = [what, value];
    return count === 1 ? [own] : [own, [`${what}: each bill`, Math.round(value / count)]];
  });
  return {
    gas: table(["Transaction", "Gas"], perBill),
    bytecode: table(["Contract", "Bytes"], Object.entries(bytecode)),
    breakdown: Object.entries(breakdown)
      .map(([what, parts]) => table([`Of "${what}"`, "Gas"], Object.entries(parts)))
      .join("\n\n"),
    money: moneyTable(gas),
  };
}

function writeSnapshot(file: string, measured: unknown): void {
  writeFileSync(resolve(contractTests, file), `${JSON.stringify(measured, null, 2)}\n`);
}

const report = await measureGas();
writeSnapshot("gas-snapshot.json", report);
const ledgerGas = await measureLedgerGas();
writeSnapshot("consumption-ledger-gas.json", ledgerGas);

let doc = readFileSync(docFile, "utf8");
for (const [name, text] of Object.entries(tables(report))) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [doc.indexOf(begin), doc.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/gas.md has no place for the table "${name}"`);
  doc = `${doc.slice(0, from + begin.length)}\n\n${text}\n\n${doc.slice(to)}`;
}
const style = await resolveConfig(docFile);
writeFileSync(docFile, await format(doc, { ...style, filepath: docFile }));
for (const [what, value] of Object.entries({ ...report.gas, ...ledgerGas })) {
  console.log(`${value.toLocaleString("en-US").padStart(10)}  ${what}`);
}
