/** A deployed system on a local chain, with a utility key, meters, and bills made from plain scalars. */
import type { Signer } from "ethers";
import { createMclBn254, GROUP_ORDER, type Bn254 } from "../../src/algebra/index.js";
import { systemOf, type Deployment } from "../../src/chain/deploy/deployment.js";
import { deploySipster } from "../../src/chain/node/deploy.js";
import {
  startLocalChain,
  type LocalChain,
  type LocalChainOptions,
} from "../../src/chain/node/local-chain.js";
import { registerKey } from "../../src/chain/governance/key-epochs.js";
import { registerMeters } from "../../src/chain/governance/meters.js";
import { TransactionSender } from "../../src/chain/transactions/transaction-sender.js";
import {
  addressOf,
  keyHashOf,
  publicKeyOf,
  signBill,
  signKeyNotice,
  type HexAddress,
  type KeyNotice,
  type SettleableBill,
  type UtilityPublicKey,
  type UtilitySecretKey,
} from "../../src/sipster/index.js";
import { TestRandom } from "../support/random.js";

export const PERIOD = 201303;

/** Signs the notices of key epochs of every test system. */
export const NOTICE_KEY = new Uint8Array(32).fill(0x4e);

/** A notice by {@link NOTICE_KEY} for a key. */
export function noticeOf({
  curve,
  deployment,
  key,
  firstPeriod = key.keyEpoch === 1 ? 0 : PERIOD + key.keyEpoch - 1,
}: {
  readonly curve: Bn254;
  readonly deployment: Deployment;
  readonly key: UtilityPublicKey;
  readonly firstPeriod?: number | undefined;
}): KeyNotice {
  const { keyEpoch } = key;
  const announcement = { keyEpoch, firstPeriod, keyHash: keyHashOf(curve, key) };
  return signKeyNotice(systemOf(deployment), announcement, NOTICE_KEY);
}

export interface TestMeter {
  readonly key: Uint8Array;
  readonly address: HexAddress;
}

export interface TestSystemOptions {
  readonly meters?: number;
  /** One that is there already. */
  readonly deployment?: Deployment;
  /** Accounts of its own, for a node that holds none. */
  readonly wallets?: readonly Signer[];
}

export class TestSystem {
  readonly chain: LocalChain;
  readonly curve: Bn254;
  readonly deployment: Deployment;
  readonly utility: UtilitySecretKey;
  readonly meters: readonly TestMeter[];
  readonly random: TestRandom;
  private readonly wallets: readonly Signer[] | undefined;

  private constructor({
    chain,
    curve,
    deployment,
    utility,
    meters,
    random,
    wallets,
  }: {
    readonly chain: LocalChain;
    readonly curve: Bn254;
    readonly deployment: Deployment;
    readonly utility: UtilitySecretKey;
    readonly meters: readonly TestMeter[];
    readonly random: TestRandom;
    readonly wallets?: readonly Signer[] | undefined;
  }) {
    this.chain = chain;
    this.curve = curve;
    this.deployment = deployment;
    this.utility = utility;
    this.meters = meters;
    this.random = random;
    this.wallets = wallets;
  }

  /** On a chain of its own: see {@link on}. */
  static async start(
    seed: string,
    { meters = 4, ...options }: LocalChainOptions & { meters?: number } = {},
  ): Promise<TestSystem> {
    return TestSystem.on(await startLocalChain(options), seed, { meters });
  }

  /** Deployed (unless it is), key epoch 1 active, and `meters` meters registered for every period. */
  static async on(
    chain: LocalChain,
    seed: string,
    { meters = 4, ...known }: TestSystemOptions = {},
  ): Promise<TestSystem> {
    const random = new TestRandom(seed);
    const curve = await createMclBn254();
    const deployment =
      known.deployment ??
      (await deploySipster(known.wallets?.[0] ?? (await chain.provider.getSigner(0)), {
        lead: 0,
        noticeSigner: addressOf(NOTICE_KEY),
      }));
    const utility: UtilitySecretKey = {
      suite: "hash-bound",
      keyEpoch: 1,
      scalar: 1n + random.below(GROUP_ORDER - 1n),
    };
    const system = new TestSystem({
      chain,
      curve,
      deployment,
      utility,
      meters: Array.from({ length: meters }, () => testMeter(random)),
      random,
      wallets: known.wallets,
    });
    const sender = await system.sender();
    const key = publicKeyOf(curve, utility);
    await registerKey({
      sender,
      deployment,
      curve,
      key,
      notice: noticeOf({ curve, deployment, key }),
    });
    await registerMeters({ sender, deployment, meters: system.meters.map((m) => m.address) });
    return system;
  }

  async signer(account: number): Promise<Signer> {
    return this.wallets?.[account] ?? this.chain.provider.getSigner(account);
  }

  async sender(account = 0): Promise<TransactionSender> {
    return TransactionSender.create(await this.signer(account));
  }

  /** A bill that settles: R is a random multiple of the generator, and its receipt is a·R. */
  bill(
    meter: TestMeter,
    {
      period = PERIOD,
      utility = this.utility,
      deployment = this.deployment,
    }: { period?: number; utility?: UtilitySecretKey; deployment?: Deployment } = {},
  ): SettleableBill {
    const { g1 } = this.curve;
    const r = g1.mul(g1.generator, 1n + this.random.below(GROUP_ORDER - 1n));
    const system = systemOf(deployment);
    const unsigned = { period, keyEpoch: utility.keyEpoch, r: g1.encode(r) };
    return {
      system,
      meter: meter.address,
      bill: signBill(system, unsigned, meter.key),
      r,
      combined: g1.mul(r, utility.scalar),
    };
  }

  /** One bill for each meter, or for the first `count`. */
  bills(count = this.meters.length, period = PERIOD): SettleableBill[] {
    return this.meters.slice(0, count).map((meter) => this.bill(meter, { period }));
  }

  /** The same bill with a receipt that does not pay it. */
  unpaid(bill: SettleableBill): SettleableBill {
    const { g1 } = this.curve;
    return { ...bill, combined: g1.add(bill.combined, g1.generator) };
  }

  /** How many transactions an account has sent. */
  async sent(account = 0): Promise<number> {
    return this.chain.provider.getTransactionCount(this.chain.accounts[account]!);
  }

  async request(method: string, ...params: unknown[]): Promise<unknown> {
    return (await this.chain.provider.send(method, params)) as unknown;
  }

  async stop(): Promise<void> {
    await this.chain.close();
  }
}

export function testMeter(random: TestRandom): TestMeter {
  const key = random.bytes(32);
  return { key, address: addressOf(key) };
}
