/**
 * What the utility sees does not say which payments are whose. Its whole view is recorded: deposits
 * and blinded messages by account, orders without a sender, bills and combined receipts by meter.
 */
import { expect } from "chai";
import { createMclBn254, GROUP_ORDER, type G1Point } from "../../src/algebra/index.js";
import { deriveCoinSecrets, seedMac } from "../../src/ecash/blind-bls/coin-secrets.js";
import { decodePayment } from "../../src/ecash/blind-bls/payment.js";
import { constantBasket, decodeRequest } from "../../src/ecash/index.js";
import { Purse, Resident } from "../../src/resident/index.js";
import { addressOf, billGen, combine, verifyCombined } from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { answerWith, sellerBehind } from "../../src/utility/index.js";
import { exchange, payFor, PAYEE } from "../support/exchange.js";
import { programmedOracle } from "../support/programmed-oracle.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod, system } from "../support/settlement.js";
import { hex, UtilityView } from "../support/utility-view.js";

const mcl = await createMclBn254();
const sizes = { a: [100, 100, 10, 1, 1], b: [10, 1] } as const;
const basket = constantBasket([1, 10, 100], 300n);

describe("the utility's view", () => {
  it("is the same, byte for byte, when two homes swap their payments", async () => {
    const random = new TestRandom("swap");
    const x = exchange(mcl, { seed: "swap" });
    const orders = await Promise.all(
      [sizes.a, sizes.b].map(async (parts, i) => {
        const coins = await x.coins(parts);
        const { generated } = meterPeriod(x.world, parts, { seed: `home ${i}` });
        return generated.map(({ token }, j) => ({
          token: x.world.suite.encode(token),
          payment: payFor(x, coins[j]!, token),
        }));
      }),
    );
    // The times at which the seven payments are sent, whoever sends them.
    const all = orders.flat();
    const times = all.map(() => random.int(1_000_000));
    const inTime = all.map((_, i) => i).sort((i, j) => times[i]! - times[j]!);

    async function run(swapped: boolean): Promise<{ view: UtilityView; books: string }> {
      const view = new UtilityView();
      const books = new MemoryStore();
      const service = x.restart(books);
      const device = (): ReturnType<typeof sellerBehind> =>
        sellerBehind(view.watch(answerWith(service)));
      const [a, b] = [device(), device()];
      for (const i of inTime) {
        const mine = i < sizes.a.length !== swapped;
        await (mine ? a : b).sell(all[i]!);
      }
      return { view, books: await dump(books) };
    }

    const [straight, swapped] = [await run(false), await run(true)];
    expect(straight.view.orders.length).to.equal(7);
    expect(swapped.view).to.deep.equal(straight.view);
    expect(swapped.books).to.equal(straight.books);
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
      const withdrawal = x.ecash.prepare(denominations, seed);
      const secrets = denominations.map((denomination, index) =>
        deriveCoinSecrets(curve, system, { mac: seedMac(seed), mintKeyId: 3, denomination, index }),
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
      const explained = billGen(curve, bill.period, bill.keyEpoch, sum, other);
      expect(hex(explained.r)).to.equal(hex(bill.r));
      const off = billGen(curve, bill.period, bill.keyEpoch, sum, mod(other + 1n));
      expect(hex(off.r), "by this r and no other").not.to.equal(hex(bill.r));
      // Its receipt is the sum of the other home's receipts.
      const receipts = (points: typeof mine): G1Point[] =>
        points.period.generated.map((g) => x.world.issuer.issue(g.token));
      const combined = combine(curve, receipts(theirs), other, x.world.key);
      const before = combine(curve, receipts(mine), blinding, x.world.key);
      expect(hex(g1.encode(combined))).to.equal(hex(g1.encode(before)));
      expect(verifyCombined(curve, x.world.key, g1.decode(bill.r), combined)).to.equal(true);
      // My account withdrew the other home's coins, under other ρ.
      const { messages } = decodeRequest(mine.withdrawal.request);
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
      const payment = decodePayment(payFor(x, coins[0]!.secret, token));
      expect(hex(payment.coinSignature)).to.equal(hex(g1.encode(signature)));
    }
  });

  describe("of two whole households", () => {
    async function households(basketOf: (units: bigint) => readonly number[]) {
      const x = exchange(mcl, { seed: "households" });
      const view = new UtilityView();
      for (const [account, parts] of Object.entries(sizes)) {
        const period = meterPeriod(x.world, parts, { seed: account });
        const store = new MemoryStore();
        const purse = new Purse(x.ecash, store, new TestRandom(account).bytes(32));
        const units = BigInt(parts.reduce((s: number, d) => s + d, 0));
        await purse.withdraw(basketOf(units), async (request) => {
          view.withdrawal(account, request);
          return x.ecash.issue(request);
        });
        const resident = new Resident({
          system,
          suite: x.world.suite,
          wallet: x.ecash,
          keys: new Map([[1, x.world.key]]),
          payee: PAYEE,
          store,
          now: () => x.clock.now,
        });
        const tokens = period.generated.map((g) => g.token);
        await resident.accept(tokens);
        await resident.pay({
          sell: (order) => sellerBehind(view.watch(answerWith(x.service))).sell(order),
        });
        const meter = addressOf(period.billKey);
        const file = await resident.combine(period.bill, tokens, period.blinding, meter);
        view.settlement(meter, file);
      }
      return { view, x };
    }
    const shape = (request: string): string =>
      decodeRequest(Buffer.from(request, "hex"))
        .messages.map((m) => m.denomination)
        .join();

    it("accounts withdraw alike and settle alike, whatever they owe", async () => {
      const { view } = await households(() => basket);
      expect(new Set(view.withdrawals.map((w) => shape(w.request))).size).to.equal(1);
      const fields = view.settlements.map(({ file }) => Object.keys(JSON.parse(file)).join());
      expect(new Set(fields).size).to.equal(1);
      // The control: a home that withdraws what it owes is told apart by that.
      const careless = await households((units) => constantBasket([1, 10, 100], units));
      const shapes = new Set(careless.view.withdrawals.map((w) => shape(w.request)));
      expect(shapes.size).to.equal(2);
    });

    it("an order holds a token and a payment, of one length, and nothing that was seen before", async () => {
      const { view, x } = await households(() => basket);
      expect(view.orders.length).to.equal(7);
      expect(new Set(view.orders.map((o) => o.length)).size).to.equal(1);
      const seen = view.withdrawals.flatMap(({ request }) =>
        decodeRequest(Buffer.from(request, "hex")).messages.map((m) => hex(m.message)),
      );
      const answers = await Promise.all(
        view.withdrawals.map(({ request }) => x.ecash.issue(Buffer.from(request, "hex"))),
      );
      const meters = view.settlements.map(({ meter }) => meter.slice(2));
      const known = [...seen, ...answers.map(hex), ...meters];
      for (const order of view.orders) {
        for (const bytes of known) {
          for (let at = 0; at + 16 <= bytes.length; at += 16) {
            expect(order.includes(bytes.slice(at, at + 16))).to.equal(false);
          }
        }
      }
      // Every coin and every token is shown once.
      expect(new Set(view.orders).size).to.equal(view.orders.length);
    });
  });
});

async function dump(store: Store): Promise<string> {
  const entries = await store.transaction((tx) => tx.list(""));
  return entries.map(([key, value]) => `${key}=${hex(value)}`).join("\n");
}
