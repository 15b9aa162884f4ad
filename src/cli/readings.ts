/** `sipster readings`: what files of readings contain, and what bills they make. */
import { writeFile } from "node:fs/promises";
import { mappingText, readReadings, type Home } from "../readings/index.js";
import { readingsOfBill } from "../tariff/index.js";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import type { Io } from "./io.js";
import { readingOptions, readOptions } from "./reading-options.js";
import { chosenTariff, makeBills, writeBills } from "./readings/bills.js";
import { listTariffs } from "./readings/list-tariffs.js";
import type { ReadingsOptions } from "./readings/options.js";
import { billsText, contentDocument, contentText } from "./readings/report.js";

const EXAMPLES = `Examples:
  sipster readings readings.csv
  sipster readings usage.xml --tariff tariff.json --period 2024-03
  sipster readings usage.xml --tariff tariffs.json#TRB0009 --bill march.pdf
  sipster readings meter.csv --time-zone Australia/Sydney --home 8143511 --json
  sipster readings --list-tariffs tariffs.json
`;

export const registerReadings: RegisterCommand = (sub, io) => {
  const command = sub
    .addHelpText("before", EXAMPLES)
    .argument("[file...]", "files of readings, of any known format, that belong together")
    .option("--tariff <file>", "tariff to bill with; of a file with several, FILE#ID")
    .option("--tariff-signer <address>", "refuse a tariff that this key did not sign")
    .option(
      "--earlier-tariff <file...>",
      "tariffs of earlier bills of the account, to correct them with",
    )
    .option("--period <YYYY-MM>", "the month to bill (default: the last whole one)")
    .option("--home <id...>", "only these homes")
    .option("--bill <file>", "write the bill: .json, .csv or .pdf")
    .option("--font <file...>", "open fonts for letters of a PDF that its own fonts lack")
    .option("--details <file>", "supplier, customer, due date and the like, for the bill")
    .option(
      "--account <file>",
      "carry over from bill to bill, and correct earlier ones, in this file",
    );
  readingOptions(command)
    .option(
      "--keep-mapping <file>",
      "write how the table was understood, or what was answered, for --mapping",
    )
    .option("--list-tariffs <file>", "list the tariffs of a file, and whether each can be used")
    .option("--json", "one JSON document, format sipster/readings@1")
    .action(async (files: string[], options: ReadingsOptions) => {
      if (options.listTariffs !== undefined) {
        await listTariffs(options.listTariffs, options.json === true, io);
        if (files.length === 0) return;
      } else if (files.length === 0) {
        command.error("error: name at least one file of readings");
      }
      await readings(files, options, io);
    });
};

async function readings(files: string[], options: ReadingsOptions, io: Io): Promise<void> {
  const wanted = [
    options.tariff,
    options.tariffSigner,
    options.earlierTariff,
    options.period,
    options.bill,
    options.account,
    options.details,
  ];
  const chosenOne = wanted.some((o) => o !== undefined) ? await chosenTariff(options) : undefined;
  const tariff = chosenOne?.tariff;
  const how = readOptions(options, tariff);
  const read = await readReadings(files, how);
  const set = tariff === undefined ? read : readingsOfBill(read, tariff);
  const homes = chosen(set.homes, options.home);
  const billed =
    chosenOne === undefined ? [] : await makeBills(homes, chosenOne, { files, options });
  const written =
    options.bill === undefined ? [] : await writeBills(billed, options.bill, options.font);
  if (options.json === true) {
    io.json({ ...contentDocument({ ...set, homes }), bills: billed.map((b) => b.bill) });
  } else {
    io.out(contentText({ ...set, homes }, io));
    if (billed.length > 0) io.out(billsText(billed, io.tableWidth));
  }
  const [table] = set.understood ?? [];
  if (options.keepMapping !== undefined) {
    // Of a format that is not a table, what was answered.
    await writeFile(options.keepMapping, mappingText(table?.mapping ?? how.mapping ?? {}));
    written.push(options.keepMapping);
  }
  for (const file of written) io.err(`written: ${file}`);
}

/** @throws cli/no-homes for an id that no home has */
function chosen(homes: readonly Home[], ids: readonly string[] | undefined): readonly Home[] {
  if (ids === undefined) return homes;
  return ids.map((id) => {
    const home = homes.find((h) => h.id === id);
    if (home === undefined) {
      const some = homes.slice(0, 5).map((h) => h.id);
      throw cliErrors.error("no-homes", `no home is named "${id}"; there are ${some.join(", ")}`, {
        home: id,
      });
    }
    return home;
  });
}
