/**
 * The laws of every e-cash: an adapter passes if `ecashLaws` does. They use nothing but the interface.
 */
import { expect } from "chai";
import { toAddress } from "../../src/algebra/index.js";
import type { Coin, CoinNumber, ECash, Memo, RefreshMessage } from "../../src/ecash/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

/** One e-cash with its keys, whose processes can be started again and again. */
export interface EcashWorld {
  /** A new process over the same keys and deposits: nothing else may be left of an earlier one. */
  start(): ECash;
  readonly denominations: readonly number[];
  /** The mint key that signs. */
  readonly mintKeyId: number;
  /** The mint's signature of a refresh that is paid for. */
  sign(message: RefreshMessage): Promise<Uint8Array>;
  /** Wrong answers an issuer could give to a request of at least two coins, made from the right one. */
  wrongAnswers(answer: Uint8Array): Readonly<Record<string, Uint8Array>>;
}

export const NOW = 1_800_000_000n;
export const LATER = NOW + 3600n;

export function ecashLaws(name: string, makeWorld: () => Promise<EcashWorld>): void {
  describe(`laws of e-cash: ${name}`, () => {
    const random = new TestRandom(name);
    let world: EcashWorld;
    let ecash: ECash;
    before(async () => {
      world = await makeWorld();
      ecash = world.start();
    });

    const seed = random.bytes(32);
    let next = 0;
    /** Coins that no withdrawal of these tests had before. */
    const numbers = (denominations: readonly number[]): CoinNumber[] =>
      denominations.map((denomination) => ({ denomination, number: next++ }));
    const prepare = (denominations: readonly number[]) =>
      ecash.prepare(world.mintKeyId, numbers(denominations), seed);

    const memo = (): Memo => ({
      tokenHash: random.bytes(32),
      payee: toAddress(random.bytes(20)),
      keyEpoch: 7,
    });

    async function withdraw(denominations: readonly number[]): Promise<readonly Coin[]> {
      const { state, request } = prepare(denominations);
      return ecash.finish(state, await ecash.issue(request));
    }

    const codesOf = (errors: readonly ({ code: string } | null)[]): (string | null)[] =>
      errors.map((e) => e?.code ?? null);

    function codeOf({
      payment,
      memo: m,
      denomination,
      now = NOW,
    }: {
      readonly payment: Uint8Array;
      readonly memo: Memo;
      readonly denomination: number;
      readonly now?: bigint;
    }): string | null {
      return codesOf(ecash.verify([{ payment, memo: m, denomination }], now))[0]!;
    }

    it("coins of every denomination are withdrawn in order, and pay", async () => {
      const wanted = [...world.denominations, ...world.denominations.toReversed()];
      const coins = await withdraw(wanted);
      expect(coins.map((c) => c.denomination)).to.deep.equal(wanted);
      const payments = coins.map(({ secret, denomination }) => {
        const m = memo();
        return { payment: ecash.pay(secret, m, LATER), memo: m, denomination };
      });
      expect(codesOf(ecash.verify(payments, NOW))).to.deep.equal(wanted.map(() => null));
    });

    it("a withdrawal of no coins is one of no coins", async () => {
      expect(await withdraw([])).to.deep.equal([]);
      expect(ecash.verify([], NOW)).to.deep.equal([]);
    });

    it("a payment is refused with another token, payee, key epoch or denomination", async () => {
      const [d1, d2] = [world.denominations[0]!, world.denominations.at(-1)!];
      const [coin] = await withdraw([d1]);
      const m = memo();
      const payment = ecash.pay(coin!.secret, m, LATER);
      expect(codeOf({ payment, memo: m, denomination: d1 })).to.equal(null);
      expect(
        codeOf({ payment, memo: { ...m, tokenHash: random.bytes(32) }, denomination: d1 }),
      ).to.equal("ecash/wrong-memo");
      const payee = toAddress(random.bytes(20));
      expect(codeOf({ payment, memo: { ...m, payee }, denomination: d1 })).to.equal(
        "ecash/wrong-memo",
      );
      expect(codeOf({ payment, memo: { ...m, keyEpoch: 8 }, denomination: d1 })).to.equal(
        "ecash/wrong-memo",
      );
      expect(codeOf({ payment, memo: m, denomination: d2 })).to.equal("ecash/wrong-denomination");
    });

    it("a payment is taken until it expires", async () => {
      const [d] = world.denominations;
      const [coin] = await withdraw([d!]);
      const m = memo();
      const payment = ecash.pay(coin!.secret, m, LATER);
      expect(codeOf({ payment, memo: m, denomination: d!, now: LATER })).to.equal(null);
      expect(codeOf({ payment, memo: m, denomination: d!, now: LATER + 1n })).to.equal(
        "ecash/expired",
      );
    });

    it("coinId is injective, the same in every payment with a coin, and the wallet knows it", async () => {
      const coins = await withdraw(Array<number>(4).fill(world.denominations[0]!));
      const ids = coins.map((c) => ecash.coinId(ecash.pay(c.secret, memo(), LATER)));
      expect(ids).to.deep.equal(coins.map((c) => c.id));
      expect(new Set(ids).size).to.equal(coins.length);
      expect(ecash.coinId(ecash.pay(coins[0]!.secret, memo(), LATER + 9n))).to.equal(ids[0]);
    });

    it("a payment with any byte changed is refused", async () => {
      const [d] = world.denominations;
      const [coin] = await withdraw([d!]);
      const m = memo();
      const payment = ecash.pay(coin!.secret, m, LATER);
      const changed = Array.from(payment, (_, i) => {
        const copy = Uint8Array.from(payment);
        copy[i]! ^= 1 << (i % 8);
        return { payment: copy, memo: m, denomination: d! };
      });
      ecash.verify(changed, NOW).forEach((verdict, i) => {
        expect(verdict?.code, `byte ${i}`).to.match(/^ecash\//);
      });
      for (const cut of [payment.subarray(1), Uint8Array.from([...payment, 0]), Uint8Array.of()]) {
        expect(codeOf({ payment: cut, memo: m, denomination: d! })).to.equal("ecash/bad-payment");
        expectError(() => ecash.coinId(cut), "ecash/bad-payment");
      }
    });

    it("one bad payment among many is named, and spoils no other", async () => {
      const d = world.denominations[0]!;
      const coins = await withdraw(Array<number>(5).fill(d));
      const payments = coins.map(({ secret }) => {
        const m = memo();
        return { payment: ecash.pay(secret, m, LATER), memo: m, denomination: d };
      });
      payments[3] = { ...payments[3]!, payment: payments[2]!.payment };
      expect(codesOf(ecash.verify(payments, NOW))).to.deep.equal([
        null,
        null,
        null,
        "ecash/wrong-memo",
        null,
      ]);
    });

    it("reserve: ok once, then same; a second memo is a conflict that shows the earlier payment", async () => {
      const book = new MemoryStore();
      const reserve = (payment: Uint8Array) => book.transaction((tx) => ecash.reserve(tx, payment));
      const [a, b] = await withdraw([world.denominations[0]!, world.denominations[0]!]);
      const [m1, m2] = [memo(), memo()];
      const first = ecash.pay(a!.secret, m1, LATER);
      const second = ecash.pay(a!.secret, m2, LATER);
      expect(await reserve(first)).to.deep.equal({ kind: "ok" });
      expect(await reserve(first)).to.deep.equal({ kind: "same" });
      // Paid again for the same, with another expiry: still the same.
      expect(await reserve(ecash.pay(a!.secret, m1, LATER + 5n))).to.deep.equal({ kind: "same" });
      expect(await reserve(second)).to.deep.equal({ kind: "conflict", earlier: first });
      expect(await reserve(first)).to.deep.equal({ kind: "same" });
      // Another coin for the same memo is free.
      expect(await reserve(ecash.pay(b!.secret, m1, LATER))).to.deep.equal({ kind: "ok" });
      await expectRejection(reserve(first.subarray(1)), "ecash/bad-payment");
    });

    it("reserve, a hundred times at once: one ok, ninety-nine the same", async () => {
      const book = new MemoryStore();
      const [coin] = await withdraw([world.denominations[0]!]);
      const payment = ecash.pay(coin!.secret, memo(), LATER);
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, () => book.transaction((tx) => ecash.reserve(tx, payment))),
      );
      expect(outcomes.filter((o) => o.kind === "ok").length).to.equal(1);
      expect(outcomes.filter((o) => o.kind === "same").length).to.equal(99);
    });

    it("only two payments with one coin and two memos prove a double spend", async () => {
      const [a, b] = await withdraw([world.denominations[0]!, world.denominations[0]!]);
      const [m1, m2] = [memo(), memo()];
      const first = ecash.pay(a!.secret, m1, LATER);
      const second = ecash.pay(a!.secret, m2, LATER);
      expect(ecash.provesDoubleSpend(first, second)).to.equal(true);
      expect(ecash.provesDoubleSpend(first, first)).to.equal(false);
      const again = ecash.pay(a!.secret, m1, LATER + 1n);
      expect(ecash.provesDoubleSpend(again, first)).to.equal(false);
      expect(ecash.provesDoubleSpend(ecash.pay(b!.secret, m1, LATER), second)).to.equal(false);
      expect(ecash.provesDoubleSpend(Uint8Array.of(1), second)).to.equal(false);
      // A payee that alters a payment has no proof.
      for (let i = 0; i < second.length; i++) {
        const altered = Uint8Array.from(second);
        altered[i]! ^= 1;
        expect(ecash.provesDoubleSpend(altered, second), `byte ${i}`).to.equal(false);
      }
    });

    it("the issuer says what a request is worth, and answers it the same way each time", async () => {
      const wanted = [world.denominations[0]!, world.denominations.at(-1)!];
      const { state, request } = prepare(wanted);
      expect(ecash.price(request)).to.equal(BigInt(wanted[0]! + wanted[1]!));
      const answer = await ecash.issue(request);
      expect(await world.start().issue(request)).to.deep.equal(answer);
      expect(ecash.finish(state, answer).length).to.equal(2);
    });

    it("the issuer refuses what is not a request, and denominations it has not", async () => {
      const { request } = prepare([world.denominations[0]!]);
      await expectRejection(ecash.issue(request.subarray(0, -1)), "ecash/bad-request");
      expectError(() => ecash.price(request.subarray(0, -1)), "ecash/bad-request");
      expectError(() => prepare([world.denominations.at(-1)! + 1]), "ecash/no-mint-key");
      const coins = numbers([world.denominations[0]!]);
      expectError(() => ecash.prepare(world.mintKeyId + 1, coins, seed), "ecash/no-mint-key");
    });

    it("finish refuses every wrong answer, and then takes the right one", async () => {
      const { state, request } = prepare([
        world.denominations[0]!,
        world.denominations[0]!,
        world.denominations.at(-1)!,
      ]);
      const answer = await ecash.issue(request);
      const wrong = world.wrongAnswers(answer);
      expect(Object.keys(wrong).length).to.be.at.least(3);
      for (const [what, bytes] of Object.entries(wrong)) {
        const error = expectError(() => ecash.finish(state, bytes), "ecash/bad-answer");
        expect(error.message, what).not.to.equal("");
      }
      expect(ecash.finish(state, answer).length).to.equal(3);
    });

    it("given a seed and numbers, when prepared again, then the coins are the same; others differ", async () => {
      const d = world.denominations[0]!;
      const id = world.mintKeyId;
      const two = numbers([d, d]);
      const first = ecash.prepare(id, two, seed);
      expect(world.start().prepare(id, two, seed)).to.deep.equal(first);
      const requests = [
        ecash.prepare(id, two, random.bytes(32)),
        ecash.prepare(id, numbers([d, d]), seed),
        ecash.prepare(
          id,
          two.map((coin) => ({ ...coin, attempt: 1 })),
          seed,
        ),
      ].map(({ request }) => request.join());
      expect(new Set([first.request.join(), ...requests]).size).to.equal(4);
      expectError(() => ecash.prepare(id, two, new Uint8Array(31)), "ecash/bad-seed");
    });

    it("a coin asked for again after a refund is the same coin under another blinding", async () => {
      const [coin] = numbers([world.denominations[0]!]);
      const ids: string[] = [];
      for (const attempt of [0, 1]) {
        const again = ecash.prepare(world.mintKeyId, [{ ...coin!, attempt }], seed);
        const [made] = ecash.finish(again.state, await ecash.issue(again.request));
        expect(made!.number).to.equal(coin!.number);
        ids.push(made!.id);
      }
      expect(ids[0]).to.equal(ids[1]);
    });

    it("a refresh asks for the same fresh coin each time, and it pays under the old number", async () => {
      const d = world.denominations.at(-1)!;
      const [old] = await withdraw([d]);
      const refresh = ecash.prepareRefresh(world.mintKeyId, old!.secret, seed);
      const again = world.start().prepareRefresh(world.mintKeyId, old!.secret, seed);
      expect(again).to.deep.equal(refresh);
      const [other] = await withdraw([d]);
      const of = ecash.prepareRefresh(world.mintKeyId, other!.secret, seed).message;
      expect(of).not.to.deep.equal(refresh.message);
      const [fresh] = ecash.finish(refresh.state, await world.sign(refresh.message));
      expect(fresh!.number).to.equal(old!.number);
      expect(fresh!.id).not.to.equal(old!.id);
      const m = memo();
      expect(
        codeOf({ payment: ecash.pay(fresh!.secret, m, LATER), memo: m, denomination: d }),
      ).to.equal(null);
    });

    it("only a good payment with another coin for the same memo proves that it is paid", async () => {
      const d = world.denominations[0]!;
      const [a, b] = await withdraw([d, d]);
      const m = memo();
      const mine = ecash.pay(a!.secret, m, LATER);
      const theirs = ecash.pay(b!.secret, m, LATER);
      expect(ecash.provesPaid(theirs, mine)).to.equal(true);
      expect(ecash.provesPaid(mine, mine), "the coin itself").to.equal(false);
      expect(ecash.provesPaid(ecash.pay(a!.secret, m, NOW), mine)).to.equal(false);
      expect(ecash.provesPaid(ecash.pay(b!.secret, memo(), LATER), mine)).to.equal(false);
      expect(ecash.provesPaid(Uint8Array.of(1), mine)).to.equal(false);
      for (let i = 0; i < theirs.length; i++) {
        const altered = Uint8Array.from(theirs);
        altered[i]! ^= 1;
        expect(ecash.provesPaid(altered, mine), `byte ${i}`).to.equal(false);
      }
    });

    it("state survives a kill between any two calls", async () => {
      // Every call is made by a process that has nothing but bytes from the one before.
      const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
      const book = new MemoryStore();
      const d = world.denominations.at(-1)!;
      const m = memo();
      const { state, request } = world.start().prepare(world.mintKeyId, numbers([d]), seed);
      const lost = await world.start().issue(copy(request));
      const answer = await world.start().issue(copy(request));
      expect(answer).to.deep.equal(lost);
      const [coin] = world.start().finish(copy(state), copy(answer));
      expect(world.start().finish(copy(state), copy(answer))).to.deep.equal([coin]);
      const payment = world.start().pay(copy(coin!.secret), m, LATER);
      const expected = { payment: copy(payment), memo: m, denomination: d };
      expect(world.start().verify([expected], NOW)).to.deep.equal([null]);
      for (const kind of ["ok", "same", "same"]) {
        const outcome = await book.transaction((tx) => world.start().reserve(tx, copy(payment)));
        expect(outcome.kind).to.equal(kind);
      }
      expect(world.start().coinId(payment)).to.equal(coin!.id);
    });

    it("what is not a coin does not pay", () => {
      expectError(() => ecash.pay(random.bytes(9), memo(), LATER), "ecash/bad-coin");
    });
  });
}
