/**
 * What the utility sees does not say which payments are whose. Its whole view is recorded while homes
 * with different bills live through months on one clock: whole messages as bytes with their times,
 * deposits and blinded messages by account, bills and combined receipts by meter.
 */
import { expect } from "chai";
import { createMclBn254, GROUP_ORDER, type G1Point } from "../../src/algebra/index.js";
import {
  deriveCoinSecrets,
  numberedSource,
  seedMac,
} from "../../src/ecash/blind-bls/coin-secrets.js";
import { decodePayment } from "../../src/ecash/blind-bls/payment.js";
import { constantBasket, decodeRequest as decodeWithdrawal } from "../../src/ecash/index.js";
import { decodeRequest } from "../../src/exchange/index.js";
import { NEXT_MONTH, startOfDay, type ResidentSettings } from "../../src/resident/index.js";
import {
  addPeriods,
  addressOf,
  billGen,
  combine,
  verifyCombined,
} from "../../src/sipster/index.js";
import { exchange, MINT_KEY_ID, payFor, type Exchange } from "../support/exchange.js";
import { masked } from "../support/masked.js";
import { programmedOracle } from "../support/programmed-oracle.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod, system } from "../support/settlement.js";
import { hex, UtilityView } from "../support/utility-view.js";
import { openWallet, setClock, type TestWallet } from "../support/wallet.js";

const mcl = await createMclBn254();
const DAY = 86_400;
const sizes = { a: [100, 100, 10, 1, 1], b: [10, 1] } as const;
const basket = constantBasket([1, 10, 100], 300n);
const MONTHS = [202701, 202702];

/** What a home owes, by month; and on which days of the month its tokens accrue. */
type Bills = Readonly<Record<string, readonly (readonly number[])[]>>;

interface Home {
  readonly name: string;
  readonly bills: readonly (readonly number[])[];
  readonly wallet: TestWallet;
}

/**
 * Homes live through the months on one clock, each token paid when its policy says. The view is all
 * that the utility has of it.
 */
async function live(
  bills: Bills,
  changes: (x: Exchange) => Partial<ResidentSettings> = () => ({}),
): Promise<{ view: UtilityView; x: Exchange }> {
  const x = exchange(mcl, { seed: "months" });
  const view = new UtilityView();
  const homes: Home[] = Object.entries(bills).map(([name, months]) => ({
    name,
    bills: months,
    wallet: openWallet(x, { secret: new TestRandom(name).bytes(32), ...changes(x) }),
  }));
  const now = (): number => Number(x.clock.now);
  const withdraw = async ({ name, wallet }: Home): Promise<void> => {
    await wallet.purse.withdraw(basket, async (request) => {
      view.withdrawal(name, request);
      return x.withdraw(request);
    });
  };
  setClock(x, startOfDay(addPeriods(MONTHS[0]!, -1), 15));
  for (const home of homes) await withdraw(home);
  // Hour by hour: tokens accrue, wallets do what is due.
  const numbers = new Map<string, number>();
  const end = startOfDay(addPeriods(MONTHS.at(-1)!, 1), 13);
  for (let time = startOfDay(MONTHS[0]!, 1); time < end; time += 3_600) {
    setClock(x, time);
    for (const home of homes) {
      await accrue({ exchange: x, home, time, numbers });
      const next = await home.wallet.resident.nextDue();
      if (next === null || next > time) continue;
      await home.wallet.resident.step(view.watch(home.name, now, x.carrier));
    }
  }
  return { view, x };
}

/** One token every third day at noon, as long as the month's bill has any. */
async function accrue({
  exchange: x,
  home: { name, bills, wallet },
  time,
  numbers,
}: {
  readonly exchange: Exchange;
  readonly home: Home;
  readonly time: number;
  readonly numbers: Map<string, number>;
}): Promise<void> {
  for (const [i, month] of MONTHS.entries()) {
    const into = time - startOfDay(month, 1) - DAY / 2;
    const at = into / (3 * DAY);
    const size = bills[i]![at];
    if (into < 0 || !Number.isInteger(at) || size === undefined) continue;
    const seed = `${name} ${month}`;
    const { generated } = meterPeriod(x.world, bills[i]!, { seed, period: month });
    const key = `${name}/${size}`;
    const number = numbers.get(key) ?? 0;
    numbers.set(key, number + 1);
    await wallet.resident.accept(month, [{ token: generated[at]!.token, number }]);
  }
}

/** Months in which messages were sent, and the distinct masked messages of each denomination. */
function marks({ messages }: UtilityView): Map<string, Set<string>> {
  const kinds = new Map<string, Set<string>>();
  for (const message of messages) {
    const { request } = decodeRequest(message.request);
    const size = request.kind === "buy" ? decodePayment(request.order.payment).denomination : 0;
    const month = new Date(message.at * 1000).toISOString().slice(0, 7);
    // In the last two days of a month payments expire with the next, for all homes alike.
    const nearEnd = new Date((message.at + 2 * DAY) * 1000).toISOString().slice(0, 7) !== month;
    const key = `${month} ${nearEnd ? "last days" : ""} ${request.kind} ${size}`;
    kinds.set(key, (kinds.get(key) ?? new Set()).add(masked(message)));
  }
  return kinds;
}

const bills: Bills = {
  a: [
    [100, 100, 10, 1, 1],
    [100, 10, 10, 1],
  ],
  b: [[10, 1], [1]],
  c: [
    [100, 1, 1, 1],
    [100, 100, 1],
  ],
};

describe("the utility's view", () => {
  describe("of homes that live through two months", () => {
    it("holds messages that differ in token, coin and their signatures, and in nothing else", async () => {
      const { view } = await live(bills);
      expect(view.messages.length).to.equal(19);
      expect(new Set(view.messages.map(({ request }) => request.length)).size).to.equal(1);
      expect(new Set(view.messages.map(({ answer }) => answer.length)).size).to.equal(1);
      for (const [what, distinct] of marks(view)) expect(distinct.size, what).to.equal(1);
      // Each token and each coin is in one message.
      expect(new Set(view.orders).size).to.equal(view.messages.length);
    });

    it("would show an expiry of now and a day, to the second: every home's messages apart", async () => {
      const { view } = await live(bills, (x) => ({
        wallet: {
          ...x.ecash,
          pay: (coin, memo) => x.ecash.pay(coin, memo, x.clock.now + 86_400n),
        },
      }));
      const most = Math.max(...[...marks(view).values()].map((distinct) => distinct.size));
      expect(most).to.be.greaterThan(1);
    });

    it("is the same multiset of messages for two assignments of bills with equal totals", async () => {
      const policy: Partial<ResidentSettings> = {
        policy: { kind: "next-month" },
        timetable: NEXT_MONTH,
      };
      const { a, b, c } = bills as Record<string, (readonly number[])[]>;
      const assignments: Bills[] = [
        { a: a!, b: b!, c: c! },
        { a: b!, b: c!, c: a! },
        // Other bills, whose totals of each denomination are the same in each month.
        {
          a: [[1], [100, 100, 100, 10, 1, 1, 1]],
          b: [[100, 100, 100, 10, 10, 1, 1, 1, 1, 1], [10]],
          c: [[], []],
        },
      ];
      const counts = (list: readonly string[]): string[] => [...list].sort();
      const views = [];
      for (const assignment of assignments) {
        const { view } = await live(assignment, () => policy);
        views.push({
          messages: counts(view.messages.map(masked)),
          withdrawals: view.withdrawals.map(({ account, request }) => [account, shape(request)]),
        });
      }
      expect(views[0]!.messages.length).to.equal(19);
      expect(views[1]).to.deep.equal(views[0]);
      expect(views[2]).to.deep.equal(views[0]);
    });

    it("is the same bytes when two homes swap wallets, and nothing is left of who sent them", async () => {
      const policy = { policy: { kind: "next-month" }, timetable: NEXT_MONTH } as const;
      const { view } = await live(bills, () => policy);
      const { view: again } = await live({ b: bills.b!, c: bills.c!, a: bills.a! }, () => policy);
      const bytes = (v: UtilityView): string[] =>
        v.messages.map(({ request, answer }) => hex(request) + hex(answer)).sort();
      expect(bytes(again)).to.deep.equal(bytes(view));
    });

    it("counts the same number of requests of every home in a month, dummies included", async () => {
      const { view } = await live(bills, () => ({ requests: 12 }));
      for (const month of ["2027-01", "2027-02"]) {
        const counts = Object.keys(bills).map((home) => {
          const mine = view.messages.filter(
            ({ at, home: h }) => h === home && new Date(at * 1000).toISOString().startsWith(month),
          );
          return mine.length;
        });
        expect(counts, month).to.deep.equal([12, 12, 12]);
      }
      const kinds = new Set(
        view.messages.map(({ request }) => decodeRequest(request).request.kind),
      );
      expect([...kinds].sort()).to.deep.equal(["buy", "health"]);
    });
  });

  it("fits the swapped homes as well: other blinding factors explain the same bytes", async () => {
    // With the logarithms of all hashes known, the blinding factors under which each home owes and
    // pays what the other does can be computed. They are as uniform as the first ones.
    const { curve, logOf } = programmedOracle(mcl);
    const { g1 } = curve;
    const mod = (n: bigint): bigint => ((n % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
    const x = exchange(curve, { seed: "explain" });
    const denominations = [1, 10, 100];
    const homes = [sizes.a, sizes.b].map((parts, i) => {
      const seed = new Uint8Array(32).fill(i + 1);
      const numbers = denominations.map((denomination) => ({ denomination, number: 0 }));
      const withdrawal = x.ecash.prepare(MINT_KEY_ID, numbers, seed);
      const secrets = numbers.map((number) =>
        deriveCoinSecrets({
          curve,
          system,
          mac: seedMac(seed),
          source: numberedSource(system, MINT_KEY_ID, number),
        }),
      );
      const period = meterPeriod(x.world, parts, { seed: `home ${i}` });
      const points = period.generated.map((g) => g.point);
      return { withdrawal, secrets, period, points };
    });
    const sumOfLogs = (points: readonly G1Point[]): bigint =>
      points.reduce((sum, p) => sum + logOf(p), 0n);

    for (const [mine, theirs] of [
      [homes[0]!, homes[1]!],
      [homes[1]!, homes[0]!],
    ] as const) {
      // My bill is signed over the other home's tokens, under another r.
      const { bill, blinding } = mine.period;
      const other = mod(blinding + sumOfLogs(theirs.points) - sumOfLogs(mine.points));
      expect(other).not.to.equal(blinding);
      const sum = g1.sum(theirs.points);
      const explained = billGen({
        curve,
        period: bill.period,
        keyEpoch: bill.keyEpoch,
        accumulated: sum,
        blinding: other,
      });
      expect(hex(explained.r)).to.equal(hex(bill.r));
      const off = billGen({
        curve,
        period: bill.period,
        keyEpoch: bill.keyEpoch,
        accumulated: sum,
        blinding: mod(other + 1n),
      });
      expect(hex(off.r), "by this r and no other").not.to.equal(hex(bill.r));
      // Its receipt is the sum of the other home's receipts.
      const receipts = (points: typeof mine): G1Point[] =>
        points.period.generated.map((g) => x.world.issuer.issue(g.token));
      const combined = combine({
        curve,
        receipts: receipts(theirs),
        blinding: other,
        key: x.world.key,
      });
      const before = combine({ curve, receipts: receipts(mine), blinding, key: x.world.key });
      expect(hex(g1.encode(combined))).to.equal(hex(g1.encode(before)));
      expect(verifyCombined({ curve, key: x.world.key, r: g1.decode(bill.r), combined })).to.equal(
        true,
      );
      // My account withdrew the other home's coins, under other ρ.
      const { messages } = decodeWithdrawal(mine.withdrawal.request);
      messages.forEach(({ message }, j) => {
        const [own, foreign] = [mine.secrets[j]!, theirs.secrets[j]!];
        const rho = mod(own.rho + logOf(own.point) - logOf(foreign.point));
        const blinded = g1.add(foreign.point, g1.mul(g1.generator, rho));
        expect(hex(g1.encode(blinded))).to.equal(hex(message));
      });
      // Unblinded with it, the mint's answer is the coin that the other home pays with.
      const answer = await x.ecash.issue(mine.withdrawal.request);
      const coins = x.ecash.finish(
        theirs.withdrawal.state,
        await x.ecash.issue(theirs.withdrawal.request),
      );
      const [own, foreign] = [mine.secrets[0]!, theirs.secrets[0]!];
      const rho = mod(own.rho + logOf(own.point) - logOf(foreign.point));
      const b1 = x.mint.keys.get(1)!.b1;
      const signature = g1.sub(g1.decode(answer.subarray(0, 64)), g1.mul(b1, rho));
      const token = theirs.period.generated.at(-1)!.token;
      const payment = decodePayment(payFor({ exchange: x, coin: coins[0]!.secret, token }));
      expect(hex(payment.coinSignature)).to.equal(hex(g1.encode(signature)));
    }
  });

  it("accounts withdraw alike for any debt; one that withdraws what it owes is told apart", async () => {
    const { view } = await live(bills);
    expect(new Set(view.withdrawals.map(({ request }) => shape(request))).size).to.equal(1);
    const own = [sizes.a, sizes.b].map((parts) =>
      constantBasket([1, 10, 100], BigInt(parts.reduce((sum: number, d) => sum + d, 0))).join(),
    );
    expect(new Set(own).size).to.equal(2);
  });

  it("an order holds nothing that was seen in a withdrawal or a settlement", async () => {
    const { view, x } = await live(bills);
    const seen = view.withdrawals.flatMap(({ request }) =>
      decodeWithdrawal(Buffer.from(request, "hex")).messages.map((m) => hex(m.message)),
    );
    const answers = await Promise.all(
      view.withdrawals.map(({ request }) => x.ecash.issue(Buffer.from(request, "hex"))),
    );
    const meters = Object.keys(bills).map((name) => {
      const { billKey } = meterPeriod(x.world, [], { seed: name });
      return addressOf(billKey).slice(2);
    });
    for (const order of view.orders) {
      for (const bytes of [...seen, ...answers.map(hex), ...meters]) {
        for (let at = 0; at + 16 <= bytes.length; at += 16) {
          expect(order.includes(bytes.slice(at, at + 16))).to.equal(false);
        }
      }
    }
  });
});

/** Denominations of a withdrawal. */
function shape(request: string): string {
  return decodeWithdrawal(Buffer.from(request, "hex"))
    .messages.map((m) => m.denomination)
    .join();
}
