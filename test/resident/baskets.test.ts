import { expect } from "chai";
import { generatedHomes, realHomes } from "../../scripts/lib/baskets/homes.js";
import { DEFAULT_RULES, MONTHS, runHome, tokensOf } from "../../scripts/lib/baskets/simulate.js";
import { accrualBasket, coinsWorth, periodEndBasket, type Basket } from "../../src/ecash/index.js";
import type { CoinNumber, ECashWallet } from "../../src/ecash/index.js";
import { Books } from "../../src/resident/books.js";
import { LARGEST_WITHDRAWAL, Purse, startOfDay } from "../../src/resident/index.js";
import { addPeriods } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";

const ACCRUAL = [1, 10, 100, 1000];
const PERIOD_END = Array.from({ length: 14 }, (_, i) => 2 ** i);
const START = 202612;

/** An e-cash whose coins are their numbers: what is tested is how many are withdrawn. */
const counting = {
  prepare: (_mintKeyId: number, coins: readonly CoinNumber[]) => {
    const state = Buffer.from(JSON.stringify(coins));
    return { state, request: state };
  },
  finish: (state: Uint8Array) => {
    const coins = JSON.parse(Buffer.from(state).toString()) as {
      denomination: number;
      number: number;
    }[];
    return coins.map((coin) => ({
      ...coin,
      mintKeyId: 1,
      id: `${coin.denomination}-${coin.number}`,
      secret: new Uint8Array(1),
    }));
  },
} as unknown as ECashWallet;

class TestHome {
  readonly store = new MemoryStore();
  now = startOfDay(START, 15);
  readonly purse = new Purse({
    wallet: counting,
    store: this.store,
    secret: new Uint8Array(32),
    mints: [{ mintKeyId: 1, firstPeriod: 0 }],
    now: () => this.now,
    cameToNothing: () => true,
  });
  readonly requests: number[] = [];
  readonly #next = new Map<number, number>();

  constructor(private readonly basket: Basket) {}

  /** Withdraws what is due; the coins, one entry each. */
  withdraw(): Promise<readonly number[]> {
    return this.purse.withdrawBasket(this.basket, (request) => {
      const { length } = JSON.parse(Buffer.from(request).toString()) as unknown[];
      this.requests.push(length);
      return Promise.resolve(request);
    });
  }

  /** Tokens of a bill come in; their coins are used when they are there. */
  async accrue(tokens: ReadonlyMap<number, number>, period: number): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const [denomination, count] of tokens) {
        for (let i = 0; i < count; i++) {
          const number = this.#next.get(denomination) ?? 0;
          this.#next.set(denomination, number + 1);
          const at = { due: 0, month: period, period, token: new Uint8Array() };
          new Books(tx).putToken(`${denomination}-${number}`, {
            ...at,
            denomination,
            number,
            stage: "waiting",
          });
        }
      }
    });
  }

  async pay(): Promise<void> {
    await this.store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const { hash, record } of await books.tokens()) {
        const { denomination, number } = record;
        expect(await books.coin(denomination, number), hash).not.to.equal(null);
        books.deleteCoin(denomination, number);
        books.deleteToken(hash, record);
      }
    });
  }
}

const worth = (coins: readonly number[]): number => coins.reduce((sum, d) => sum + d, 0);

/** A wallet's three years, as the simulation behind docs/money.md counts them. */
async function threeYears(
  bills: readonly number[],
  denominations: readonly number[],
  basket: Basket,
): Promise<{ withdrawn: number; extra: number; bound: number[] }> {
  const home = new TestHome(basket);
  let withdrawn = worth(await home.withdraw());
  let extra = 0;
  const bound: number[] = [];
  for (let i = 0; i < MONTHS; i++) {
    const month = addPeriods(START, i + 1);
    home.now = startOfDay(month, 15);
    withdrawn += worth(await home.withdraw());
    await home.accrue(tokensOf(bills[i % bills.length]!, denominations), month);
    const more = await home.withdraw();
    withdrawn += worth(more);
    extra += more.length > 0 ? 1 : 0;
    await home.pay();
    bound.push(coinsWorth(await home.purse.coins()));
  }
  return { withdrawn, extra, bound };
}

describe("the basket of a purse", function () {
  this.timeout(120_000);

  for (const [emission, denominations, basketFor] of [
    ["as it accrues", ACCRUAL, (mean: number) => accrualBasket(ACCRUAL, 1.5 * mean, 9)],
    ["at the period's end", PERIOD_END, (mean: number) => periodEndBasket(PERIOD_END, 2 * mean)],
  ] as const) {
    it(`given three years of homes, tokens ${emission}: withdraws what the simulation of the tables does`, async () => {
      const real = (await realHomes()) ?? [];
      const homes = [...generatedHomes(6), ...real.slice(0, 2)];
      for (const { bills, mean, id } of homes) {
        const basket = basketFor(mean);
        const simulated = runHome({ bills, denominations, basket, rules: DEFAULT_RULES });
        const wallet = await threeYears(bills, denominations, basket);
        expect(wallet.withdrawn, id).to.equal(simulated.withdrawnUnits);
        expect(wallet.bound, id).to.deep.equal(simulated.bound);
      }
    });
  }

  it("begins with two baskets, then one a month for any use, and none twice in a month", async () => {
    const home = new TestHome(
      new Map([
        [1, 9],
        [10, 9],
        [100, 3],
      ]),
    );
    expect(await home.withdraw()).to.have.lengthOf(2 * 21);
    expect(await home.withdraw()).to.deep.equal([]);
    for (const i of [1, 2, 3]) {
      home.now = startOfDay(addPeriods(START, i), 3);
      expect(await home.withdraw()).to.have.lengthOf(21);
      expect(await home.withdraw()).to.deep.equal([]);
    }
    // The count of the fourth month: five packs of each, one is kept.
    home.now = startOfDay(addPeriods(START, 4), 3);
    expect(await home.withdraw()).to.deep.equal([]);
  });

  it("withdraws again in the same month what came to nothing, and only that", async () => {
    const home = new TestHome(
      new Map([
        [1, 9],
        [10, 9],
      ]),
    );
    const failing = home.purse.withdrawBasket(
      new Map([
        [1, 9],
        [10, 9],
      ]),
      () => Promise.reject(new Error("declined")),
    );
    await failing.then(
      () => expect.fail("it did not fail"),
      (error: unknown) => expect(String(error)).to.include("declined"),
    );
    expect((await home.purse.coins()).size).to.equal(0);
    expect(await home.withdraw()).to.have.lengthOf(36);
    expect(await home.withdraw()).to.deep.equal([]);
    expect(await home.purse.coins()).to.deep.equal(
      new Map([
        [1, 18],
        [10, 18],
      ]),
    );
  });

  it("splits a basket of more coins than one deposit takes", async () => {
    const home = new TestHome(new Map([[1, 200]]));
    await home.withdraw();
    expect(home.requests).to.deep.equal([LARGEST_WITHDRAWAL, 400 - LARGEST_WITHDRAWAL]);
  });
});
