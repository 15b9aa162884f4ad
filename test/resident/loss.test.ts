/**
 * A home whose computer burns: what is left is the secret on paper, the chain, and the meter on the
 * wall. Through the real contracts, vault, mint, counter and meter.
 */
import { expect } from "chai";
import { pastWithdrawals } from "../../src/funding/index.js";
import { startOfDay, takeTokens, type Resident } from "../../src/resident/index.js";
import { CoreWorld, type CoreWallet } from "../support/core-world.js";
import { expectRejection } from "../support/errors.js";
import { BASE_UNITS } from "../support/vault-world.js";

const SECRET = new Uint8Array(32).fill(0x31);
const SHARE = new Uint8Array(32).fill(0x32);
const BASKET = new Map([
  [100, 3],
  [10, 3],
  [1, 3],
]);
const coinsOf = (...packs: number[]): number[] => packs.flatMap((d) => [d, d, d]);

describe("loss of everything but the secret", function () {
  this.timeout(180_000);
  let world: CoreWorld;
  let home: CoreWallet;

  beforeEach(async () => {
    world = await CoreWorld.start("loss");
    home = await world.pair(SECRET, SHARE);
    const fund = (request: Uint8Array) => home.funding.withdraw(request);
    await home.purse.withdraw(coinsOf(100, 10, 1), fund);
    // A quarter later the home has enough of some coins and leaves out their packs.
    await home.purse.withdraw(coinsOf(100, 1), fund);
  });
  afterEach(() => world.stop());

  const remembered = async () => {
    const { reader, chain } = world.vault;
    return pastWithdrawals(reader, {
      account: chain.accounts[1]!,
      baskets: [BASKET],
      baseUnitsPerUnit: BASE_UNITS,
      toBlock: (await world.vault.latest()).number,
    });
  };

  it("given half of a month paid, when all is lost, then secret, chain and meter give the same coins and tokens back, nothing is paid twice, and the bill settles", async () => {
    const period = world.month(1);
    await world.use(period, 213_000);
    const { resident, keys } = await world.device(home);
    const client = await world.client(home);
    await takeTokens(resident, client, { keys, period });
    client.close();
    await world.run(resident, startOfDay(world.month(2), 6));
    const before = (await world.sales).receipts;
    // Nothing is carried over: another store, another pairing with a new code from the meter's button.
    const again = await world.pair(SECRET, SHARE);
    expect(again.paired.viewKey).to.deep.equal(home.paired.viewKey);
    expect(again.paired.meter).to.equal(home.paired.meter);
    await again.purse.restore(await remembered());
    expect([...(await again.purse.coins())].sort()).to.deep.equal([
      [1, 6],
      [10, 3],
      [100, 6],
    ]);
    const paid: Resident = await world.pay(again, period);
    expect(await world.settle(again, paid, period)).to.equal("settled");
    const { units, receipts } = await world.sales;
    expect(units, "each unit once").to.equal(213n);
    expect(receipts).to.equal(6n);
    expect(before).to.be.lessThanOrEqual(receipts);
    expect(await world.audited()).to.deep.equal({ ok: true, settled: 1 });
  });

  it("given another secret, another share of the view key, or baskets that were never withdrawn, then each is named and nothing is taken", async () => {
    const stranger = await world.pair(new Uint8Array(32).fill(9), SHARE);
    await expectRejection(
      stranger.purse.restore(await remembered()),
      "resident/foreign-withdrawal",
    );
    expect([...(await stranger.purse.coins())]).to.deep.equal([]);
    await expectRejection(world.pair(SECRET, new Uint8Array(32).fill(9)), "meter/refused");
    const { reader, chain } = world.vault;
    const of = { account: chain.accounts[1]!, baseUnitsPerUnit: BASE_UNITS };
    const { number: toBlock } = await world.vault.latest();
    await expectRejection(
      pastWithdrawals(reader, { ...of, baskets: [new Map([[100, 1]])], toBlock }),
      "funding/unknown-withdrawal",
    );
    await world.vault.deposit(world.vault.newRequest([1]));
    await expectRejection(remembered(), "funding/open-deposit");
  });
});
