/** `sipster admin`: who governs a deployment, and governing it. What is so already is left out. */
import { readFileSync } from "node:fs";
import { isAddress } from "ethers";
import { InvalidArgumentError, type Command } from "commander";
import {
  announceNetwork,
  announceTerms,
  describeAct,
  grantRole,
  pause,
  readGovernance,
  registerMeters,
  retireMeters,
  revokeRole,
  ROLES,
  unpause,
  type Deployment,
  type GovernanceHistory,
  type Registration,
  type Role,
  type TransactionSender,
} from "../chain/index.js";
import { parseNetwork, parseTerms } from "../sipster/index.js";
import {
  nodeOptions,
  openDeployment,
  openSender,
  payOptions,
  recordOption,
  WHO_PAYS,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "./chain-options.js";
import { month } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { table } from "./table.js";

type Options = RecordOptions &
  PayOptions & { readonly json?: true; readonly after?: number; readonly from?: number };

const EXAMPLES = `Examples:
  sipster admin history --rpc http://127.0.0.1:8545
  sipster admin grant meterRegistrar 0x… --rpc https://node.example --key-file admin.key
  sipster admin retire-meter 0x… --after 2027-01 --rpc https://node.example --key-file registrar.key
`;

/** What a change sends, given its arguments. */
type Change = (call: ChangeCall) => Promise<Registration>;

interface ChangeCall {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly args: readonly string[];
  readonly options: Options;
}

/** Declares a subcommand that reads a deployment. */
type Declare = (name: string, description: string) => Command;
/** Declares a subcommand that changes one. */
type DeclareChange = (name: string, description: string, run: Change) => Command;

export const registerAdmin: RegisterCommand = (command, io) => {
  command
    .addHelpText("before", EXAMPLES)
    .addHelpText(
      "after",
      "\nSubcommands that print results take --json: then stdout gets one document.",
    );
  const sub: Declare = (name, description) =>
    recordOption(nodeOptions(command.command(name).description(description))).option(
      "--json",
      "one JSON document, format sipster/admin@1",
    );
  const change: DeclareChange = (name, description, run) =>
    payOptions(sub(name, description))
      .addHelpText("after", WHO_PAYS)
      .action(async (...given: unknown[]) => {
        const options = given.at(-2) as Options;
        const args = given.slice(0, -2).flat() as string[];
        await send({ io, options, args, run });
      });
  registerHistory(sub, io);
  registerRoles(change);
  registerMeterChanges(change);
  registerAnnouncements(change);
};

function registerHistory(sub: Declare, io: Io): void {
  sub(
    "history",
    "Every grant, pause, key, announcement and retirement; who holds what now.",
  ).action((options: Options) =>
    withNode(options.rpc, async (provider) => {
      const deployment = await openDeployment(provider, options);
      showHistory(await readGovernance(provider, deployment), options, io);
    }),
  );
}

function registerRoles(change: DeclareChange): void {
  change("grant", "Grant a role.", ({ sender, deployment, args: [role, holder] }) =>
    grantRole(sender, deployment, { role: role as Role, holder: holder! }),
  )
    .argument("<role>", ROLES.join(", "), roleName)
    .argument("<address>", "its new holder", address);
  change("revoke", "Revoke a role.", ({ sender, deployment, args: [role, holder] }) =>
    revokeRole(sender, deployment, { role: role as Role, holder: holder! }),
  )
    .argument("<role>", ROLES.join(", "), roleName)
    .argument("<address>", "its holder", address);
  change("pause", "Stop registrations and deposits; settling goes on.", ({ sender, deployment }) =>
    pause(sender, deployment),
  );
  change("unpause", "Allow registrations and deposits again.", ({ sender, deployment }) =>
    unpause(sender, deployment),
  );
}

function registerMeterChanges(change: DeclareChange): void {
  change(
    "register-meters",
    "Register meters by the addresses of their bill keys.",
    ({ sender, deployment, args: meters }) => registerMeters({ sender, deployment, meters }),
  ).argument("<address...>", "of the meters", addresses);
  change(
    "retire-meter",
    "End meters after a period.",
    ({ sender, deployment, args: meters, options: { after } }) =>
      retireMeters({ sender, deployment, meters, lastPeriod: after! }),
  )
    .argument("<address...>", "of the meters", addresses)
    .requiredOption("--after <month>", "last period they may settle, e.g. 2027-01", month);
}

function registerAnnouncements(change: DeclareChange): void {
  change(
    "announce-terms",
    "Announce public terms.",
    ({ sender, deployment, args: [file], options: { from = 0 } }) =>
      announceTerms(sender, deployment, {
        terms: parseTerms(readFileSync(file!)),
        firstPeriod: from,
      }),
  )
    .argument("<file>", "the terms as they are served, format sipster/terms@1")
    .option("--from <month>", "first month they rule; left out for the first terms", month);
  change(
    "announce-network",
    "Announce relays and gateways.",
    ({ sender, deployment, args: [file] }) =>
      announceNetwork(sender, deployment, parseNetwork(readFileSync(file!))),
  ).argument("<file>", "the network parameters as they are served, format sipster/network@1");
}

async function send({
  io,
  options,
  args,
  run,
}: {
  readonly io: Io;
  readonly options: Options;
  readonly args: readonly string[];
  readonly run: Change;
}): Promise<void> {
  await withNode(options.rpc, async (provider) => {
    const deployment = await openDeployment(provider, options);
    const sender = await openSender({ provider, deployment, options, io });
    const { transactions } = await run({ sender, deployment, args, options });
    if (options.json === true) {
      io.json({ format: "sipster/admin@1", transactions });
      return;
    }
    io.out(
      transactions.length === 0
        ? "It is so already: nothing was sent."
        : transactions.map((hash) => `sent and mined: ${hash}`).join("\n"),
    );
  });
}

function showHistory(history: GovernanceHistory, options: Options, io: Io): void {
  if (options.json === true) {
    io.json({ format: "sipster/admin@1", ...history });
    return;
  }
  io.out(
    table(
      [{ head: "block" }, { head: "time" }, { head: "contract" }, { head: "what", long: "wrap" }],
      history.events.map((event) => [
        String(event.block),
        event.time === null ? "unknown" : new Date(Number(event.time) * 1000).toISOString(),
        event.contract,
        describeAct(event),
      ]),
      io.tableWidth,
    ),
  );
  io.out("");
  io.out(
    table(
      [
        { head: "contract" },
        { head: "role" },
        { head: "holder", long: "middle" },
        { head: "since block" },
      ],
      history.holders.map(({ contract, role, holder, since }) => [
        contract,
        role,
        holder,
        String(since.block),
      ]),
      io.tableWidth,
    ),
  );
  for (const [contract, isPaused] of Object.entries(history.paused)) {
    if (isPaused) io.out(`\n${contract}: paused`);
  }
}

function roleName(text: string): Role {
  if (ROLES.includes(text as Role)) return text as Role;
  throw new InvalidArgumentError(`It must be one of ${ROLES.join(", ")}.`);
}

function address(text: string): string {
  if (isAddress(text)) return text;
  throw new InvalidArgumentError("It must be an address: 0x and 40 hexadecimal digits.");
}

function addresses(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, address(text)];
}
