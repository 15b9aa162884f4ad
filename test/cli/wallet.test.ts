/**
 * The wallet as a program against a chain, the utility's service over HTTP, and a meter: what it pins,
 * what it refuses, and one month from accrual to a bill that verifies.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { openWallet, type OpenWallet } from "../../src/cli/wallet/open-wallet.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { WalletRounds } from "../../src/cli/wallet/rounds.js";
import { statusOf } from "../../src/cli/wallet/status.js";
import { decodeRequest } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import {
  addressOf,
  encodeParameters,
  parseAddress,
  parseBillFile,
} from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";
import { PERIOD, WalletProgramWorld } from "../support/wallet-program.js";
import { numbered } from "../support/wallet.js";

const SIZES = [100, 10, 10, 1];

describe("the wallet as a program", () => {
  const folder = temporaryDirectory();
  let world: WalletProgramWorld;

  before(async () => {
    world = await WalletProgramWorld.start("wallet program");
  });
  after(() => world.stop());

  const open = (name: string, changes: object = {}): Promise<OpenWallet> =>
    world.open(folder(), name, changes);

  it("given a month of tokens, when rounds are run as its times come, then it is paid, and the bill verifies", async () => {
    const { provider } = world;
    const at = (time: number): void => {
      world.now = time;
    };
    const opened = await open("month");
    at(startOfDay(202612, 15));
    await opened.purse.withdraw([1, 1, 10, 10, 100], (request) => world.ecash.issue(request));
    const paired = await world.withMeter(opened, { sizes: SIZES });
    const { resident, store, curve } = paired;
    const board = { post: async () => undefined, posts: async () => [] };
    at(startOfDay(202702, 1));
    const rounds = new WalletRounds(paired, provider, { board, posts: true, settler: null });
    const bill = async () => (await rounds.round()).bills.find((b) => b.period === PERIOD)!;
    expect(await bill()).to.include({ units: 121n, unitsPaid: 0n, stage: "unpaid" });
    const month = async () => (await statusOf(paired, provider)).months[0];
    expect(await month()).to.include({ period: PERIOD, due: 4, paid: 0n, missing: 0 });
    for (;;) {
      const next = await resident.nextDue();
      if ((await resident.pending()) === 0 || next === null) break;
      at(Math.max(world.now, next));
      await rounds.round();
    }
    expect(await month()).to.include({ due: 0, paid: 121n, tx: null });
    at((await resident.settlingTime(PERIOD)) - 1);
    expect(await bill()).to.include({ stage: "waits", file: null });
    at(await resident.settlingTime(PERIOD));
    const ready = await bill();
    expect(ready).to.include({ stage: "ready", tx: null });
    expect(parseBillFile(curve, readFileSync(ready.file!, "utf8")).meter).to.equal(
      addressOf(paired.metered.billKey),
    );
    const status = await statusOf(paired, provider);
    expect(status.sees).to.contain("network address");
    await store.close();
  });

  it("refuses parameters that differ from the contract's: a payee of one's own, terms left out, terms added", async () => {
    const { served: right, terms } = world;
    const own = { ...terms, payee: parseAddress(`0x${"9".repeat(40)}`) };
    try {
      for (const lie of [[own], [], [terms, own]]) {
        world.served = encodeParameters({ terms: lie, network: [] });
        await expectRejection(open("lied to"), "chain/parameters-not-announced");
      }
    } finally {
      world.served = right;
    }
  });

  it("given terms of another payee, key and basket announced from a month on, when tokens of both months are paid, then each goes by the terms of its own month", async () => {
    const period = 202702;
    const payee = parseAddress(`0x${"8".repeat(40)}`);
    const sizeClasses = [{ name: "small", basket: [{ denomination: 1, count: 7 }], requests: 0 }];
    const later = { ...world.terms, payee, sizeClasses };
    const { carrier } = world;
    const { suite } = world.world;
    const paidTo = new Map<number, string>();
    try {
      await world.announce(later, period);
      world.served = encodeParameters({ terms: [world.terms, later], network: [] });
      world.now = startOfDay(202612, 15);
      const wallet = await open("by month");
      // The month of the final block is before them: its basket is withdrawn.
      expect(wallet.pinned.sizeClass).to.deep.equal(world.terms.sizeClasses[0]);
      expect(wallet.pinned.announced.map(({ firstPeriod }) => firstPeriod)).to.deep.equal([
        0,
        period,
      ]);
      await wallet.purse.withdraw([100, 10], (request) => world.ecash.issue(request));
      world.carrier = async (request) => {
        const { request: asked } = decodeRequest(request);
        if (asked.kind !== "buy") return carrier(request);
        const { denomination } = suite.decode(asked.order.token);
        paidTo.set(denomination, `0x${bytesToHex(world.ecash.memo(asked.order.payment).payee)}`);
        return carrier(request);
      };
      world.now = startOfDay(202703, 1);
      for (const [month, size] of [
        [PERIOD, 100],
        [period, 10],
      ] as const) {
        const { generated } = world.metered([size], { period: month, seed: `${month}` });
        await wallet.resident.accept(month, numbered(generated.map(({ token }) => token)));
      }
      for (let i = 0; i < 9 && paidTo.size < 2; i++) {
        world.now = Math.max(world.now, (await wallet.resident.nextDue())!);
        await wallet.resident.step(wallet.channel.carry);
      }
      expect(Object.fromEntries(paidTo)).to.deep.equal({ 100: world.terms.payee, 10: payee });
      await wallet.store.close();
    } finally {
      world.carrier = carrier;
    }
  });

  it("names a size class that the parameters do not have, a wallet that is not there, a meter that is not paired", async () => {
    await expectRejection(open("class", { sizeClass: "huge" }), "cli/no-size-class");
    const empty = await WalletFolder.open(join(folder(), "empty"), "passphrase");
    await expectRejection(openWallet(empty, world.provider), "cli/no-wallet");
    const wallet = await open("unpaired");
    await expectRejection(wallet.meter(), "cli/no-meter");
    await store(wallet);
  });

  const store = async ({ store: books }: OpenWallet): Promise<void> => books.close();
});
