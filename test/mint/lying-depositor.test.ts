import { expect } from "chai";
import { DepositTree } from "../../src/chain/index.js";
import { decodeRequest, encodeRequest } from "../../src/ecash/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { Death } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import {
  ACKNOWLEDGE_PERIOD,
  BASE_UNITS,
  MARGIN,
  MINT_KEY_ID,
  VaultWorld,
} from "../support/vault-world.js";
import { counting, outcome } from "./outcome.js";

/** `deposit` approves first: the deposit itself lies one second after the time it was told. */
const decidedTime = (time: number): number => time + 101;

describe("the mint, given a depositor that lies", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("lying depositor");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const statusOf = async (id: bigint): Promise<string> => (await world.reader.deposit(id)).status;

  for (const [what, amount, verdict] of [
    ["a deposit of one base unit too little", 111n * BASE_UNITS - 1n, "amount"],
    ["a deposit of one base unit too much", 111n * BASE_UNITS + 1n, "amount"],
    ["a deposit of the units without the base units of each", 111n, "amount"],
  ] as const) {
    it(`${what}: is declined and due again, and nothing is signed`, async () => {
      const { issuer, signed } = counting(world.issuer);
      const mint = await world.mint(new MemoryStore(), {
        issuers: new Map([[MINT_KEY_ID, issuer]]),
      });
      const request = world.newRequest([100, 10, 1]);
      const { id } = await world.deposit(request, { amount });
      await mint.submit(request, id);
      expect((await mint.step()).map(outcome)).to.deep.equal([verdict]);
      expect(await statusOf(id)).to.equal("refunded");
      expect((await world.money(1)).due).to.equal(amount);
      expect(signed()).to.equal(0);
    });
  }

  it("parts of the price in many deposits for the same messages: are never added up", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10, 1]);
    const half = world.price(request) / 2n;
    const parts = [
      await world.deposit(request, { amount: half }),
      await world.deposit(request, { amount: world.price(request) - half }),
    ];
    for (const { id } of parts) await mint.submit(request, id);
    expect((await mint.step()).map(outcome)).to.deep.equal(["amount", "amount"]);
    for (const { id } of parts) expect(await statusOf(id)).to.equal("refunded");
  });

  it("a deposit that the mint declined: is worth nothing to a second deposit of the rest", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10, 1]);
    const first = await world.deposit(request, { amount: world.price(request) - 1n });
    await mint.submit(request, first.id);
    await mint.step();
    expect(await statusOf(first.id)).to.equal("refunded");
    const second = await world.deposit(request, { amount: 1n });
    await mint.submit(request, second.id);
    expect((await mint.step()).map(outcome)).to.include("amount");
    expect(await statusOf(second.id)).to.equal("refunded");
  });

  it("a deposit past its deadline: is worth nothing, though it is still open", async () => {
    const { issuer, signed } = counting(world.issuer);
    const mint = await world.mint(new MemoryStore(), {
      issuers: new Map([[MINT_KEY_ID, issuer]]),
    });
    const request = world.newRequest([100, 10, 1]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    expect((await mint.step()).map(outcome)).to.deep.equal(["late"]);
    expect(await statusOf(id)).to.equal("open");
    expect(signed()).to.equal(0);
    await (await world.calls(1)).refund(id);
    expect((await world.money(1)).due).to.equal(world.price(request));
  });

  it("a deposit inside the margin before its deadline: gets nothing, because a refund could overtake", async () => {
    const mint = await world.mint();
    const request = world.newRequest([10]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    await world.pass(ACKNOWLEDGE_PERIOD - Number(MARGIN) + 1);
    expect((await mint.step()).map(outcome)).to.deep.equal(["late"]);
    expect(await statusOf(id)).to.equal("open");
  });

  it("a refunded deposit: is worth nothing, and the same request needs a deposit of its own", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10, 1]);
    const { id } = await world.deposit(request);
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    await (await world.calls(1)).refund(id);
    await expectRejection(mint.submit(request, id), "mint/no-deposit");
    expect(await mint.step()).to.deep.equal([]);
  });

  it("two deposits of the price for the same messages: one is signed, the other ends with a refund", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const [one, two] = [await world.deposit(request), await world.deposit(request)];
    await mint.submit(request, one.id);
    const verdicts = (await mint.step()).map(outcome).sort();
    expect(verdicts).to.deep.equal(["acknowledge", "signed-before"]);
    const statuses = [await statusOf(one.id), await statusOf(two.id)].sort();
    expect(statuses).to.deep.equal(["acknowledged", "open"]);
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    const open = (await statusOf(one.id)) === "open" ? one : two;
    await (await world.calls(1)).refund(open.id);
    expect((await world.money(1)).due).to.equal(world.price(request));
  });

  it("messages that are not points, or of a denomination without a key: are declined", async () => {
    const mint = await world.mint();
    const good = world.newRequest([1]);
    const offCurve = Uint8Array.from(good);
    offCurve[offCurve.length - 1]! ^= 1;
    for (const request of [offCurve, world.newRequest([50])]) {
      const { id } = await world.deposit(request);
      await mint.submit(request, id);
      expect((await mint.step()).map(outcome)).to.include("bad-request");
      expect(await statusOf(id)).to.equal("refunded");
    }
  });

  it("a request without a deposit, or for another's: is not kept", async () => {
    const mint = await world.mint();
    const request = world.newRequest([1]);
    await expectRejection(mint.submit(request, 1n), "mint/no-deposit");
    const { id } = await world.deposit(world.newRequest([1]));
    await expectRejection(mint.submit(request, id), "mint/no-deposit");
    await expectRejection(mint.submit(world.newRequest([]), id), "mint/no-deposit");
    await expectRejection(
      mint.submit(world.newRequest(Array<number>(257).fill(1)), id),
      "mint/no-deposit",
    );
    await expectRejection(mint.submit(Uint8Array.of(1), id), "ecash/bad-request");
  });

  it("the same messages under another mint key in place of the request: are refused, and the deposit is signed", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    const { messages } = decodeRequest(request);
    const other = encodeRequest({ mintKeyId: MINT_KEY_ID + 1, messages });
    await expectRejection(mint.submit(other, id), "mint/no-deposit");
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
  });

  it("a deposit that counts one message more than its root has: is declined", async () => {
    const mint = await world.mint();
    const request = world.newRequest([1, 1, 1]);
    const { messages } = decodeRequest(request);
    const calls = await world.calls(1);
    await calls.approve(world.price(request));
    const tree = DepositTree.ofMessages(messages);
    const { id } = await calls.deposit({
      amount: world.price(request),
      mintKeyId: MINT_KEY_ID,
      count: 4,
      messages: tree,
    });
    await mint.submit(request, id);
    expect((await mint.step()).map(outcome)).to.deep.equal(["other-request"]);
    expect(await statusOf(id)).to.equal("refunded");
  });

  it("hundreds of deposits at once: are decided in sets, each once", async () => {
    const store = new MemoryStore();
    let transactions = 0;
    const counted: Store = {
      transaction: (body) => (transactions++, store.transaction(body)),
      close: () => store.close(),
    };
    const mint = await world.mint(counted);
    const ids: bigint[] = [];
    for (let i = 0; i < 130; i++) {
      const request = world.newRequest([1]);
      const { id } = await world.deposit(request);
      await mint.submit(request, id);
      ids.push(id);
    }
    transactions = 0;
    const actions = await mint.step();
    expect(actions.map(outcome)).to.deep.equal(Array(130).fill("acknowledge"));
    // Three sets, each with one transaction that decides and one that says what is being sent.
    expect(transactions).to.be.lessThan(20);
    for (const id of ids) expect(await statusOf(id)).to.equal("acknowledged");
  }).timeout(60_000);

  it("a deposit that is not final: gets nothing until it is, and nothing if it is reorganised away", async () => {
    const mint = await world.mint();
    world.confirmations = 3;
    const request = world.newRequest([100]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    expect(await mint.step()).to.deep.equal([]);
    await world.mine(2);
    expect(await mint.step()).to.deep.equal([]);
    await world.restore();
    world.confirmations = 3;
    await world.mine(8);
    expect(await mint.step()).to.deep.equal([]);
    const again = await world.deposit(request);
    await mint.submit(request, again.id);
    await world.mine(3);
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
  });

  it("a deposit renumbered by a reorganisation: another under its number is not acknowledged, and its own is found", async () => {
    const store = new MemoryStore();
    const mint = await world.mint(store);
    const request = world.newRequest([100]);
    const time = Number((await world.latest()).timestamp) + 1000;
    const depositAt = async (seconds: number) => {
      await world.request("evm_setNextBlockTimestamp", seconds);
      return (await world.calls(1)).approve(10_000n);
    };
    await depositAt(time);
    await world.request("evm_setNextBlockTimestamp", time + 100);
    const decided = await world.deposit(request);
    await mint.submit(request, decided.id);
    // Decided, and the process dies before anything is sent.
    const dead = await world.mint(store, {
      latestBlock: (() => {
        let looks = 0;
        return () => (looks++ === 0 ? world.latest() : Promise.reject(new Death()));
      })(),
    });
    await dead.step().catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    expect((await mint.decisionOf(decided.depositHash))?.stage).to.equal("decided");
    await world.restore();
    // Another home comes first now, with a deposit of less.
    const cheap = world.newRequest([1]);
    const other = await world.deposit(cheap, { home: 2, amount: 1n });
    expect(other.id).to.equal(decided.id);
    await mint.step();
    expect(await statusOf(other.id)).to.equal("open");
    // The same content in a block of the same time comes back under another number.
    const deadline = (await world.reader.deposit(other.id)).acknowledgeBy;
    expect(deadline < BigInt(time + 100 + ACKNOWLEDGE_PERIOD)).to.equal(true);
    await depositAt(time);
    const calls = await world.calls(1);
    expect(await calls.allowance()).to.equal(10_000n);
    const { messages } = decodeRequest(request);
    await world.request("evm_setNextBlockTimestamp", decidedTime(time));
    const back = await calls.deposit({
      amount: world.price(request),
      mintKeyId: MINT_KEY_ID,
      count: messages.length,
      messages: DepositTree.ofMessages(messages),
    });
    expect(back.id).to.equal(decided.id + 1n);
    expect(back.depositHash).to.equal(decided.depositHash);
    await mint.step();
    expect(await statusOf(back.id)).to.equal("acknowledged");
    expect(await statusOf(other.id)).to.equal("open");
  });
});
