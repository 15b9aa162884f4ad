import { expect } from "chai";
import {
  createMclBn254,
  GROUP_ORDER,
  toAddress,
  wasmEcdsa,
  type Address,
} from "../../src/algebra/index.js";
import {
  BlindBlsIssuer,
  blindSigner,
  encodeRequest,
  signAccountOrder,
} from "../../src/ecash/index.js";
import { AccountFunding } from "../../src/funding/index.js";
import { AccountMint } from "../../src/mint/index.js";
import { settlementSystem } from "../../src/sipster/index.js";
import type { Store } from "../../src/store/index.js";
import { Death, DyingStore } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { describeOnEveryStore } from "../support/stores.js";

const curve = await createMclBn254();
const random = new TestRandom("accounts");
const system = settlementSystem(31337n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const secret = {
  mintKeyId: 1,
  scalars: new Map([1, 10].map((d) => [d, 1n + random.below(GROUP_ORDER - 1n)])),
};
const issuer = new BlindBlsIssuer(curve, blindSigner(curve, secret));
const newRequest = (denominations: readonly number[]): Uint8Array =>
  encodeRequest({
    mintKeyId: 1,
    messages: denominations.map((denomination) => ({
      denomination,
      message: curve.g1.encode(
        curve.g1.mul(curve.g1.generator, 1n + random.below(GROUP_ORDER - 1n)),
      ),
    })),
  });

function customer(): { key: Uint8Array; account: Address } {
  const key = random.bytes(32);
  return { key, account: wasmEcdsa.address(key) };
}

const mintOver = (store: Store): AccountMint => new AccountMint({ system, issuer, store });

describeOnEveryStore("prepaid credit on an account", (stores) => {
  it("pays for withdrawals behind the interface of the vault's, once for each request", async () => {
    const mint = mintOver(await stores.open());
    const { key, account } = customer();
    await mint.credit(account, 100n, "bank transfer 1");
    const funding = new AccountFunding({ system, accountKey: key, order: (o) => mint.withdraw(o) });
    const request = newRequest([10, 1]);
    const answer = await funding.withdraw(request);
    expect(answer).to.deep.equal(await issuer.issue(request));
    expect(await funding.withdraw(request)).to.deep.equal(answer);
    expect(await mint.balance(account)).to.equal(89n);
    await funding.withdraw(newRequest([10]));
    expect(await mint.balance(account)).to.equal(79n);
  });

  it("is credited once for each reference", async () => {
    const mint = mintOver(await stores.open());
    const { account } = customer();
    await mint.credit(account, 5n, "receipt 7");
    await mint.credit(account, 5n, "receipt 7");
    expect(await mint.balance(account)).to.equal(5n);
    await expectRejection(mint.credit(account, 6n, "receipt 7"), "mint/credit-differs");
    await expectRejection(mint.credit(customer().account, 5n, "receipt 7"), "mint/credit-differs");
    expect(await mint.balance(account)).to.equal(5n);
  });

  it("given books with a payment of 16 bytes behind its account, then the same payment is known, and another is refused", async () => {
    const store = await stores.open();
    const { account } = customer();
    const entry = Uint8Array.from([...account, ...new Uint8Array(15), 5]);
    await store.transaction(async (tx) => Promise.resolve(tx.put("credit/receipt 7", entry)));
    const mint = mintOver(store);
    await mint.credit(account, 5n, "receipt 7");
    expect(await mint.balance(account)).to.equal(0n);
    await expectRejection(mint.credit(account, 6n, "receipt 7"), "mint/credit-differs");
  });

  it("given a customer who has too little: signs nothing and charges nothing", async () => {
    const mint = mintOver(await stores.open());
    const { key, account } = customer();
    await mint.credit(account, 10n, "a");
    const order = signAccountOrder(system, newRequest([10, 1]), key);
    const error = await expectRejection(mint.withdraw(order), "mint/not-paid");
    expect(error.details).to.include({ due: 11n, balance: 10n });
    expect(await mint.balance(account)).to.equal(10n);
  });

  it("given someone who charges another's account: is refused", async () => {
    const mint = mintOver(await stores.open());
    const [rich, thief] = [customer(), customer()];
    await mint.credit(rich.account, 100n, "a");
    const request = newRequest([10]);
    const own = signAccountOrder(system, request, thief.key);
    const forged = Uint8Array.from(own);
    forged.set(rich.account);
    await expectRejection(mint.withdraw(forged), "ecash/bad-order");
    // The rich customer's order with a request of the thief's.
    const stolen = signAccountOrder(system, newRequest([10]), rich.key);
    stolen.set(request, stolen.length - request.length);
    await expectRejection(mint.withdraw(stolen), "ecash/bad-order");
    const elsewhere = settlementSystem(1n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
    await expectRejection(
      mint.withdraw(signAccountOrder(elsewhere, request, rich.key)),
      "ecash/bad-order",
    );
    for (const cut of [Uint8Array.of(), own.subarray(0, 50)]) {
      await expectRejection(mint.withdraw(cut), "ecash/bad-order");
    }
    await expectRejection(mint.withdraw(own.subarray(0, -1)), "ecash/bad-order");
    expect(await mint.balance(rich.account)).to.equal(100n);
  });

  it("given a hundred orders at once from two processes: one charge for each request", async () => {
    const mints = [mintOver(await stores.open()), mintOver(await stores.beside())];
    const { key, account } = customer();
    await mints[0]!.credit(account, 25n, "a");
    const orders = [newRequest([10]), newRequest([10]), newRequest([10])].map((request) =>
      signAccountOrder(system, request, key),
    );
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => mints[i % 2]!.withdraw(orders[i % 3]!)),
    );
    expect(await mints[0]!.balance(account)).to.equal(5n);
    const answered = new Set(outcomes.flatMap((o, i) => (o.status === "fulfilled" ? [i % 3] : [])));
    expect(answered.size).to.equal(2);
  });

  for (const side of ["before", "after"] as const) {
    it(`given a process that dies ${side} its charge: the same order is answered and charged once`, async () => {
      const store = new DyingStore(1, side);
      const { key, account } = customer();
      await mintOver(store).credit(account, 10n, "a");
      const order = signAccountOrder(system, newRequest([10]), key);
      await mintOver(store)
        .withdraw(order)
        .then(
          () => expect.fail("it did not die"),
          (error: unknown) => expect(error).to.be.instanceOf(Death),
        );
      store.revive();
      await mintOver(store).withdraw(order);
      expect(await mintOver(store).balance(account)).to.equal(0n);
    });
  }

  it("gives no coins for a request that it cannot issue, and charges nothing", async () => {
    const mint = mintOver(await stores.open());
    const { key, account } = customer();
    await mint.credit(account, 1000n, "a");
    const order = signAccountOrder(system, newRequest([50]), key);
    await expectRejection(mint.withdraw(order), "ecash/no-mint-key");
    expect(await mint.balance(account)).to.equal(1000n);
    expect(toAddress(account)).to.deep.equal(account);
  });
});
