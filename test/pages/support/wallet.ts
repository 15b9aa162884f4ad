/**
 * A wallet for tests: EIP-1193 and EIP-6963 in the page, but the key, the decisions and the log stay
 * in the test process. What the page asks is what a wallet's extension would hear.
 */
import { JsonRpcProvider, Network, toQuantity, Wallet } from "ethers";
import type { Page } from "playwright-core";

export interface WalletOptions {
  readonly name?: string;
  readonly rdns?: string;
  /** Accounts are derived from it; a development chain's first account has money. */
  readonly key: string;
  /** Chains it knows from the start: number to address of a node. */
  readonly chains?: Readonly<Record<number, string>>;
  /** Number of the chain it is on at first; 1 when absent. */
  readonly chain?: number;
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

interface Transaction {
  readonly to: string;
  readonly data: string;
  readonly gas?: string;
}

/** Which question is answered how, instead of as usual. */
export type Answer = RpcError | "never";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'%3E%3Ccircle cx='5' cy='5' r='5' fill='%23a44'/%3E%3C/svg%3E";

export class TestWallet {
  readonly address: string;
  /** Methods that were asked, in order. */
  readonly log: string[] = [];
  /** Chains it was asked to add, as the page described them. */
  readonly offered: unknown[] = [];
  /** Answers to the next question of a method, instead of the wallet's own. */
  readonly instead = new Map<string, Answer>();
  readonly chains: Map<number, string>;
  chain: number;
  readonly #signer: Wallet;
  #page: Page | null = null;
  #binding = "";

  constructor(private readonly options: WalletOptions) {
    this.#signer = new Wallet(options.key);
    this.address = this.#signer.address;
    this.chains = new Map(Object.entries(options.chains ?? {}).map(([k, v]) => [Number(k), v]));
    this.chain = options.chain ?? 1;
  }

  /** Announces the wallet in every document of this page from now on. */
  async install(page: Page): Promise<void> {
    this.#page = page;
    const { name = "Test Wallet", rdns = "org.example.test" } = this.options;
    this.#binding = `wallet_${rdns.replaceAll(/\W/g, "_")}`;
    const binding = this.#binding;
    await page.exposeBinding(binding, async (_source, method: string, params: unknown[]) => {
      try {
        return { result: await this.#answer(method, params) };
      } catch (error) {
        const { code = -32603, message, data } = error as RpcError;
        return { error: { code, message, data } };
      }
    });
    const info = { uuid: `uuid-${rdns}`, name, rdns, icon: ICON };
    await page.addInitScript(`${ANNOUNCE}(${JSON.stringify({ info, binding })})`);
  }

  /** Says that the owner chose other accounts. */
  async emitAccounts(accounts: readonly string[]): Promise<void> {
    const event = JSON.stringify(`${this.#binding}_accounts`);
    const detail = JSON.stringify(accounts);
    await this.#page!.evaluate(`dispatchEvent(new CustomEvent(${event}, { detail: ${detail} }))`);
  }

  async #answer(method: string, params: unknown[]): Promise<unknown> {
    this.log.push(method);
    const instead = this.instead.get(method);
    if (instead !== undefined) {
      this.instead.delete(method);
      if (instead === "never") return new Promise(() => undefined);
      throw instead;
    }
    const [first] = params;
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [this.address.toLowerCase()];
      case "eth_chainId":
        return toQuantity(this.chain);
      case "wallet_switchEthereumChain": {
        const chain = Number((first as { chainId: string }).chainId);
        if (!this.chains.has(chain)) throw { code: 4902, message: "Unrecognized chain ID" };
        this.chain = chain;
        return null;
      }
      case "wallet_addEthereumChain": {
        const { chainId, rpcUrls } = first as { chainId: string; rpcUrls: string[] };
        this.offered.push(first);
        this.chains.set(Number(chainId), rpcUrls[0]!);
        return null;
      }
      case "eth_sendTransaction":
        return this.#send(first as Transaction);
      default:
        return this.#node((node) => node.send(method, params));
    }
  }

  #send({ to, data, gas }: Transaction): Promise<string> {
    return this.#node(async (node) => {
      const sent = await this.#signer
        .connect(node)
        .sendTransaction({ to, data, ...(gas === undefined ? {} : { gasLimit: gas }) });
      return sent.hash;
    });
  }

  async #node<T>(body: (node: JsonRpcProvider) => Promise<T>): Promise<T> {
    const url = this.chains.get(this.chain);
    if (url === undefined) throw { code: 4901, message: "not connected to the chain" };
    const network = Network.from(this.chain);
    const node = new JsonRpcProvider(url, network, { staticNetwork: network, cacheTimeout: -1 });
    try {
      return await body(node);
    } catch (error) {
      throw (error as { info?: { error?: RpcError } }).info?.error ?? error;
    } finally {
      node.destroy();
    }
  }
}

/**
 * Runs in the page. As text, because what compiles the tests adds helpers to functions that a page
 * does not have.
 */
const ANNOUNCE = `(({ info, binding }) => {
  const provider = {
    async request({ method, params = [] }) {
      const { result, error } = await window[binding](method, params);
      if (error !== undefined) throw Object.assign(new Error(error.message), error);
      return result;
    },
    on(event, listener) {
      if (event !== "accountsChanged") return;
      addEventListener(binding + "_accounts", (e) => listener(e.detail));
    },
  };
  const say = () => {
    const detail = Object.freeze({ info: Object.freeze(info), provider });
    dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  };
  addEventListener("eip6963:requestProvider", say);
  say();
})`;
