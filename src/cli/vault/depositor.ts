/** The depositor's commands: deposit, claim, dispute, refund, withdraw. */
import { writeFile } from "node:fs/promises";
import { hexlify } from "ethers";
import { DepositTree, type Cost, type VaultDeposit } from "../../chain/index.js";
import { wrongSignatures } from "../../ecash/index.js";
import { ExitCode } from "../../errors/sipster-error.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { mintKeysOf, showCosts, withVault, type Session, type VaultOptions } from "./session.js";
import { readWithdrawalFile, type WithdrawalFile } from "./withdrawal-file.js";

export interface DepositOptions extends VaultOptions {
  readonly baseUnits: bigint;
}

export async function depositCommand(file: string, options: DepositOptions, io: Io): Promise<void> {
  const { mintKeyId, messages, tree, units } = await readWithdrawalFile(file);
  await withVault(options, io, async ({ calls: open }) => {
    const calls = await open();
    const amount = units * options.baseUnits;
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
    showCosts("deposit", costs, options, io, { id, depositHash, amount });
    if (options.json !== true) io.out(`deposit ${id} of ${amount} base units, ${depositHash}`);
  });
}

export interface ClaimOptions extends VaultOptions {
  readonly out?: string;
}

/** Checks what the mint published, and writes the answer that a wallet makes coins of. */
export async function claimCommand(
  [file, id]: readonly [string, bigint],
  options: ClaimOptions,
  io: Io,
  done: (code: ExitCode) => void,
): Promise<void> {
  const withdrawal = await readWithdrawalFile(file);
  await withVault(options, io, async (session) => {
    const { answer, wrong } = await published(session, withdrawal, id);
    if (wrong.length === 0 && options.out !== undefined) {
      const answered = { format: "sipster/mint-answer@1", answer: hexlify(answer) };
      await writeFile(options.out, `${JSON.stringify(answered, null, 2)}\n`, { mode: 0o600 });
    }
    if (options.json === true) io.json({ format: "sipster/vault-claim@1", id, wrong });
    else if (wrong.length === 0) io.out(`all ${withdrawal.messages.length} signatures are right`);
    else io.out(`wrong: signature ${wrong.join(", ")}; run  sipster vault dispute ${file} ${id}`);
    if (wrong.length > 0) done(ExitCode.No);
  });
}

export async function disputeCommand(
  [file, id]: readonly [string, bigint],
  options: VaultOptions,
  io: Io,
  done: (code: ExitCode) => void,
): Promise<void> {
  const withdrawal = await readWithdrawalFile(file);
  await withVault(options, io, async (session) => {
    const { answer, wrong } = await published(session, withdrawal, id);
    const [index] = wrong;
    if (index === undefined) {
      showCosts("dispute", [], options, io, { id, wrong });
      io.err("every signature is right: there is nothing to dispute");
      done(ExitCode.No);
      return;
    }
    const calls = await session.calls();
    const trees = { messages: withdrawal.tree, signatures: DepositTree.ofSignatures(answer) };
    const { messages } = withdrawal;
    const cost = await calls.dispute({ id, index, messages, signatures: answer, trees });
    showCosts("dispute", [["dispute", cost]], options, io, { id, wrong });
    io.err("the deposit is due to its depositor: sipster vault withdraw");
  });
}

export async function refundCommand(id: bigint, options: VaultOptions, io: Io): Promise<void> {
  await withVault(options, io, async ({ calls }) => {
    showCosts("refund", [["refund", await (await calls()).refund(id)]], options, io, { id });
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
    showCosts("withdraw", [["withdraw", cost]], options, io, { amount });
  });
}

/** What the mint published for a deposit of these messages, and which of it is wrong. */
async function published(
  session: Session,
  { request, tree, mintKeyId }: WithdrawalFile,
  id: bigint,
): Promise<{ deposit: VaultDeposit; answer: Uint8Array; wrong: readonly number[] }> {
  const { reader, provider } = session;
  const deposit = await reader.deposit(id);
  if (deposit.messagesRoot !== hexlify(tree.root)) {
    throw cliErrors.error("other-deposit", `deposit ${id} is for other messages than the file's`, {
      id,
    });
  }
  const answer = await reader.signatures(deposit, await provider.getBlockNumber());
  if (answer === null) {
    throw cliErrors.error("not-acknowledged", `deposit ${id} is ${deposit.status}`, { id });
  }
  const { curve, keys } = await mintKeysOf(session, mintKeyId);
  return { deposit, answer, wrong: wrongSignatures(curve, keys, request, answer) };
}
