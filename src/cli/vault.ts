/** `sipster vault …`: deposits for coins, from the depositor's, the mint's and the treasurer's side. */
import type { Command } from "commander";
import { isAddress } from "ethers";
import { InvalidArgumentError } from "commander";
import { nodeOptions, payOptions, recordOption, WHO_PAYS } from "./chain-options.js";
import type { RegisterCommand } from "./command.js";
import {
  claimCommand,
  depositCommand,
  disputeCommand,
  refundCommand,
  submitCommand,
  withdrawCommand,
  type ClaimOptions,
  type DepositOptions,
  type SubmitOptions,
  type ToOptions,
} from "./vault/depositor.js";
import type { VaultOptions } from "./vault/session.js";
import {
  collectCommand,
  declineCommand,
  statusCommand,
  type StatusOptions,
} from "./vault/utility.js";

const EXAMPLES = `Examples:
  sipster vault status --rpc http://127.0.0.1:8545
  sipster vault deposit withdrawal.json --rpc http://127.0.0.1:8545 --key-file home.key
  sipster vault submit withdrawal.json 7 --utility http://127.0.0.1:8650 --rpc http://127.0.0.1:8545
  sipster vault claim withdrawal.json 7 --out answer.json --rpc http://127.0.0.1:8545
  sipster vault dispute withdrawal.json 7 --rpc http://127.0.0.1:8545 --key-file home.key
  sipster vault collect --rpc http://127.0.0.1:8545 --key-file treasurer.key
`;

export const registerVault: RegisterCommand = (sub, io, done) => {
  sub
    .addHelpText("before", EXAMPLES)
    .addHelpText(
      "after",
      `${WHO_PAYS}\nEvery subcommand takes --json: then stdout gets one document.`,
    );
  /** A command below `vault` with the options that all share. */
  const add = (name: string, description: string): Command =>
    recordOption(nodeOptions(payOptions(sub.command(name).description(description)))).option(
      "--json",
      `one JSON document, format sipster/vault-${name.split(" ")[0]}@1`,
    );

  add("status", "Deposits as they stand, all or those named.")
    .argument("[id...]", "numbers of deposits")
    .option("--depositor <address>", "those of one account, and what is due to it", address)
    .action((ids: string[], options: StatusOptions) => statusCommand(ids.map(id), options, io));
  add("deposit", "Deposit for the coins of a withdrawal.")
    .argument("<file>", "the wallet's request, format sipster/withdrawal@1")
    .option("--base-units <n>", "base units of the token for one unit of money", id, 1n)
    .action((file: string, options: DepositOptions) => depositCommand(file, options, io));
  add("submit", "Hand the request of a deposit in at the mint.")
    .argument("<file>", "the wallet's request")
    .argument("<id>", "number of the deposit", id)
    .requiredOption("--utility <url>", "where the mint's service answers")
    .action((file: string, number: bigint, options: SubmitOptions) =>
      submitCommand({ file, id: number, options, io }),
    );
  add(
    "claim",
    "Check the signatures that the mint published; exit 1 if one is wrong, or none comes any more.",
  )
    .argument("<file>", "the wallet's request")
    .argument("<id>", "number of the deposit", id)
    .option("--out <file>", "write the answer for `sipster wallet fund --files`")
    .action((file: string, number: bigint, options: ClaimOptions) =>
      claimCommand({ file, id: number, options, io, done }),
    );
  add("dispute", "Show the vault a wrong signature; the deposit is due again.")
    .argument("<file>", "the wallet's request")
    .argument("<id>", "number of the deposit", id)
    .action((file: string, number: bigint, options: VaultOptions) =>
      disputeCommand({ file, id: number, options, io, done }),
    );
  add("refund", "Make a deposit due that the mint did not answer in time.")
    .argument("<id>", "number of the deposit", id)
    .action((number: bigint, options: VaultOptions) => refundCommand(number, options, io));
  add("withdraw", "Take what is due to the account that pays.")
    .option("--to <address>", "who gets it; the account itself when absent", address)
    .action((options: ToOptions) => withdrawCommand(options, io));
  add("decline", "Give an open deposit back, as the mint.")
    .argument("<id>", "number of the deposit", id)
    .action((number: bigint, options: VaultOptions) => declineCommand(number, options, io));
  add("collect", "Take all deposits that nobody can dispute any more, as the treasurer.")
    .option("--to <address>", "who gets them; the account itself when absent", address)
    .action((options: ToOptions) => collectCommand(options, io));
};

function id(text: string): bigint {
  if (/^[1-9][0-9]{0,30}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

function address(text: string): string {
  if (isAddress(text)) return text;
  throw new InvalidArgumentError("It must be an address: 0x and 40 hexadecimal digits.");
}
