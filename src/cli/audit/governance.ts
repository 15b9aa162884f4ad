/** What the audit says of who governs: the alerts first, then who holds which role since when. */
import { describeAct, type Alert, type AuditResult } from "../../chain/index.js";
import type { Io } from "../io.js";
import { table, wrapText } from "../table.js";

/** Acts shown on a screen; `--json` and `sipster admin history` have all. */
const SHOWN = 10;

export function showGovernance({ alerts, governance }: AuditResult, io: Io): void {
  for (const alert of alerts) showAlert(alert, io);
  if (alerts.length > 0) io.out("");
  io.out(
    table(
      [
        { head: "contract" },
        { head: "role" },
        { head: "holder", long: "middle" },
        { head: "since (UTC)" },
      ],
      governance.holders.map(({ contract, role, holder, since }) => [
        contract,
        role,
        holder,
        moment(since.time, since.block),
      ]),
      io.tableWidth,
    ),
  );
  const latest = governance.events.slice(-SHOWN).toReversed();
  if (latest.length > 0) {
    io.out("");
    io.out(
      table(
        [{ head: "when (UTC)" }, { head: "what was done last", long: "wrap" }],
        latest.map((event) => [moment(event.time, event.block), describeAct(event)]),
        io.tableWidth,
      ),
    );
  }
  io.out("");
}

/** What happened, and beneath it when and by which transaction. */
function showAlert({ level, message, since }: Alert, io: Io): void {
  const [name, indent] = [level === "alarm" ? "ALARM" : "note", " ".repeat(7)];
  const lines = wrapText(message, (io.tableWidth ?? Infinity) - indent.length).split("\n");
  io.out(`${name.padEnd(indent.length)}${lines.join(`\n${indent}`)}`);
  if (since === null) return;
  io.out(`${indent}since ${moment(since.time, since.block)}${since.time === null ? "" : " UTC"}`);
  io.out(`${indent}${since.transaction}`);
}

function moment(time: bigint | null, block: number): string {
  if (time === null) return `block ${block}`;
  return new Date(Number(time) * 1000).toISOString().slice(0, 16).replace("T", " ");
}
