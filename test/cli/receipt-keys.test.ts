/** The utility's program changes its receipt key, and its payee, while it serves and a wallet pays. */
import { rmSync } from "node:fs";
import { expect } from "chai";
import { startOfDay } from "../../src/resident/index.js";
import { addPeriods } from "../../src/sipster/index.js";
import { OperatedHome } from "../support/operated-home.js";
import { withPassphrase } from "../support/passphrase.js";

describe("sipster utility register-receipt-key", function () {
  this.timeout(300_000);
  const passphrase = withPassphrase();
  let home: OperatedHome;

  before(async () => {
    home = await OperatedHome.start(passphrase);
  });
  after(() => home.stop());

  const register = (month: number): string[] => {
    const from = `${String(month).slice(0, 4)}-${String(month).slice(4)}`;
    return ["utility", "register-receipt-key", "--from", from, ...home.folder(), ...home.paid()];
  };

  it("given a utility that serves, when it gets a new receipt key and a new payee, then both months are paid, each under its own, and it was never started again", async () => {
    const [before, after] = [home.first, addPeriods(home.first, 1)];
    await home.use(before, 123_000);
    const made = await home.run(...register(after));
    expect(made).to.deep.include({ keyEpoch: 2, firstPeriod: after });
    await home.announce(home.account(5), "--from", `${after}`.replace(/(..)$/, "-$1"));
    await home.use(after, 211_000);
    const round = await home.roundsUntil(startOfDay(addPeriods(after, 1), 21));
    const bills = round.bills.filter(({ period }) => [before, after].includes(period));
    expect(bills.map(({ period, unitsPaid }) => [period, unitsPaid])).to.deep.equal([
      [after, 211n],
      [before, 123n],
    ]);
    expect(bills.map(({ stage }) => stage)).to.deep.equal(["ready", "ready"]);
    expect(round.trouble).to.deep.equal([]);
    await home.withWallet(async ({ pinned }) => {
      expect(pinned.keys.map(({ keyEpoch }) => keyEpoch)).to.deep.equal([1, 2]);
    });
  });

  it("given a first month that is not after the last key's, then nothing is registered", async () => {
    const run = await home.tried(...register(home.first));
    expect(run.out + run.err).to.include("contract/SettlementFirstPeriodInvalid");
  });

  it("given a folder that lacks a registered receipt key, when it is served, then it is refused", async () => {
    rmSync(home.path("utility", "keys", "receipt-2.json"));
    const run = await home.tried("utility", "serve", ...home.folder(), ...home.onChain());
    expect(run.code).to.not.equal(0);
    expect(run.out + run.err).to.include("cli/other-key");
  });
});
