import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const chainErrors = defineErrors("chain", {
  "local-chain-failed": {
    consequence: "There is no chain to work with; nothing was deployed or sent.",
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
    consequence: "It is not known which contracts to work with; nothing was sent.",
    cure: "Restore the file from a copy, or deploy again to the same chain: an unchanged deployment is found and recorded anew.",
  },
  "wrong-chain": {
    consequence: "Bills are bound to one chain; nothing was sent.",
    cure: "Pass the address of a node of the right chain, or the record of the deployment on this one.",
  },
  "chain-restarted": {
    consequence:
      "The chain the deployment was on is gone: a development chain that was started anew. Bills made for it are worthless.",
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
    cure: "Run the same command again: it goes on where it stopped. If it stops at the same place, name another folder for the records to begin anew.",
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
});
