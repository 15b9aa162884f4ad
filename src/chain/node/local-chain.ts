/**
 * Local chains for demonstrations, tests and development: Hardhat's EDR, either inside this process
 * or served on loopback as JSON-RPC. They need no network and keep nothing on disk: when the process
 * ends, the chain is gone, and the next one has another genesis block.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { BrowserProvider, JsonRpcProvider, Network, type JsonRpcApiProvider } from "ethers";
import { bytesToInt } from "../../algebra/index.js";
import { chainErrors } from "../errors/errors.js";

/** Anything that answers JSON-RPC requests (EIP-1193). */
export interface Eip1193Provider {
  request(request: { method: string; params?: unknown[] }): Promise<unknown>;
}

export interface LocalChain {
  readonly chainId: number;
  /** For ethers. Its signers (`getSigner(address)`) are the unlocked accounts below. */
  readonly provider: JsonRpcApiProvider;
  /** Addresses of the unlocked accounts, each with 10,000 ether that is worth nothing. */
  readonly accounts: readonly string[];
  /** Ends the chain; what was on it is gone. */
  close(): Promise<void>;
}

export interface InProcessChain extends LocalChain {
  /** The chain itself, for what ethers does not do: `hardhat_mine`, `evm_snapshot`, … */
  readonly eip1193: Eip1193Provider;
}

export interface ServedChain extends LocalChain {
  /** Where it answers, e.g. `http://127.0.0.1:8545`. */
  readonly url: string;
}

export interface LocalChainOptions {
  /** 31337 when absent, as every development chain has it. */
  readonly chainId?: number;
  /** Number of unlocked accounts; 20 when absent. They are those of the well-known test phrase. */
  readonly accounts?: number;
  /**
   * Mine each transaction when it comes (the default), or only on request (`evm_mine`): for tests of
   * what happens in between.
   */
  readonly mining?: "automatic" | "manual";
}

const packageRoot = resolve(import.meta.dirname, "../../..");

async function networks({ chainId = 31337, accounts = 20, mining }: LocalChainOptions) {
  // A few wei more, at random: two chains begun in the same second differ in their genesis block.
  const dust = bytesToInt(randomBytes(6));
  try {
    // Hardhat takes its time to load, and most commands need no chain of their own.
    const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
    const hre = await createHardhatRuntimeEnvironment(
      {
        // A folder without artifacts: Hardhat reads them for stack traces that nobody sees here, and takes
        // as long for it as for all else.
        paths: { artifacts: resolve(packageRoot, "artifacts/none") },
        networks: {
          local: {
            type: "edr-simulated",
            // The transaction gas cap and the prices of the precompiles are those of this fork.
            hardfork: "osaka",
            chainId,
            accounts: { count: accounts, accountsBalance: (10n ** 22n + dust).toString() },
            mining: { auto: mining !== "manual" },
          },
        },
      },
      {},
      packageRoot,
    );
    return hre.network;
  } catch (error) {
    throw chainErrors.errorFrom({
      key: "local-chain-failed",
      message: `the local chain did not start`,
      cause: error,
    });
  }
}

/**
 * Starts a chain inside this process.
 * @throws chain/local-chain-failed
 */
export async function startLocalChain(options: LocalChainOptions = {}): Promise<InProcessChain> {
  const { chainId = 31337 } = options;
  const connection = await (await networks(options)).create("local");
  const provider = new BrowserProvider(connection.provider, chainId, {
    staticNetwork: Network.from(chainId),
    // Each answer is a function call away: ask for all, remember none.
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  return {
    chainId,
    provider,
    eip1193: connection.provider,
    accounts: await accountsOf(provider),
    async close() {
      provider.destroy();
      await connection.close();
    },
  };
}

/**
 * Starts a chain in this process and serves it as JSON-RPC on 127.0.0.1, and nowhere else.
 * @param port 0, the default, for any free one.
 * @throws chain/local-chain-failed, e.g. when the port is taken
 */
export async function serveLocalChain(
  options: LocalChainOptions & { readonly port?: number } = {},
): Promise<ServedChain> {
  const { chainId = 31337, port = 0 } = options;
  await assertFree(port);
  const server = await (await networks(options)).createServer("local", "127.0.0.1", port);
  const url = `http://127.0.0.1:${(await server.listen()).port}`;
  const provider = new JsonRpcProvider(url, chainId, {
    staticNetwork: Network.from(chainId),
    cacheTimeout: -1,
    pollingInterval: 50,
  });
  return {
    chainId,
    provider,
    url,
    accounts: await accountsOf(provider),
    async close() {
      provider.destroy();
      await server.close();
    },
  };
}

/** Hardhat's server lets the process die on a port that is taken; so ask first. */
async function assertFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    throw chainErrors.errorFrom({
      key: "local-chain-failed",
      message: `the local chain cannot be served on port ${port}: it is taken`,
      details: { port },
      cause: error,
    });
  }
  await once(probe.close(), "close");
}

async function accountsOf(provider: JsonRpcApiProvider): Promise<string[]> {
  return (await provider.listAccounts()).map((signer) => signer.address);
}
