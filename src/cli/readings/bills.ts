/** Bills of chosen homes for one month, and the files they are written to. */
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import {
  Account,
  billCsv,
  billPdf,
  parseAccount,
  parseBillDetails,
  type CloseOptions,
  type ItemisedBill,
} from "../../billing/index.js";
import { periodAt, periodBounds, type Home } from "../../readings/index.js";
import {
  checkTariff,
  defaultTariff,
  isAddress,
  readTariff,
  readTariffs,
  verifyTariff,
  type Tariff,
} from "../../tariff/index.js";
import { cliErrors } from "../errors.js";
import { commandOf } from "./command.js";
import { toJson } from "../io.js";
import type { ReadingsOptions } from "./options.js";

export interface Billed {
  readonly home: Home;
  readonly bill: ItemisedBill;
}

/** @throws cli/no-homes, cli/bad-option, and what the room `readings` throws */
export async function makeBills(
  homes: readonly Home[],
  { tariff, signed }: ChosenTariff,
  { files, options }: { readonly files: readonly string[]; readonly options: ReadingsOptions },
): Promise<readonly Billed[]> {
  const period = options.period ?? lastWholeMonth(homes);
  if (options.bill !== undefined) formatOf(options.bill);
  const { account } = options;
  const details =
    options.details === undefined
      ? undefined
      : parseBillDetails(await readFile(options.details, "utf8"), options.details);
  const earlierTariffs = await earlierTariffsOf(options);
  const close = (home: Home): CloseOptions => ({
    command: commandOf({ files, options, period, home: home.id }),
    earlierTariffs,
    ...(signed === undefined ? {} : { signed }),
    ...(details === undefined ? {} : { details }),
  });
  if (account !== undefined) {
    return [await billAccount(homes, period, { tariff, file: account, close })];
  }
  const { from, to } = bounds(homes, period);
  const supplied = homes.filter(
    ({ intervals, exported }) =>
      intervals.between(from, to).length + exported.between(from, to).length > 0,
  );
  if (supplied.length === 0) {
    throw cliErrors.error("no-homes", `no home has a reading in ${period}`, { period });
  }
  return supplied.map((home) => ({
    home,
    bill: new Account().close({ supply: home, period, tariff, ...close(home) }),
  }));
}

/** A tariff, and who signed it where that was checked. */
export interface ChosenTariff {
  readonly tariff: Tariff;
  readonly signed?: { readonly signer: string; readonly sequence: number };
}

/** The tariff of the options, or the default one. @throws what `readTariff` throws, cli/bad-option */
export async function chosenTariff({
  tariff,
  tariffSigner,
}: Pick<ReadingsOptions, "tariff" | "tariffSigner">): Promise<ChosenTariff> {
  if (tariff === undefined && tariffSigner === undefined) return { tariff: defaultTariff };
  const path = tariff === undefined || existsSync(tariff) ? tariff : tariff.split("#")[0];
  const signed = path === undefined ? undefined : (await readTariffs(path)).signed;
  const by =
    signed === undefined ? {} : { signed: { signer: signed.signer, sequence: signed.sequence } };
  if (tariffSigner === undefined) return { tariff: await readTariff(tariff!), ...by };
  if (signed === undefined || !isAddress(tariffSigner)) {
    throw cliErrors.error(
      "bad-option",
      `--tariff-signer is "${tariffSigner}" and needs an address and a signed tariff`,
      { option: "--tariff-signer", value: tariffSigner },
    );
  }
  return { tariff: checkTariff(verifyTariff(signed, { signer: tariffSigner })), ...by };
}

/** Each is checked as the tariff of the bill is. @throws what `chosenTariff` throws */
async function earlierTariffsOf({
  earlierTariff = [],
  tariffSigner,
  account,
}: ReadingsOptions): Promise<readonly Tariff[]> {
  const [first] = earlierTariff;
  if (first !== undefined && account === undefined) {
    throw cliErrors.error(
      "bad-option",
      `--earlier-tariff is "${first}" and needs --account: without an account no earlier bill is corrected`,
      { option: "--earlier-tariff", value: first },
    );
  }
  const signer = tariffSigner === undefined ? {} : { tariffSigner };
  const chosen = await Promise.all(
    earlierTariff.map((tariff) => chosenTariff({ ...signer, tariff })),
  );
  return chosen.map(({ tariff }) => tariff);
}

/** Bills the one home of an account, and keeps what is carried over. */
async function billAccount(
  homes: readonly Home[],
  period: string,
  {
    tariff,
    file,
    close,
  }: {
    readonly tariff: Tariff;
    readonly file: string;
    readonly close: (home: Home) => CloseOptions;
  },
): Promise<Billed> {
  const [home, ...others] = homes;
  if (home === undefined || others.length > 0) {
    throw cliErrors.error(
      "bad-option",
      `an account is of one home, and there are ${homes.length}: choose one with --home`,
      { option: "--account", value: file },
    );
  }
  const before = existsSync(file) ? parseAccount(await readFile(file, "utf8"), file) : undefined;
  const account = new Account(before);
  const bill = account.close({ supply: home, period, tariff, ...close(home) });
  // A closed month's bill, made again, leaves the account as it is.
  if (account.state === before) return { home, bill };
  // A whole file or none, for its owner alone: it says what the home used.
  const next = `${file}.new`;
  await writeFile(next, `${toJson(account.state)}\n`, { mode: 0o600 });
  await rename(next, file);
  return { home, bill };
}

/** The last month that ends before the last reading does, or else the month of the last reading. */
function lastWholeMonth(homes: readonly Home[]): string {
  const ends = homes.flatMap((h) => [h.intervals.to, h.exported.to]).filter((t) => t !== undefined);
  const { timeZone } = homes[0]!;
  const last = Math.max(...ends);
  // A reading that ends with the month makes it whole.
  const month = periodAt(last, timeZone);
  const before = periodAt(periodBounds(month, timeZone).from - 1, timeZone);
  const begins = Math.min(...homes.flatMap((h) => h.intervals.from ?? h.exported.from ?? Infinity));
  return begins < periodBounds(month, timeZone).from ? before : month;
}

function bounds(homes: readonly Home[], period: string): { from: number; to: number } {
  return periodBounds(period, homes[0]!.timeZone);
}

type BillFormat = ".json" | ".csv" | ".pdf";

function formatOf(file: string): BillFormat {
  const extension = extname(file).toLowerCase();
  if (extension === ".json" || extension === ".csv" || extension === ".pdf") return extension;
  throw cliErrors.error("bad-option", `--bill is "${file}" and must end in .json, .csv or .pdf`, {
    option: "--bill",
    value: file,
  });
}

/** Writes each bill; of several the file name has the home's id before its end. Returns the names. */
export async function writeBills(
  billed: readonly Billed[],
  file: string,
  fontFiles: readonly string[] = [],
): Promise<string[]> {
  const format = formatOf(file);
  const fonts = await Promise.all(fontFiles.map((name) => readFile(name)));
  const stem = file.slice(0, -format.length);
  const written: string[] = [];
  for (const { home, bill } of billed) {
    const id = home.id.replaceAll(/[^\w.-]+/g, "_");
    const name = billed.length === 1 ? file : `${stem}-${id}${file.slice(-format.length)}`;
    await writeFile(name, await content(bill, format, fonts), { mode: 0o600 });
    written.push(name);
  }
  return written;
}

async function content(
  bill: ItemisedBill,
  format: BillFormat,
  fonts: readonly Uint8Array[],
): Promise<string | Uint8Array> {
  switch (format) {
    case ".json":
      return `${toJson(bill)}\n`;
    case ".csv":
      return billCsv(bill);
    case ".pdf":
      return billPdf(bill, { fonts });
  }
}
