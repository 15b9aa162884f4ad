/** Deployments whose month is over, their reports, and requests that were changed. */
import { expect } from "chai";
import { seal } from "../../src/envelope/index.js";
import type { SumPolicy } from "../../src/sealed/bill-terms.js";
import { messageTable } from "../../src/sealed/elgamal.js";
import { SealedMeter } from "../../src/sealed/meter.js";
import type { TariffNotice } from "../../src/sealed/notices.js";
import {
  decodeReport,
  encodeReport,
  reportDigest,
  type SealedReport,
} from "../../src/sealed/report.js";
import { rulesDigest, type ReportingRules } from "../../src/sealed/rules.js";
import {
  encodeStatement,
  openRequest,
  type BillStatement,
  type Statement,
  type SumRequest,
} from "../../src/sealed/sum-request.js";
import { authority, LAX, month, newDeployment, newMeter, rules, STEP } from "./deployment.js";
import { fast } from "./support.js";

export const table = messageTable(fast, 50_000);
export type Deployment = ReturnType<typeof newDeployment>;

/** A meter whose readings of the whole month were taken, in reports of four. */
export async function reported(deployment: Deployment, values: readonly bigint[], under = rules) {
  const own = newMeter(deployment.registry, under);
  const reports: SealedReport[] = [];
  for (let i = 0; i < values.length; i += 4) {
    const part = values.slice(i, i + 4);
    const isLast = i + 4 >= values.length;
    reports.push(await own.report(i, part, isLast ? month.to : undefined));
  }
  const messages = reports.map((r) => encodeReport(fast, under, r));
  expect(await deployment.centre.receive(messages)).to.deep.equal([]);
  return { ...own, address: own.meter.address, reports };
}

/** A deployment whose trustees took the tariff in time, and the month is over. */
export async function billing(
  notice: TariffNotice,
  policy: SumPolicy = LAX,
  under?: ReportingRules,
) {
  const deployment = newDeployment(policy, under);
  const message = await deployment.centre.postTariff(notice);
  const trustees = await deployment.trustees(1, 2, 3, 4);
  for (const t of trustees) await t.takeTariff(message);
  deployment.clock.now = month.to;
  return { ...deployment, all: trustees, message };
}

export async function answers(
  all: Awaited<ReturnType<typeof billing>>["all"],
  request: SumRequest,
) {
  const partials = [];
  for (const t of all) partials.push(...(await t.answer([request])));
  return partials;
}

/** The request with another statement, signed by the control centre. */
export function altered(
  request: SumRequest,
  change: Partial<BillStatement>,
  reports = request.reports,
): SumRequest {
  const statement = { ...(openRequest(fast, rules, request) as BillStatement), ...change };
  return signed(
    { ...statement, reports: reports.map((r) => reportDigest(fast, rules, r)) },
    reports,
  );
}

export function signed(
  statement: Statement,
  reports: readonly SealedReport[],
  key = authority,
): SumRequest {
  const body = encodeStatement(fast, statement);
  const context = rulesDigest(fast, rules);
  const letter = { system: "sealed", kind: "request", context, sequence: 99n, body } as const;
  return { message: seal(letter, key), reports };
}

/** A report of the next month, whose readings are in no bill of this one. */
export async function reportAfter(
  own: Awaited<ReturnType<typeof reported>>,
): Promise<SealedReport> {
  const later = new SealedMeter({
    ...{ system: fast, rules, secretKey: own.secretKey, store: own.store },
    installed: month.from,
    now: () => month.to + 10 * STEP,
  });
  const reading = { interval: 2 * month.to, value: 1n };
  return decodeReport(fast, rules, await later.report([reading], month.to + STEP));
}
