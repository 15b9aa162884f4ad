/** `sipster wallet bill` and `settle`: the bill file of a month, and who settles and posts for the wallet. */
import { readFileSync } from "node:fs";
import type { TransactionSender } from "../../chain/index.js";
import { parseBillFile } from "../../sipster/index.js";
import { openSender, type PayOptions } from "../chain-options.js";
import { cliErrors } from "../errors.js";
import { billFile, billsOfMonth } from "./bill.js";
import { orderBoard } from "./board.js";
import { show, type Options, type WalletWork } from "./session.js";
import { ownSettler, relaySettler, settlementOf, type Settler } from "./settler.js";

type OfMonth<O> = WalletWork<O> & { readonly period: number };

export interface SettleOptions extends Options, PayOptions {
  readonly relayer?: string;
  readonly deployments: string;
  readonly override?: true;
}

/** Who acts on the chain for a wallet. */
export interface Ways {
  /** `null`: bills are written to files. */
  readonly settler: Settler | null;
  /** Posts orders that get no answer; `null`: none is posted. */
  readonly poster: TransactionSender | null;
}

/** The relayer settles if one is named, else the account; the account posts orders. */
export async function waysOf({
  wallet: { config, curve },
  provider,
  options: o,
  io,
}: WalletWork<SettleOptions>): Promise<Ways> {
  const { deployment, rpc } = config;
  const own = [o.keyFile, o.keystore, o.account, process.env.SIPSTER_PRIVATE_KEY];
  const poster = own.every((way) => way === undefined)
    ? null
    : await openSender({ provider, deployment, options: { ...o, rpc }, io });
  if (o.relayer !== undefined) return { settler: relaySettler(o.relayer), poster };
  return { settler: poster && ownSettler(poster, deployment, curve), poster };
}

/** Writes the bill files of a month, one for each meter that it was billed by. @returns their names */
export async function writeBills({
  wallet,
  provider,
  period,
  options: o,
  io,
}: OfMonth<Options & { override?: true }>): Promise<readonly string[]> {
  const { deployment } = wallet.config;
  const open = orderBoard({ provider, deployment, terms: wallet.pinned.terms }, null);
  const board = o.override === true ? null : open;
  const files: string[] = [];
  for (const bill of await billsOfMonth(wallet, period)) {
    const file = await billFile({ wallet, bill: async () => bill, period, board });
    if (file !== null) files.push(file);
  }
  if (o.json === true) show(io, "bill", { period, files, waits: files.length === 0 });
  else if (files.length === 0)
    io.out(`The bill of ${period} waits: \`sipster wallet status\` shows for what.`);
  else files.forEach((file) => io.out(file));
  return files;
}

export async function settleMonth({
  wallet,
  provider,
  period,
  options: o,
  io,
}: OfMonth<SettleOptions>): Promise<void> {
  const { settler } = await waysOf({ wallet, provider, options: o, io });
  if (settler === null) {
    const what = "nobody is named who pays for the transaction";
    throw cliErrors.error("bad-option", what, { option: "--relayer" });
  }
  const options = { ...o, json: undefined };
  const bills = [];
  for (const file of await writeBills({ wallet, provider, period, options, io })) {
    const text = readFileSync(file, "utf8");
    await settler.settle(text);
    const { meter } = parseBillFile(wallet.curve, text);
    const { config, pinned } = wallet;
    const { deployment } = config;
    const tx = await settlementOf({ provider, deployment, terms: pinned.terms, meter, period });
    bills.push({ meter, file, tx });
    if (o.json !== true) io.out(tx === null ? "handed in; not final yet" : `settled by ${tx}`);
  }
  if (o.json === true) show(io, "settle", { period, bills });
}
