import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { MAX_DEPOSIT_COUNT, systemOf } from "../../src/chain/index.js";
import { BlindBlsWallet, mintPublicKeys, type ECashIssuer } from "../../src/ecash/index.js";
import { cameToNothing, type Funding } from "../../src/funding/index.js";
import type { VaultMint } from "../../src/mint/index.js";
import { LARGEST_WITHDRAWAL, Purse } from "../../src/resident/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { Death, DyingStore } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import { ACKNOWLEDGE_PERIOD, BASE_UNITS, MINT_KEY_ID, VaultWorld } from "../support/vault-world.js";

describe("a purse that withdraws through the vault", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("purse through the vault");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const START = 100_000n;
  const SECRET = new Uint8Array(32).fill(7);
  const NOW = Date.UTC(2027, 0, 15) / 1000;

  function purseOver(store: Store): Purse {
    const keys = mintPublicKeys(world.curve, world.secret);
    return new Purse({
      wallet: new BlindBlsWallet(world.curve, systemOf(world.deployment), keys),
      store,
      secret: SECRET,
      mints: [{ mintKeyId: MINT_KEY_ID, firstPeriod: 0 }],
      now: () => NOW,
      cameToNothing,
    });
  }

  const through =
    (funding: Funding) =>
    (request: Uint8Array): Promise<Uint8Array> =>
      funding.withdraw(request);

  /** A mint that signs the first message of each request wrongly while `lies` is true. */
  async function changing(): Promise<{ mint: VaultMint; tell: (lies: boolean) => void }> {
    let lies = true;
    const issuer: ECashIssuer = {
      price: (request) => world.issuer.price(request),
      issue: async (request) => {
        const right = await world.issuer.issue(request);
        return lies ? concatBytes(right.subarray(64, 128), right.subarray(64)) : right;
      },
    };
    const mint = await world.mint(new MemoryStore(), {
      issuers: new Map([[MINT_KEY_ID, issuer]]),
    });
    return { mint, tell: (value) => void (lies = value) };
  }

  it("splits more coins than a deposit takes into withdrawals, each with a deposit", async () => {
    expect(LARGEST_WITHDRAWAL).to.equal(MAX_DEPOSIT_COUNT);
    const mint = await world.mint();
    const purse = purseOver(new MemoryStore());
    const coins = Array.from({ length: 515 }, (_, i) => [1, 10, 100][i % 3]!);
    await purse.withdraw(coins, through(await world.funding(mint)));
    expect([...(await purse.coins()).values()].reduce((a, b) => a + b)).to.equal(515);
    const ids = await world.reader.depositIds((await world.latest()).number);
    const counts = await Promise.all(ids.map(async (id) => (await world.reader.deposit(id)).count));
    expect(counts).to.deep.equal([256, 256, 3]);
  }).timeout(60_000);

  it("given a mint that declines, is silent, or lies: gives the numbers of the coins to the next withdrawal", async () => {
    const store = new MemoryStore();
    const { mint, tell } = await changing();
    const purse = purseOver(store);
    const declining = await world.funding(mint, {
      submit: async (_, id) => {
        const { depositHash } = await world.reader.deposit(id);
        await (await world.calls(0)).decline(id, depositHash);
      },
    });
    const silent = await world.funding(mint, {
      submit: () => Promise.resolve(),
      wait: () => world.pass(ACKNOWLEDGE_PERIOD / 2),
    });
    const lying = await world.funding(mint);
    for (const [funding, code] of [
      [declining, "funding/declined"],
      [silent, "funding/expired"],
      [lying, "funding/disputed"],
    ] as const) {
      await expectRejection(purse.withdraw([100, 10], through(funding)), code);
      expect(await purse.open(), code).to.deep.equal([]);
      expect(await world.money(1), code).to.deep.equal({ balance: START, due: 0n });
    }
    tell(false);
    await purse.withdraw([100, 10], through(await world.funding(mint)));
    expect(await purse.coins()).to.deep.equal(
      new Map([
        [10, 1],
        [100, 1],
      ]),
    );
    expect((await world.money(1)).balance).to.equal(START - 110n * BASE_UNITS);
  });

  it("given one of several deposits that is declined: has the coins of the others, and the money of that one", async () => {
    const mint = await world.mint();
    const purse = purseOver(new MemoryStore());
    let declined = false;
    const funding = await world.funding(mint, {
      submit: async (request, id) => {
        if (id !== 2n) return mint.submit(request, id);
        const { depositHash, status } = await world.reader.deposit(id);
        if (status === "open") await (await world.calls(0)).decline(id, depositHash);
        declined = true;
      },
    });
    const coins = Array<number>(520).fill(1);
    await expectRejection(purse.withdraw(coins, through(funding)), "funding/declined");
    expect(declined).to.equal(true);
    expect(await purse.coins()).to.deep.equal(new Map([[1, 264]]));
    expect(await purse.open()).to.deep.equal([]);
    expect(await world.money(1)).to.deep.equal({ balance: START - 264n * BASE_UNITS, due: 0n });
  }).timeout(60_000);

  it("given an account that lacks the money, or a node that fails: keeps or gives up, and loses nothing", async () => {
    const mint = await world.mint();
    const purse = purseOver(new MemoryStore());
    const poor = await world.funding(mint, { home: 5 });
    await expectRejection(purse.withdraw([100], through(poor)), "funding/insufficient-credit");
    expect(await purse.open()).to.deep.equal([]);
    const cut = await world.funding(mint, { finalBlock: () => Promise.reject(new Death()) });
    await purse.withdraw([100], through(cut)).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    expect(await purse.open()).to.have.lengthOf(1);
    expect(await purse.resume(through(await world.funding(mint)))).to.equal(1);
    expect(await purse.coins()).to.deep.equal(new Map([[100, 1]]));
    expect((await world.money(1)).balance).to.equal(START - 100n * BASE_UNITS);
  });

  describe("given a wallet that dies", () => {
    for (const honest of [true, false]) {
      for (const side of ["before", "after"] as const) {
        for (const at of [0, 1]) {
          const what = honest ? "an honest mint" : "a lying mint";
          it(`${side} write ${at} with ${what}: money and coins are worth what they were`, async () => {
            const store = new DyingStore(at, side);
            const { mint, tell } = await changing();
            tell(!honest);
            const withdraw = async (): Promise<void> => {
              const purse = purseOver(store);
              const funding = through(await world.funding(mint));
              if ((await purse.resume(funding)) === 0) await purse.withdraw([100, 10], funding);
            };
            await withdraw().catch((error: unknown) => {
              if (!(error instanceof Death) && !cameToNothing(error)) throw error;
            });
            store.revive();
            tell(false);
            await withdraw().catch((error: unknown) => {
              if (!cameToNothing(error)) throw error;
            });
            const purse = purseOver(store);
            if ((await purse.coins()).size === 0) await withdraw();
            let worth = 0n;
            for (const [denomination, count] of await purse.coins()) {
              worth += BigInt(denomination * count) * BASE_UNITS;
            }
            expect(worth > 0n).to.equal(true);
            const { balance, due } = await world.money(1);
            expect(balance + due + worth).to.equal(START);
          });
        }
      }
    }

    for (const step of ["approve", "deposit", "dispute", "withdraw"] as const) {
      for (const side of ["before", "after"] as const) {
        it(`${side} its transaction to ${step}: the money is back, and nothing is deposited twice`, async () => {
          const store = new MemoryStore();
          const { mint, tell } = await changing();
          const calls = await world.calls(1);
          const original = calls[step].bind(calls) as (...args: unknown[]) => Promise<unknown>;
          Object.assign(calls, {
            [step]: async (...args: unknown[]) => {
              if (side === "after") await original(...args);
              throw new Death();
            },
          });
          const dying = through(await world.funding(mint, { calls }));
          await purseOver(store)
            .withdraw([100, 10], dying)
            .then(
              () => expect.fail("it did not die"),
              (error: unknown) => expect(error).to.be.instanceOf(Death),
            );
          const again = through(await world.funding(mint));
          await expectRejection(purseOver(store).resume(again), "funding/disputed");
          expect(await purseOver(store).open()).to.deep.equal([]);
          expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
          expect(await world.reader.depositIds((await world.latest()).number)).to.have.lengthOf(1);
          tell(false);
          await purseOver(store).withdraw([100, 10], through(await world.funding(mint)));
          expect((await world.money(1)).balance).to.equal(START - 110n * BASE_UNITS);
        });
      }
    }

    for (const side of ["before", "after"] as const) {
      it(`${side} its transaction to refund: the money is back, and nothing is deposited twice`, async () => {
        const store = new MemoryStore();
        const mint = await world.mint();
        const calls = await world.calls(1);
        const refund = calls.refund.bind(calls);
        calls.refund = async (id) => {
          if (side === "after") await refund(id);
          throw new Death();
        };
        const silent = {
          submit: () => Promise.resolve(),
          wait: () => world.pass(ACKNOWLEDGE_PERIOD / 2),
        };
        const dying = through(await world.funding(mint, { ...silent, calls }));
        const death: unknown = await purseOver(store)
          .withdraw([100, 10], dying)
          .catch((error: unknown) => error);
        expect(death).to.be.instanceOf(Death);
        const again = through(await world.funding(mint, silent));
        await expectRejection(purseOver(store).resume(again), "funding/expired");
        expect(await purseOver(store).open()).to.deep.equal([]);
        expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
        expect(await world.reader.depositIds((await world.latest()).number)).to.have.lengthOf(1);
      });
    }
  });
});
