/** `sipster deploy`: the contracts of a system, and the record of them. */
import { existsSync } from "node:fs";
import { hexlify, isAddress } from "ethers";
import { InvalidArgumentError } from "commander";
import {
  checkContracts,
  genesisHash,
  ROLES,
  systemOf,
  type Deployment,
  type Role,
  type RpcProvider,
} from "../chain/index.js";
import {
  deploySipster,
  ignitionFolder,
  openSigner,
  PERIOD_DEFAULTS,
  readDeployment,
  recordFile,
  saveDeployment,
} from "../chain/node/index.js";
import {
  nodeOptions,
  payOptions,
  WHO_PAYS,
  withNode,
  type NodeOptions,
  type PayOptions,
} from "./chain-options.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { table } from "./table.js";

interface Options extends NodeOptions, PayOptions {
  readonly role?: Partial<Record<Role, string>>;
  readonly noticeSigner?: string;
  readonly lead?: number;
  readonly acknowledgePeriod?: number;
  readonly disputePeriod?: number;
  readonly token?: string;
  readonly confirmations?: number;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster deploy --rpc http://127.0.0.1:8545 --account 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
  sipster deploy --rpc https://node.example --key-file deployer.key --notice-signer 0x… \\
    --role admin=0x… --role treasurer=0x… --token 0x…
`;

export const registerDeploy: RegisterCommand = (sub, io) => {
  const command = nodeOptions(
    sub
      .addHelpText("before", EXAMPLES)
      .addHelpText("after", `${WHO_PAYS}\nRoles: ${ROLES.join(", ")}.`),
  );
  payOptions(command)
    .option("--role <name=address>", "holder of a role; who deploys where absent", role)
    .option(
      "--notice-signer <address>",
      "of the key that signs the notices of key epochs, for good; who deploys where absent",
      address,
    )
    .option(
      "--lead <months>",
      "from announcing a key or terms to their first period; 0: for development",
      wholeNumber(0),
      PERIOD_DEFAULTS.lead,
    )
    .option(
      "--acknowledge-period <seconds>",
      "for the mint to acknowledge a deposit",
      wholeNumber(0),
      PERIOD_DEFAULTS.acknowledgePeriod,
    )
    .option(
      "--dispute-period <seconds>",
      "for everyone to dispute the mint's signatures",
      wholeNumber(0),
      PERIOD_DEFAULTS.disputePeriod,
    )
    .option("--token <address>", "ERC-20 token of the deposits; a test token where absent", address)
    .option("--confirmations <blocks>", "to wait for on top of each transaction", wholeNumber(1))
    .option("--json", "one JSON document, format sipster/deploy@1")
    .action(async (options: Options) => {
      await withNode(options.rpc, (provider) => run(provider, options, io));
    });
};

async function run(provider: RpcProvider, options: Options, io: Io): Promise<void> {
  const { chainId } = await provider.getNetwork();
  const chain = { chainId, genesisHash: await genesisHash(provider) };
  const file = recordFile(options.deployments, chainId);
  const journal = ignitionFolder(options.deployments, chain);
  const before = existsSync(file) ? await readDeployment(file) : null;
  if (before !== null && before.genesisHash !== chain.genesisHash) {
    io.err(`chain ${chainId} was restarted: the record of the earlier one is kept`);
  }
  if (before?.genesisHash === chain.genesisHash && !existsSync(journal)) {
    // Deployed from elsewhere, and the record copied here: without a journal, all there is to do is
    // to see that it is true.
    await checkContracts(provider, before);
    show({ status: "already-deployed", deployment: before, file, options, io });
    return;
  }
  const signer = await openSigner(provider, options, { onWarning: (text) => io.err(text) });
  const deployment = await deploySipster(signer, {
    ...(options.role === undefined ? {} : { roles: options.role }),
    journal,
    onProgress: (text) => io.err(text),
    ...pick(options, "noticeSigner", "lead", "acknowledgePeriod", "disputePeriod"),
    ...pick(options, "token", "confirmations"),
  });
  const isNew = before?.contracts.settlement.address !== deployment.contracts.settlement.address;
  await saveDeployment(options.deployments, deployment);
  show({ status: isNew ? "deployed" : "already-deployed", deployment, file, options, io });
}

function show({
  status,
  deployment,
  file,
  options,
  io,
}: {
  readonly status: "deployed" | "already-deployed";
  readonly deployment: Deployment;
  readonly file: string;
  readonly options: Options;
  readonly io: Io;
}): void {
  const systemId = hexlify(systemOf(deployment).systemId);
  if (options.json === true) {
    io.json({ format: "sipster/deploy@1", status, file, systemId, ...deployment });
    return;
  }
  const { contracts, roles, noticeSigner, lead } = deployment;
  io.out(
    status === "deployed"
      ? `Deployed to chain ${deployment.chainId}, block ${deployment.block}.`
      : `Already deployed to chain ${deployment.chainId}, block ${deployment.block}: nothing was sent.`,
  );
  io.out("");
  io.out(
    table(
      [{ head: "contract" }, { head: "address", long: "middle" }],
      Object.entries(contracts).map(([name, { address }]) => [name, address]),
      io.tableWidth,
    ),
  );
  io.out("");
  const holders = [...Object.entries(roles), ["notice signer", noticeSigner]];
  io.out(table([{ head: "role" }, { head: "holder", long: "middle" }], holders, io.tableWidth));
  io.out(`\nsystem id  ${systemId}\nrecord     ${file}`);
  if (lead === 0) {
    io.err("a lead of 0 is for development: keys and terms can change without notice");
  } else if (noticeSigner === roles.keyRegistrar) {
    io.err("one key registers keys and signs their notices: on a public chain, use two");
  }
  io.err(`next: sipster audit --rpc ${options.rpc}`);
}

function role(
  text: string,
  before: Partial<Record<Role, string>> = {},
): Partial<Record<Role, string>> {
  const [, name, holder] = /^([A-Za-z]+)=(.*)$/.exec(text) ?? [];
  if (!ROLES.includes(name as Role)) {
    throw new InvalidArgumentError(`It must be NAME=ADDRESS with one of ${ROLES.join(", ")}.`);
  }
  return { ...before, [name as Role]: address(holder!) };
}

function address(text: string): string {
  if (isAddress(text)) return text;
  throw new InvalidArgumentError("It must be an address: 0x and 40 hexadecimal digits.");
}

/** The properties that are there. */
function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): { [P in K]: T[P] } {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  ) as { [P in K]: T[P] };
}
