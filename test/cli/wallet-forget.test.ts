/** `sipster wallet forget`: what the books of the program hold of a month before and after, and what it refuses. */
import { expect } from "chai";
import { registerMeters } from "../../src/chain/index.js";
import { forgetMonth } from "../../src/cli/wallet/forget.js";
import { WalletRounds } from "../../src/cli/wallet/rounds.js";
import { ownSettler } from "../../src/cli/wallet/settler.js";
import { statusOf } from "../../src/cli/wallet/status.js";
import { startOfDay } from "../../src/resident/index.js";
import { addressOf } from "../../src/sipster/index.js";
import type { Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";
import { PERIOD, WalletProgramWorld } from "../support/wallet-program.js";

const SIZES = [100, 10, 10, 1];

/** Everything in a store as text: keys, and values in hexadecimal and as they are. */
async function contents(store: Store): Promise<string> {
  const all = await store.transaction((tx) => tx.list(""));
  return all.map(([key, value]) => `${key} ${Buffer.from(value).toString("latin1")}`).join("\n");
}

describe("a wallet that forgets", () => {
  const folder = temporaryDirectory();
  let world: WalletProgramWorld;
  before(async () => {
    world = await WalletProgramWorld.start("wallet that forgets");
  });
  after(() => world.stop());

  it("given a month, when it is forgotten before its settlement is final, then it is refused; after it, then no token, receipt or spent coin is left, and none is fetched again", async () => {
    const { provider, chain } = world;
    const { deployment } = chain;
    const opened = await world.open(folder(), "home");
    world.now = startOfDay(202612, 15);
    await opened.purse.withdraw([1, 1, 10, 10, 100], (request) => world.ecash.issue(request));
    await expectRejection(forgetMonth(opened, provider, PERIOD), "cli/no-meter");
    const wallet = await world.withMeter(opened, { sizes: SIZES });
    const { resident, store, metered } = wallet;
    const sender = await chain.sender();
    const meter = addressOf(metered.billKey);
    await registerMeters({ sender, deployment, meters: [meter], validFrom: PERIOD });
    const board = { post: async () => undefined, posts: async () => [] };
    const settler = ownSettler(sender, deployment, wallet.curve);
    const rounds = new WalletRounds(wallet, provider, { board, posts: true, settler });
    const bill = async () => (await rounds.round()).bills.find((b) => b.period === PERIOD);
    world.now = startOfDay(202702, 1);
    await rounds.round();
    for (;;) {
      const next = await resident.nextDue();
      if ((await resident.pending()) === 0 || next === null) break;
      world.now = Math.max(world.now, next);
      await rounds.round();
    }
    await expectRejection(forgetMonth(wallet, provider, PERIOD), "cli/not-settled");
    expect((await resident.status(PERIOD)).unitsPaid).to.equal(121n);
    world.now = await resident.settlingTime(PERIOD);
    await rounds.round();
    const settled = (await bill())!;
    expect(settled.stage).to.equal("settled");

    const hashes = metered.generated.map((g) =>
      Buffer.from(world.world.suite.hash(g.token)).toString("hex"),
    );
    const before = await contents(store);
    for (const hash of hashes) expect(before).to.include(hash);
    expect(before).to.include('"state":"spent"');
    expect(await forgetMonth(wallet, provider, PERIOD)).to.equal(settled.tx);
    const after = await contents(store);
    for (const hash of hashes) expect(after).to.not.include(hash);
    expect(after).to.not.include('"state":"spent"');

    // Another session, days later: the meter still has the month.
    world.now += 5 * 86_400;
    const again = new WalletRounds(wallet, provider, { board, posts: true, settler });
    const { bills, step } = await again.round();
    expect(bills.map((b) => b.period)).to.not.include(PERIOD);
    expect(step.sent).to.equal(0);
    expect((await resident.status(PERIOD)).tokens).to.equal(0);
    const [month] = (await statusOf(wallet, provider)).months.filter((m) => m.period === PERIOD);
    expect(month).to.include({ units: 0n, tx: settled.tx });
    // Told again, it has nothing more to do.
    expect(await forgetMonth(wallet, provider, PERIOD)).to.equal(settled.tx);
    await store.close();
  });
});
