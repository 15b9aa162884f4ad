/**
 * `sipster meter remove` and `release`: what an operator does at a meter whose wallet does not answer. The order is
 * left in the meter's folder; the program that runs the meter carries it to the trusted part at its next look.
 */
import type { Command } from "commander";
import { SipsterError } from "../../errors/sipster-error.js";
import type { MeterGateway } from "../../meter/index.js";
import type { Io } from "../io.js";
import type { Log } from "../log.js";
import { noticeDocument, parseNotice, readNotice } from "../notice-file.js";
import type { MeterFolder } from "./folder.js";

/** @param own makes a subcommand with the option for the folder */
export function operatorCommands(
  own: (name: string, says: string) => Command,
  folderOf: (dir: string) => MeterFolder,
  io: Io,
): void {
  const leave = (dir: string, order: object, { json }: { json?: true }): void => {
    const folder = folderOf(dir);
    folder.terms();
    folder.writeOrder(order);
    if (json === true) io.json({ format: "sipster/meter-order@1", dir });
    else io.out("left for the meter: it is taken at the next look of `sipster meter run`");
  };
  own("remove", "End the resident's service by the utility's notice; the keys stay for 30 days.")
    .argument("<notice>", "file from `sipster utility remove-meter`")
    .option("--json", "one JSON document")
    .action((file: string, o: { dir: string; json?: true }) => {
      leave(o.dir, noticeDocument(readNotice(file, "removal")), o);
    });
  own("release", "Erase a removed meter's keys without its wallet, when 30 days have passed.")
    .option("--json", "one JSON document")
    .action((o: { dir: string; json?: true }) => {
      leave(o.dir, RELEASE, o);
    });
}

const RELEASE = { format: "sipster/meter-release@1" };

/** Carries out the order that was left, once: what the trusted part refuses is told and not tried again. */
export function takeOrder(gateway: MeterGateway, folder: MeterFolder, log: Log): void {
  const bytes = folder.takeOrder();
  if (bytes === null) return;
  try {
    if (new TextDecoder().decode(bytes).includes(RELEASE.format)) {
      gateway.release(null);
      log.info("the keys are erased: another resident can pair, with the code of --pair");
    } else {
      gateway.remove(parseNotice(bytes, { kind: "removal", name: "the order" }));
      log.info("removed: the keys stay until the wallet confirms its bills, or for 30 days");
    }
  } catch (error) {
    if (!(error instanceof SipsterError)) throw error;
    log.warn(`the order is refused: ${error.message} (${error.code})`);
  }
}
