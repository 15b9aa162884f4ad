/**
 * The mint's keys change: two ids on the chain, coins of the first changed at the utility's service, over
 * HTTP, and what each party gets who comes too early, too late, or with another's coins.
 */
import { expect } from "chai";
import type { Carrier } from "../../src/exchange/index.js";
import type { Served } from "../../src/http/index.js";
import { startOfDay, takeTokens } from "../../src/resident/index.js";
import { serveUtility, UtilityClient } from "../../src/service/index.js";
import { encodeParameters } from "../../src/sipster/index.js";
import { CoreWorld, type CoreWallet } from "../support/core-world.js";

const SECRET = new Uint8Array(32).fill(0x31);
const SHARE = new Uint8Array(32).fill(0x32);

describe("mint keys by period, from the vault to the service", function () {
  this.timeout(180_000);
  let world: CoreWorld;
  let home: CoreWallet;
  let served: Served;

  /** Paired, with coins of the first id for two months; the second id begins two months after the first. */
  beforeEach(async () => {
    world = await CoreWorld.start("mint rotation");
    const direct: Carrier = world.carrier;
    served = await serveUtility({
      parameters: () => Promise.resolve(encodeParameters({ terms: [world.terms], network: [] })),
      tariffs: new Map(),
      health: { ready: () => Promise.resolve(null) },
      version: "1.2.3",
      onDefect: (error) => {
        throw error;
      },
      exchange: direct,
    });
    world.carrier = new UtilityClient(served.url).carrier;
    home = await world.pair(SECRET, SHARE);
    const basket = [100, 100, 100, 10, 10, 10, 1, 1, 1];
    await home.purse.withdraw(basket, (request) => home.funding.withdraw(request));
  });
  afterEach(async () => {
    await served.close();
    await world.stop();
  });

  /** Mint key ids of the free coins that the wallet holds. */
  async function idsOfCoins(): Promise<number[]> {
    const ids: number[] = [];
    await home.store.transaction(async (tx) => {
      for (const [, bytes] of await tx.list("coin/")) {
        const coin = JSON.parse(new TextDecoder().decode(bytes)) as {
          mintKeyId: number;
          state: string;
        };
        if (coin.state === "free") ids.push(coin.mintKeyId);
      }
    });
    return ids;
  }

  it("given coins left over when the next id begins: the old id pays in that month, and its days of refreshing change the rest", async () => {
    const [before, begins] = [world.month(1), world.month(2)];
    await world.rotateMint(begins);
    // The month before: its tokens are paid in the first days of the new id's month, with old coins.
    await world.use(before, 120_000);
    const first = await world.pay(home, before);
    expect(await world.settle(home, first, before)).to.equal("settled");
    expect(await idsOfCoins()).to.deep.equal([1, 1, 1, 1, 1, 1]);
    // The refreshing days of the new id's month.
    await world.run(first, startOfDay(begins, 29));
    expect(await idsOfCoins()).to.deep.equal([2, 2, 2, 2, 2, 2]);
    expect((await world.sales).units).to.equal(120n);
    expect(await world.audited()).to.deep.equal({ ok: true, settled: 1 });
  });

  it("given a wallet that was away in the days of refreshing: its old coins no longer pay, it changes them later, and then they pay", async () => {
    const begins = world.month(2);
    await world.rotateMint(begins);
    const used = world.month(3);
    // Nobody ran this wallet in the month in which the second id began.
    await world.use(used, 120_000);
    const { resident, keys } = await world.device(home);
    const client = await world.client(home);
    await takeTokens(resident, client, { keys, period: used });
    client.close();
    await world.run(resident, startOfDay(world.month(4), 12));
    expect(await idsOfCoins()).to.include(1);
    expect((await world.sales).units).to.equal(0n);
    await world.run(resident, startOfDay(world.month(4), 29));
    expect(new Set(await idsOfCoins())).to.deep.equal(new Set([2]));
    await world.run(resident, startOfDay(world.month(5), 12));
    expect(await resident.pending()).to.equal(0);
    expect((await world.sales).units).to.equal(120n);
  });
});
