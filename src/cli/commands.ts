/**
 * Every command of `sipster`, in the order in which the help lists them. A command's module is loaded
 * when it is wanted: most need a small part of what all need.
 */
import type { CommandEntry } from "./command.js";

export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    description: "Run the whole system once, from readings to settled and audited bills.",
    load: async () => (await import("./demo.js")).registerDemo,
  },
  {
    name: "readings",
    description: "What files of readings contain, and what bills they make.",
    load: async () => (await import("./readings.js")).registerReadings,
  },
  {
    name: "deploy",
    description: "Deploy a system: settlement, vault and token; write its record.",
    load: async () => (await import("./deploy.js")).registerDeploy,
  },
  {
    name: "settle",
    description: "Submit signed bills with their combined receipts.",
    load: async () => (await import("./settle.js")).registerSettle,
  },
  {
    name: "audit",
    description: "Verify every settlement again from the chain; list who has not settled.",
    load: async () => (await import("./audit.js")).registerAudit,
  },
  {
    name: "admin",
    description: "Roles, pauses, meters, public parameters, and the history of who governed.",
    load: async () => (await import("./admin.js")).registerAdmin,
  },
  {
    name: "vault",
    description: "Deposits for coins: deposit, claim, dispute, refund, withdraw, decline, collect.",
    load: async () => (await import("./vault.js")).registerVault,
  },
  {
    name: "web",
    description: "Serve the pages: settle bills from a wallet, audit settlements in a browser.",
    load: async () => (await import("./web.js")).registerWeb,
  },
  {
    name: "relay",
    description: "Settle the bills of others in batches, and pay the gas.",
    load: async () => (await import("./relay.js")).registerRelay,
  },
  {
    name: "relay-ohttp",
    description:
      "Pass wallets' requests on by Oblivious HTTP, so that the utility sees no addresses.",
    load: async () => (await import("./relay-ohttp.js")).registerRelayOhttp,
  },
  {
    name: "utility",
    description: "The utility's program: keys, terms, counter and mint.",
    load: async () => (await import("./utility.js")).registerUtility,
  },
  {
    name: "wallet",
    description: "The resident's wallet: pay the meter's tokens on time, settle the bills.",
    load: async () => (await import("./wallet.js")).registerWallet,
  },
  {
    name: "explorer",
    description: "Let the block explorer Otterscan show the chain of a development node.",
    load: async () => (await import("./explorer.js")).registerExplorer,
  },
  {
    name: "publish",
    description: "Write the contracts' sources and documentation for explorers and wallets.",
    load: async () => (await import("./publish.js")).registerPublish,
  },
  {
    name: "meter",
    description: "A meter: prepare it, run it beside its source, see what it shows.",
    load: async () => (await import("./meter.js")).registerMeter,
  },
  {
    name: "town",
    description: "Every role a process on this machine, for a month that passes fast.",
    load: async () => (await import("./town.js")).registerTown(commands),
  },
  {
    name: "aggregate",
    description: "A neighbourhood's load, interval by interval, without any home's.",
    load: async () => (await import("./aggregate.js")).registerAggregate,
  },
  {
    name: "sealed",
    description: "Bills computed on encrypted readings, with abnormal ones filtered.",
    load: async () => (await import("./sealed.js")).registerSealed,
  },
  {
    name: "ledger",
    description: "A public consumption ledger with dynamic prices that everybody recomputes.",
    load: async () => (await import("./ledger.js")).registerLedger,
  },
  {
    name: "attack",
    description: "Measure what the utility, the relay and outsiders can learn, policy by policy.",
    load: async () => (await import("./attack.js")).registerAttack,
  },
  {
    name: "explain",
    description: "What an error means and what to do about it.",
    load: async () => (await import("./explain.js")).registerExplain,
  },
  {
    name: "completion",
    description: "A script that completes commands and options in bash, zsh or fish.",
    load: async () => (await import("./completion.js")).registerCompletion(commands),
  },
];
