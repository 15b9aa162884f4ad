/** The picture beside the tables: every policy in the large crowd. */
import { chart } from "../../../src/attack/index.js";
import { measuredRows, type Results } from "./results.js";

export function picture(results: Results): string {
  const rows = measuredRows(results, "policies").map(({ result }) => result);
  return chart(rows, "What can be linked in a crowd of a thousand, by policy");
}
