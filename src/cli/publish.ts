/** `sipster publish`: writes what explorers and wallets of others read of the contracts. */
import { InvalidArgumentError } from "commander";
import type { ContractName } from "../chain/index.js";
import {
  builtContract,
  publishDescriptor,
  publishedAt,
  publishedOfRecord,
  publishInterfaces,
  publishMatch,
  SOURCES,
  type BuiltContract,
} from "../chain/node/publish/index.js";
import { openDeployment, recordOption, withNode } from "./chain-options.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";

/** Contracts of the ledger, which no deployment's record names. */
const OTHERS = {
  ConsumptionLedger: "contracts/ConsumptionLedger.sol",
  PiecewiseLinearPrice: "contracts/prices/PiecewiseLinearPrice.sol",
  TimetablePrice: "contracts/prices/TimetablePrice.sol",
} as const;
type Other = keyof typeof OTHERS;

interface Options {
  readonly out: string;
  readonly rpc?: string;
  readonly deployments: string;
  readonly deployment?: string;
  readonly also: readonly (readonly [Other, string])[];
  readonly owner?: string;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster publish
  sipster publish --rpc http://127.0.0.1:8545
  sipster publish --rpc https://node.example --deployment utility.json --owner "Utility of …"
`;

const AFTER = `
Compiles the contracts of this package and writes their interfaces, the documentation of each function,
event and error, and the descriptor by which a wallet shows a settlement before it is signed. With --rpc
also the exact source of each deployed contract, in the layout of a Sourcify repository, after its code
was compared: what \`sipster explorer\` and Sourcify read.`;

export const registerPublish: RegisterCommand = (sub, io) => {
  recordOption(
    sub
      .addHelpText("before", EXAMPLES)
      .addHelpText("after", AFTER)
      .option("--out <folder>", "where to write", "published")
      .option("--rpc <url>", "node of the deployment's chain; without it, what needs no deployment")
      .option("--deployments <folder>", "where records of deployments are kept", "deployments"),
  )
    .option("--also <name=address>", "a contract of the consumption ledger", other, [])
    .option("--owner <name>", "whose contract it is, as a wallet shows it")
    .option("--json", "print the names of the files as JSON")
    .action((options: Options) => run(options, io));
};

function other(text: string, before: Options["also"]): Options["also"] {
  const [, name, address] = /^(\w+)=(0x[0-9a-fA-F]{40})$/.exec(text) ?? [];
  if (name !== undefined && address !== undefined && Object.hasOwn(OTHERS, name)) {
    return [...before, [name as Other, address]];
  }
  throw new InvalidArgumentError(
    `It must be NAME=ADDRESS with one of ${Object.keys(OTHERS).join(", ")}.`,
  );
}

async function run(options: Options, io: Io): Promise<void> {
  const { out, rpc, owner } = options;
  const ofSystem = new Map<ContractName, BuiltContract>();
  for (const [contract, { file, name }] of Object.entries(SOURCES)) {
    ofSystem.set(contract as ContractName, await builtContract(file, name));
  }
  const others = new Map<Other, BuiltContract>();
  for (const [name, file] of Object.entries(OTHERS)) {
    others.set(name as Other, await builtContract(file, name));
  }
  const files = publishInterfaces(out, [...ofSystem.values(), ...others.values()]);
  if (rpc === undefined) files.push(publishDescriptor(out, [], owner));
  else files.push(...(await publishDeployed({ ...options, rpc }, ofSystem, others)));
  if (options.json === true) io.json({ format: "sipster/published@1", folder: out, files });
  else io.out(`${files.length} files in ${out}`);
}

function publishDeployed(
  options: Options & { readonly rpc: string },
  ofSystem: ReadonlyMap<ContractName, BuiltContract>,
  others: ReadonlyMap<Other, BuiltContract>,
): Promise<string[]> {
  const { out, owner, also } = options;
  return withNode(options.rpc, async (provider) => {
    const files: string[] = [];
    const { chainId, contracts } = await openDeployment(provider, options);
    for (const [contract, built] of ofSystem) {
      const deployed = contracts[contract];
      // A token that was there before is not ours to publish.
      if (contract === "token" && deployed.transaction === undefined) continue;
      files.push(
        ...publishMatch(
          out,
          await publishedOfRecord({ provider, chainId, contract: deployed, built }),
        ),
      );
    }
    for (const [name, address] of also) {
      const built = others.get(name)!;
      files.push(...publishMatch(out, await publishedAt({ provider, chainId, address, built })));
    }
    const { address } = contracts.settlement;
    return [...files, publishDescriptor(out, [{ chainId, address }], owner)];
  });
}
