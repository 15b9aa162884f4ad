/** `sipster demo`: the whole system once, from readings to settled and audited bills. */
import type { Command } from "commander";
import { audit as auditChain, type AuditResult } from "../chain/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import { assertPagesBuilt } from "../pages/index.js";
import { readPassphrase } from "./passphrase.js";
import type { RegisterCommand } from "./command.js";
import { count } from "../errors/count.js";
import { inMemory, onDisk, Progress, runDemo, type DemoResult } from "../demo/index.js";
import { openPages } from "./demo/pages.js";
import { parseDemoOptions, type RawDemoOptions } from "./demo/options.js";
import { demoJson, demoText } from "./demo/report.js";
import { interrupted } from "./interrupted.js";
import { wholeNumber } from "./option-values.js";
import { readingOptions } from "./reading-options.js";

const examples = `Examples:
  sipster demo
  sipster demo --homes 20 --batch
  sipster demo --at-period-end
  sipster demo --web --no-settle
  sipster demo --readings readings.csv --tariff prices.csv --period 2013-03
  sipster demo --rpc http://127.0.0.1:8545 --out town --passphrase-file town.pass --no-settle
`;

export const registerDemo: RegisterCommand = (command, io, done) => {
  declareOptions(command);
  command.action(async (raw: RawDemoOptions) => {
    const options = parseDemoOptions(raw);
    if (options.web) assertPagesBuilt();
    const folder =
      options.out === null
        ? inMemory()
        : await onDisk(options.out, readPassphrase(options.passphraseFile));
    const progress = new Progress((line) => {
      io.err(line);
    });
    await runDemo({
      given: options,
      folder,
      progress,
      after: async (result) => {
        const audit = options.settle ? await audited(result, progress) : null;
        const stop = options.web ? interrupted() : null;
        const { rpcUrl } = result.chain;
        const pages =
          options.web && rpcUrl !== null ? await openPages({ result, rpcUrl, folder, io }) : null;
        const addresses = pages?.addresses ?? null;
        const timings = { ...progress.timings, totalMs: progress.totalMs };
        if (options.json) io.json(demoJson({ options, result, audit, timings, web: addresses }));
        else
          io.out(
            demoText({
              options,
              result,
              audit,
              seconds: progress.totalMs / 1000,
              web: addresses,
              io,
            }),
          );
        if (!isRight(result, audit)) done(ExitCode.No);
        await stop;
        await pages?.close();
      },
    });
  });
};

function declareOptions(command: Command): void {
  command
    .addHelpText("before", examples)
    .option(
      "--readings <file...>",
      "meter readings of any known format; generated homes when absent",
    )
    .option("--tariff <file>", "tariff or price file; an example tariff when absent")
    .option("--period <month>", "calendar month YYYY-MM in the time zone of the readings")
    .option("--homes <n>", "homes to generate, or to take of the readings", wholeNumber(1, 100_000))
    .option("--suite <name>", "hash-bound, or classic (as in the paper)", "hash-bound")
    .option(
      "--at-period-end",
      "emit the month's amount at its end, a token for each binary digit; else tokens as money accrues",
    )
    .option("--batch", "settle many bills in one transaction")
    .option(
      "--unit <amount>",
      "money of one unit, in minor units of the currency; 1, or 100 with --suite classic",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--denominations <list>",
      "units of the tokens, e.g. 1,10,100; when absent powers of ten that fit the bills, or of two at the period's end",
    )
    .option("--seed <text>", "of the generated homes", "sipster")
    .option("--rpc <url>", "a chain to use; one of its own when absent")
    .option("--deployment <file>", "record of a deployment on that chain; deploys one when absent")
    .option("--out <dir>", "keep what each role would hold, and go on from it if it is there")
    .option("--passphrase-file <file>", "what seals the secrets in that folder, on its first line")
    .option("--no-settle", "stop when the bill files are written")
    .option("--web", "keep the chain up and serve the pages and a relayer, until Ctrl-C")
    .option("--json", "print the result as JSON");
  readingOptions(command);
}

/** The chain, audited as a step of the run. */
function audited({ chain }: DemoResult, progress: Progress): Promise<AuditResult> {
  return progress.step({
    name: "audit",
    doing: "auditing the chain",
    run: () => auditChain(chain.sender.provider, chain.deployment),
    describe: ({ settlements }) => `${count(settlements.length, "settlement")} verified again`,
  });
}

/** Every bill is settled or kept, the totals agree, and the audit finds nothing. */
function isRight({ bills, reconciliation }: DemoResult, audit: AuditResult | null): boolean {
  const refused = bills.some((b) => b.outcome?.status === "refused");
  return !refused && reconciliation?.equal !== false && audit?.ok !== false;
}
