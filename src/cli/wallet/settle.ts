/** `sipster wallet bill` and `settle`: the bill file of a month, and who settles and posts for the wallet. */
import { readFileSync } from "node:fs";
import type { TransactionSender } from "../../chain/index.js";
import { parseBillFile } from "../../sipster/index.js";
import { openSender, type PayOptions } from "../chain-options.js";
import { cliErrors } from "../errors.js";
import { billOf } from "./bill.js";
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

export async function writeBill({
  wallet,
  provider,
  period,
  options: o,
  io,
}: OfMonth<Options & { override?: true }>): Promise<string | null> {
  const { deployment } = wallet.config;
  const board = orderBoard({ provider, deployment, terms: wallet.pinned.terms }, null);
  const meter = await wallet.meter();
  try {
    const file = await billOf({ wallet, meter, period, board: o.override === true ? null : board });
    if (o.json === true) show(io, "bill", { period, file, waits: file === null });
    else if (file === null)
      io.out(`The bill of ${period} waits: \`sipster wallet status\` shows for what.`);
    else io.out(file);
    return file;
  } finally {
    meter.close();
  }
}

export async function settleBill({
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
  const file = await writeBill({
    wallet,
    provider,
    period,
    options: { ...o, json: undefined },
    io,
  });
  if (file === null) return;
  await settler.settle(readFileSync(file, "utf8"));
  const { meter } = parseBillFile(wallet.curve, readFileSync(file, "utf8"));
  const { deployment } = wallet.config;
  const tx = await settlementOf({
    provider,
    deployment,
    terms: wallet.pinned.terms,
    meter,
    period,
  });
  if (o.json === true) show(io, "settle", { period, file, tx });
  else io.out(tx === null ? "handed in; not final yet" : `settled by ${tx}`);
}
