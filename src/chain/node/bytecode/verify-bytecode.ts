/**
 * Is the code of the deployed contracts this source? The source is compiled again, here and now, and
 * compared with what is at the addresses and with what created it.
 */
import type { Provider } from "ethers";
import { readCreation } from "../../audit/creation.js";
import { CONTRACT_NAMES, type ContractName, type Deployment } from "../../deploy/deployment.js";
import type { BytecodeComparison } from "./comparison.js";
import { COMPILER_VERSION } from "./compiler-settings.js";
import { readSources } from "./source-files.js";

/** Which source each contract of a deployment is from. */
export const SOURCES: Readonly<Record<ContractName, { file: string; name: string }>> = {
  settlement: { file: "contracts/BillSettlement.sol", name: "BillSettlement" },
  vault: { file: "contracts/CreditVault.sol", name: "CreditVault" },
  token: { file: "contracts/mocks/TestToken.sol", name: "TestToken" },
  orderBoard: { file: "contracts/OrderBoard.sol", name: "OrderBoard" },
};

export interface VerifyBytecodeOptions {
  /** Folder of the source: contracts/ is in it. That of this package where absent. */
  readonly root?: string;
  /** Block to look at the code in; the newest where absent. */
  readonly block?: number;
  /** Told what happens, a sentence each. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Compares every contract of the deployment that it created; a token that was there before is
 * nobody's claim to be this source. Takes about 15 seconds, nearly all for compiling.
 * @throws chain/no-sources, chain/not-compiled
 */
export async function verifyBytecode(
  provider: Provider,
  { chainId, contracts }: Deployment,
  { root, block, onProgress = () => undefined }: VerifyBytecodeOptions = {},
): Promise<BytecodeComparison[]> {
  const blockTag = block ?? (await provider.getBlockNumber());
  const found: BytecodeComparison[] = [];
  for (const contract of CONTRACT_NAMES) {
    const { address, transaction } = contracts[contract];
    if (contract === "token" && transaction === undefined) continue;
    const source = SOURCES[contract];
    const creation = await readCreation(provider, contracts[contract], blockTag);
    const which = { contract, address, source: `${source.file}:${source.name}` };
    if (creation.code === "0x") {
      found.push({ ...which, ...NO_CODE, problems: [creation.fault!.problem] });
      continue;
    }
    onProgress(`compiling ${source.file} with solc ${COMPILER_VERSION}`);
    const input = await readSources(source.file, root);
    // The library takes a second to load, and most commands compare no code.
    const { compareWithSource } = await import("./compare-with-source.js");
    const compared = await compareWithSource({ input, ...source, chainId, address, creation });
    found.push({ ...which, ...compared });
  }
  return found;
}

const NO_CODE = {
  compiler: null,
  result: "none",
  runtime: null,
  creation: null,
  arguments: [],
  immutables: [],
} as const;
