/** The simulation beside the real roles: meter, wallets, counter and mint with all cryptography. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { parseRequestContent, requestContent, decodeRequest } from "../../src/exchange/index.js";
import { Chance } from "../../src/attack/random.js";
import { habitsNamed, type Habits } from "../../src/attack/index.js";
import { tokensOf } from "../../src/attack/simulation/accrual.js";
import { simulate } from "../../src/attack/simulation/simulate.js";
import { PATHS, readFile, type SettlementFile } from "../../src/attack/view/files.js";
import {
  ORDER,
  readOrder,
  readRequestLog,
  writeRequestLog,
  type LoggedRequest,
} from "../../src/attack/view/request-log.js";
import { exchange } from "../support/exchange.js";
import { meterPeriod } from "../support/settlement.js";
import { numbered, openWallet, setClock, withdrawBefore } from "../support/wallet.js";
import { crowd, DENOMINATIONS, PERIOD } from "./crowd.js";

const HOMES = 3;
const SEED = "roles";

/** A log with what cryptography makes blotted out. */
function masked(log: Iterable<LoggedRequest>): string {
  const rows = [...log].map(({ at, content }) => {
    const copy = content.slice();
    for (const [from, to] of [
      [ORDER.seed, ORDER.mintKey - 2],
      [ORDER.coin, ORDER.payee],
      [ORDER.signature, ORDER.bytes],
    ] as const) {
      copy.fill(0, from, to);
    }
    return { at, content: copy };
  });
  // Requests of one second arrive in any order.
  const key = (r: LoggedRequest): string => Buffer.from(r.content).toString("hex");
  rows.sort((a, b) => a.at - b.at || (key(a) < key(b) ? -1 : 1));
  return Buffer.from(writeRequestLog(rows)).toString("hex");
}

/** The same homes with real meters' tokens, wallets, coins and a counter, on one clock. */
async function realRun(habits: Habits) {
  const population = crowd(50);
  const homes = population.draw(HOMES, new Chance(SEED, "homes"));
  const x = exchange(await createMclBn254(), { seed: SEED });
  const log: LoggedRequest[] = [];
  const basket = [
    ...Array<number>(30).fill(100),
    ...Array<number>(10).fill(10),
    ...Array<number>(10).fill(1),
  ];
  const wallets = [];
  for (const [i, home] of homes.entries()) {
    const tokens = tokensOf(home, population, {
      denominations: DENOMINATIONS,
      emission: "as-it-accrues",
    });
    const sizes = tokens.map(({ denomination }) => denomination);
    const period = meterPeriod(x.world, sizes, { period: PERIOD, seed: `home ${i}` });
    const { below } = new Chance(SEED, "wallet", i);
    const wallet = openWallet(x, {
      secret: new Uint8Array(32).fill(i + 1),
      ...habits,
      below,
    });
    await withdrawBefore({ exchange: x, wallet, basket, period: PERIOD });
    const emitted = numbered(period.generated.map((g) => g.token));
    wallets.push({ wallet, arriving: tokens.map(({ at }, n) => ({ at, token: emitted[n]! })) });
  }
  for (;;) {
    const next = await Promise.all(
      wallets.map(async ({ wallet, arriving }) =>
        Math.min(arriving[0]?.at ?? Infinity, (await wallet.resident.nextDue()) ?? Infinity),
      ),
    );
    const now = Math.min(...next);
    if (now === Infinity || now > Date.UTC(2026, 4, 1) / 1000) break;
    setClock(x, now);
    for (const { wallet, arriving } of wallets) {
      while (arriving[0]?.at === now) {
        await wallet.resident.accept(PERIOD, [arriving.shift()!.token]);
      }
      await wallet.resident.step((request) => {
        log.push({ at: now, content: requestContent(decodeRequest(request).request) });
        return x.carrier(request);
      });
    }
  }
  const settled = await Promise.all(wallets.map((w) => w.wallet.resident.settlingTime(PERIOD)));
  return { population, homes, log, settled };
}

describe("the simulation of a month", function () {
  this.timeout(300_000);

  for (const name of ["common-deadline", "next-month", "accrual+5d", "settle-after-last"]) {
    it(`${name}: given homes and a seed, then its log has the bytes and times of the real roles, but for what cryptography makes`, async () => {
      const habits = habitsNamed(name);
      const { population, homes, log, settled } = await realRun(habits);
      const { view } = simulate({
        ...{ population, period: PERIOD, homes, habits, seed: SEED, event: "none" },
        ...{ denominations: DENOMINATIONS, emission: "as-it-accrues" },
      });
      const simulated = [...readRequestLog(view.get(PATHS.requests)!)];
      expect(simulated.length).to.equal(log.length).and.to.be.above(10);
      expect(masked(simulated)).to.equal(masked(log));
      // The real parser reads the simulated bytes, and the attacker's reader the real ones.
      for (const { content } of simulated) {
        expect(parseRequestContent(content).request.kind).to.equal("buy");
      }
      for (const { content } of log) expect(readOrder(content)).not.to.equal(null);
      const times = readFile<SettlementFile[]>(view, PATHS.settlements).map(({ at }) => at);
      expect(times).to.deep.equal(settled.toSorted((a, b) => a - b));
    });
  }
});
