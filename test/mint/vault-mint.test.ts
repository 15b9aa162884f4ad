import { expect } from "chai";
import { BlindBlsIssuer, blindSigner, type ECashIssuer } from "../../src/ecash/index.js";
import type { VaultMint } from "../../src/mint/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { Death, DyingStore } from "../support/dying-store.js";
import { ACKNOWLEDGE_PERIOD, MARGIN, MINT_KEY_ID, VaultWorld } from "../support/vault-world.js";
import { counting, outcome } from "./outcome.js";

describe("the mint and its deposits", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("vault mint");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const statusOf = async (id: bigint): Promise<string> => (await world.reader.deposit(id)).status;

  it("given a deposit of the price and its request: publishes the signatures once", async () => {
    const { issuer, signed } = counting(world.issuer);
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
    /** The chain with the deposit, before anything else. */
    let fork: unknown;

    async function signedOnce(run: (store: Store) => Promise<void>, store: Store): Promise<void> {
      const request = world.newRequest([100, 10]);
      const { id } = await world.deposit(request);
      fork = await world.request("evm_snapshot");
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

        // The last write says that the answer is final.
        if (side === "after" && at === 6) continue;
        it(`${side} write ${at} to its books, and a reorganisation that removes its answer meanwhile: answers again, the same`, async () => {
          const store = new DyingStore(at, side);
          await signedOnce(async (s) => {
            (s as DyingStore).revive();
            await world.request("evm_revert", fork);
            await world.mine(3);
          }, store);
        });
      }

      for (const step of ["acknowledge", "decline"] as const) {
        for (const isReorganised of [false, true]) {
          const more = isReorganised ? ", which a reorganisation removes" : "";
          it(`${side} its transaction to ${step}${more}: the deposit has that answer when it runs again`, async () => {
            const store = new MemoryStore();
            const request = world.newRequest([100, 10]);
            const amount = world.price(request) - (step === "decline" ? 1n : 0n);
            const { id } = await world.deposit(request, { amount });
            fork = await world.request("evm_snapshot");
            const calls = await world.calls(0);
            const send = calls[step].bind(calls) as (...args: unknown[]) => Promise<unknown>;
            Object.assign(calls, {
              [step]: async (...args: unknown[]) => {
                if (side === "after") await send(...args);
                throw new Death();
              },
            });
            const dying = await world.mint(store, { calls });
            await dying.submit(request, id);
            const death: unknown = await dying.step().catch((error: unknown) => error);
            expect(death).to.be.instanceOf(Death);
            if (isReorganised) {
              await world.request("evm_revert", fork);
              await world.mine(3);
              expect(await statusOf(id)).to.equal("open");
            }
            const mint = await world.mint(store);
            for (let i = 0; i < 3; i++) await mint.step();
            const deposit = await world.reader.deposit(id);
            expect(deposit.status).to.equal(step === "decline" ? "refunded" : "acknowledged");
            const record = await mint.decisionOf(deposit.depositHash);
            expect(record).to.include({ stage: "done" });
            expect(record?.decision.kind).to.equal(step);
          });
        }
      }
    }

    it("between decision and sending, until it is too late: signatures that nobody saw stay secret", async () => {
      const store = new MemoryStore();
      const { issuer, signed } = counting(world.issuer);
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

  it("given 10,000 deposits that nobody hands a request in for: a pass looks none of them up, and answers the one that is asked for", async () => {
    const { reader } = world;
    const { acknowledge } = await reader.periods();
    const { timestamp } = await world.latest();
    let made = Array.from({ length: 10_000 }, (_, i) => ({
      id: BigInt(1_000 + i),
      depositHash: `0x${(i + 1).toString(16).padStart(64, "0")}`,
      mintKeyId: MINT_KEY_ID,
      messagesRoot: `0x${(i + 1).toString(16).padStart(64, "f")}`,
      acknowledgeBy: timestamp + acknowledge,
      block: 1,
    }));
    let lookedUp = 0;
    const crowded = Object.create(reader) as typeof reader;
    crowded.deposit = (id, block) => {
      lookedUp++;
      return reader.deposit(id, block);
    };
    crowded.depositsMade = async (toBlock, filter) => {
      const all = [...made, ...(await reader.depositsMade(toBlock, filter))];
      made = [];
      return all;
    };
    const request = world.newRequest([100]);
    const { id } = await world.deposit(request);
    const store = new MemoryStore();
    const mint = await world.mint(store, { reader: crowded });
    await mint.step();
    expect(lookedUp).to.equal(0);
    await mint.submit(request, id);
    lookedUp = 0;
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
    expect(lookedUp).to.be.lessThan(5);
    // When their time is over they are looked up once, and forgotten.
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    for (const atMost of [10_005, 5]) {
      lookedUp = 0;
      await mint.step();
      expect(lookedUp).to.be.at.most(atMost);
    }
    expect(await store.transaction((tx) => tx.list("open/"))).to.deep.equal([]);
  }).timeout(120_000);

  it("given a deposit that ended after it was noted: decides nothing about it, and the same messages can be paid for again", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10]);
    const ended = await world.deposit(request);
    expect(await mint.step()).to.deep.equal([]);
    await mint.submit(request, ended.id);
    await (await world.calls(0)).decline(ended.id, ended.depositHash);
    expect(await mint.step()).to.deep.equal([]);
    expect(await mint.decisionOf(ended.depositHash)).to.equal(null);
    const again = await world.deposit(request);
    await mint.submit(request, again.id);
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
    expect(await statusOf(again.id)).to.equal("acknowledged");
  });

  it("given a reorganisation that puts another deposit under the number of one that was noted: forgets that one, and judges the other by itself", async () => {
    const store = new MemoryStore();
    const mint = await world.mint(store);
    const request = world.newRequest([100]);
    const fork = await world.request("evm_snapshot");
    const noted = await world.deposit(request);
    await mint.step();
    await mint.submit(request, noted.id);
    await world.request("evm_revert", fork);
    const other = await world.deposit(world.newRequest([1]), { home: 2 });
    expect(other.id).to.equal(noted.id);
    await world.mine(5);
    expect(await mint.step()).to.deep.equal([]);
    expect(await mint.decisionOf(noted.depositHash)).to.equal(null);
    expect(await mint.decisionOf(other.depositHash)).to.equal(null);
    const left = await store.transaction((tx) => tx.list("open/"));
    expect(left.map(([key]) => key)).to.not.include(`open/${noted.depositHash}`);
    expect(await store.transaction((tx) => tx.list("asked/"))).to.deep.equal([]);
  });

  it("given a request for a deposit that is decided about: keeps no mark of it", async () => {
    const store = new MemoryStore();
    const mint = await world.mint(store, { issuers: new Map() });
    const request = world.newRequest([100]);
    const { id } = await world.deposit(request);
    expect((await mint.step()).map(outcome)).to.deep.equal(["mint-key"]);
    await mint.submit(request, id);
    expect(await store.transaction((tx) => tx.list("asked/"))).to.deep.equal([]);
  });

  it("given a request that was there before its deposit was final: answers the deposit, in any block it ends", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const fork = await world.request("evm_snapshot");
    world.confirmations = 2;
    const first = await world.deposit(request);
    await mint.submit(request, first.id);
    await world.request("evm_revert", fork);
    await world.pass(60);
    const again = await world.deposit(request);
    expect(again.depositHash).to.not.equal(first.depositHash);
    await world.mine(2);
    expect((await mint.step()).map(outcome)).to.deep.equal(["acknowledge"]);
    expect(await statusOf(again.id)).to.equal("acknowledged");
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
