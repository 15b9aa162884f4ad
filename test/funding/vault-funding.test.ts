import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { DepositTree, type Cost } from "../../src/chain/index.js";
import { decodeRequest, type ECashIssuer } from "../../src/ecash/index.js";
import { cameToNothing } from "../../src/funding/index.js";
import type { VaultMint } from "../../src/mint/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  MINT_KEY_ID,
  VaultWorld,
} from "../support/vault-world.js";

describe("a wallet and its deposits", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("vault funding");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const START = 100_000n;

  /** A mint whose signatures are changed on their way into the acknowledgement. */
  async function lyingMint(change: (answer: Uint8Array) => Uint8Array): Promise<VaultMint> {
    const issuer: ECashIssuer = {
      price: (request) => world.issuer.price(request),
      issue: async (request) => change(await world.issuer.issue(request)),
    };
    return world.mint(new MemoryStore(), { issuers: new Map([[MINT_KEY_ID, issuer]]) });
  }

  it("deposits, waits for the signatures, and is told what each transaction cost", async () => {
    const mint = await world.mint();
    const costs: [string, Cost][] = [];
    const funding = await world.funding(mint, {
      onCost: (what, cost) => void costs.push([what, cost]),
    });
    const request = world.newRequest([100, 10, 1]);
    expect(await funding.withdraw(request)).to.deep.equal(await world.issuer.issue(request));
    expect(costs.map(([what]) => what)).to.deep.equal(["approve", "deposit"]);
    expect(costs.every(([, { gas, fee }]) => gas > 21_000n && fee > 0n)).to.equal(true);
    expect((await world.money(1)).balance).to.equal(START - world.price(request));
  });

  it("refuses more coins than a deposit takes, and none, before anything is deposited", async () => {
    const funding = await world.funding(await world.mint());
    for (const count of [0, 257]) {
      const request = world.newRequest(Array<number>(count).fill(1));
      await expectRejection(funding.withdraw(request), "funding/too-many-coins");
    }
    expect(await world.reader.depositIds((await world.latest()).number)).to.deep.equal([]);
  });

  it("makes deposits that are begun at once one after the other, with one approval for all", async () => {
    const mint = await world.mint();
    const steps: string[] = [];
    const funding = await world.funding(mint, { onCost: (step) => void steps.push(step) });
    const requests = [[100, 1], [10], [10, 1]].map((d) => world.newRequest(d));
    const answers = await Promise.all(requests.map((request) => funding.withdraw(request)));
    const right = await Promise.all(requests.map((request) => world.issuer.issue(request)));
    expect(answers).to.deep.equal(right);
    expect(steps).to.deep.equal(["approve", "deposit", "deposit", "deposit"]);
  });

  it("asked again, also as a new process: gets the same answer and pays nothing more", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10]);
    const answer = await (await world.funding(mint)).withdraw(request);
    expect(await (await world.funding(mint)).withdraw(request)).to.deep.equal(answer);
    await world.pass(DISPUTE_PERIOD + 1);
    await (await world.calls(0)).collect([1n], world.chain.accounts[9]!);
    expect(await (await world.funding(mint)).withdraw(request)).to.deep.equal(answer);
    expect((await world.money(1)).balance).to.equal(START - world.price(request));
  });

  it("killed after its deposit: finds it again", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100, 10]);
    await world.deposit(request);
    const answer = await (await world.funding(mint)).withdraw(request);
    expect(answer).to.deep.equal(await world.issuer.issue(request));
    expect((await world.money(1)).balance).to.equal(START - world.price(request));
  });

  it("does not take another's deposit for the same messages for its own", async () => {
    const mint = await world.mint();
    const request = world.newRequest([10]);
    await world.deposit(request, { home: 2 });
    const funding = await world.funding(mint, {
      wait: async () => {
        await mint.step();
        await world.pass(600);
      },
    });
    await funding.withdraw(request).catch(() => undefined);
    const depositors = await Promise.all(
      [1n, 2n].map(async (id) => (await world.reader.deposit(id)).depositor),
    );
    expect(new Set(depositors).size).to.equal(2);
  });

  it("says what is missing when the account has too little", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const funding = await world.funding(mint, { home: 5 });
    const error = await expectRejection(funding.withdraw(request), "funding/insufficient-credit");
    expect(error.details).to.include({ due: 300n, balance: 0n });
    expect(await world.reader.depositIds((await world.latest()).number)).to.deep.equal([]);
  });

  it("gives up what came to nothing for good: asked again, it deposits nothing", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const waiting = {
      submit: () => Promise.resolve(),
      wait: () => world.pass(ACKNOWLEDGE_PERIOD / 4),
    };
    for (let i = 0; i < 2; i++) {
      const funding = await world.funding(mint, waiting);
      await expectRejection(funding.withdraw(request), "funding/expired");
    }
    expect(await world.reader.depositIds((await world.latest()).number)).to.have.lengthOf(1);
    expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
  });

  it("given a refund that is reorganised away: does not take the withdrawal for ended", async () => {
    const mint = await world.mint();
    const request = world.newRequest([100]);
    const { id } = await world.deposit(request);
    const fork = await world.request("evm_snapshot");
    world.confirmations = 3;
    let waits = 0;
    const funding = await world.funding(mint, {
      submit: async () => {
        if (waits > 1) await mint.submit(request, id);
      },
      wait: async () => {
        waits++;
        if (waits === 1) return world.pass(ACKNOWLEDGE_PERIOD + 1);
        if (waits === 2) {
          expect((await world.reader.deposit(id)).status).to.equal("refunded");
          await world.request("evm_revert", fork);
        }
        await world.mine();
        await mint.step();
      },
    });
    expect(await funding.withdraw(request)).to.deep.equal(await world.issuer.issue(request));
    expect(await world.money(1)).to.deep.equal({
      balance: START - world.price(request),
      due: 0n,
    });
  });

  describe("given a reorganisation before its deposit is final", () => {
    /** Goes back to before the deposit at the first wait, and makes a neighbour's deposit of the same number. */
    async function reorganised(
      mint: VaultMint,
      request: Uint8Array,
      back: () => Promise<unknown>,
    ): Promise<Uint8Array> {
      const fork = await world.request("evm_snapshot");
      world.confirmations = 2;
      let waits = 0;
      const funding = await world.funding(mint, {
        wait: async () => {
          if (waits++ === 0) {
            expect((await world.reader.deposit(1n)).count).to.equal(2);
            await world.request("evm_revert", fork);
            const theirs = world.newRequest([1]);
            const { id } = await world.deposit(theirs, { home: 2 });
            expect(id).to.equal(1n);
            await mint.submit(theirs, id);
            await back();
          }
          await world.mine(3);
          await mint.step();
        },
      });
      return funding.withdraw(request);
    }

    it("that gives its number to another's deposit: the wallet finds its own again, and has its coins", async () => {
      const mint = await world.mint();
      const request = world.newRequest([100, 10]);
      const answer = await reorganised(mint, request, () => world.deposit(request));
      expect(answer).to.deep.equal(await world.issuer.issue(request));
      expect((await world.money(1)).balance).to.equal(START - world.price(request));
      expect((await world.reader.deposit(2n)).status).to.equal("acknowledged");
    });

    it("that leaves it out: the wallet says so, touches no other deposit, and deposits when it is asked again", async () => {
      const mint = await world.mint();
      const request = world.newRequest([100, 10]);
      const lost = reorganised(mint, request, () => Promise.resolve());
      const error = await expectRejection(lost, "funding/deposit-gone");
      expect(cameToNothing(error)).to.equal(false);
      expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
      const answer = await (await world.funding(mint)).withdraw(request);
      expect(answer).to.deep.equal(await world.issuer.issue(request));
      expect((await world.reader.deposit(1n)).status).to.equal("acknowledged");
    });
  });

  it("given a stranger that disputes, refunds, or both first: the money comes back all the same", async () => {
    const stranger = await world.calls(2);
    const late = await world.mint();
    const expired = await world.funding(late, {
      submit: () => Promise.resolve(),
      wait: async () => {
        await world.pass(ACKNOWLEDGE_PERIOD + 1);
        await stranger.refund(1n).catch(() => undefined);
      },
    });
    await expectRejection(expired.withdraw(world.newRequest([100])), "funding/expired");
    const liar = await lyingMint((a) => concatBytes(a.subarray(64), a.subarray(0, 64)));
    const request = world.newRequest([100, 10]);
    const { messages } = decodeRequest(request);
    const disputed = await world.funding(liar, {
      wait: async () => {
        await liar.step();
        const deposit = await world.reader.deposit(2n);
        const signatures = await world.reader.signatures(deposit, (await world.latest()).number);
        if (signatures === null) return;
        const trees = {
          messages: DepositTree.ofMessages(messages),
          signatures: DepositTree.ofSignatures(signatures),
        };
        const dispute = { id: 2n, index: 1, messages, signatures, trees };
        await stranger.dispute(dispute).catch(() => undefined);
      },
    });
    await expectRejection(disputed.withdraw(request), "funding/disputed");
    expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
    expect(await world.money(2)).to.deep.equal({ balance: START, due: 0n });
  });

  describe("given a mint that lies", () => {
    const point = (world_: VaultWorld): Uint8Array =>
      world_.curve.g1.encode(world_.curve.g1.generator);
    for (const [what, change, index] of [
      ["with another point", (a: Uint8Array, p: Uint8Array) => concatBytes(p, a.subarray(64)), 0],
      [
        "by exchanging two signatures",
        (a: Uint8Array) => concatBytes(a.subarray(64, 128), a.subarray(0, 64), a.subarray(128)),
        0,
      ],
      [
        "with bytes that are not a point",
        (a: Uint8Array) => concatBytes(a.subarray(0, 128), new Uint8Array(64).fill(1)),
        2,
      ],
      [
        "with the identity",
        (a: Uint8Array) => concatBytes(a.subarray(0, 64), new Uint8Array(64), a.subarray(128)),
        1,
      ],
    ] as const) {
      it(`${what}: the wallet disputes it, and has its money back`, async () => {
        const mint = await lyingMint((answer) => change(answer, point(world)));
        const costs: string[] = [];
        const funding = await world.funding(mint, { onCost: (step) => void costs.push(step) });
        const error = await expectRejection(
          funding.withdraw(world.newRequest([100, 10, 1])),
          "funding/disputed",
        );
        expect(Number(error.details.index)).to.equal(index);
        expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
        expect(costs).to.deep.equal(["approve", "deposit", "dispute", "withdraw"]);
      });
    }

    it("and answers nobody: the wallet waits for the deadline, and has its money back", async () => {
      const mint = await world.mint();
      const funding = await world.funding(mint, {
        submit: () => Promise.resolve(),
        wait: () => world.pass(ACKNOWLEDGE_PERIOD / 4),
      });
      await expectRejection(funding.withdraw(world.newRequest([100])), "funding/expired");
      expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
    });

    it("and refuses every request: the wallet names what it said, and has its money back", async () => {
      const mint = await world.mint();
      const funding = await world.funding(mint, {
        submit: (request) => mint.submit(request, 999n),
        wait: () => world.pass(ACKNOWLEDGE_PERIOD / 4),
      });
      const error = await expectRejection(
        funding.withdraw(world.newRequest([100])),
        "funding/expired",
      );
      expect(error.message).to.include("deposit 999 is none");
      expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
    });

    it("and declines a right deposit: the wallet has its money back", async () => {
      const request = world.newRequest([100]);
      const funding = await world.funding(await world.mint(), {
        submit: async (_, id) => {
          const { depositHash } = await world.reader.deposit(id);
          await (await world.calls(0)).decline(id, depositHash);
        },
        wait: () => world.mine(),
      });
      await expectRejection(funding.withdraw(request), "funding/declined");
      expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
    });

    it("and the wallet looks too late: it is told that the money is lost", async () => {
      const mint = await lyingMint((answer) => concatBytes(point(world), answer.subarray(64)));
      const request = world.newRequest([100]);
      const { id } = await world.deposit(request);
      await mint.submit(request, id);
      await mint.step();
      await world.pass(DISPUTE_PERIOD + 1);
      await expectRejection(
        (await world.funding(mint)).withdraw(request),
        "funding/dispute-too-late",
      );
    });
  });

  it("given a treasurer that lies: it cannot collect before the wallet could dispute, nor what was disputed", async () => {
    const mint = await lyingMint((answer) => concatBytes(answer.subarray(64), answer.subarray(64)));
    const request = world.newRequest([100, 10]);
    const { id } = await world.deposit(request);
    await mint.submit(request, id);
    await mint.step();
    const treasurer = await world.calls(0);
    const treasury = world.chain.accounts[9]!;
    await expectRejection(treasurer.collect([id], treasury), "contract/VaultCollectTooEarly");
    await expectRejection((await world.funding(mint)).withdraw(request), "funding/disputed");
    await world.pass(DISPUTE_PERIOD + 1);
    await expectRejection(treasurer.collect([id], treasury), "contract/VaultDepositStatus");
    expect(await world.money(1)).to.deep.equal({ balance: START, due: 0n });
    expect((await world.money(9)).balance).to.equal(0n);
  });
});
