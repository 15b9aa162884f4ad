/**
 * Keys that change from one period to the next, through contracts, counter, meter and wallet as they
 * run; who lies about a key; and what a leaked key still does.
 */
import { expect } from "chai";
import { pinTerms, readKeyEpochs, registerKey, settleBills } from "../../src/chain/index.js";
import { takeTokens, type Resident } from "../../src/resident/index.js";
import {
  generateUtilityKey,
  parseAddress,
  publicKeyOf,
  settlementSystem,
  signKeyNotice,
  type KeyNotice,
  type SettleableBill,
} from "../../src/sipster/index.js";
import { CoreWorld, type CoreWallet } from "../support/core-world.js";
import { expectRejection } from "../support/errors.js";
import { noticeKey } from "../support/meter.js";

const SECRET = new Uint8Array(32).fill(0x21);
const SHARE = new Uint8Array(32).fill(0x22);
const HOUR = 3_600n;

describe("keys by period, from the contract to the settled bill", function () {
  this.timeout(180_000);
  let world: CoreWorld;
  let home: CoreWallet;

  /** Paired, with coins for two months; the second key begins two months after the first month. */
  beforeEach(async () => {
    world = await CoreWorld.start("rotation");
    home = await world.pair(SECRET, SHARE);
    const basket = [100, 100, 100, 100, 100, 100, 10, 10, 10, 10, 1, 1, 1, 1];
    await home.purse.withdraw(basket, (request) => home.funding.withdraw(request));
  });
  afterEach(() => world.stop());

  const keysNow = async () => {
    const { chain, deployment, curve } = world.vault;
    return readKeyEpochs({ provider: chain.provider, deployment, curve });
  };
  /** The wallet as it opens now, and what its meter gives it for a period. */
  async function takes(period: number): Promise<Resident> {
    const { resident, keys } = await world.device(home);
    const client = await world.client(home);
    try {
      await takeTokens(resident, client, { keys, period });
    } finally {
      client.close();
    }
    return resident;
  }

  it("given two periods with different keys, when used, paid and settled, then each is under its own key, and the audit holds", async () => {
    const [before, after] = [world.month(1), world.month(2)];
    await world.rotate(after);
    await world.use(before, 120_000);
    const first = await world.pay(home, before);
    expect(await world.settle(home, first, before)).to.equal("settled");
    await world.use(after, 210_000);
    const second = await world.pay(home, after);
    expect(await world.settle(home, second, after)).to.equal("settled");
    const client = await world.client(home);
    const epochs = [];
    for (const period of [before, after]) {
      epochs.push((await client.bill(period)).bill.keyEpoch);
      for (const { token } of await client.tokens(period)) epochs.push(token.keyEpoch);
    }
    client.close();
    expect(epochs).to.deep.equal([1, 1, 1, 1, 2, 2, 2, 2]);
    expect((await world.sales).units).to.equal(330n);
    expect(await world.audited()).to.deep.equal({ ok: true, settled: 2 });
  });

  it("given a notice that was withheld from the meter, when the wallet comes, then it brings the chain's and takes no token before", async () => {
    const period = world.month(2);
    await world.rotate(period);
    await world.use(period, 110_000);
    const { resident, keys } = await world.device(home);
    const client = await world.client(home);
    await client.followKeyNotice(keys[0]!.notice);
    // The meter has not heard of the second key.
    const stale = await client.tokens(period);
    expect(stale.map(({ token }) => token.keyEpoch)).to.deep.equal([1, 1]);
    await expectRejection(resident.accept(period, stale), "resident/wrong-key-epoch");
    expect(await resident.pending()).to.equal(0);
    client.close();
    const paid = await world.pay(home, period);
    expect(await world.settle(home, paid, period)).to.equal("settled");
  });

  it("given a notice of another chain, or of another signer, when brought, then the meter keeps its epochs", async () => {
    const client = await world.client(home);
    const { settlement } = world.system;
    const said = { keyEpoch: 2, firstPeriod: world.month(2), keyHash: world.notice(1, 0).keyHash };
    const wrong: KeyNotice[] = [
      signKeyNotice(settlementSystem(1n, settlement), said, noticeKey),
      signKeyNotice(
        settlementSystem(world.system.chainId, parseAddress(`0x${"12".repeat(20)}`)),
        said,
        noticeKey,
      ),
      signKeyNotice(world.system, said, new Uint8Array(32).fill(9)),
    ];
    const before = world.gateway.memory.read();
    for (const notice of wrong) {
      const error = await expectRejection(client.followKeyNotice(notice), "meter/refused");
      expect(error.details.code).to.equal("sipster/bad-notice");
    }
    expect(world.gateway.memory.read()).to.deep.equal(before);
    client.close();
  });

  it("given a notice of a key that the chain does not have, told to this meter alone, then the wallet pays none of its tokens", async () => {
    const period = world.month(1);
    const own = generateUtilityKey("hash-bound", 2);
    world.gateway.gateway.meter!.followKeyNotice(world.notice(1, 0));
    world.gateway.gateway.meter!.followKeyNotice(world.notice(2, period, own));
    await world.use(period, 130_000);
    await expectRejection(takes(period), "resident/wrong-key-epoch");
    expect((await world.sales).receipts).to.equal(0n);
    // And its bill cannot be settled with it: the contract has no such key.
    const bill = await paidWith(period, own.scalar);
    const { deployment, curve } = world.vault;
    const [outcome] = await settleBills({
      sender: world.sender,
      deployment,
      bills: [bill],
      curve,
      batch: false,
    });
    expect(outcome!.status).to.equal("refused");
  });

  it("given a notice for a month that has begun or is past, then the contract does not register it, and its tokens are not paid", async () => {
    await world.use(world.month(1), 120_000);
    const { deployment, curve } = world.vault;
    const own = generateUtilityKey("hash-bound", 2);
    for (const firstPeriod of [world.month(0), world.month(1), world.month(2), world.month(3)]) {
      const notice = world.notice(2, firstPeriod, own);
      const key = publicKeyOf(curve, own);
      // This is the third month: the fifth is the first that a key may begin with.
      await expectRejection(
        registerKey({ sender: world.sender, deployment, curve, key, notice }),
        "contract/SettlementFirstPeriodInvalid",
      );
    }
    world.gateway.gateway.meter!.followKeyNotice(world.notice(1, 0));
    world.gateway.gateway.meter!.followKeyNotice(world.notice(2, world.month(1), own));
    await expectRejection(takes(world.month(1)), "resident/wrong-key-epoch");
    expect((await keysNow()).length).to.equal(1);
  });

  it("given a key that leaked, when the utility rotates, then it settles bills of its own periods for nothing, and of later ones never again", async () => {
    const leaked = world.keys[0]!.scalar;
    const [past, present, next, later] = [0, 1, 2, 3].map((n) => world.month(n)) as [
      number,
      number,
      number,
      number,
    ];
    await world.use(past, 100_000);
    // The leak is found in the second month: the first period of a new key is the fourth month.
    await expectRejection(world.rotate(next), "contract/SettlementFirstPeriodInvalid");
    await world.rotate(later);
    await world.use(present, 100_000);
    await world.use(next, 110_000);
    await world.use(later, 211_000);
    const client = await world.client(home);
    for (const { notice } of await keysNow()) await client.followKeyNotice(notice);
    client.close();
    const { deployment, curve } = world.vault;
    const settles = async (bill: SettleableBill): Promise<string> =>
      (
        await settleBills({ sender: world.sender, deployment, bills: [bill], curve, batch: false })
      )[0]!.status;
    // What cannot be saved: bills that are open, this month's and the next one's.
    for (const period of [past, present]) {
      expect(await settles(await paidWith(period, leaked))).to.equal("settled");
    }
    expect((await world.sales).receipts).to.equal(0n);
    // What is saved: the leaked key settles no bill of the new key's periods, under either epoch.
    expect(await settles(await paidWith(later, leaked))).to.equal("refused");
    const old = await paidWith(next, leaked);
    const renamed = { ...old, bill: { ...old.bill, period: later } };
    expect(await settles(renamed)).to.equal("refused");
    // And honest homes go on: the last month of the old key and the first of the new one settle.
    for (const period of [next, later]) {
      const device = await world.pay(home, period);
      expect(await world.settle(home, device, period)).to.equal("settled");
    }
    const { units } = await world.sales;
    expect(units, "the shortfall shows in the total of units charged").to.equal(321n);
    expect(await world.audited()).to.deep.equal({ ok: true, settled: 4 });
  });

  it("given a wallet whose clock is more than an hour ahead of the chain, or behind it, then it does nothing", async () => {
    const { chain, deployment } = world.vault;
    const served = { terms: [world.terms], network: [] };
    const { timestamp } = await world.vault.latest();
    for (const off of [-1n, HOUR + 1n]) {
      const own = timestamp + off;
      await expectRejection(
        pinTerms({ provider: chain.provider, deployment, served, own }),
        "chain/clock-differs",
      );
    }
    const pinned = await pinTerms({
      provider: chain.provider,
      deployment,
      served,
      own: timestamp + HOUR,
    });
    expect(pinned.time).to.equal(timestamp);
    const other = { ...world.terms, payee: parseAddress(`0x${"9".repeat(40)}`) };
    const lied = { terms: [other], network: [] };
    await expectRejection(
      pinTerms({ provider: chain.provider, deployment, served: lied, own: timestamp }),
      "chain/parameters-not-announced",
    );
  });

  /** What someone who knows a utility's secret a makes of a bill: a·R, with no receipt paid. */
  async function paidWith(period: number, a: bigint): Promise<SettleableBill> {
    const { g1 } = world.vault.curve;
    const { bill } = world.gateway.gateway.meter!.bill(period);
    const r = g1.decode(bill.r);
    return { system: world.system, meter: home.paired.meter, bill, r, combined: g1.mul(r, a) };
  }
});
