/** `sipster audit`: verifies every settlement again, from the chain alone. */
import { readFile } from "node:fs/promises";
import {
  audit,
  AUDIT_FORMAT,
  checkProof,
  connectRpc,
  countAudit,
  parseProof,
  SETTLEMENT_CHECKS,
  type AuditResult,
  type RpcProvider,
} from "../chain/index.js";
import { verifyBytecode, type BytecodeComparison } from "../chain/node/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import type { FinalityRule } from "../sipster/index.js";
import {
  finalityOption,
  nodeOptions,
  openDeployment,
  recordOption,
  withNode,
  type RecordOptions,
} from "./chain-options.js";
import { month, wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { MATCHES, showBytecode } from "./audit/bytecode.js";
import { showGovernance } from "./audit/governance.js";
import { table } from "./table.js";

interface Options extends RecordOptions {
  readonly period?: number;
  readonly toBlock?: number;
  readonly range?: number;
  readonly bytecode?: true | string;
  readonly proof?: string;
  readonly compare?: string;
  readonly finality: FinalityRule;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster audit --rpc http://127.0.0.1:8545
  sipster audit --rpc https://node.example --deployment utility.json --period 2013-03
  sipster audit --rpc https://node.example --json > audit.json
  sipster audit --rpc https://node.example --bytecode
  sipster audit --rpc https://node.example --compare https://other-node.example
`;

/** What the audit found, and what comparing the code with the source found, if that was asked for. */
interface Found {
  readonly result: AuditResult;
  readonly bytecode: readonly BytecodeComparison[] | null;
}

export const registerAudit: RegisterCommand = (sub, io, done) => {
  const command = nodeOptions(
    sub.addHelpText("before", EXAMPLES).addHelpText(
      "after",
      `
Of each settlement is checked:
${Object.entries(SETTLEMENT_CHECKS)
  .map(([name, what]) => `  ${name.padEnd(13)}${what}`)
  .join("\n")}
Exit code 1 if anything is wrong, or cannot be verified.`,
    ),
  );
  recordOption(command)
    .option("--period <YYYY-MM>", "only the settlements of this month", month)
    .option("--to-block <number>", "as of this block (default: the newest)", wholeNumber(0))
    .option("--range <blocks>", "blocks to ask the node for at once", wholeNumber(1))
    .option(
      "--bytecode [folder]",
      "compile the contracts again (of this program, or of a checkout in the folder) and compare",
    )
    .option("--compare <url>", "a second node, whose blocks and events have to be the same")
    .option("--proof <file>", "check a resident's proof of settlement, and nothing else")
    .addOption(finalityOption())
    .option("--json", `one JSON document, format ${AUDIT_FORMAT}`)
    .action(async (options: Options) => {
      if (options.proof !== undefined) {
        if (!(await proves(options, options.proof, io))) done(ExitCode.No);
        return;
      }
      const found = await withNode(options.rpc, (provider) => run(provider, options, io));
      show(found, options, io);
      if (!isClean(found)) done(ExitCode.No);
    });
};

async function run(provider: RpcProvider, options: Options, io: Io): Promise<Found> {
  const { period, toBlock, range } = options;
  const deployment = await openDeployment(provider, options);
  const onProgress = (text: string) => io.err(text);
  const second = options.compare === undefined ? null : await connectRpc(options.compare);
  const result = await audit(provider, deployment, {
    finality: options.finality,
    ...(second === null ? {} : { compare: second }),
    ...(period === undefined ? {} : { period }),
    ...(toBlock === undefined ? {} : { toBlock }),
    ...(range === undefined ? {} : { range }),
    onProgress,
  }).finally(() => second?.destroy());
  if (options.bytecode === undefined) return { result, bytecode: null };
  const bytecode = await verifyBytecode(provider, deployment, {
    ...(options.bytecode === true ? {} : { root: options.bytecode }),
    block: result.toBlock,
    onProgress,
  });
  return { result, bytecode };
}

/** Checks a proof of settlement; whether it holds. */
async function proves(options: Options, file: string, io: Io): Promise<boolean> {
  const proof = parseProof(await readFile(file, "utf8"));
  const checked = await withNode(options.rpc, async (provider) =>
    checkProof({
      provider,
      deployment: await openDeployment(provider, options),
      proof,
      rule: options.finality,
    }),
  );
  const { ok, finality, problems } = checked;
  if (options.json === true) {
    io.json({ format: "sipster/checked-proof@1", ...checked });
    return ok;
  }
  const what = `meter ${proof.meter}, period ${proof.period}`;
  io.out(ok ? `The proof holds: ${what} is settled (${finality}).` : `THE PROOF FAILS: ${what}`);
  for (const problem of problems) io.out(`  ${problem}`);
  return ok;
}

/** Code that differs in its note about the source alone does what the source says. */
function isClean({ result, bytecode }: Found): boolean {
  return (
    result.ok && (bytecode ?? []).every((c) => c.result === "exact" || c.result === "code-only")
  );
}

/** Rows of a list on a screen; `--json` has all. */
const SHOWN = 20;

function show(found: Found, { json }: Options, io: Io): void {
  const { result, bytecode } = found;
  const counts = countAudit(result);
  if (json === true) {
    const { meters, ...rest } = result;
    const totals = { ...counts, meters: meters.length };
    const ok = isClean(found);
    io.json({ format: AUDIT_FORMAT, ...rest, ok, ...(bytecode && { bytecode }), totals });
    return;
  }
  io.out(`Audit of ${result.settlement}`);
  io.out(`on chain ${result.chainId}, up to block ${result.toBlock}`);
  io.out("");
  showGovernance(result, io);
  io.out(
    table(
      [{ head: "check" }, { head: "result" }],
      result.system.map(({ check, result: r }) => [check, r]),
      io.tableWidth,
    ),
  );
  result.system.flatMap((s) => s.problems).forEach((problem) => io.out(`  ${problem}`));
  if (result.periods.length > 0) {
    io.out("");
    io.out(
      table(
        [
          { head: "period" },
          { head: "settled", align: "right" },
          { head: "verified", align: "right" },
          { head: "not settled", align: "right" },
        ],
        result.periods.map(({ period, settled, unsettled }) => [
          `${period}`,
          `${settled}`,
          `${result.settlements.filter((s) => s.period === period && s.verdict === "verified").length}`,
          `${unsettled.length}`,
        ]),
        io.tableWidth,
      ),
    );
  }
  list(
    "Not settled:",
    result.periods.flatMap(({ period, unsettled }) => unsettled.map((m) => `${m} ${period}`)),
    io,
  );
  list(
    "Not verified:",
    result.settlements.flatMap((s) =>
      s.problems.map((p) => `${s.meter} ${s.period} in ${s.transaction}: ${p}`),
    ),
    io,
  );
  if (bytecode !== null) showBytecode(bytecode, io);
  io.out("");
  io.out(verdict(found, counts));
}

function list(title: string, lines: readonly string[], io: Io): void {
  if (lines.length === 0) return;
  io.out(`\n${title}`);
  lines.slice(0, SHOWN).forEach((line) => io.out(`  ${line}`));
  if (lines.length > SHOWN) io.out(`  and ${lines.length - SHOWN} more: --json lists all`);
}

function verdict(found: Found, counts: ReturnType<typeof countAudit>): string {
  const { settled, verified, failed, unverifiable } = counts;
  const { system, alerts } = found.result;
  const alarms = alerts.filter(({ level }) => level === "alarm").length;
  if (isClean(found)) {
    return settled === 0
      ? "Nothing is settled yet: there is nothing to verify. The checks of the system hold."
      : `Clean: ${settled} settlements, each verified.`;
  }
  const parts = [
    `${verified} of ${settled} settlements verified`,
    ...(failed > 0 ? [`${failed} wrong`] : []),
    ...(unverifiable > 0 ? [`${unverifiable} that this node does not show enough of`] : []),
    ...(alarms > 0
      ? [`${alarms} ${alarms === 1 ? "alarm" : "alarms"} about who governs, at the top`]
      : []),
    ...system.filter((s) => s.result !== "ok").map((s) => `${s.check} ${s.result}`),
    ...(found.bytecode ?? []).flatMap(({ contract, result }) =>
      result === "none" || result === "unknown"
        ? [`code of the ${contract}: ${MATCHES[result]}`]
        : [],
    ),
  ];
  return `NOT CLEAN: ${parts.join(", ")}.`;
}
