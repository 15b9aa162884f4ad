/**
 * Rewrites test/contracts/gas-snapshot.json, which the tests compare with: `npm run gas`, after a
 * change of the contracts that is meant to change their gas. docs/gas.md quotes the same numbers.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { measureGas } from "../test/contracts/support/gas.js";

const file = resolve(import.meta.dirname, "../test/contracts/gas-snapshot.json");
const report = await measureGas();
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
for (const [what, gas] of Object.entries(report.gas)) {
  console.log(`${gas.toLocaleString("en-US").padStart(10)}  ${what}`);
}
console.log(`written to ${file}`);
