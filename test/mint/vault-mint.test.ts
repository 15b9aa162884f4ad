import { expect } from "chai";
import { DepositTree } from "../../src/chain/index.js";
import {
  BlindBlsIssuer,
  blindSigner,
  decodeRequest,
  encodeRequest,
  type ECashIssuer,
} from "../../src/ecash/index.js";
import type { MintAction, VaultMint } from "../../src/mint/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { Death, DyingStore } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import {
  ACKNOWLEDGE_PERIOD,
  BASE_UNITS,
  MARGIN,
  MINT_KEY_ID,
  VaultWorld,
} from "../support/vault-world.js";

const outcome = ({ decision }: MintAction): string =>
  decision.kind === "acknowledge" ? "acknowledge" : decision.reason;

describe("the mint and its deposits", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("vault mint");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const statusOf = async (id: bigint): Promise<string> => (await world.reader.deposit(id)).status;

  /** An issuer that counts how often it signed. */
  function counting(): { issuer: ECashIssuer; signed: () => number } {
    let count = 0;
    return {
      issuer: {
        price: (request) => world.issuer.price(request),
        issue: (request) => {
          count++;
          return world.issuer.issue(request);
        },
      },
      signed: () => count,
    };
  }

  it("given a deposit of the price and its request: publishes the signatures once", async () => {
    const { issuer, signed } = counting();
    const mint = await world.mint(new MemoryStore(), { issuers: new Map([[MINT_KEY_ID, issuer]]) });
    const request = world.newRequest([100, 10, 1]);
    const { id } = await world.deposit(request);
    expect(await mint.step()).to.deep.equal([]);
    await mint.submit(request, id);
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
    const deposit = await world.reader.deposit(id);
    expect(deposit.status).to.equal("acknowledged");
    const answer = await world.reader.signatures(deposit, (await world.final()).number);
    expect(answer).to.deep.equal(await world.issuer.issue(request));
    expect((await mint.step())[0]?.stage).to.equal("done");
    expect(await mint.step()).to.deep.equal([]);
    expect(signed()).to.equal(1);
  });

  describe("given a depositor that lies", () => {
    for (const [what, amount, verdict] of [
      ["a deposit of one base unit too little", 111n * BASE_UNITS - 1n, "amount"],
      ["a deposit of one base unit too much", 111n * BASE_UNITS + 1n, "amount"],
      ["a deposit of the units without the base units of each", 111n, "amount"],
    ] as const) {
      it(`${what}: is declined and due again, and nothing is signed`, async () => {
        const { issuer, signed } = counting();
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
      const { issuer, signed } = counting();
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

  /** `deposit` approves first: the deposit itself lies one second after the time it was told. */
  const decidedTime = (time: number): number => time + 101;

  describe("given two processes of one mint", () => {
    it("that race: one decision, one acknowledgement, the same signatures", async () => {
      const store = new MemoryStore();
      // Each sends from an account of its own that has the mint's role.
      await world.appointMint(4);
      const calls = await world.calls(4);
      const processes = [await world.mint(store), await world.mint(store, { calls })];
      const requests = [world.newRequest([1]), world.newRequest([10]), world.newRequest([100])];
      const ids: bigint[] = [];
      for (const request of requests) ids.push((await world.deposit(request)).id);
      await Promise.all(requests.map((request, i) => processes[i % 2]!.submit(request, ids[i]!)));
      await Promise.all(processes.map((mint) => mint.step()));
      for (const [i, id] of ids.entries()) {
        const deposit = await world.reader.deposit(id);
        expect(deposit.status).to.equal("acknowledged");
        const answer = await world.reader.signatures(deposit, (await world.final()).number);
        expect(answer).to.deep.equal(await world.issuer.issue(requests[i]!));
      }
    });

    it("that disagree about the time: the first decision stands for both", async () => {
      const store = new MemoryStore();
      const late = await world.mint(store, {
        latestBlock: async () => ({ number: (await world.latest()).number, timestamp: 1n << 40n }),
      });
      const punctual = await world.mint(store);
      const request = world.newRequest([10]);
      const { id, depositHash } = await world.deposit(request);
      await punctual.submit(request, id);
      await late.step();
      await punctual.step();
      expect((await punctual.decisionOf(depositHash))?.decision).to.deep.equal({
        kind: "decline",
        reason: "late",
      });
      expect(await statusOf(id)).to.equal("open");
    });
  });

  describe("given a process that dies", () => {
    async function signedOnce(run: (store: Store) => Promise<void>, store: Store): Promise<void> {
      const request = world.newRequest([100, 10]);
      const { id } = await world.deposit(request);
      const mint = (): Promise<VaultMint> => world.mint(store);
      const trying = async (): Promise<void> => {
        await (await mint()).submit(request, id);
        await (await mint()).step();
        await (await mint()).step();
      };
      await trying().catch((error: unknown) => {
        if (!(error instanceof Death)) throw error;
      });
      await run(store);
      if ((await statusOf(id)) === "open") await (await mint()).submit(request, id);
      for (let i = 0; i < 3; i++) await (await mint()).step();
      const deposit = await world.reader.deposit(id);
      expect(deposit.status).to.equal("acknowledged");
      expect((await (await mint()).decisionOf(deposit.depositHash))?.stage).to.equal("done");
    }

    for (const side of ["before", "after"] as const) {
      for (let at = 0; at < 7; at++) {
        it(`${side} write ${at} to its books: the deposit is answered once when it runs again`, async () => {
          const store = new DyingStore(at, side);
          await signedOnce((s) => {
            (s as DyingStore).revive();
            return Promise.resolve();
          }, store);
        });
      }
    }

    it("between decision and sending, until it is too late: signatures that nobody saw stay secret", async () => {
      const store = new MemoryStore();
      const { issuer, signed } = counting();
      const request = world.newRequest([100]);
      const { id, depositHash } = await world.deposit(request);
      const healthy = await world.mint(store, { issuers: new Map([[MINT_KEY_ID, issuer]]) });
      await healthy.submit(request, id);
      let looks = 0;
      const dying = await world.mint(store, {
        latestBlock: () => (looks++ === 0 ? world.latest() : Promise.reject(new Death())),
      });
      await dying.step().catch(() => undefined);
      expect((await healthy.decisionOf(depositHash))?.stage).to.equal("decided");
      await world.pass(ACKNOWLEDGE_PERIOD - Number(MARGIN) + 1);
      expect((await healthy.step())[0]?.stage).to.equal("lapsed");
      expect(signed()).to.equal(0);
      expect(await statusOf(id)).to.equal("open");
    });

    it("while sending: what may be public is sent again inside the margin, up to the deadline", async () => {
      const store = new MemoryStore();
      const request = world.newRequest([100]);
      const { id } = await world.deposit(request);
      const healthy = await world.mint(store);
      await healthy.submit(request, id);
      const broken: ECashIssuer = {
        price: (r) => world.issuer.price(r),
        issue: (r) => world.issuer.issue(r),
      };
      const calls = await world.calls(0);
      calls.acknowledge = () => Promise.reject(new Death());
      const dying = await world.mint(store, { calls, issuers: new Map([[MINT_KEY_ID, broken]]) });
      await dying.step().catch(() => undefined);
      await world.pass(ACKNOWLEDGE_PERIOD - Number(MARGIN) + 1);
      await healthy.step();
      expect(await statusOf(id)).to.equal("acknowledged");
    });

    it("and a reorganisation that removes the acknowledgement: it is sent again, the same", async () => {
      const store = new MemoryStore();
      const mint = await world.mint(store);
      const request = world.newRequest([100]);
      const { id } = await world.deposit(request);
      await mint.submit(request, id);
      const fork = await world.request("evm_snapshot");
      world.confirmations = 2;
      await world.mine(2);
      await mint.step();
      expect(await statusOf(id)).to.equal("acknowledged");
      await world.request("evm_revert", fork);
      expect(await statusOf(id)).to.equal("open");
      await world.mine(2);
      await mint.step();
      expect(await statusOf(id)).to.equal("acknowledged");
    });
  });

  it("given one deposit that cannot be answered: answers the others all the same", async () => {
    const mint = await world.mint(new MemoryStore(), {
      issuers: new Map([
        [
          MINT_KEY_ID,
          {
            price: (r: Uint8Array) => world.issuer.price(r),
            issue: (r: Uint8Array) =>
              world.issuer.price(r) === 10n ? Promise.reject(new Death()) : world.issuer.issue(r),
          },
        ],
      ]),
    });
    const ids: bigint[] = [];
    for (const d of [1, 10, 100]) {
      const request = world.newRequest([d]);
      const { id } = await world.deposit(request);
      await mint.submit(request, id);
      ids.push(id);
    }
    await mint.step().then(
      () => expect.fail("the failure is not told"),
      (error: unknown) => expect(error).to.be.instanceOf(Death),
    );
    const statuses = await Promise.all(ids.map(statusOf));
    expect(statuses).to.deep.equal(["acknowledged", "open", "acknowledged"]);
  });

  it("signs under the keys that it has, and declines others", async () => {
    const other = new BlindBlsIssuer(
      world.curve,
      blindSigner(world.curve, { ...world.secret, mintKeyId: 2 }),
    );
    const mint = await world.mint(new MemoryStore(), { issuers: new Map([[2, other]]) });
    const request = world.newRequest([10]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    expect((await mint.step()).map(outcome)).to.deep.equal(["mint-key"]);
    expect(await statusOf(id)).to.equal("open");
  });
});
