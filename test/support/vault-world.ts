/**
 * A vault on a local chain with a mint's keys, a mint's process and homes' accounts, for tests of both
 * sides. Messages are points without coins behind them: what is tested is who ends with the money.
 */
import { createMclBn254, GROUP_ORDER, type Bn254 } from "../../src/algebra/index.js";
import {
  DepositTree,
  finalBlock,
  latestBlock,
  TransactionSender,
  VaultCalls,
  VaultReader,
  type BlockTime,
  type Deployment,
} from "../../src/chain/index.js";
import { CreditVault__factory } from "../../src/chain/bindings/index.js";
import {
  deploySipster,
  startLocalChain,
  type DeployOptions,
  type LocalChain,
} from "../../src/chain/node/index.js";
import {
  BlindBlsIssuer,
  blindSigner,
  decodeRequest,
  encodeRequest,
  mintPublicKeys,
  wrongSignatures,
  type ECashIssuer,
  type MintSecretKeys,
} from "../../src/ecash/index.js";
import { VaultFunding, type VaultFundingSettings } from "../../src/funding/index.js";
import { registerMintKeys, VaultMint, type VaultMintSettings } from "../../src/mint/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { TestRandom } from "./random.js";

export const ACKNOWLEDGE_PERIOD = 7200;
export const DISPUTE_PERIOD = 86_400;
export const MARGIN = 1800n;
export const MINT_KEY_ID = 1;
export const DENOMINATIONS = [1, 10, 100];
/** Base units of the token for one unit of money. */
export const BASE_UNITS = 3n;

export class VaultWorld {
  readonly reader: VaultReader;
  readonly secret: MintSecretKeys;
  readonly issuer: ECashIssuer;
  /** Blocks on top of a block that make it final; tests may change it. */
  confirmations = 0;
  #snapshot: unknown = null;

  readonly chain: LocalChain;
  readonly deployment: Deployment;
  readonly curve: Bn254;
  readonly random: TestRandom;

  private constructor({
    chain,
    deployment,
    curve,
    random,
  }: {
    readonly chain: LocalChain;
    readonly deployment: Deployment;
    readonly curve: Bn254;
    readonly random: TestRandom;
  }) {
    this.chain = chain;
    this.deployment = deployment;
    this.curve = curve;
    this.random = random;

    this.reader = new VaultReader(chain.provider, deployment);
    const scalars = new Map(DENOMINATIONS.map((d) => [d, 1n + random.below(GROUP_ORDER - 1n)]));
    this.secret = { mintKeyId: MINT_KEY_ID, scalars };
    this.issuer = new BlindBlsIssuer(curve, blindSigner(curve, this.secret));
  }

  static async start(seed: string): Promise<VaultWorld> {
    return VaultWorld.on(await startLocalChain(), seed);
  }

  static async on(
    chain: LocalChain,
    seed: string,
    options: DeployOptions = {},
  ): Promise<VaultWorld> {
    const deployment = await deploySipster(await chain.provider.getSigner(0), {
      acknowledgePeriod: ACKNOWLEDGE_PERIOD,
      disputePeriod: DISPUTE_PERIOD,
      ...options,
    });
    const curve = await createMclBn254();
    const world = new VaultWorld({ chain, deployment, curve, random: new TestRandom(seed) });
    const keys = mintPublicKeys(curve, world.secret);
    await registerMintKeys(await world.calls(0), curve, { ...keys, firstPeriod: 0 });
    for (const home of [1, 2, 3]) await (await world.calls(home)).mintTestCredit(100_000n);
    await world.save();
    return world;
  }

  /** Remembers the chain as it is, for {@link restore}. */
  async save(): Promise<void> {
    this.#snapshot = await this.request("evm_snapshot");
  }

  /** The chain as it was remembered: also what a reorganisation does. */
  async restore(): Promise<void> {
    await this.request("evm_revert", this.#snapshot);
    await this.save();
    this.confirmations = 0;
  }

  request(method: string, ...params: unknown[]): Promise<unknown> {
    return this.chain.provider.send(method, params) as Promise<unknown>;
  }

  async mine(blocks = 1): Promise<void> {
    await this.request("hardhat_mine", `0x${blocks.toString(16)}`);
  }

  /** Lets time pass, and mines a block. */
  async pass(seconds: number): Promise<void> {
    await this.request("evm_increaseTime", seconds);
    await this.mine();
  }

  /** The vault as an account sends to it. Account 0 has every role; 1 to 3 are homes. */
  async calls(account: number): Promise<VaultCalls> {
    const signer = await this.chain.provider.getSigner(account);
    return new VaultCalls(await TransactionSender.create(signer), this.deployment);
  }

  /** Gives the mint's role to one account more. */
  async appointMint(account: number): Promise<void> {
    const signer = await this.chain.provider.getSigner(0);
    const vault = CreditVault__factory.connect(this.deployment.contracts.vault.address, signer);
    const holder = this.chain.accounts[account]!;
    await (await vault.grantRole(await vault.MINT_ROLE(), holder)).wait();
  }

  readonly final = (): Promise<BlockTime> =>
    finalBlock(this.chain.provider, { rule: "confirmations", blocks: this.confirmations });

  readonly latest = (): Promise<BlockTime> => latestBlock(this.chain.provider);

  /** A request for coins of these denominations; others each time. */
  newRequest(denominations: readonly number[], mintKeyId = MINT_KEY_ID): Uint8Array {
    const { g1 } = this.curve;
    const messages = denominations.map((denomination) => ({
      denomination,
      message: g1.encode(g1.mul(g1.generator, 1n + this.random.below(GROUP_ORDER - 1n))),
    }));
    return encodeRequest({ mintKeyId, messages });
  }

  /** A deposit of a home for a request, of its price or another amount. */
  async deposit(request: Uint8Array, { home = 1, amount = this.price(request) } = {}) {
    const calls = await this.calls(home);
    const { mintKeyId, messages } = decodeRequest(request);
    await calls.approve(amount);
    const tree = DepositTree.ofMessages(messages);
    return calls.deposit({ amount, mintKeyId, count: messages.length, messages: tree });
  }

  /** Base units of the token. */
  price(request: Uint8Array): bigint {
    const { messages } = decodeRequest(request);
    return messages.reduce((sum, m) => sum + BigInt(m.denomination), 0n) * BASE_UNITS;
  }

  /** A process of the mint over a store. */
  async mint(
    store: Store = new MemoryStore(),
    other: Partial<VaultMintSettings> = {},
  ): Promise<VaultMint> {
    return new VaultMint({
      issuers: new Map([[MINT_KEY_ID, this.issuer]]),
      store,
      reader: this.reader,
      calls: await this.calls(0),
      baseUnitsPerUnit: BASE_UNITS,
      finalBlock: this.final,
      latestBlock: this.latest,
      margin: MARGIN,
      ...other,
    });
  }

  /** A home's wallet, whose waiting lets the mint work. */
  async funding(
    mint: VaultMint,
    { home = 1, ...other }: Partial<VaultFundingSettings> & { home?: number } = {},
  ): Promise<VaultFunding> {
    const keys = mintPublicKeys(this.curve, this.secret);
    return new VaultFunding({
      reader: this.reader,
      calls: await this.calls(home),
      baseUnitsPerUnit: BASE_UNITS,
      finalBlock: this.final,
      latestBlock: this.latest,
      submit: (request, id) => mint.submit(request, id),
      wrongSignatures: (request, answer) =>
        wrongSignatures({ curve: this.curve, mint: keys, request, answer }),
      wait: async () => {
        await mint.step();
        await this.mine();
      },
      ...other,
    });
  }

  /** What an account has of the token, and what is due to it. */
  async money(account: number): Promise<{ balance: bigint; due: bigint }> {
    const address = this.chain.accounts[account]!;
    const [balance, due] = await Promise.all([
      this.reader.balanceOf(address),
      this.reader.dueTo(address),
    ]);
    return { balance, due };
  }

  async stop(): Promise<void> {
    await this.chain.close();
  }
}
