/** What a run of the ledger came to, for programs and for people. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { PACKET_BYTES, type NodeCounts } from "../../channel/onion/index.js";
import type { LedgerFault } from "../../ledger/index.js";
import type { Io } from "../io.js";
import { table, wrapText } from "../table.js";
import {
  type HomeTable,
  CHEAT_TEXTS,
  type CheatOutcome,
  type Outcome,
} from "../../demo/ledger/index.js";

const iso = (start: number): string => new Date(start).toISOString();

/** The document `sipster/ledger@1`. */
export function ledgerDocument(outcome: Outcome, hops: number): object {
  return {
    format: "sipster/ledger@1",
    direct: outcome.direct,
    intervals: outcome.intervals.map(({ start, rows, load, price, root, silentHomes }) => ({
      start: iso(start),
      rows,
      silentHomes,
      load,
      price,
      root: `0x${bytesToHex(root)}`,
    })),
    bills: outcome.bills,
    cheats: outcome.cheats.map((c) => ({
      cheat: c.cheat,
      interval: iso(c.start),
      void: c.isVoid,
      noticed: {
        residents: c.residents,
        auditor: c.auditor,
        provider: c.provider,
        contract: c.transaction,
      },
      findings: faultsOf(c.faults),
    })),
    anchors: { contract: outcome.contract, gasPerInterval: gasPerInterval(outcome) },
    onion: { hops, bytes: PACKET_BYTES, peelUs: peelMicroseconds(outcome.nodes) },
  };
}

/** The most gas that the anchors of one interval took. */
function gasPerInterval({ intervals }: Outcome): number {
  return Math.max(...intervals.map(({ gas }) => Number(gas)));
}

function peelMicroseconds(nodes: readonly NodeCounts[]): number {
  const peeled = nodes.reduce((sum, n) => sum + n.taken, 0);
  const spent = nodes.reduce((sum, n) => sum + n.peelMilliseconds, 0);
  return Math.round((spent / peeled) * 1000);
}

interface Found {
  readonly kind: string;
  readonly message: string;
}

/** Each thing found, once, no matter how many found it. */
function faultsOf(faults: readonly LedgerFault[]): Found[] {
  const texts = new Map(faults.map(({ kind, message }) => [message, { kind, message }]));
  return [...texts.values()];
}

export function printLedger({
  io,
  homes,
  outcome,
  hops,
}: {
  readonly io: Io;
  readonly homes: HomeTable;
  readonly outcome: Outcome;
  readonly hops: number;
}): void {
  const local = new Intl.DateTimeFormat("sv-SE", {
    timeZone: homes.timeZone,
    dateStyle: "short",
    timeStyle: "short",
  });
  printIntervals(io, outcome, local);
  io.out("");
  printBills(io, outcome);
  io.out("");
  const units =
    "Prices and bills are in minor units of the currency (pence, cents). Energy that no row shows is due by the register.";
  outWrapped(io, "", units);
  for (const cheat of outcome.cheats) printCheat(io, cheat, local.format(cheat.start));
  if (outcome.cheats.length === 0) {
    const right =
      "Every row, price and total was recomputed by an auditor and by each resident: all are right.";
    outWrapped(io, "", outcome.unexpected.length === 0 ? right : "Wrong:");
    printFaults(io, outcome.unexpected);
  }
  const gas = gasPerInterval(outcome).toLocaleString("en-US");
  outWrapped(io, "", `Anchored in ${outcome.contract}, at most ${gas} gas an interval.`);
  const peel = peelMicroseconds(outcome.nodes);
  const onion = `${hops} relays a packet of ${PACKET_BYTES} bytes, peeled in ${peel} µs each on average.`;
  outWrapped(io, "", onion);
}

function printIntervals(io: Io, outcome: Outcome, local: Intl.DateTimeFormat): void {
  io.out(
    table(
      [
        { head: `interval (${local.resolvedOptions().timeZone})` },
        { head: "rows", align: "right" },
        { head: "load Wh", align: "right" },
        { head: "price per kWh", align: "right" },
        { head: "root of L_OCD" },
      ],
      outcome.intervals.map(({ start, rows, load, price, root }) => [
        local.format(start),
        `${rows}`,
        load.toString(),
        decimal(price * 1000n),
        `${bytesToHex(root).slice(0, 16)}…`,
      ]),
      io.tableWidth,
    ),
  );
}

function printBills(io: Io, outcome: Outcome): void {
  io.out(
    table(
      [
        { head: "home" },
        { head: "rows", align: "right" },
        { head: "bill", align: "right" },
        { head: "by register Wh", align: "right" },
      ],
      outcome.bills.map((b) => [b.home, `${b.rows}`, decimal(b.amount), `${b.byRegister}`]),
      io.tableWidth,
    ),
  );
}

function printCheat(io: Io, cheat: CheatOutcome, at: string): void {
  const { residents, transaction } = cheat;
  const who = [
    residents.length === 0
      ? undefined
      : residents.length === 1
        ? `the resident of ${residents[0]}`
        : `${residents.length} residents`,
    cheat.auditor ? "the auditor" : undefined,
    cheat.provider ? "the provider, before it billed" : undefined,
    transaction === null ? undefined : "the contract, in transaction",
  ].filter((text) => text !== undefined);
  io.out("");
  outWrapped(io, "", `Cheat at ${at}: ${CHEAT_TEXTS[cheat.cheat]}.`);
  const noticed = `Noticed by ${who.length === 0 ? "nobody" : who.join("; ")}`;
  outWrapped(io, "", transaction === null ? `${noticed}.` : noticed);
  if (transaction !== null) io.out(`  ${transaction}`);
  printFaults(io, cheat.faults);
  if (!cheat.isVoid) return;
  const owed = "The page is void: nobody owes its rows, and their energy is due by the registers.";
  outWrapped(io, "", owed);
}

const PRINTED_OF_KIND = 2;

function printFaults(io: Io, faults: readonly LedgerFault[]): void {
  const all = faultsOf(faults);
  for (const kind of new Set(all.map((fault) => fault.kind))) {
    const found = all.filter((fault) => fault.kind === kind);
    const more = found.length - PRINTED_OF_KIND;
    for (const { message } of found.slice(0, PRINTED_OF_KIND)) {
      outWrapped(io, "  ", `${kind}: ${message}`);
    }
    if (more > 0) io.out(`  ${kind}: ${more} more like these`);
  }
}

/** Text in lines of the terminal's width, each after the indent; in an indented text, later lines stand deeper. */
function outWrapped(io: Io, indent: string, text: string): void {
  const lines = wrapText(text, (io.tableWidth ?? Infinity) - 2 * indent.length).split("\n");
  for (const [i, line] of lines.entries()) io.out(`${i === 0 ? indent : indent + indent}${line}`);
}

/** Millionths as a decimal number. */
function decimal(millionths: bigint): string {
  const digits = millionths.toString().padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/(\.\d\d\d*?)0+$/, "$1");
}
