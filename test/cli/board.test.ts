/**
 * Orders without an answer, between programs: the wallet posts them to the contract OrderBoard, the
 * utility answers them there, and no wallet settles before. Every party lies in turn.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { answerOrder, postOrder, TransactionSender } from "../../src/chain/index.js";
import { answerBoard } from "../../src/cli/utility/board.js";
import type { Passes } from "../../src/cli/utility/passes.js";
import { orderBoard } from "../../src/cli/wallet/board.js";
import type { BillState } from "../../src/cli/wallet/bill-state.js";
import { WalletRounds } from "../../src/cli/wallet/rounds.js";
import { answerContent, decodeRequest } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import { parseBillFile } from "../../src/sipster/index.js";
import { temporaryDirectory } from "../support/temporary.js";
import { PERIOD, WalletProgramWorld } from "../support/wallet-program.js";

const DAY = 86_400;
const POSTING = startOfDay(202702, 12);
const [WALLET, UTILITY, STRANGER] = [3, 4, 5];

describe("orders on the board, between programs", function () {
  this.timeout(120_000);
  const folder = temporaryDirectory();
  let world: WalletProgramWorld;
  let rounds: WalletRounds;
  let answers: Passes | null;
  let board: ReturnType<typeof orderBoard>;

  const sender = async (account: number): Promise<TransactionSender> =>
    TransactionSender.create(await world.chain.signer(account));

  /** The clock of the chain and of everybody. */
  async function goTo(time: number): Promise<void> {
    const { provider } = world.chain.chain;
    await provider.send("evm_setNextBlockTimestamp", [`0x${time.toString(16)}`]);
    await provider.send("hardhat_mine", ["0x1"]);
    world.now = time;
  }

  const place = () => {
    const { provider, chain, terms } = world;
    return { provider, deployment: chain.deployment, terms };
  };

  /** Rounds at each time at which something is due, until a time. */
  async function runUntil(time: number, next: () => Promise<number | null>): Promise<void> {
    for (;;) {
      const due = await next();
      if (due === null || due > time) break;
      if (due > world.now) await goTo(due);
      await rounds.round();
    }
    if (time > world.now) await goTo(time);
  }

  const bill = async (): Promise<BillState> =>
    (await rounds.round()).bills.find((b) => b.period === PERIOD)!;

  /** A wallet whose largest order the utility leaves unanswered for ever, at the end of the day of posting. */
  async function withheld(): Promise<void> {
    world = await WalletProgramWorld.start("board");
    answers = null;
    const opened = await world.open(folder(), "victim");
    await goTo(startOfDay(202612, 15));
    await opened.purse.withdraw([1, 10, 100], (request) => world.ecash.issue(request));
    const wallet = await world.withMeter(opened, { sizes: [100, 10, 1] });
    world.carrier = (bytes) => {
      const { request } = decodeRequest(bytes);
      const isLargest =
        request.kind === "buy" &&
        Buffer.from(request.order.token).equals(
          world.world.suite.encode(wallet.metered.generated[0]!.token),
        );
      return isLargest ? Promise.reject(new Error("no answer")) : world.counter.answer(bytes);
    };
    board = orderBoard(place(), await sender(WALLET));
    rounds = new WalletRounds(wallet, world.provider, { board, posts: true, settler: null });
    await goTo(startOfDay(202702, 1));
    await rounds.round();
    const settleAt = await wallet.resident.settlingTime(PERIOD);
    await runUntil(POSTING + DAY - 1, () => wallet.resident.nextDue());
    expect(settleAt).to.be.above(world.now);
    await goTo(await wallet.resident.settlingTime(PERIOD));
  }

  beforeEach(withheld);
  afterEach(async () => {
    await answers?.stop();
    rounds.close();
    await world.stop();
  });

  async function serveBoard(): Promise<string[]> {
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const log = { info: say, warn: say, error: say };
    const coinId = (payment: Uint8Array): string => world.ecash.coinId(payment);
    answers = answerBoard({
      ...place(),
      ...{ counter: world.counter, coinId, sender: await sender(UTILITY), every: 20, log },
    });
    return said;
  }

  async function until(settled: () => Promise<boolean>): Promise<void> {
    while (!(await settled())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it("given a utility that never answers an order, when the day of posting is over, then the order stands on the board, and the bill is not settled", async () => {
    const posts = await board.posts(POSTING, POSTING + DAY);
    expect(posts).to.have.length(1);
    expect(posts[0]!.answers).to.deep.equal([]);
    expect(await bill()).to.include({ stage: "unpaid", unitsPaid: 11n, units: 111n });
  });

  it("given a wrong receipt, another's answer and bytes that are none on the board, when the wallet reads it, then its order is still open", async () => {
    const [post] = await board.posts(POSTING, POSTING + DAY);
    const { suite } = world.world;
    const wrong = suite.curve.g1.encode(suite.curve.g1.generator);
    const { keccak256 } = await import("ethers");
    const orderHash = keccak256(post!.order);
    const utility = await sender(UTILITY);
    for (const answer of [
      answerContent({ kind: "sold", receipt: wrong }),
      answerContent({ kind: "sold", receipt: new Uint8Array(64).fill(7) }),
      answerContent({ kind: "refused", code: "x/y", message: "no" }),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
      new Uint8Array(5000),
    ]) {
      await answerOrder(utility, world.chain.deployment, { orderHash, answer });
    }
    expect(await bill()).to.include({ stage: "unpaid", unitsPaid: 11n });
    expect((await board.posts(POSTING, POSTING + DAY))[0]!.answers).to.have.length(5);
  });

  it("given strangers who post junk, when the utility serves the board, then it answers the one order and nothing else, and the wallet takes the receipt and writes its bill", async () => {
    const stranger = await sender(STRANGER);
    const { deployment } = world.chain;
    for (const junk of [Uint8Array.of(1), new Uint8Array(1024), new Uint8Array(20_000)]) {
      await postOrder(stranger, deployment, junk);
    }
    const utility = await sender(UTILITY);
    const before = await world.provider.getTransactionCount(utility.address);
    const said = await serveBoard();
    await until(async () => (await bill()).stage === "ready");
    const { file, units, unitsPaid } = await bill();
    expect(unitsPaid).to.equal(units);
    parseBillFile(world.chain.curve, readFileSync(file!, "utf8"));
    expect((await world.counter.sales()).units).to.equal(111n);
    expect(await world.provider.getTransactionCount(utility.address)).to.equal(before + 1);
    expect(said).to.deep.equal(["board: 1 orders answered"]);
    // Started again, it finds its own answer and does not pay for another.
    await answers!.stop();
    await serveBoard();
    await until(async () => answers!.problem === null && (await bill()).stage === "ready");
    expect(await world.provider.getTransactionCount(utility.address)).to.equal(before + 1);
  });
});
