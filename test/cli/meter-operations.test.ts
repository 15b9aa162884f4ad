/**
 * What an operator and a resident do at a meter by commands: removal, exchange, another resident, a lost clock,
 * the next tariff. Each message is also sent by a liar.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { systemOf } from "../../src/chain/index.js";
import { takeOrder } from "../../src/cli/meter/operator.js";
import { MeterFolder } from "../../src/cli/meter/folder.js";
import { noticeDocument } from "../../src/cli/notice-file.js";
import { toJson } from "../../src/cli/io.js";
import { UtilityFolder } from "../../src/cli/utility/folder.js";
import { formerBills } from "../../src/cli/wallet/former-meters.js";
import { settlementOf } from "../../src/cli/wallet/settler.js";
import { startOfDay } from "../../src/resident/index.js";
import {
  addPeriods,
  parseBillFile,
  signMeterNotice,
  type MeterAnnouncement,
} from "../../src/sipster/index.js";
import { canonicalTariff, tariffHash } from "../../src/tariff/index.js";
import { centPerKwh, flatTariff } from "../support/meter.js";
import { TestGateway } from "../support/meter-gateway.js";
import { OperatedHome } from "../support/operated-home.js";
import { withPassphrase } from "../support/passphrase.js";

const DAY = 86_400;
const dashed = (month: number): string => String(month).replace(/(..)$/, "-$1");

describe("what is done at a meter by commands", function () {
  this.timeout(300_000);
  const passphrase = withPassphrase();
  let home: OperatedHome;
  let old: TestGateway | null;

  beforeEach(async () => {
    home = await OperatedHome.start(passphrase);
    old = null;
  });
  afterEach(async () => {
    await old?.close();
    await home.stop();
  });

  const notice = (): string => home.path("notice.json");
  /** A notice by a command of the utility. */
  const signed = (...args: string[]): Promise<unknown> =>
    home.run("utility", ...args, "--out", notice(), ...home.folder(), ...home.onChain());
  const wallet = (...args: string[]): string[] => ["wallet", ...args, ...home.wallet()];
  const address = (): string => home.meter.gateway.meter!.address;
  /** A notice of the notice signer that no command would write. */
  async function forged(announcement: MeterAnnouncement, key?: Uint8Array): Promise<void> {
    const { noticeKey } = (await UtilityFolder.open(home.path("utility"), passphrase)).secrets;
    const system = await home.withWallet(async ({ config }) => systemOf(config.deployment));
    const made = signMeterNotice(system, announcement, key ?? noticeKey);
    writeFileSync(notice(), toJson(noticeDocument(made)));
  }
  async function refused(code: string, ...args: string[]): Promise<void> {
    const { code: exit, out, err } = await home.tried(...args);
    expect(exit, args.join(" ")).to.not.equal(0);
    expect(out + err).to.include(code);
  }

  it("given a meter that is exchanged in a month, when both meters' tokens are paid, then the bills of both settle, and the month can be forgotten after that alone", async () => {
    const [before, month] = [home.first, addPeriods(home.first, 1)];
    await home.use(before, 123_000);
    await home.goTo(startOfDay(month, 9));
    home.meter.source.use(211_000);
    await home.goTo(startOfDay(month, 10));
    const first = address();
    await signed("remove-meter", first);
    expect(await home.run(...wallet("remove-meter", notice()))).to.deep.include({
      periods: [addPeriods(before, -1), before, month],
    });
    expect(home.meter.gateway.meter).to.equal(null);
    old = home.meter;
    home.meter = await TestGateway.start(old.terms, 1000 * (await home.now()));
    await home.pair();
    const second = address();
    home.meter.source.use(87_000);
    // The wallet runs through the days in which the tokens of both months are paid, and their bills may settle.
    await home.roundsUntil(startOfDay(addPeriods(month, 1), 1));
    const round = await home.roundsUntil(startOfDay(addPeriods(month, 2), 21));
    const bills = round.bills.filter(({ period }) => period === month);
    expect(bills.map(({ stage, unitsPaid }) => [stage, unitsPaid])).to.deep.equal([
      ["ready", 298n],
      ["ready", 298n],
    ]);
    const earlier = round.bills.find(({ period }) => period === before);
    expect(earlier).to.deep.include({ stage: "ready", unitsPaid: 123n });
    const meters = await home.withWallet(async ({ curve }) =>
      bills.map(({ file }) => parseBillFile(curve, readFileSync(file!, "utf8")).meter),
    );
    expect(meters).to.have.members([first, second]);
    const registered = ["utility", "register-meters", first, ...home.folder(), ...home.paid()];
    await home.run(...registered);
    const pay = ["--account", home.account(1), "--deployments", home.path("deployments")];
    // The successor is not registered: its bill is refused, and the first one's is settled all the same.
    await refused("contract/", ...wallet("settle", dashed(month)), ...pay);
    const settlement = (meter: string): Promise<string | null> =>
      home.withWallet(({ config: { deployment }, pinned: { terms } }) =>
        settlementOf({ provider: home.provider, deployment, terms, meter, period: month }),
      );
    expect(await settlement(first)).to.be.a("string");
    expect(await settlement(second)).to.equal(null);
    await refused("cli/not-settled", ...wallet("forget", dashed(month)));
    await home.run("utility", "register-meters", second, ...home.folder(), ...home.paid());
    const done = await home.run(...wallet("settle", dashed(month)), ...pay);
    const { bills: settled } = done as { bills: { meter: string; tx: string | null }[] };
    expect(settled.map(({ meter }) => meter)).to.have.members([first, second]);
    expect(settled.every(({ tx }) => tx !== null)).to.equal(true);
    await home.run(...wallet("forget", dashed(month)));
    const left = await home.withWallet(({ store, suite }) => formerBills(store, suite));
    expect(left.map(({ bill }) => bill.period)).to.deep.equal([addPeriods(before, -1), before]);
  });

  it("given a gateway that names another blinding factor, or a removal that is not the utility's or another meter's, then the wallet does not let the keys be erased", async () => {
    await home.use(home.first, 50_000);
    const meter = address() as `0x${string}`;
    const taken = (): Promise<void> => refused("meter/", ...wallet("remove-meter", notice()));
    await forged({ kind: "removal", meter: meter as never }, new Uint8Array(32).fill(9));
    await taken();
    await forged({ kind: "removal", meter: `0x${"12".repeat(20)}` as never });
    await taken();
    expect(home.meter.gateway.meter!.status.removedAt).to.equal(null);
    await signed("remove-meter", meter);
    const { gateway } = home.meter;
    const answer = gateway.answer.bind(gateway);
    gateway.answer = async (request, visit) => {
      const right = await answer(request, visit);
      return right.kind === "bill" ? { ...right, blinding: right.blinding + 1n } : right;
    };
    await refused("meter/bad-message", ...wallet("remove-meter", notice()));
    expect(gateway.meter).to.not.equal(null);
    gateway.answer = answer;
    // The same notice again: what was done is not done twice.
    await home.run(...wallet("remove-meter", notice()));
    expect(gateway.meter).to.equal(null);
  });

  it("given a wallet that is gone, when an operator removes the meter, then its keys are erased after thirty days and not before, and another resident has it with another address", async () => {
    const dir = home.path("meter");
    const { terms } = home.meter;
    writeFileSync(home.path("terms.json"), readFileSync(home.path("utility", "terms", "0.json")));
    const init = ["--terms", home.path("terms.json"), "--tariff", home.path("tariff.json")];
    await home.run("meter", "init", "--dir", dir, ...init);
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const look = (): void => {
      takeOrder(home.meter.gateway, new MeterFolder(dir), { info: say, warn: say, error: say });
    };
    const first = address();
    await home.run("meter", "release", "--dir", dir);
    look();
    expect(said.pop()).to.include("meter/not-released");
    await signed("remove-meter", first);
    await home.run("meter", "remove", notice(), "--dir", dir);
    look();
    expect(home.meter.gateway.meter!.status.removedAt).to.be.a("number");
    const removed = await home.now();
    await home.goTo(removed + 29 * DAY);
    await home.run("meter", "release", "--dir", dir);
    look();
    expect(said.pop()).to.include("meter/not-released");
    await home.goTo(removed + 30 * DAY + 60);
    await home.run("meter", "release", "--dir", dir);
    look();
    expect(home.meter.gateway.meter).to.equal(null);
    expect(said).to.have.length(2);
    const { host, port } = home.meter.address;
    const other = ["--folder", home.path("other")];
    await home.run(
      "wallet",
      "init",
      ...other,
      ...home.onChain(),
      "--utility",
      home.utility.json.url,
    );
    const at = ["--meter", `${host}:${port}`];
    const made = await home.run("wallet", "pair", home.meter.server.newCode(), ...other, ...at);
    expect((made as { meter: string }).meter).to.not.equal(first);
    expect(home.meter.gateway.meter!.status.termsHash).to.have.length(32);
    expect(terms.lead).to.equal(0);
    // The first resident's link is gone with the keys.
    await refused("meter/", ...wallet("ask-time"));
  });

  it("given a meter that has lost its clock, then the utility's command and the wallet's set it together, and no other answer does", async () => {
    const { source, gateway } = home.meter;
    source.clock -= 3_600_000;
    expect(gateway.tick()?.code).to.equal("meter/clock-lost");
    await home.provider.send("evm_increaseTime", [60]);
    await home.provider.send("evm_mine", []);
    const ask = async (): Promise<string> =>
      ((await home.run(...wallet("ask-time"))) as { nonce: string }).nonce;
    const bytes = (nonce: string): Uint8Array => Buffer.from(nonce.slice(2), "hex");
    const time = 1000 * (await home.now());
    const set = wallet("set-time", notice());
    const nonce = bytes(await ask());
    await forged({ kind: "time", nonce, time }, new Uint8Array(32).fill(9));
    await refused("meter/refused", ...set);
    await forged({ kind: "time", nonce, time: time + 121_000 });
    await refused("meter/bad-time", ...set);
    await forged({ kind: "time", nonce: new Uint8Array(32), time });
    await refused("meter/refused", ...set);
    expect(gateway.meter!.status.clockLost).to.equal(true);
    await signed("meter-time", await ask());
    await home.run(...set);
    expect(gateway.meter!.status).to.deep.include({ clockLost: false });
    expect(gateway.tick()).to.equal(null);
    await refused("meter/refused", ...set);
  });

  it("given a tariff that follows, then the meter prices by it from its month on; one that no announced terms name is not signed, and not brought", async () => {
    const month = addPeriods(home.first, 1);
    const dearer = flatTariff("0.02");
    const own = flatTariff("0.03");
    writeFileSync(home.path("own.json"), canonicalTariff(own));
    const follows = ["--follows", tariffHash(centPerKwh), "--from", dashed(month)];
    const files = ["--out", notice(), ...home.folder(), ...home.onChain()];
    await refused(
      "cli/bad-option",
      ...["utility", "next-tariff", home.path("own.json"), ...follows, ...files],
    );
    home.tariff = dearer;
    await home.announce(home.account(0), "--from", dashed(month));
    const hash = (tariff: typeof own): Uint8Array =>
      Buffer.from(tariffHash(tariff).slice(2), "hex");
    await forged({
      kind: "tariff",
      tariff: hash(centPerKwh),
      successor: hash(own),
      firstPeriod: month,
    });
    await refused("cli/foreign-tariff", ...wallet("meter-tariff", notice()));
    // The terms that name it rule later months: it is not brought for an earlier one.
    await forged({
      kind: "tariff",
      tariff: hash(centPerKwh),
      successor: hash(dearer),
      firstPeriod: home.first,
    });
    await refused("cli/foreign-tariff", ...wallet("meter-tariff", notice()));
    expect(home.meter.gateway.meter!.status.tariffs).to.have.length(1);
    await signed("next-tariff", home.path("tariff.json"), ...follows);
    const url = `${home.utility.json.url}/v1/tariffs/${tariffHash(dearer)}`;
    while ((await fetch(url)).status !== 200) await new Promise((done) => setTimeout(done, 100));
    await home.run(...wallet("meter-tariff", notice()));
    await home.use(home.first, 50_000);
    await home.use(month, 50_000);
    const { units } = await home.withWallet(async (opened) => {
      const client = await opened.meter();
      for (const { notice: of } of opened.pinned.keys) await client.followKeyNotice(of);
      const sum = async (period: number): Promise<number> =>
        (await client.tokens(period)).reduce((all, { token }) => all + token.denomination, 0);
      const both = [await sum(home.first), await sum(month)];
      client.close();
      return { units: both };
    });
    expect(units).to.deep.equal([50, 100]);
  });
});
