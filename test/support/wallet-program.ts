/**
 * What a wallet's program needs around it: a chain with its contracts, terms, the utility's service over
 * HTTP with a real counter, and a meter's period. Tests lie by replacing a part.
 */
import { join } from "node:path";
import { toAddress } from "../../src/algebra/index.js";
import { announceTerms, systemOf, VaultCalls, type RpcProvider } from "../../src/chain/index.js";
import { openWallet, type OpenWallet } from "../../src/cli/wallet/open-wallet.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { keepMeter } from "../../src/cli/wallet/paired-meter.js";
import {
  blindBls,
  blindSigner,
  checkBlindedMessage,
  generateMintKeys,
  mintPublicKeys,
  type ECash,
} from "../../src/ecash/index.js";
import type { Carrier } from "../../src/exchange/index.js";
import type { MeterClient } from "../../src/meter/index.js";
import { serveUtility } from "../../src/service/index.js";
import {
  addressOf,
  encodeParameters,
  hashBoundSuite,
  parseAddress,
  parseDenominations,
  publicKeyOf,
  ReceiptIssuer,
  type SystemTerms,
} from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { Counter, inThread, StoredCounterBook } from "../../src/utility/index.js";
import { TestSystem } from "../chain/fixture.js";
import { ANSWER_KEY } from "./exchange.js";
import { someTerms } from "./parameters.js";
import { meterPeriod, type MeterPeriod, type World } from "./settlement.js";
import { numbered } from "./wallet.js";

export const PERIOD = 202701;

export class WalletProgramWorld {
  /** What the service serves as public parameters; tests put other bytes here. */
  served: Uint8Array;
  /** The counter as the service asks it; tests put a liar here. */
  carrier: Carrier;
  /** The deployment's clock, Unix seconds, as the counter and the wallets opened here read it. */
  now = 0;
  #close: () => Promise<void> = () => Promise.resolve();
  url = "";

  readonly chain: TestSystem;
  readonly terms: SystemTerms;
  readonly ecash: ECash;
  readonly world: World;

  private constructor({
    chain,
    terms,
    ecash,
    world,
    counter,
  }: {
    readonly chain: TestSystem;
    readonly terms: SystemTerms;
    readonly ecash: ECash;
    readonly world: World;
    readonly counter: (clock: () => bigint) => Counter;
  }) {
    this.chain = chain;
    this.terms = terms;
    this.ecash = ecash;
    this.world = world;

    this.served = encodeParameters({ terms: [terms], network: [] });
    this.counter = counter(() => BigInt(this.now));
    this.carrier = (request) => this.counter.answer(request);
  }
  readonly counter: Counter;

  static async start(seed: string): Promise<WalletProgramWorld> {
    const chain = await TestSystem.start(seed, { meters: 1 });
    const { deployment, curve } = chain;
    const system = systemOf(deployment);
    const denominations = parseDenominations([1, 10, 100]);
    const terms = termsOn(chain, denominations);
    const secret = generateMintKeys(1, denominations);
    const mint = mintPublicKeys(curve, secret);
    await new VaultCalls(await chain.sender(), deployment).registerMintKeys({
      mintKeyId: 1,
      firstPeriod: 0,
      keys: [...mint.keys].map(([denomination, { b1, b2 }]) => ({
        denomination,
        b1: curve.g1.encode(b1),
        b2: curve.g2.encode(b2),
      })),
    });
    const suite = hashBoundSuite(curve, system.systemId);
    const issuer = new ReceiptIssuer(suite, chain.utility);
    const ecash = blindBls(curve, system, secret);
    const world = { suite, issuer, key: publicKeyOf(curve, chain.utility) } as World;
    const counter = (clock: () => bigint): Counter =>
      new Counter({
        suite,
        epochs: [{ issuer, maker: inThread(issuer, suite) }],
        denominations,
        ecash,
        refreshing: {
          ecash,
          signer: blindSigner(curve, secret),
          checkMessage: (message) => checkBlindedMessage(curve, message),
        },
        payee: toAddress(Buffer.from(terms.payee.slice(2), "hex")),
        book: new StoredCounterBook(new MemoryStore(), ecash),
        answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
        clock,
      });
    const made = new WalletProgramWorld({ chain, terms, ecash, world, counter });
    await made.announce(terms, 0);
    await made.#serve();
    return made;
  }

  async #serve(): Promise<void> {
    const service = await serveUtility(
      {
        parameters: async () => this.served,
        tariffs: new Map(),
        exchange: (request) => this.carrier(request),
        health: { ready: async () => null },
        version: "test",
        onDefect: () => undefined,
      },
      { port: 0 },
    );
    this.url = service.url;
    this.#close = () => service.close();
  }

  async stop(): Promise<void> {
    await this.#close();
    await this.chain.chain.close();
  }

  get provider(): RpcProvider {
    return this.chain.chain.provider as unknown as RpcProvider;
  }

  /** Announces terms from a period on. */
  async announce(terms: SystemTerms, firstPeriod: number): Promise<void> {
    const sender = await this.chain.sender();
    await announceTerms(sender, this.chain.deployment, { terms, firstPeriod });
  }

  /** A month of a meter with tokens of these sizes. */
  metered(
    sizes: readonly number[],
    of: { readonly period: number; readonly seed: string },
  ): MeterPeriod {
    return meterPeriod(this.world, sizes, { ...of, system: systemOf(this.chain.deployment) });
  }

  /** A wallet in this folder, whose clock is `now`. */
  async open(folder: string, name: string, changes: object = {}): Promise<OpenWallet> {
    const home = await WalletFolder.open(join(folder, name), "passphrase");
    home.writeConfig({
      utility: this.url,
      rpc: "http://127.0.0.1:1",
      sizeClass: "small",
      meter: null,
      deployment: this.chain.deployment,
      ...changes,
    });
    const wallet = await openWallet(home, this.provider);
    // The program reads the time of final blocks; the test moves it as the chain would.
    Object.defineProperty(wallet.clock, "now", { get: () => this.now });
    wallet.clock.read = async () => this.now;
    return wallet;
  }

  /** The wallet beside a meter that has closed `PERIOD`, with tokens of these sizes. */
  async withMeter(
    wallet: OpenWallet,
    { sizes, seed = "meter" }: { sizes: readonly number[]; seed?: string },
  ): Promise<OpenWallet & { readonly metered: MeterPeriod }> {
    const metered = this.metered(sizes, { period: PERIOD, seed });
    const meter = addressOf(metered.billKey);
    const blank = new Uint8Array(32).fill(1);
    await keepMeter(wallet.store, {
      key: blank,
      viewKey: blank as never,
      meter,
      tariffs: [],
      firstNumbers: new Map(),
    });
    const all = numbered(metered.generated.map((g) => g.token));
    const link = {
      followKeyNotice: async () => undefined,
      tokens: async (p: number, known = 0) => (p === PERIOD ? all.slice(known) : []),
      bill: async () => ({ bill: metered.bill, blinding: metered.blinding }),
      status: async () => ({
        clock: this.now * 1000,
        open: PERIOD + 1,
        closed: [PERIOD],
        epochs: [],
      }),
      close: () => undefined,
    } as unknown as MeterClient;
    return { ...wallet, meter: async () => link, metered };
  }
}

function termsOn(
  { deployment }: TestSystem,
  denominations: SystemTerms["denominations"],
): SystemTerms {
  const { settlement, vault, orderBoard, token } = deployment.contracts;
  return {
    ...someTerms,
    token: { ...someTerms.token, address: parseAddress(token.address) },
    noticeSigner: parseAddress(deployment.noticeSigner),
    deployment: {
      chainId: deployment.chainId,
      settlement: parseAddress(settlement.address),
      vault: parseAddress(vault.address),
      orderBoard: parseAddress(orderBoard.address),
    },
    denominations,
    schedule: { ...someTerms.schedule, paying: { first: 2, last: 10 } },
    sizeClasses: [
      {
        name: "small",
        basket: [1, 10, 100].map((denomination) => ({ denomination, count: 3 })),
        requests: 0,
      },
    ],
    answerKey: addressOf(ANSWER_KEY),
    finality: { rule: "confirmations", blocks: 0 },
    lead: 0,
  };
}
