/** A town for people. */
import type { TownResult, TownState } from "../../town/index.js";
import { count } from "../../errors/count.js";
import type { Io } from "../io.js";
import { table } from "../table.js";

const right = "right" as const;

export function showResult(result: TownResult, io: Io): void {
  showBills(result, io);
  showProcesses(result, io);
  const { totals, audit, timings, kills } = result;
  io.out("");
  io.out(
    `${totals.units} units owed, ${totals.unitsPaid} paid with ${count(totals.tokens, "token")}.`,
  );
  io.out(
    `Audit: ${audit.ok ? "clean" : "NOT CLEAN"}, ${audit.verified} of ${audit.settled} settlements verified.`,
  );
  io.out(
    `${count(kills.length, "process", "processes")} ended by SIGKILL; ${(timings.totalMs! / 1000).toFixed(0)} s in all.`,
  );
}

export function showState(state: TownState, io: Io): void {
  const clock = state.clock === null ? "" : `, the clock shows ${state.clock.slice(0, 16)}`;
  io.out(`${state.phase}${clock}\n`);
  showBills(state, io);
  showProcesses(state, io);
}

function showBills({ bills }: Pick<TownState, "bills">, io: Io): void {
  if (bills.length === 0) return;
  const columns = [
    { head: "home" },
    { head: "units", align: right },
    { head: "bill" },
    { head: "tx" },
  ];
  const rows = bills.map(({ home, units, status, tx }) => [home, String(units), status, tx ?? ""]);
  io.out(`${table(columns, rows, io.tableWidth)}\n`);
}

function showProcesses({ processes }: Pick<TownResult, "processes">, io: Io): void {
  const columns = [
    { head: "process" },
    { head: "home" },
    { head: "port", align: right },
    { head: "restarts", align: right },
  ];
  const rows = processes.map(({ role, home, port, restarts }) => [
    role,
    home ?? "",
    port === 0 ? "" : String(port),
    String(restarts),
  ]);
  io.out(table(columns, rows, io.tableWidth));
}
