/** What the vault remembers of withdrawals, for any basket of the public terms. */
import { hexlify } from "ethers";
import { expect } from "chai";
import { DepositTree, type VaultDeposit, type VaultReader } from "../../src/chain/index.js";
import { encodeRequest, periodEndBasket, type Basket } from "../../src/ecash/index.js";
import { pastWithdrawals } from "../../src/funding/index.js";
import { expectRejection } from "../support/errors.js";

const ACCOUNT = `0x${"11".repeat(20)}`;
const BASE = 10n ** 16n;

/** A vault with these deposits, all refunded. */
function vault(deposits: readonly (readonly number[])[]): VaultReader {
  const reader = {
    periods: async () => ({ acknowledge: 86_400n }),
    depositIds: async () => deposits.map((_, i) => BigInt(i)),
    deposit: async (id: bigint) => {
      const denominations = deposits[Number(id)]!;
      const units = denominations.reduce((sum, d) => sum + d, 0);
      return {
        status: "refunded",
        count: denominations.length,
        amount: BigInt(units) * BASE,
        messagesRoot: hexlify(DepositTree.ofMessages(messagesOf(denominations)).root),
        mintKeyId: 1,
        acknowledgeBy: 1_800_000_000n,
      } as Partial<VaultDeposit>;
    },
  };
  return reader as unknown as VaultReader;
}

function messagesOf(denominations: readonly number[]) {
  return denominations.map((denomination, i) => ({
    denomination,
    message: new Uint8Array(64).fill(i + 1),
  }));
}

const coinsOf = (basket: Basket, packs: (denomination: number) => number): number[] =>
  [...basket].flatMap(([d, count]) => Array<number>(packs(d) * count).fill(d));

describe("withdrawals of before a loss", () => {
  const bits = Array.from({ length: 20 }, (_, i) => 2 ** i);

  it("given a basket of many denominations, when they are read, then each deposit's are found among those that fit", async () => {
    const basket = periodEndBasket(bits, 2 ** 21);
    const made = [
      coinsOf(basket, () => 2),
      coinsOf(basket, () => 1),
      coinsOf(basket, (d) => (d === 64 ? 0 : 1)),
    ];
    const past = await pastWithdrawals(vault(made), {
      account: ACCOUNT,
      baskets: [basket],
      baseUnitsPerUnit: BASE,
      toBlock: 1,
    });
    past.forEach(({ denominations, others, matches }, i) => {
      const shapes = [denominations, ...others];
      expect(shapes.length).to.be.below(1000);
      const fits = shapes.filter((shape) =>
        matches(encodeRequest({ mintKeyId: 1, messages: messagesOf(shape) })),
      );
      expect(fits).to.deep.equal([made[i]]);
    });
  });

  it("given a basket of more coins than a deposit takes, when its deposits are read, then each piece of 256 is found", async () => {
    const two: Basket = new Map([
      [1, 200],
      [10, 100],
    ]);
    for (const basket of [two, new Map([[1, 200]])]) {
      const coins = coinsOf(basket, () => 2);
      const made = [0, 256, 512].map((at) => coins.slice(at, at + 256)).filter((m) => m.length > 0);
      const past = await pastWithdrawals(vault(made), {
        account: ACCOUNT,
        baskets: [basket],
        baseUnitsPerUnit: BASE,
        toBlock: 1,
      });
      const worth = (shape: readonly number[]): number => shape.reduce((sum, d) => sum + d, 0);
      past.forEach(({ denominations, others }, i) => {
        const shapes = [denominations, ...others];
        expect(shapes).to.deep.include(made[i]);
        // No other number of coins, and no other price, may be tried for this deposit.
        for (const shape of shapes) {
          expect([shape.length, worth(shape)]).to.deep.equal([made[i]!.length, worth(made[i]!)]);
        }
      });
      expect(past).to.have.lengthOf(made.length);
    }
  });

  it("given a deposit of another amount, when it is read, then it is named", async () => {
    const of = {
      account: ACCOUNT,
      baskets: [new Map([[10, 3]])],
      baseUnitsPerUnit: BASE,
      toBlock: 1,
    };
    const odd = vault([[10, 10, 10]]);
    const { deposit } = odd;
    odd.deposit = async (id) => ({ ...(await deposit(id)), amount: 30n * BASE + 1n });
    await expectRejection(pastWithdrawals(odd, of), "funding/unknown-withdrawal");
    await expectRejection(pastWithdrawals(vault([[10, 10]]), of), "funding/unknown-withdrawal");
  });
});
