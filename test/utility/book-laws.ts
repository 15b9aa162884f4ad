/** The laws of a counter's book, for each backend. */
import { expect } from "chai";
import type { ECashAcceptor } from "../../src/ecash/index.js";
import type { CoinUse, CounterBook, UseOutcome } from "../../src/utility/index.js";
import { toAddress } from "../../src/algebra/index.js";
import type { TokenHash } from "../../src/sipster/index.js";
import { TestRandom } from "../support/random.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A use whose payment says what it is for: equal payments are the same use. */
export function use(coin: string, token: number | null, units = 1): CoinUse {
  const hash = token === null ? null : token.toString(16).padStart(64, "0");
  return { coin, payment: utf8(`${coin} for ${hash ?? "fresh"}`), token: hash, units };
}

/** Reads such payments: what they are for is all of them. */
export const ecashOfLaws: Pick<ECashAcceptor, "memo"> = {
  memo: (payment) => ({
    tokenHash: payment as TokenHash,
    payee: toAddress(new Uint8Array(20)),
    keyEpoch: 1,
  }),
};

/** What a use came to: the one that paid instead, where it was refused. */
export const told = (outcome: UseOutcome): string =>
  outcome.kind === "bound"
    ? "bound"
    : `${outcome.kind}: ${new TextDecoder().decode(outcome.earlier)}`;

/** The plain model: one use after the other. */
export class ModelBook {
  readonly coins = new Map<string, CoinUse>();
  readonly tokens = new Map<string, CoinUse>();

  bind(one: CoinUse): UseOutcome {
    const payer = one.token === null ? undefined : this.tokens.get(one.token);
    if (payer !== undefined) {
      if (payer.coin === one.coin) return { kind: "bound" };
      return { kind: "token-paid", earlier: payer.payment };
    }
    const spent = this.coins.get(one.coin);
    if (spent !== undefined) {
      if (spent.token === one.token) return { kind: "bound" };
      return { kind: "coin-spent", earlier: spent.payment };
    }
    this.coins.set(one.coin, one);
    if (one.token !== null) this.tokens.set(one.token, one);
    return { kind: "bound" };
  }
}

/** @param open a book with nothing in it */
export function bookLaws(open: () => Promise<CounterBook>): void {
  let book: CounterBook;
  beforeEach(async () => {
    book = await open();
  });
  const bind = async (...uses: CoinUse[]): Promise<string[]> => (await book.bind(uses)).map(told);

  it("binds a coin to a token once, and says so as often as it is asked", async () => {
    expect(await book.bound([use("a", 1)])).to.deep.equal([false]);
    for (let i = 0; i < 3; i++) expect(await bind(use("a", 1, 10))).to.deep.equal(["bound"]);
    expect(await book.bound([use("a", 1), use("a", 2), use("b", 1)])).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(await book.sales()).to.deep.equal({ units: 10n, receipts: 1n });
  });

  it("given a coin that was used: refuses it with the earlier payment", async () => {
    await bind(use("a", 1), use("b", null));
    expect(await bind(use("a", 2), use("a", null), use("b", 3), use("b", null))).to.deep.equal([
      `coin-spent: ${new TextDecoder().decode(use("a", 1).payment)}`,
      `coin-spent: ${new TextDecoder().decode(use("a", 1).payment)}`,
      "coin-spent: b for fresh",
      "bound",
    ]);
    expect(await book.sales()).to.deep.equal({ units: 1n, receipts: 1n });
  });

  it("given a token that was paid: takes no coin, which pays for another", async () => {
    await bind(use("a", 1));
    const earlier = `token-paid: ${new TextDecoder().decode(use("a", 1).payment)}`;
    expect(await bind(use("b", 1))).to.deep.equal([earlier]);
    expect(await bind(use("b", 2))).to.deep.equal(["bound"]);
  });

  it("given the same coins and tokens several times in one batch: as if one after the other", async () => {
    expect(
      await bind(use("a", 1), use("a", 2), use("b", 1), use("b", 2), use("a", 1), use("b", 3)),
    ).to.deep.equal([
      "bound",
      `coin-spent: ${new TextDecoder().decode(use("a", 1).payment)}`,
      `token-paid: ${new TextDecoder().decode(use("a", 1).payment)}`,
      "bound",
      "bound",
      `coin-spent: ${new TextDecoder().decode(use("b", 2).payment)}`,
    ]);
  });

  it("agrees with the plain model over random batches", async () => {
    const random = new TestRandom("book");
    const model = new ModelBook();
    for (let round = 0; round < 60; round++) {
      const batch = Array.from({ length: 1 + random.int(12) }, () =>
        use(`c${random.int(60)}`, random.int(8) === 0 ? null : random.int(60), 1 + random.int(9)),
      );
      const expected = batch.map((one) => told(model.bind(one)));
      expect(await bind(...batch), `round ${round}`).to.deep.equal(expected);
    }
    const units = [...model.tokens.values()].reduce((sum, one) => sum + BigInt(one.units), 0n);
    expect(await book.sales()).to.deep.equal({ units, receipts: BigInt(model.tokens.size) });
  });

  it("given batches at once over the same coins and tokens: each coin and each token is bound once", async () => {
    const random = new TestRandom("races");
    const batches = Array.from({ length: 40 }, () =>
      Array.from({ length: 8 }, () => use(`c${random.int(30)}`, random.int(30))),
    );
    const outcomes = await Promise.all(batches.map((batch) => book.bind(batch)));
    const coins = new Map<string, string>();
    const tokens = new Map<string, string>();
    batches.flat().forEach(({ coin, token }, i) => {
      if (outcomes.flat()[i]!.kind !== "bound") return;
      expect(coins.get(coin) ?? token).to.equal(token);
      expect(tokens.get(token!) ?? coin).to.equal(coin);
      coins.set(coin, token!);
      tokens.set(token!, coin);
    });
    expect(await book.sales()).to.include({ receipts: BigInt(tokens.size) });
    // A payment that was refused was refused for a binding that is there.
    outcomes.flat().forEach((outcome, i) => {
      if (outcome.kind === "bound") return;
      const [coin] = new TextDecoder().decode(outcome.earlier).split(" ");
      expect(coins.has(coin!), told(outcome)).to.equal(true);
      const { coin: mine, token } = batches.flat()[i]!;
      if (outcome.kind === "coin-spent") expect(coin).to.equal(mine);
      else expect(tokens.get(token!)).to.equal(coin);
    });
  });
}
