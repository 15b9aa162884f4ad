/** A wallet that was chosen: its account, and getting it onto the deployment's chain. */
import { getAddress, toQuantity } from "ethers";
import { walletErrors } from "../../../src/chain/wallet/errors.js";
import { isSipsterError } from "../../../src/errors/sipster-error.js";
import type { WebConfig } from "../../../src/pages/config.js";
import type { AnnouncedWallet } from "./discovery.js";
import { ask } from "./eip1193.js";

export class Connection {
  #account: string;
  readonly #changed: () => void;

  private constructor(
    readonly wallet: AnnouncedWallet,
    account: string,
    changed: () => void,
  ) {
    this.#account = account;
    this.#changed = changed;
    wallet.provider.on?.("accountsChanged", this.#accountsChanged);
  }

  /**
   * Asks the wallet for an account.
   * @param changed called when the owner chooses another account, or none
   * @throws wallet/refused, not-authorised, request-pending, …
   */
  static async open(wallet: AnnouncedWallet, changed: () => void): Promise<Connection> {
    const accounts = await ask(wallet.provider, "eth_requestAccounts");
    return new Connection(wallet, firstAccount(accounts), changed);
  }

  /** The account that pays; empty when the owner took it away. */
  get account(): string {
    return this.#account;
  }

  close(): void {
    this.wallet.provider.removeListener?.("accountsChanged", this.#accountsChanged);
  }

  /**
   * Gets the wallet onto the deployment's chain: switches, and offers to add the chain first where
   * the wallet does not know it. Then makes sure that it is that very chain, by its first block.
   * @throws wallet/refused, wrong-chain, chain-restarted, …
   */
  async useChain(config: WebConfig): Promise<void> {
    const { provider } = this.wallet;
    const chainId = toQuantity(config.deployment.chainId);
    if (!(await this.#isOn(chainId))) {
      try {
        await ask(provider, "wallet_switchEthereumChain", [{ chainId }]);
      } catch (error) {
        if (!isSipsterError(error, "wallet/chain-unknown")) throw error;
        await ask(provider, "wallet_addEthereumChain", [chainToAdd(config)]);
        // Some wallets switch by themselves when they add a chain, some ask again.
        if (!(await this.#isOn(chainId))) {
          await ask(provider, "wallet_switchEthereumChain", [{ chainId }]);
        }
      }
      if (!(await this.#isOn(chainId))) {
        throw walletErrors.error(
          "wrong-chain",
          `the wallet stays on another chain than number ${config.deployment.chainId}`,
        );
      }
    }
    await this.#checkGenesis(config);
  }

  async #isOn(chainId: string): Promise<boolean> {
    const answer = await ask(this.wallet.provider, "eth_chainId");
    return typeof answer === "string" && BigInt(answer) === BigInt(chainId);
  }

  async #checkGenesis({ deployment, rpcUrl }: WebConfig): Promise<void> {
    const block = (await ask(this.wallet.provider, "eth_getBlockByNumber", ["0x0", false])) as {
      readonly hash?: string;
    } | null;
    if (block?.hash?.toLowerCase() === deployment.genesisHash) return;
    throw walletErrors.error(
      "chain-restarted",
      `${this.wallet.name} is on a chain ${deployment.chainId} that is not the deployment's, which is at ${rpcUrl}`,
      { wallet: block?.hash ?? null, deployment: deployment.genesisHash },
    );
  }

  readonly #accountsChanged = (accounts: unknown): void => {
    const [first] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
    this.#account = typeof first === "string" ? getAddress(first) : "";
    this.#changed();
  };
}

function firstAccount(accounts: unknown): string {
  const [first] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (typeof first === "string") return getAddress(first);
  throw walletErrors.error("not-authorised", "the wallet shows this page no account");
}

/** EIP-3085. */
function chainToAdd(config: WebConfig): object {
  const { deployment, chainName, currency, rpcUrl, explorerUrl } = config;
  return {
    chainId: toQuantity(deployment.chainId),
    chainName,
    nativeCurrency: { name: currency, symbol: currency, decimals: 18 },
    rpcUrls: [rpcUrl],
    ...(explorerUrl === undefined ? {} : { blockExplorerUrls: [explorerUrl] }),
  };
}
