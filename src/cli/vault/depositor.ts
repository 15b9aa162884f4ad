/** The depositor's commands: deposit, claim, dispute, refund, withdraw. */
import { readFile, writeFile } from "node:fs/promises";
import { createMclBn254 } from "../../algebra/index.js";
import { DepositTree, type Cost } from "../../chain/index.js";
import {
  depositFor,
  insufficientCredit,
  publishedAnswer,
  type PublishedAnswer,
  readWithdrawal,
  writeMintAnswer,
  type WithdrawalFile,
} from "../../funding/index.js";
import { UtilityClient } from "../../service/index.js";
import { ExitCode } from "../../errors/sipster-error.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { showCosts, withVault, type Session, type VaultOptions } from "./session.js";

/** @throws cli/unreadable-file, funding/bad-file, ecash/bad-request */
async function readWithdrawalFile(file: string): Promise<WithdrawalFile> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw cliErrors.errorFrom({
      key: "unreadable-file",
      message: `${file} cannot be read`,
      details: { file },
      cause: error,
    });
  });
  return readWithdrawal(text, file);
}

export interface DepositOptions extends VaultOptions {
  readonly baseUnits: bigint;
}

export async function depositCommand(file: string, options: DepositOptions, io: Io): Promise<void> {
  const { mintKeyId, messages, tree, units } = await readWithdrawalFile(file);
  await withVault(options, io, async ({ calls: open, reader }) => {
    const calls = await open();
    const amount = units * options.baseUnits;
    const balance = await reader.balanceOf(calls.account);
    if (balance < amount) throw insufficientCredit(calls.account, balance, amount);
    const costs: [string, Cost][] = [];
    if ((await calls.allowance()) < amount) costs.push(["approve", await calls.approve(amount)]);
    const count = messages.length;
    const { id, depositHash, cost } = await calls.deposit({
      amount,
      mintKeyId,
      count,
      messages: tree,
    });
    costs.push(["deposit", cost]);
    showCosts({ command: "deposit", costs, options, io, more: { id, depositHash, amount } });
    if (options.json !== true) io.out(`deposit ${id} of ${amount} base units, ${depositHash}`);
  });
}

/** What a command about a deposit works with: its withdrawal file, its number, options and output. */
interface DepositWork<O> {
  readonly file: string;
  readonly id: bigint;
  readonly options: O;
  readonly io: Io;
}

/** … of a command whose answer may be no. */
interface AnsweringWork<O> extends DepositWork<O> {
  readonly done: (code: ExitCode) => void;
}

export interface SubmitOptions extends VaultOptions {
  readonly utility: string;
}

/** Hands the request in at the mint's service, which signs what the deposit has paid for. */
export async function submitCommand({
  file,
  id,
  options,
  io,
}: DepositWork<SubmitOptions>): Promise<void> {
  const withdrawal = await readWithdrawalFile(file);
  await withVault(options, io, async (session) => {
    await depositFor(session.reader, withdrawal, id);
    const client = new UtilityClient(options.utility);
    await client.call("submitDeposit", { id: `${id}` }, withdrawal.request);
    showCosts({ command: "submit", costs: [], options, io, more: { id } });
    if (options.json !== true) io.out(`the mint has the request of deposit ${id}`);
  });
}

export interface ClaimOptions extends VaultOptions {
  readonly out?: string;
}

/** Checks what the mint published, and writes the answer that a wallet makes coins of. */
export async function claimCommand({
  file,
  id,
  options,
  io,
  done,
}: AnsweringWork<ClaimOptions>): Promise<void> {
  const withdrawal = await readWithdrawalFile(file);
  await withVault(options, io, async (session) => {
    const write = async (answer: Uint8Array | null): Promise<void> => {
      if (options.out === undefined) return;
      await writeFile(options.out, writeMintAnswer(answer), { mode: 0o600 });
    };
    const { status } = await depositFor(session.reader, withdrawal, id);
    if (status === "refunded") {
      await write(null);
      if (options.json === true) io.json({ format: "sipster/vault-claim@1", id, status });
      else io.out(`deposit ${id} was given back: there are no coins; run  sipster vault withdraw`);
      done(ExitCode.No);
      return;
    }
    const { answer, wrong } = await published(session, withdrawal, id);
    if (wrong.length === 0) await write(answer);
    if (options.json === true) io.json({ format: "sipster/vault-claim@1", id, status, wrong });
    else if (wrong.length === 0) io.out(`all ${withdrawal.messages.length} signatures are right`);
    else io.out(`wrong: signature ${wrong.join(", ")}; run  sipster vault dispute ${file} ${id}`);
    if (wrong.length > 0) done(ExitCode.No);
  });
}

export async function disputeCommand({
  file,
  id,
  options,
  io,
  done,
}: AnsweringWork<VaultOptions>): Promise<void> {
  const withdrawal = await readWithdrawalFile(file);
  await withVault(options, io, async (session) => {
    const { answer, wrong } = await published(session, withdrawal, id);
    const [index] = wrong;
    if (index === undefined) {
      showCosts({ command: "dispute", costs: [], options, io, more: { id, wrong } });
      io.err("every signature is right: there is nothing to dispute");
      done(ExitCode.No);
      return;
    }
    const calls = await session.calls();
    const trees = { messages: withdrawal.tree, signatures: DepositTree.ofSignatures(answer) };
    const { messages } = withdrawal;
    const cost = await calls.dispute({ id, index, messages, signatures: answer, trees });
    showCosts({ command: "dispute", costs: [["dispute", cost]], options, io, more: { id, wrong } });
    io.err("the deposit is due to its depositor: sipster vault withdraw");
  });
}

export async function refundCommand(id: bigint, options: VaultOptions, io: Io): Promise<void> {
  await withVault(options, io, async ({ calls }) => {
    showCosts({
      command: "refund",
      costs: [["refund", await (await calls()).refund(id)]],
      options,
      io,
      more: { id },
    });
    io.err("the deposit is due to its depositor: sipster vault withdraw");
  });
}

export interface ToOptions extends VaultOptions {
  readonly to?: string;
}

export async function withdrawCommand(options: ToOptions, io: Io): Promise<void> {
  await withVault(options, io, async ({ calls: open, reader }) => {
    const calls = await open();
    const amount = await reader.dueTo(calls.account);
    const cost = await calls.withdraw(options.to ?? calls.account);
    showCosts({ command: "withdraw", costs: [["withdraw", cost]], options, io, more: { amount } });
    if (options.json !== true) io.out(`withdrawn ${amount} base units`);
  });
}

/** What the mint published for a deposit of these messages, and which of it is wrong. */
async function published(
  { reader, provider }: Session,
  withdrawal: WithdrawalFile,
  id: bigint,
): Promise<PublishedAnswer & { readonly answer: Uint8Array }> {
  const toBlock = await provider.getBlockNumber();
  const curve = await createMclBn254();
  const found = await publishedAnswer({ reader, curve, toBlock }, withdrawal, id);
  const { answer, deposit } = found;
  if (answer !== null) return { ...found, answer };
  throw cliErrors.error("not-acknowledged", `deposit ${id} is ${deposit.status}`, { id });
}
