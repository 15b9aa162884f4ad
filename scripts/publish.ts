/**
 * `npm run publish:contracts`: writes what explorers and wallets of others read to published/; see
 * lib/publish/publish.ts. With `-- --rpc URL` also for a deployment, whose code is compared first.
 */
import { Command, InvalidArgumentError } from "commander";
import { connectRpc, type ContractName } from "../src/chain/index.js";
import { openDeployment } from "../src/cli/chain-options.js";
import { SOURCES } from "../src/chain/node/bytecode/verify-bytecode.js";
import { isSipsterError } from "../src/errors/sipster-error.js";
import { builtContract, type BuiltContract } from "./lib/publish/built-contract.js";
import { publishedAt, publishedOfRecord } from "./lib/publish/deployed-contract.js";
import { publishDescriptor, publishInterfaces, publishMatch } from "./lib/publish/publish.js";

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
}

const ofSystem = new Map<ContractName, BuiltContract>(
  Object.entries(SOURCES).map(([contract, { file, name }]) => [
    contract as ContractName,
    builtContract(file, name),
  ]),
);
const others = new Map<Other, BuiltContract>(
  Object.entries(OTHERS).map(([name, file]) => [name as Other, builtContract(file, name)]),
);

function other(text: string, before: Options["also"]): Options["also"] {
  const [, name, address] = /^(\w+)=(0x[0-9a-fA-F]{40})$/.exec(text) ?? [];
  if (name !== undefined && address !== undefined && Object.hasOwn(OTHERS, name)) {
    return [...before, [name as Other, address]];
  }
  throw new InvalidArgumentError(
    `It must be NAME=ADDRESS with one of ${Object.keys(OTHERS).join(", ")}.`,
  );
}

async function run({ out, rpc, also, owner, ...record }: Options): Promise<string[]> {
  const files = publishInterfaces(out, [...ofSystem.values(), ...others.values()]);
  if (rpc === undefined) return [...files, publishDescriptor(out, [], owner)];
  const provider = await connectRpc(rpc);
  try {
    const { chainId, contracts } = await openDeployment(provider, { rpc, ...record });
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
  } finally {
    provider.destroy();
  }
}

await new Command("publish:contracts")
  .description("Write ABIs, documentation, Sourcify metadata and the clear-signing descriptor.")
  .option("--out <folder>", "where to write", "published")
  .option("--rpc <url>", "node of the deployment's chain; without it, what needs no deployment")
  .option("--deployments <folder>", "where records of deployments are kept", "deployments")
  .option("--deployment <file>", "the record (default: <chain id>.json in that folder)")
  .option("--also <name=address>", "a contract of the consumption ledger", other, [])
  .option("--owner <name>", "whose contract it is, as a wallet shows it")
  .action(async (options: Options) => {
    try {
      const files = await run(options);
      console.log(`${files.length} files in ${options.out}`);
    } catch (error) {
      console.error((error as Error).message);
      if (isSipsterError(error)) console.error(`${error.consequence}\n${error.cure}`);
      process.exitCode = 1;
    }
  })
  .parseAsync();
