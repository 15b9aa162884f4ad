import { defineErrors } from "../../errors/catalogue.js";
import { ExitCode } from "../../errors/sipster-error.js";

export const chainErrors = defineErrors("chain", {
  "no-deposit-event": {
    consequence: "The money may have been taken without a record that the mint can act on.",
    cure: "Check the vault's address in the deployment record: the contract there is not our vault.",
  },
  "bad-proof": {
    consequence: "Nothing was checked.",
    cure: "Use the file as the page of the settlement saved it.",
  },
  "no-final-block": {
    consequence: "The program does not know which block is final; it sent nothing.",
    cure: "Use a node that knows finalized blocks, or on a development chain a rule of confirmations.",
    exit: ExitCode.Unavailable,
  },
  "local-chain-failed": {
    consequence: "The local chain did not start; nothing was deployed or sent.",
    cure: "Free the port or choose another; if it fails without a port, install the packages again with a Node of version 22.13 or later.",
    exit: ExitCode.Unavailable,
  },
  "bad-url": {
    consequence: "No node was asked.",
    cure: "Pass the address of a JSON-RPC node, such as http://127.0.0.1:8545.",
    exit: ExitCode.Usage,
  },
  unreachable: {
    consequence:
      "The node cannot be asked, so nothing is known of the chain; what was sent before may still be mined.",
    cure: "Check the address and that the node runs, then run the same command again: it goes on where it stopped.",
    exit: ExitCode.Unavailable,
  },
  "no-genesis": {
    consequence: "The chain cannot be told from another with the same number; nothing was sent.",
    cure: "Use a node that serves block 0.",
    exit: ExitCode.Unavailable,
  },
  "bad-deployment": {
    consequence: "The program does not know which contracts to use; it sent nothing.",
    cure: "Restore the file from a copy, or deploy again to the same chain: an unchanged deployment is found and recorded again.",
  },
  "wrong-chain": {
    consequence: "Bills are bound to one chain; nothing was sent.",
    cure: "Pass the address of a node of the right chain, or the record of the deployment on this one.",
  },
  "chain-restarted": {
    consequence:
      "The chain the deployment was on is gone: a development chain that was restarted. Bills made for it are worthless.",
    cure: "Deploy again, and make new bills.",
  },
  "other-contract": {
    consequence: "The addresses in the record lead to other contracts; nothing was sent.",
    cure: "Get the record of the deployment from the utility again; if it is the same, do not use it.",
  },
  "other-version": {
    consequence: "This software does not know how to talk to the contracts; nothing was sent.",
    cure: "Use the version of this software that the deployment was made with.",
  },
  "deployment-differs": {
    consequence:
      "An earlier run deployed, or began to deploy, with other options; nothing was sent.",
    cure: "Repeat the earlier options; or, for a second system on the same chain, name another folder for the records.",
    exit: ExitCode.Usage,
  },
  "deployment-incomplete": {
    consequence: "Some of the contracts may be deployed; the journal knows which.",
    cure: "Run the same command again: it goes on where it stopped. If it stops at the same place, name another folder for the records to begin again.",
    exit: ExitCode.TryAgain,
  },
  "no-provider": {
    consequence: "Nothing was sent.",
    cure: "Connect the signer to a provider first.",
    exit: ExitCode.Usage,
  },
  "transaction-not-found": {
    consequence: "It is not known what an earlier run did; nothing was sent.",
    cure: "Use a node that keeps the transactions and states of the blocks concerned (an archive node if they are old), and run the same command again.",
    exit: ExitCode.Unavailable,
  },
  "bad-journal": {
    consequence:
      "It is not known whether a transaction of an earlier run is still under way; nothing was sent.",
    cure: "Look the transaction up by the hash in the file's name; when it is mined or unknown, delete the file.",
  },
  "insufficient-funds": {
    consequence: "Nothing was sent.",
    cure: "Send ether to the account, or use another one; then run the same command again.",
    exit: ExitCode.TryAgain,
  },
  "no-fees": {
    consequence: "The transaction's fee cannot be set; nothing was sent.",
    cure: "Use another node.",
    exit: ExitCode.Unavailable,
  },
  "too-much-gas": {
    consequence: "No chain with Ethereum's rules would take the transaction; nothing was sent.",
    cure: "Split it into smaller ones.",
  },
  "transaction-pending": {
    consequence: "It may be mined at any time, or never.",
    cure: "Run the same command again later: it waits for this transaction and sends no second one.",
    exit: ExitCode.TryAgain,
  },
  "anchor-not-final": {
    consequence:
      "The head of the log was sent, and no answer left that depends on it: it may still be reorganised away.",
    cure: "Check that the chain makes final blocks, and ask the trustee again: what is anchored is not sent twice.",
  },
  "transaction-replaced": {
    consequence: "The transaction will never be mined.",
    cure: "Run the same command again, and let no other program send from this account meanwhile.",
    exit: ExitCode.TryAgain,
  },
  "transaction-refused": {
    consequence: "The transaction was not sent.",
    cure: "Do what the node's message says, then run the same command again.",
    exit: ExitCode.TryAgain,
  },
  "transaction-reverted": {
    consequence: "It had no effect, and its gas is spent.",
    cure: "Run the same command again: it tries without gas first and says what is wrong.",
    exit: ExitCode.TryAgain,
  },
  "key-epoch-taken": {
    consequence: "Keys are never replaced; nothing was sent.",
    cure: "Give the new key the next free epoch.",
  },
  "key-epoch-out-of-order": {
    consequence: "Epochs are numbered without gaps; nothing was sent.",
    cure: "Give the key the next free epoch, or register the ones before it first.",
  },
  "notice-of-another-key": {
    consequence: "The contract would refuse the key; nothing was sent.",
    cure: "Sign the notice over this very key and its epoch.",
  },
  "bad-keys": {
    consequence: "Which key a period is under is not certain; nothing was taken from the chain.",
    cure: "Ask another node. If it says the same, do not use this deployment: its record or its contract is not what it claims.",
    exit: ExitCode.No,
  },
  "clock-differs": {
    consequence: "A payment at a wrong time shows which wallet sent it; nothing was sent.",
    cure: "Set this machine's clock. If it is right, the node lags behind the chain: use another, or wait.",
    exit: ExitCode.TryAgain,
  },
  "parameters-not-announced": {
    consequence:
      "Parameters that are not on the chain may be one home's alone; they were not used, and nothing was sent.",
    cure: "Fetch the parameters again, from another place. If they still differ from the chain, do not pay, and tell the auditor.",
    exit: ExitCode.No,
  },
  "parameters-of-another-deployment": {
    consequence: "The parameters contradict the contracts; they were not used.",
    cure: "Check the record of the deployment. If it is right, the utility has announced wrong terms: do not pay under them.",
    exit: ExitCode.No,
  },
  "unknown-meter": {
    consequence: "Nothing was sent.",
    cure: "Check the address; a meter is registered by the address that its bills are signed from.",
  },
  "events-refused": {
    consequence: "The chain's events are not known completely, so nothing can be concluded.",
    cure: "Use a node that keeps the events since the deployment.",
    exit: ExitCode.Unavailable,
  },
  "bill-of-another-system": {
    consequence:
      "A bill settles on the chain and contract it was signed for, and nowhere else; nothing was sent.",
    cure: "Pass the node of that chain and the record of that deployment.",
  },
  "chain-reorganised": {
    consequence:
      "The chain dropped blocks while the program read them, so its result would be wrong; it reports none.",
    cure: "Run the audit again, or name an older block to audit up to.",
    exit: ExitCode.TryAgain,
  },
  "no-sources": {
    consequence: "The source cannot be compiled here: nothing was compared or published.",
    cure: "Install the packages solc and @openzeppelin/contracts beside sipster, in the versions it names, or run it in a checkout after `npm ci`. contracts/ is in the package.",
  },
  "not-as-built": {
    consequence:
      "The contract is not published: its source would be shown beside code that is another.",
    cure: "Publish with the version of this program that deployed it, and check the address.",
    exit: ExitCode.No,
  },
  "not-compiled": {
    consequence: "The code was compared with nothing.",
    cure: "If the source was changed, correct it; if not, install the packages again with `npm ci`. Compiling takes about a gigabyte of memory.",
  },
  "no-deployment": {
    consequence: "The program does not know which contracts to use; it sent nothing.",
    cure: "Deploy first (`sipster deploy`), or name the record of the deployment.",
  },
  "no-signer": {
    consequence: "Nothing was sent.",
    cure: "Name one of --key-file, --keystore or --account, or set SIPSTER_PRIVATE_KEY.",
    exit: ExitCode.Usage,
  },
  "several-signers": {
    consequence: "Nothing was sent.",
    cure: "Name only one of --key-file, --keystore and --account.",
    exit: ExitCode.Usage,
  },
  "bad-key": {
    consequence: "Nothing was sent.",
    cure: "Put the private key there as 64 hexadecimal digits, with or without 0x, and nothing else.",
  },
  "bad-keystore": {
    consequence: "Nothing was sent.",
    cure: "Name a keystore file (Web3 Secret Storage) that this user can read.",
  },
  "no-password": {
    consequence: "The keystore stays closed; nothing was sent.",
    cure: "Name a readable file with the password by --password-file, or set SIPSTER_KEYSTORE_PASSWORD.",
    exit: ExitCode.Usage,
  },
  "wrong-password": {
    consequence: "The keystore stays closed; nothing was sent.",
    cure: "Check the password, and that it is the one of this keystore.",
  },
  "unknown-account": {
    consequence: "Nothing was sent.",
    cure: "Name an account that the node holds, or use a key file or a keystore.",
    exit: ExitCode.Usage,
  },
  "node-refused": {
    consequence: "The node did not do what was asked; it is not known whether another one would.",
    cure: "Read the node's message. A pruned node does not know old blocks: use an archive node for them.",
    exit: ExitCode.Unavailable,
  },
});
