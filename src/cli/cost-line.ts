/** What a transaction cost, in one line. */
import type { Cost } from "../chain/index.js";

/** Wei as ether, to a millionth of a gwei. */
function ether(wei: bigint): string {
  const text = (wei / 1_000n).toString().padStart(16, "0");
  return `${text.slice(0, -15)}.${text.slice(-15)}`.replace(/\.?0+$/, "");
}

export function costLine(what: string, { gas, fee, transaction }: Cost): string {
  return `${what}: ${gas.toLocaleString("en-US")} gas, ${ether(fee)} ether, ${transaction}`;
}
