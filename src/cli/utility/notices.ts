/**
 * `sipster utility remove-meter`, `next-tariff` and `meter-time`: notices to meters, signed by the notice key and
 * written to a file. The wallet, or a person at the meter, brings them.
 */
import type { Command } from "commander";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { DeploymentClock, systemOf, type Deployment, type RpcProvider } from "../../chain/index.js";
import {
  parseAddress,
  signMeterNotice,
  type MeterAnnouncement,
  type SystemTerms,
} from "../../sipster/index.js";
import { replaceFile } from "../../store/index.js";
import { readTariff, tariffHash } from "../../tariff/index.js";
import { systemClock } from "../../time/system-clock.js";
import { cliErrors } from "../errors.js";
import { toJson, type Io } from "../io.js";
import { noticeDocument } from "../notice-file.js";
import { month } from "../option-values.js";
import type { UtilityFolder } from "./folder.js";
import { open, withChain, type ChainOptions } from "./session.js";

interface NoticeOptions extends ChainOptions {
  readonly out: string;
}

type Make = (name: string, says: string) => Command;

/** What a command says to a meter, given what the folder and the chain have. */
type Announce = (
  folder: UtilityFolder,
  chain: { readonly provider: RpcProvider; readonly deployment: Deployment },
) => MeterAnnouncement | Promise<MeterAnnouncement>;

/** @param onChain makes a subcommand with the options for a chain */
export function noticeCommands(onChain: Make, io: Io): void {
  const notice = (name: string, says: string): Command =>
    onChain(name, says).option("--out <file>", "where the notice is written", "notice.json");
  notice("remove-meter", "Sign that a meter ends its resident's service.")
    .argument("<address>", "of the meter", parseAddress)
    .action((meter: ReturnType<typeof parseAddress>, o: NoticeOptions) =>
      sign(o, io, () => ({ kind: "removal", meter })),
    );
  notice("next-tariff", "Sign that meters price by another tariff from a month on.")
    .argument("<file>", "the tariff, which announced terms name")
    .requiredOption("--follows <hash>", "of the tariff that it follows", hashOption)
    .requiredOption("--from <month>", "the first month that is priced by it", month)
    .action((file: string, o: NoticeOptions & { follows: Uint8Array; from: number }) =>
      sign(o, io, (folder) => nextTariff(folder, { file, follows: o.follows, from: o.from })),
    );
  notice("meter-time", "Sign the time for a meter that has lost it: it is taken for two minutes.")
    .argument("<nonce>", "of the meter's question, from `sipster wallet ask-time`", hashOption)
    .action((nonce: Uint8Array, o: NoticeOptions) =>
      sign(o, io, async (folder, { provider }) => ({
        kind: "time",
        nonce,
        time: await timeNow(provider, folder.terms.at(-1)),
      })),
    );
}

async function sign(o: NoticeOptions, io: Io, announce: Announce): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (provider, deployment) => {
    const announcement = await announce(folder, { provider, deployment });
    const { noticeKey } = folder.secrets;
    const notice = signMeterNotice(systemOf(deployment), announcement, noticeKey);
    const document = noticeDocument(notice);
    replaceFile(o.out, utf8ToBytes(`${toJson(document)}\n`));
    if (o.json === true) io.json(document);
    else io.out(`${o.out}: notice of ${announcement.kind}`);
  });
}

/** Refuses a tariff that no announced terms name: only one home would have it. */
async function nextTariff(
  folder: UtilityFolder,
  {
    file,
    follows,
    from,
  }: { readonly file: string; readonly follows: Uint8Array; readonly from: number },
): Promise<MeterAnnouncement> {
  const tariff = await readTariff(file);
  const hash = tariffHash(tariff);
  if (!folder.terms.some(({ tariffs }) => tariffs.includes(hash))) {
    const what = `no announced terms name the tariff ${tariff.name}: run \`sipster utility tariff\` first`;
    throw cliErrors.error("bad-option", what, { option: "file" });
  }
  const successor = hexToBytes(hash.slice(2));
  return { kind: "tariff", tariff: follows, successor, firstPeriod: from };
}

/** Milliseconds: of this machine; of the chain in a development deployment, whose clock is another. */
async function timeNow(provider: RpcProvider, terms: SystemTerms | undefined): Promise<number> {
  if (terms?.lead !== 0) return systemClock();
  return 1000 * (await new DeploymentClock(provider, terms).read());
}

function hashOption(text: string): Uint8Array {
  if (/^0x[0-9a-f]{64}$/.test(text)) return hexToBytes(text.slice(2));
  throw cliErrors.error("bad-option", `"${text}" is not 0x and 64 hexadecimal digits`, {
    option: "hash",
  });
}
