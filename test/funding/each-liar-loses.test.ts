/**
 * The whole way of money in three stories, one for each party that lies: a resident's wallet, the mint's process,
 * the treasurer and the vault on a chain. Every story ends with a count of all money and of all coins.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { DepositTree, systemOf } from "../../src/chain/index.js";
import {
  BlindBlsWallet,
  decodeRequest,
  mintPublicKeys,
  type ECashIssuer,
} from "../../src/ecash/index.js";
import { cameToNothing, type VaultFunding } from "../../src/funding/index.js";
import type { VaultMint } from "../../src/mint/index.js";
import { Purse } from "../../src/resident/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import {
  ACKNOWLEDGE_PERIOD,
  BASE_UNITS,
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  VaultWorld,
} from "../support/vault-world.js";

/** Accounts of the chain. Account 0 is mint and treasurer. */
const RESIDENT = 1;
const NEIGHBOUR = 2;
const TREASURY = 9;
/** Base units that each home has at the start. */
const START = 100_000n;
const COINS = [100, 10, 1];
const PRICE = 111n * BASE_UNITS;

describe("money from deposit to coin: each liar loses", () => {
  let world: VaultWorld;
  let purse: Purse;
  before(async () => {
    world = await VaultWorld.start("each liar loses");
  });
  beforeEach(async () => {
    await world.restore();
    purse = new Purse({
      wallet: new BlindBlsWallet(
        world.curve,
        systemOf(world.deployment),
        mintPublicKeys(world.curve, world.secret),
      ),
      store: new MemoryStore(),
      secret: new Uint8Array(32).fill(5),
      mints: [{ mintKeyId: MINT_KEY_ID, firstPeriod: 0 }],
      now: () => Date.UTC(2027, 0, 15) / 1000,
      cameToNothing,
    });
  });
  after(() => world.stop());

  const withdraw = (funding: VaultFunding): Promise<void> =>
    purse.withdraw(COINS, (request) => funding.withdraw(request));

  /** A process of the mint that lies with its signatures. */
  const mintThatAnswers = (change: (right: Uint8Array) => Uint8Array): Promise<VaultMint> => {
    const { issuer } = world;
    const liar: ECashIssuer = {
      price: (request) => issuer.price(request),
      issue: async (request) => change(await issuer.issue(request)),
    };
    return world.mint(new MemoryStore(), { issuers: new Map([[MINT_KEY_ID, liar]]) });
  };

  /** All money that there is, and the coins that the resident has. */
  async function count() {
    const of = async (account: number): Promise<bigint> => {
      const { balance, due } = await world.money(account);
      return balance + due;
    };
    const coins = [...(await purse.coins()).values()].reduce((sum, n) => sum + n, 0);
    const [resident, neighbour] = [await of(RESIDENT), await of(NEIGHBOUR)];
    return { resident, neighbour, treasury: await of(TREASURY), coins };
  }

  const NOTHING_LOST = { resident: START, neighbour: START, treasury: 0n, coins: 0 };
  const PAID = { resident: START - PRICE, neighbour: START, treasury: PRICE, coins: 3 };

  it("given honest parties, then the resident has the coins and the treasury their price", async () => {
    await withdraw(await world.funding(await world.mint()));
    await world.pass(DISPUTE_PERIOD + 1);
    await (await world.calls(0)).collect([1n], world.chain.accounts[TREASURY]!);
    expect(await count()).to.deep.equal(PAID);
  });

  it("given a lying mint, then each lie costs it the deposit, and the resident loses nothing", async () => {
    const treasurer = await world.calls(0);
    const treasury = world.chain.accounts[TREASURY]!;

    // It publishes two right signatures in each other's place. The wallet disputes one of them.
    const swapping = await mintThatAnswers((right) =>
      concatBytes(right.subarray(64, 128), right.subarray(0, 64), right.subarray(128)),
    );
    await expectRejection(withdraw(await world.funding(swapping)), "funding/disputed");

    // It publishes one signature too few. The vault does not take the answer, and the deposit is refunded.
    const saving = await mintThatAnswers((right) => right.subarray(64));
    const impatient = await world.funding(saving, {
      wait: async () => {
        await saving.step().catch(() => undefined);
        await world.pass(ACKNOWLEDGE_PERIOD / 2);
      },
    });
    await expectRejection(withdraw(impatient), "funding/expired");

    // It takes the request and is silent. The deposit is refunded.
    const silent = await world.funding(swapping, {
      wait: () => world.pass(ACKNOWLEDGE_PERIOD / 2),
    });
    await expectRejection(withdraw(silent), "funding/expired");

    // Mint and treasurer are one: neither can take what they gave no coins for, then or later.
    await world.pass(DISPUTE_PERIOD + 1);
    for (const id of [1n, 2n, 3n]) {
      await expectRejection(treasurer.collect([id], treasury), "contract/VaultDepositStatus");
    }
    expect(await count()).to.deep.equal(NOTHING_LOST);

    // The same wallet, with an honest mint: the lies have not used up its coins' numbers.
    await withdraw(await world.funding(await world.mint()));
    expect((await count()).coins).to.equal(3);
  });

  it("given a lying treasurer, then it gets the price of coins that were issued, once and not earlier", async () => {
    const treasurer = await world.calls(0);
    const treasury = world.chain.accounts[TREASURY]!;
    const refused = (ids: readonly bigint[], why: string): Promise<unknown> =>
      expectRejection(treasurer.collect(ids, treasury), `contract/${why}`);

    // Deposit 1: it collects before the mint has answered, and while the resident may dispute.
    const mint = await world.mint();
    const funding = await world.funding(mint, {
      wait: async () => {
        await refused([1n], "VaultDepositStatus");
        await mint.step();
        await refused([1n], "VaultCollectTooEarly");
      },
    });
    await withdraw(funding);

    // Deposit 2, a neighbour's, is declined. The money waits in the vault until the neighbour takes it.
    const { id, depositHash } = await world.deposit(world.newRequest(COINS), { home: NEIGHBOUR });
    await treasurer.decline(id, depositHash);
    await world.pass(DISPUTE_PERIOD + 1);

    // It takes the neighbour's money, a deposit that was never made, and what is its own twice.
    await expectRejection(treasurer.withdraw(treasury), "contract/VaultNothingDue");
    for (const wrong of [[2n], [3n], [1n, 2n], [1n, 1n]])
      await refused(wrong, "VaultDepositStatus");
    expect((await count()).treasury).to.equal(0n);
    await treasurer.collect([1n], treasury);
    await refused([1n], "VaultDepositStatus");

    // The neighbour's money is all there.
    const neighbour = await world.calls(NEIGHBOUR);
    await neighbour.withdraw(neighbour.account);
    expect(await count()).to.deep.equal(PAID);
    expect((await world.money(NEIGHBOUR)).balance).to.equal(START);
  });

  it("given a lying depositor, then it gets no coin that it did not pay for, and no money back for one that it has", async () => {
    const mint = await world.mint();
    const depositor = await world.calls(RESIDENT);
    const begun = await purse.begin(COINS);
    const request = begun.request;

    // It pays half of the price, and then the other half. Both deposits are declined.
    for (const amount of [PRICE - 1n, 1n]) {
      const { id } = await world.deposit(request, { amount });
      await mint.submit(request, id);
      await mint.step();
      expect((await world.reader.deposit(id)).status).to.equal("refunded");
    }
    // It hands its request in for the neighbour's deposit. The mint does not take it.
    const other = world.newRequest(COINS);
    const theirs = await world.deposit(other, { home: NEIGHBOUR });
    await expectRejection(mint.submit(request, theirs.id), "mint/no-deposit");

    // It pays the price, and pays it again for the same messages: one of the two is signed.
    const two = [await world.deposit(request), await world.deposit(request)];
    for (const { id } of two) await mint.submit(request, id);
    await mint.step();
    const found = await Promise.all(two.map(({ id }) => world.reader.deposit(id)));
    expect(found.map(({ status }) => status)).to.have.members(["acknowledged", "open"]);
    // The mint decides in the order of the deposits' hashes: either of them may be the one.
    const paid = found.find(({ status }) => status === "acknowledged")!;
    const again = found.find(({ status }) => status === "open")!;

    // With its coins in the purse it asks for the money back: by a refund, and by disputing right signatures.
    const deposit = await world.reader.deposit(paid.id);
    const signatures = (await world.reader.signatures(deposit, (await world.latest()).number))!;
    await purse.complete(begun.id, signatures);
    await expectRejection(depositor.refund(paid.id), "contract/VaultDepositStatus");
    const { messages } = decodeRequest(request);
    const trees = {
      messages: DepositTree.ofMessages(messages),
      signatures: DepositTree.ofSignatures(signatures),
    };
    for (const index of messages.keys()) {
      const right = { id: paid.id, index, messages, signatures, trees };
      await expectRejection(depositor.dispute(right), "contract/VaultSignatureValid");
      // The mint's signature on the next message is a wrong one for this message, and was not published for it.
      const from = (index + 1) % messages.length;
      const shown = signatures.slice();
      shown.set(signatures.subarray(64 * from, 64 * from + 64), 64 * index);
      await expectRejection(
        depositor.dispute({ ...right, signatures: shown }),
        "contract/VaultSignatureNotPublished",
      );
    }

    // In the end the deposit that is not signed is refunded, and the other is the treasury's.
    await world.pass(DISPUTE_PERIOD + 1);
    for (const { id } of [again, theirs]) await depositor.refund(id);
    await (await world.calls(0)).collect([paid.id], world.chain.accounts[TREASURY]!);
    expect(await count()).to.deep.equal(PAID);
  });
});
