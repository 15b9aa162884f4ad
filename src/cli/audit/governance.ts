/** What the audit says of who governs: the alerts first, then who holds which role since when. */
import { describeAct, type Alert, type AuditResult } from "../../chain/index.js";
import type { Io } from "../io.js";
import { table } from "../table.js";

/** Acts shown on a screen; `--json` and `sipster admin history` have all. */
const SHOWN = 10;

export function showGovernance({ alerts, governance }: AuditResult, io: Io): void {
  for (const alert of alerts)
    io.out(`${alert.level === "alarm" ? "ALARM" : "note "}  ${say(alert)}`);
  if (alerts.length > 0) io.out("");
  io.out(
    table(
      [{ head: "contract" }, { head: "role" }, { head: "holder" }, { head: "since" }],
      governance.holders.map(({ contract, role, holder, since }) => [
        contract,
        role,
        holder,
        moment(since.time, since.block),
      ]),
    ),
  );
  const latest = governance.events.slice(-SHOWN).toReversed();
  if (latest.length > 0) {
    io.out("");
    io.out(
      table(
        [{ head: "when" }, { head: "what was done last" }],
        latest.map((event) => [moment(event.time, event.block), describeAct(event)]),
      ),
    );
  }
  io.out("");
}

function say({ message, since }: Alert): string {
  if (since === null) return message;
  return `${message} (${moment(since.time, since.block)}, transaction ${since.transaction})`;
}

function moment(time: bigint | null, block: number): string {
  if (time === null) return `block ${block}`;
  return `${new Date(Number(time) * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
