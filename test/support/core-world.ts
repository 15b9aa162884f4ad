/**
 * The core as it runs: contracts with a lead of two months on a local chain, a meter behind its
 * gateway, a wallet that reads the chain and pays through the vault, a counter, a mint. One clock: the
 * chain's, which the test moves.
 */

import {
  announceTerms,
  audit,
  pinTerms,
  readKeyEpochs,
  registerKey,
  registerMeters,
  settleBills,
  systemOf,
  TransactionSender,
  type NoticedKey,
} from "../../src/chain/index.js";
import { startLocalChain } from "../../src/chain/node/index.js";
import {
  BlindBlsWallet,
  generateMintKeys,
  mintPublicKeys,
  type ECashWallet,
} from "../../src/ecash/index.js";
import type { VaultFunding } from "../../src/funding/index.js";
import { MeterClient, pairWithMeter, type PairedMeter } from "../../src/meter/index.js";
import { registerMintKeys, type VaultMint } from "../../src/mint/index.js";
import {
  Purse,
  Resident,
  startOfDay,
  takeTokens,
  type MeteredBill,
} from "../../src/resident/index.js";
import {
  addPeriods,
  addressOf,
  generateUtilityKey,
  hashBoundSuite,
  keyHashOf,
  parseBillFile,
  periodOfTime,
  publicKeyOf,
  ReceiptIssuer,
  signKeyNotice,
  type FirstNumbers,
  type KeyNotice,
  type SettlementSystem,
  type Suite,
  type SystemTerms,
  type UtilitySecretKey,
} from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import {
  Counter,
  inThread,
  payingCoins,
  refreshingCoins,
  StoredCounterBook,
  type PeriodMint,
} from "../../src/utility/index.js";
import { ANSWER_KEY, PAYEE } from "./exchange.js";
import { noticeKey } from "./meter.js";
import { TestGateway } from "./meter-gateway.js";
import { termsOn } from "./vault-terms.js";
import { DENOMINATIONS, VaultWorld } from "./vault-world.js";

/** What a home's wallet is: its secret, what pairing left, and what is made of them. */
export interface CoreWallet {
  readonly secret: Uint8Array;
  readonly residentShare: Uint8Array;
  readonly paired: PairedMeter;
  readonly store: MemoryStore;
  readonly purse: Purse;
  readonly funding: VaultFunding;
}

export class CoreWorld {
  readonly system: SettlementSystem;
  readonly suite: Suite;
  /** The mint's keys of the ids from 1 on. */
  readonly mints: PeriodMint[];
  /** Keys of the epochs from 1 on. */
  readonly keys: UtilitySecretKey[] = [generateUtilityKey("hash-bound", 1)];
  /** The first whole month. */
  readonly first: number;
  readonly #counterStore = new MemoryStore();
  #counter!: Counter;
  gateway!: TestGateway;

  readonly vault: VaultWorld;
  readonly mint: VaultMint;
  readonly sender: TransactionSender;
  readonly terms: SystemTerms;
  public now: number;

  private constructor({
    vault,
    mint,
    sender,
    terms,
    now,
  }: Pick<CoreWorld, "vault" | "mint" | "sender" | "terms" | "now">) {
    this.vault = vault;
    this.mint = mint;
    this.sender = sender;
    this.terms = terms;
    this.now = now;

    const { curve, deployment } = vault;
    this.system = systemOf(deployment);
    this.suite = hashBoundSuite(curve, this.system.systemId);
    this.mints = [{ ...vault.secret, firstPeriod: 0 }];
    this.first = periodOfTime(now);
  }

  static async start(seed: string): Promise<CoreWorld> {
    const chain = await startLocalChain();
    const noticeSigner = addressOf(noticeKey);
    const vault = await VaultWorld.on(chain, seed, { lead: 2, noticeSigner });
    const { deployment, curve } = vault;
    const sender = await TransactionSender.create(await chain.provider.getSigner(0));
    const { number } = await vault.latest();
    const block = await chain.provider.getBlock(number);
    const month = addPeriods(periodOfTime(block!.timestamp), 1);
    const terms = termsOn(vault);
    const mint = await vault.mint();
    const world = new CoreWorld({ vault, mint, sender, terms, now: startOfDay(month, 1) });
    await announceTerms(sender, deployment, { terms, firstPeriod: 0 });
    const key = publicKeyOf(curve, world.keys[0]!);
    await registerKey({ sender, deployment, curve, key, notice: world.notice(1, 0) });
    world.serve();
    await world.goTo(world.now);
    world.gateway = await TestGateway.start(terms, world.now * 1000);
    return world;
  }

  /** A counter over the same books that serves every key there is. */
  serve(): void {
    const { curve } = this.vault;
    const clock = (): bigint => BigInt(this.now);
    const ecash = payingCoins(curve, this.system, this.mints);
    const epochs = this.keys.map((key) => {
      const issuer = new ReceiptIssuer(this.suite, key);
      return { issuer, maker: inThread(issuer, this.suite) };
    });
    this.#counter = new Counter({
      suite: this.suite,
      epochs,
      denominations: this.terms.denominations,
      ecash,
      refreshing: refreshingCoins(curve, this.system, { mints: this.mints, clock }),
      payee: PAYEE,
      book: new StoredCounterBook(this.#counterStore, ecash),
      answers: { systemId: this.system.systemId, answerKey: ANSWER_KEY },
      clock,
    });
  }

  carrier = (bytes: Uint8Array): Promise<Uint8Array> => this.#counter.answer(bytes);

  get sales() {
    return this.#counter.sales();
  }

  /** A notice by the notice signer for a key of this world. */
  notice(keyEpoch: number, firstPeriod: number, key = this.keys[keyEpoch - 1]!): KeyNotice {
    const keyHash = keyHashOf(this.vault.curve, publicKeyOf(this.vault.curve, key));
    return signKeyNotice(this.system, { keyEpoch, firstPeriod, keyHash }, noticeKey);
  }

  /** Makes the next key and registers it; from now on the counter serves it too. */
  async rotate(firstPeriod: number): Promise<void> {
    const { curve, deployment } = this.vault;
    const keyEpoch = this.keys.length + 1;
    const secret = generateUtilityKey("hash-bound", keyEpoch);
    const notice = this.notice(keyEpoch, firstPeriod, secret);
    await registerKey({
      sender: this.sender,
      deployment,
      curve,
      key: publicKeyOf(curve, secret),
      notice,
    });
    this.keys.push(secret);
    this.serve();
  }

  /** A wallet's e-cash, with the mint's public keys of all ids. */
  get wallet(): ECashWallet {
    const { curve } = this.vault;
    const keys = this.mints.map((mint) => mintPublicKeys(curve, mint));
    return new BlindBlsWallet(curve, this.system, ...keys);
  }

  /** Makes the keys of the next mint key id and registers them; from now on the counter serves them too. */
  async rotateMint(firstPeriod: number): Promise<void> {
    const { curve } = this.vault;
    const secret = generateMintKeys(this.mints.length + 1, DENOMINATIONS);
    const calls = await this.vault.calls(0);
    await registerMintKeys(calls, curve, { ...mintPublicKeys(curve, secret), firstPeriod });
    this.mints.push({ ...secret, firstPeriod });
    this.serve();
  }

  /** The chain's clock, and so everybody's, goes to an instant in Unix seconds; never back. */
  async goTo(time: number): Promise<void> {
    const { timestamp } = await this.vault.latest();
    if (time > Number(timestamp)) {
      await this.vault.request("evm_setNextBlockTimestamp", time);
      await this.vault.mine();
    }
    this.now = Math.max(time, Number(timestamp));
    if (this.gateway as TestGateway | undefined) this.gateway.goTo(this.now * 1000);
  }

  /** The month after `first` by so many. */
  month(count: number): number {
    return addPeriods(this.first, count);
  }

  /** Pairs with the meter; the meter is registered if it is new. */
  async pair(
    secret: Uint8Array,
    residentShare: Uint8Array,
    firstNumbers?: FirstNumbers,
  ): Promise<CoreWallet> {
    const paired = await this.#pairing(residentShare, firstNumbers);
    const store = new MemoryStore();
    const { mints, wallet } = this;
    const purse = new Purse({ wallet, store, secret, mints, now: () => this.now });
    const funding = await this.vault.funding(this.mint);
    return { secret, residentShare, paired, store, purse, funding };
  }

  /** Another meter in the place of the one that hangs there, which is returned. */
  async hangAnother(): Promise<TestGateway> {
    const before = this.gateway;
    this.gateway = await TestGateway.start(this.terms, this.now * 1000);
    return before;
  }

  /** A wallet with its books pairs with the meter that hangs there now. */
  async pairOn(wallet: CoreWallet, firstNumbers: FirstNumbers): Promise<CoreWallet> {
    const paired = await this.#pairing(wallet.residentShare, firstNumbers);
    await (await this.device(wallet)).resident.pairedWith(paired.meter);
    return { ...wallet, paired };
  }

  async #pairing(residentShare: Uint8Array, firstNumbers?: FirstNumbers): Promise<PairedMeter> {
    const code = this.gateway.server.newCode();
    const numbers = firstNumbers === undefined ? {} : { firstNumbers };
    const request = { code, residentShare, terms: this.terms, ...numbers };
    const paired = await pairWithMeter(this.gateway.address, request, () => undefined);
    await registerMeters({
      sender: this.sender,
      deployment: this.vault.deployment,
      meters: [paired.meter],
    });
    return paired;
  }

  /** The wallet's device with the keys that the chain has now, its clock compared. */
  async device({
    secret,
    store,
  }: CoreWallet): Promise<{ resident: Resident; keys: readonly NoticedKey[] }> {
    const { deployment, curve, chain } = this.vault;
    // Transactions have moved the chain's clock.
    await this.goTo(this.now);
    const served = { terms: [this.terms], network: [] };
    const pinned = await pinTerms({
      provider: chain.provider,
      deployment,
      served,
      own: BigInt(this.now),
    });
    const { number } = pinned.finalBlock;
    const keys = await readKeyEpochs({
      provider: chain.provider,
      deployment,
      curve,
      toBlock: number,
    });
    const { schedule, answerKey } = pinned.current;
    const resident = new Resident({
      system: this.system,
      suite: this.suite,
      wallet: this.wallet,
      secret,
      keys,
      mints: await this.vault.reader.mintKeys(number),
      payee: PAYEE,
      answerKey,
      policy: { kind: schedule.policy },
      timetable: schedule,
      requests: 0,
      store,
      now: () => this.now,
    });
    return { resident, keys };
  }

  /** A line to the meter that the test closes. */
  client({ paired }: CoreWallet): Promise<MeterClient> {
    return MeterClient.connect(this.gateway.address, {
      curve: this.vault.curve,
      terms: this.terms,
      paired,
    });
  }

  /** Energy in a month, read on its 20th day; then the clock stands at the start of the next. */
  async use(period: number, wattHours: number): Promise<void> {
    await this.goTo(startOfDay(period, 20));
    this.gateway.source.use(wattHours);
    await this.goTo(startOfDay(addPeriods(period, 1), 1));
  }

  /** Takes the period's tokens from the meter that hangs there. */
  async take(wallet: CoreWallet, period: number): Promise<Resident> {
    const { resident, keys } = await this.device(wallet);
    const client = await this.client(wallet);
    try {
      await takeTokens(resident, client, { keys, period });
    } finally {
      client.close();
    }
    return resident;
  }

  /** Takes the period's tokens and pays them as their times come. */
  async pay(wallet: CoreWallet, period: number): Promise<Resident> {
    const resident = await this.take(wallet, period);
    await this.run(resident, startOfDay(addPeriods(period, 1), 12));
    // What came too late for its days is paid in those of a later month.
    for (let i = 0; i < 100 && (await resident.pending()) > 0; i++) {
      await this.run(resident, (await resident.nextDue())!);
    }
    await resident.verify();
    return resident;
  }

  /** Runs the clock, and the wallet with it, until this time. */
  async run(resident: Resident, until: number): Promise<void> {
    for (;;) {
      const next = await resident.nextDue();
      if (next === null || next > until) break;
      if (next > this.now) await this.goTo(next);
      await resident.step(this.carrier);
    }
    if (until > this.now) await this.goTo(until);
  }

  /** Combines the period's receipts and settles at the time drawn. Returns the outcome's status. */
  async settle(wallet: CoreWallet, resident: Resident, period: number): Promise<string> {
    const client = await this.client(wallet);
    const metered = await this.metered(wallet, client, period);
    client.close();
    return this.settleBill(resident, metered);
  }

  /** What the meter gives for a closed period. */
  async metered(wallet: CoreWallet, client: MeterClient, period: number): Promise<MeteredBill> {
    const { bill, blinding } = await client.bill(period);
    const tokens = (await client.tokens(period)).map(({ token }) => token);
    return { bill, tokens, blinding, meter: wallet.paired.meter };
  }

  /** Combines and settles at the time drawn. Returns the outcome's status. */
  async settleBill(resident: Resident, metered: MeteredBill): Promise<string> {
    const { curve, deployment } = this.vault;
    const { period } = metered.bill;
    const file = await resident.combine(metered);
    await this.goTo(await resident.settlingTime(period));
    await resident.checkMaySettle(period, null);
    const [outcome] = await settleBills({
      sender: this.sender,
      deployment,
      bills: [parseBillFile(curve, file)],
      curve,
      batch: false,
    });
    return outcome!.status;
  }

  /** What an auditor finds: settled bills, and whether all holds. */
  async audited(): Promise<{ ok: boolean; settled: number }> {
    const { chain, deployment, curve } = this.vault;
    const result = await audit(chain.provider, deployment, { curve });
    return { ok: result.ok, settled: result.settlements.length };
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await this.vault.stop();
  }
}
