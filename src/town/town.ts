/** A town: every role a process on loopback, from an empty folder to audited settlements. */
import { recordChain } from "./chain-record.js";
import { billOf, runMonth, type DoneKill } from "./month.js";
import type { TownProcess } from "./process.js";
import { booksOf, setUp, type Town, type TownSettings } from "./set-up.js";

export interface TownProcessReport {
  readonly role: string;
  readonly home?: string;
  readonly port: number;
  readonly restarts: number;
}

export interface TownBill {
  readonly home: string;
  readonly units: number;
  readonly status: string;
  readonly tx: string | null;
}

/** `sipster/town@1`. */
export interface TownResult {
  readonly format: "sipster/town@1";
  readonly processes: readonly TownProcessReport[];
  readonly kills: readonly { readonly role: string; readonly home?: string; readonly at: string }[];
  readonly bills: readonly TownBill[];
  readonly totals: { readonly units: number; readonly unitsPaid: number; readonly tokens: number };
  readonly audit: { readonly ok: boolean; readonly settled: number; readonly verified: number };
  readonly timings: Readonly<Record<string, number>>;
}

/** What a town says of itself while it runs. */
export interface TownState {
  readonly format: "sipster/town-state@1";
  readonly phase: "setting-up" | "running" | "over" | "failed";
  readonly pid: number;
  /** The deployment's clock, ISO 8601; `null` while it is set up. */
  readonly clock: string | null;
  readonly processes: readonly (TownProcessReport & { readonly pid: number | null })[];
  readonly bills: readonly TownBill[];
  readonly result: TownResult | null;
}

/**
 * Runs a town until every bill is settled and audited.
 * @param stay resolves when a town that is over may end; its processes run until then
 * @throws town/process-ended, stands-still, and what setting up throws; the processes are stopped
 */
export async function runTown(
  settings: TownSettings,
  stay: Promise<void> = Promise.resolve(),
): Promise<TownResult> {
  const { folder } = settings;
  const processes: TownProcess[] = [];
  let town: Town | null = null;
  const tell = (phase: TownState["phase"], now: number | null, result: TownResult | null): void => {
    const state: TownState = {
      format: "sipster/town-state@1",
      phase,
      pid: process.pid,
      clock: now === null ? null : new Date(now * 1000).toISOString(),
      processes: processes.map((p) => ({ ...reportOf(p, town), pid: p.pid })),
      bills: town === null ? [] : billsOf(town),
      result,
    };
    folder.writeJson("state.json", state);
  };
  const begun = performance.now();
  try {
    tell("setting-up", null, null);
    const made = await setUp(settings, (p) => processes.push(p));
    town = made;
    const setUpAt = performance.now();
    settings.say(`set up: ${processes.length} processes in ${seconds(setUpAt - begun)}`);
    const { kills, steps } = await runMonth(made, (now) => {
      tell("running", now, null);
    });
    const monthAt = performance.now();
    settings.say(`the month is over after ${steps} steps, in ${seconds(monthAt - setUpAt)}`);
    const result = await account(made, kills, { begun, setUpAt, monthAt, steps });
    tell("over", await made.clock.now(), result);
    await stay;
    return result;
  } catch (error) {
    tell("failed", null, null);
    throw error;
  } finally {
    await stopAll(processes);
    town?.provider.destroy();
  }
}

/** Ends all but the chain, then counts: what was sold, what the chain shows, what an audit says. */
async function account(
  town: Town,
  kills: readonly DoneKill[],
  at: { begun: number; setUpAt: number; monthAt: number; steps: number },
): Promise<TownResult> {
  const { settings, processes, provider } = town;
  const { folder, sipster } = settings;
  const bills = billsOf(town);
  const rpc = ["--rpc", provider.url, "--deployments", folder.at("deployments")];
  const audit = (await sipster(["audit", ...rpc])) as {
    ok: boolean;
    totals: { settled: number; verified: number };
  };
  await recordChain(provider, folder.at("chain", "blocks.jsonl"));
  const reports = processes.map((p) => reportOf(p, town));
  // Its books open once: in one process.
  await town.of("utility").stop();
  const utility = ["--folder", folder.at("utility"), ...folder.passphrase];
  const status = ["utility", "status", ...utility, ...rpc, ...booksOf(town)];
  const sold = (await sipster(status)) as {
    units: string;
    receipts: string;
  };
  town.of("utility").start();
  await town.of("utility").until();
  const ended = performance.now();
  return {
    format: "sipster/town@1",
    processes: reports,
    kills: kills.map(({ home, ...kill }) => ({ ...kill, ...named(town, home) })),
    bills,
    totals: {
      units: bills.reduce((sum, { units }) => sum + units, 0),
      unitsPaid: Number(sold.units),
      tokens: Number(sold.receipts),
    },
    audit: { ok: audit.ok, settled: audit.totals.settled, verified: audit.totals.verified },
    timings: {
      setUpMs: Math.round(at.setUpAt - at.begun),
      monthMs: Math.round(at.monthAt - at.setUpAt),
      auditMs: Math.round(ended - at.monthAt),
      totalMs: Math.round(ended - at.begun),
      steps: at.steps,
    },
  };
}

function billsOf(town: Town): TownBill[] {
  return town.homes.map(({ number, id }) => {
    const bill = billOf(town, number);
    return {
      home: id,
      units: Number(bill?.units ?? 0),
      status: bill?.stage ?? "open",
      tx: bill?.tx ?? null,
    };
  });
}

function reportOf({ spec, restarts }: TownProcess, town: Town | null): TownProcessReport {
  const { role, home, port } = spec;
  return { role, ...named(town, home), port, restarts };
}

function named(town: Town | null, home: number | undefined): { home?: string } {
  if (home === undefined) return {};
  return { home: town?.homes.find(({ number }) => number === home)?.id ?? String(home) };
}

/** The roles first; then the chain and the database, which they all talk to. */
async function stopAll(processes: readonly TownProcess[]): Promise<void> {
  const last = processes.filter(({ spec }) => ["chain", "database"].includes(spec.role));
  await Promise.all(processes.filter((p) => !last.includes(p)).map((p) => p.stop()));
  await Promise.all(last.map((p) => p.stop()));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
