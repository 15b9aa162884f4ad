/**
 * What gas comes to in money, at prices that are assumed: nothing here is measured but the gas. The
 * table of docs/gas.md is made from it, and the tests make it again.
 */

/** Assumed price of one ether, in euros. */
export const ETHER_EUR = 3_000;
/** Assumed price of a byte of a rollup's data on the main chain, as a blob, in gwei. */
export const BLOB_BYTE_GWEI = 1;
/** Bytes of a signed transaction beside its calldata: fees, nonce, addresses, signature. */
const ENVELOPE_BYTES = 120;

interface Network {
  readonly name: string;
  /** Of one unit of gas. */
  readonly gwei: number;
  /** Its transactions are also published as blobs on the main chain. */
  readonly rollup: boolean;
}

const NETWORKS: readonly Network[] = [
  { name: "main chain, 0.5 gwei", gwei: 0.5, rollup: false },
  { name: "main chain, 5 gwei", gwei: 5, rollup: false },
  { name: "main chain, 30 gwei", gwei: 30, rollup: false },
  { name: "rollup, 0.001 gwei", gwei: 0.001, rollup: true },
  { name: "rollup, 0.05 gwei", gwei: 0.05, rollup: true },
];

interface Work {
  readonly name: string;
  /** Name in the snapshot. */
  readonly transaction: string;
  readonly calldataBytes: number;
  /** Bills that share it. */
  readonly bills: number;
}

const WORDS = (n: number): number => 4 + 32 * n;

const WORK: readonly Work[] = [
  { name: "A bill alone", transaction: "settle, word in use", calldataBytes: WORDS(8), bills: 1 },
  {
    name: "A bill of 64",
    transaction: "settleBatch of 64, word in use",
    calldataBytes: WORDS(6 * 64 + 6),
    bills: 64,
  },
  { name: "A deposit", transaction: "deposit", calldataBytes: WORDS(4), bills: 1 },
  {
    name: "A dispute of 40 coins",
    transaction: "dispute one of 40 coins",
    calldataBytes: WORDS(25),
    bills: 1,
  },
];

/** Euros of one piece of work on a network. */
export function euros({
  gas,
  bytes,
  bills,
  network,
}: {
  readonly gas: number;
  readonly bytes: number;
  readonly bills: number;
  readonly network: Network;
}): number {
  const data = network.rollup ? (bytes + ENVELOPE_BYTES) * BLOB_BYTE_GWEI : 0;
  return ((gas * network.gwei + data) / bills) * 1e-9 * ETHER_EUR;
}

/** The table in Markdown, not yet formatted. */
export function moneyTable(gas: Readonly<Record<string, number>>): string {
  const rows = NETWORKS.map((network) => {
    const cells = WORK.map(({ transaction, calldataBytes, bills }) => {
      const spent = gas[transaction];
      if (spent === undefined) throw new Error(`the snapshot has no "${transaction}"`);
      return euros({ gas: spent, bytes: calldataBytes, bills, network }).toPrecision(2);
    });
    return `| ${[network.name, ...cells.map(plain)].join(" | ")} |`;
  });
  const head = `| ${["EUR", ...WORK.map(({ name }) => name)].join(" | ")} |`;
  return [head, `| --- |${" ---: |".repeat(WORK.length)}`, ...rows].join("\n");
}

function plain(text: string): string {
  return String(Number(text)).includes("e") ? Number(text).toFixed(6) : String(Number(text));
}
