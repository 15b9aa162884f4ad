/** `sipster utility tariff`: terms with a tariff, announced on the chain. */
import type { Command } from "commander";
import { createMclBn254 } from "../../algebra/index.js";
import { latestBlock, type RpcProvider } from "../../chain/index.js";
import { parseAddress } from "../../sipster/index.js";
import { readTariff } from "../../tariff/index.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { month, wholeNumber } from "../option-values.js";
import { announce } from "./register.js";
import { open, withSender, type ChainOptions } from "./session.js";

interface RawTerms extends ChainOptions {
  readonly timeZone: string;
  readonly payee: string;
  readonly unit: number;
  readonly basket?: number;
  readonly requests: number;
  readonly policy: string;
  readonly atPeriodEnd?: true;
  readonly timeShift: number;
  readonly clockBegins?: string;
  readonly lead: number;
  readonly from: number;
}

/** Gives the command its options and what it does. */
export function terms(command: Command, io: Io): void {
  command
    .argument("<file>", "the tariff")
    .requiredOption("--time-zone <zone>", "whose months are the periods, e.g. Europe/Berlin")
    .requiredOption("--payee <address>", "whom coins are paid to")
    .option("--unit <minor units>", "money of one unit", wholeNumber(1), 1)
    .option(
      "--basket <coins>",
      "one size class with so many coins of each denomination; the classes of docs/money.md when left out",
      wholeNumber(1),
    )
    .option(
      "--requests <number>",
      "that each wallet sends in a month, dummies included; 0: no dummies",
      wholeNumber(0),
      0,
    )
    .option("--policy <name>", "common-deadline or next-month", "common-deadline")
    .option("--at-period-end", "meters emit tokens at the period's end, as a binary number")
    .option("--time-shift <seconds>", "development: how far behind block time", wholeNumber(0), 0)
    .option("--clock-begins <date>", "development: what the clock shows now, in place of a shift")
    .option("--lead <months>", "as the settlement contract has it", wholeNumber(0), 2)
    .option("--from <month>", "first month they rule; left out for the first terms", month, 0)
    .action((file: string, o: RawTerms) => announceTariff(file, o, io));
}

/** Seconds that the deployment's clock is behind the chain's. */
async function shiftOf(provider: RpcProvider, o: RawTerms): Promise<number> {
  if (o.clockBegins === undefined) return o.timeShift;
  const shift = Number((await latestBlock(provider)).timestamp) - Date.parse(o.clockBegins) / 1000;
  if (shift >= 0) return Math.floor(shift);
  const what = `--clock-begins is "${o.clockBegins}" and must be a date before the chain's clock`;
  throw cliErrors.error("bad-option", what, { option: "--clock-begins" });
}

async function announceTariff(file: string, o: RawTerms, io: Io): Promise<void> {
  if (o.policy !== "common-deadline" && o.policy !== "next-month") {
    throw cliErrors.error("bad-option", `--policy is "${o.policy}"`, { option: "--policy" });
  }
  const folder = await open(o);
  const tariff = await readTariff(file);
  const { policy, timeZone, payee, basket, requests, lead } = o;
  await withSender(o, io, async ({ provider, deployment, sender }) => {
    const timeShift = await shiftOf(provider, o);
    const curve = await createMclBn254();
    const made = await announce(
      { folder, curve, deployment, sender },
      {
        tariff,
        timeZone,
        currency: tariff.currency,
        minorUnits: o.unit,
        payee: parseAddress(payee),
        ...(basket !== undefined && { basket }),
        requests,
        emission: o.atPeriodEnd === true ? "at-period-end" : "as-it-accrues",
        policy,
        timeShift,
        lead,
      },
      o.from,
    );
    const tariffs = made.tariffs;
    if (o.json === true) io.json({ format: "sipster/utility-terms@1", from: o.from, tariffs });
    else io.out(`terms announced, with tariff ${tariffs.join(", ")}`);
  });
}
