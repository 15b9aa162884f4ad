/**
 * A meter that is exchanged: the tokens of its successor have the numbers after its own, because coin n
 * pays for token n. Through contracts, vault, counter and two meters; and with meters that lie.
 */
import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeRequest } from "../../src/exchange/index.js";
import { pastWithdrawals } from "../../src/funding/index.js";
import type { MeterClient } from "../../src/meter/index.js";
import {
  startOfDay,
  takeTokens,
  type MeteredBill,
  type MeterLink,
} from "../../src/resident/index.js";
import { hashBoundGenerator, signMeterNotice, type FirstNumbers } from "../../src/sipster/index.js";
import { CoreWorld, type CoreWallet } from "../support/core-world.js";
import { expectRejection } from "../support/errors.js";
import { noticeKey } from "../support/meter.js";
import type { TestGateway } from "../support/meter-gateway.js";
import { BASE_UNITS, DENOMINATIONS } from "../support/vault-world.js";

const SECRET = new Uint8Array(32).fill(0x41);
const SHARE = new Uint8Array(32).fill(0x42);
const COINS = DENOMINATIONS.flatMap((d) => Array<number>(12).fill(d));
const BASKET = new Map(DENOMINATIONS.map((d) => [d, 12]));

describe("a meter that is exchanged in the middle of a month", function () {
  this.timeout(300_000);
  let world: CoreWorld;
  let home: CoreWallet;
  let old: TestGateway | null = null;
  /** The month before the exchange, and the month of it. */
  let before: number;
  let month: number;
  /** Tokens by the coin that was shown with them, of every order that left. */
  let shown: Map<string, Set<string>>;

  beforeEach(async () => {
    world = await CoreWorld.start("exchange");
    home = await world.pair(SECRET, SHARE);
    await home.purse.withdraw(COINS, (request) => home.funding.withdraw(request));
    [before, month] = [world.month(1), world.month(2)];
    shown = new Map();
    const carry = world.carrier;
    world.carrier = (bytes) => {
      const { request } = decodeRequest(bytes);
      if (request.kind === "buy") {
        const coin = world.wallet.coinId(request.order.payment);
        const tokens = shown.get(coin) ?? new Set();
        shown.set(coin, tokens.add(bytesToHex(request.order.token)));
      }
      return carry(bytes);
    };
    await world.use(before, 123_000);
    await world.goTo(startOfDay(month, 9));
    world.gateway.source.use(211_000);
    await world.goTo(startOfDay(month, 10));
  });
  afterEach(async () => {
    await old?.close();
    old = null;
    await world.stop();
  });

  const withClient = async <T>(work: (client: MeterClient) => Promise<T>): Promise<T> => {
    const client = await world.client(home);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  };
  /** The meter is removed; the wallet has its tokens and bills, and confirms them. */
  async function removed(): Promise<{ bills: MeteredBill[]; next: FirstNumbers }> {
    const { meter } = home.paired;
    await withClient((client) =>
      client.remove(signMeterNotice(world.system, { kind: "removal", meter }, noticeKey)),
    );
    await world.take(home, before);
    const resident = await world.take(home, month);
    const bills = await withClient(async (client) => {
      const all: MeteredBill[] = [];
      for (const period of (await client.status()).closed) {
        all.push(await world.metered(home, client, period));
      }
      await client.release(all.map(({ bill }) => bill));
      return all;
    });
    return { bills, next: await resident.nextNumbers(DENOMINATIONS) };
  }
  /** The successor measures from now to the month's end. */
  async function succeeded(first: FirstNumbers, wattHours = 87_000): Promise<void> {
    old = await world.hangAnother();
    home = await world.pairOn(home, first);
    world.gateway.source.use(wattHours);
    await world.goTo(startOfDay(world.month(3), 1));
  }

  it("given the numbers after its predecessor's, when both months are paid, then every coin is shown with one token, and the bills of both meters settle", async () => {
    const { bills, next } = await removed();
    expect([...next]).to.deep.equal([
      [1, 4],
      [10, 3],
      [100, 3],
    ]);
    const { meter: first } = home.paired;
    await succeeded(next);
    expect(home.paired.meter).not.to.equal(first);
    const resident = await world.pay(home, month);
    expect((await resident.status(month)).unitsPaid).to.equal(211n + 87n);
    for (const bill of bills.filter((b) => [before, month].includes(b.bill.period))) {
      expect(await world.settleBill(resident, bill)).to.equal("settled");
    }
    expect(await world.settle(home, resident, month)).to.equal("settled");
    expect((await world.sales).units).to.equal(123n + 211n + 87n);
    expect([...shown.values()].map((tokens) => tokens.size)).to.deep.equal(Array(25).fill(1));
    expect((await world.audited()).ok).to.equal(true);
  });

  it("given the successor, when all is lost but the secret, then its tokens have the same numbers, and the same coins pay for them", async () => {
    const { next } = await removed();
    await succeeded(next);
    const paid = await world.pay(home, month);
    const pairs = new Map(shown);
    shown.clear();
    const again = await world.pair(SECRET, SHARE);
    const { reader, chain } = world.vault;
    const past = await pastWithdrawals(reader, {
      account: chain.accounts[1]!,
      baskets: [BASKET],
      baseUnitsPerUnit: BASE_UNITS,
      toBlock: (await world.vault.latest()).number,
    });
    await again.purse.restore(past);
    const resident = await world.pay(again, month);
    expect((await resident.status(month)).unitsPaid).to.equal(87n);
    for (const [coin, tokens] of shown) expect(tokens).to.deep.equal(pairs.get(coin));
    expect((await world.sales).units).to.equal((await paid.status(month)).units + 123n);
  });

  it("given a successor that begins with 0 all the same, when its tokens come, then none is taken and no coin is shown twice", async () => {
    const { next } = await removed();
    old = await world.hangAnother();
    // The gateway leaves the numbers out on the way to the trusted part.
    home = await world.pairOn(home, new Map());
    home = { ...home, paired: { ...home.paired, firstNumbers: next } };
    world.gateway.source.use(87_000);
    await world.goTo(startOfDay(world.month(3), 1));
    await expectRejection(world.take(home, month), "meter/foreign-token");
    // Books that forgot the first numbers stop them too: another token has the number.
    home = { ...home, paired: { ...home.paired, firstNumbers: new Map() } };
    const { resident } = await world.device(home);
    await expectRejection(
      withClient(async (client) => resident.accept(month, await client.tokens(month))),
      "resident/number-taken",
    );
    expect((await resident.status(month)).units).to.equal(211n);
  });

  it("given a predecessor that emits on after the exchange, before the successor or after it, when its tokens come, then none is taken, and the successor's are paid", async () => {
    const { next } = await removed();
    // It was not removed after all: it goes on measuring, and answers on a line of its own.
    const liar = emitsOn(home);
    old = await world.hangAnother();
    home = await world.pairOn(home, next);
    const given = async (): Promise<void> => {
      const { resident, keys } = await world.device(home);
      const taken = (await resident.status(month)).tokens;
      await expectRejection(
        takeTokens(resident, liar, { keys, period: month }),
        "resident/former-meter",
      );
      expect((await resident.status(month)).tokens).to.equal(taken);
    };
    await given();
    world.gateway.source.use(87_000);
    await world.goTo(startOfDay(world.month(3), 1));
    const resident = await world.pay(home, month);
    await given();
    expect((await resident.status(month)).unitsPaid).to.equal(211n + 87n);
    expect([...shown.values()].every((tokens) => tokens.size === 1)).to.equal(true);
  });

  /** What the predecessor's view key makes for the numbers after those that it gave, as it would emit them. */
  function emitsOn({ paired }: CoreWallet): MeterLink {
    const { curve } = world.vault;
    const { systemId } = world.system;
    const { viewKey, meter } = paired;
    const generate = hashBoundGenerator({ curve, systemId, viewKey, keyEpoch: 1 });
    const more = [0, 1, 2, 3, 4, 5].flatMap((number) =>
      DENOMINATIONS.map((d) => ({ token: generate(BigInt(number), d).token, number })),
    );
    return {
      meter,
      followKeyNotice: async () => undefined,
      tokens: async () => more,
    };
  }

  it("given first numbers that no books give, when the meter is to be installed with them, then it is not", async () => {
    old = await world.hangAnother();
    for (const number of [2 ** 40 + 1, 2 ** 48 - 1]) {
      const error = await expectRejection(
        world.pairOn(home, new Map([[1, number]])),
        "meter/refused",
      );
      expect(error.details.code).to.equal("sipster/bad-first-number");
    }
    expect(world.gateway.memory.read()).to.equal(null);
  });
});
