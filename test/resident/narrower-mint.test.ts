/** A mint whose next keys leave a denomination out: the wallet goes on with the others. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  BlindBlsWallet,
  generateMintKeys,
  issuerOf,
  mintPublicKeys,
} from "../../src/ecash/index.js";
import { startOfDay } from "../../src/resident/index.js";
import { DEFAULT_DENOMINATIONS } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import {
  Counter,
  inThread,
  payingCoins,
  refreshingCoins,
  StoredCounterBook,
} from "../../src/utility/index.js";
import { ANSWER_KEY, exchange, PAYEE } from "../support/exchange.js";
import { system } from "../support/settlement.js";
import { openWallet, runUntil, setClock } from "../support/wallet.js";

const curve = await createMclBn254();

describe("a mint that lies by what it leaves out", () => {
  it("given a further mint key without a denomination, when coins are changed, then those of the others are, and the wallet goes on", async () => {
    const mints = [
      { ...generateMintKeys(1, DEFAULT_DENOMINATIONS), firstPeriod: 0 },
      { ...generateMintKeys(2, [1, 100]), firstPeriod: 202702 },
    ];
    const x = exchange(curve);
    const clock = (): bigint => x.clock.now;
    const ecash = payingCoins(curve, system, mints);
    const counter = new Counter({
      suite: x.world.suite,
      epochs: [{ issuer: x.world.issuer, maker: inThread(x.world.issuer, x.world.suite) }],
      denominations: DEFAULT_DENOMINATIONS,
      ecash,
      refreshing: refreshingCoins(curve, system, { mints, clock }),
      payee: PAYEE,
      book: new StoredCounterBook(new MemoryStore(), ecash),
      answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
      clock,
    });
    const wallet = new BlindBlsWallet(curve, system, ...mints.map((m) => mintPublicKeys(curve, m)));
    const w = openWallet(x, { wallet, mints });
    setClock(x, startOfDay(202701, 15));
    await w.purse.withdraw([10, 10, 1, 1], (request) => issuerOf(curve, mints).issue(request));
    setClock(x, startOfDay(202702, 1));
    const until = startOfDay(202703, 1);
    await runUntil(x, w, { carrier: (bytes) => counter.answer(bytes), until });
    const coins = await w.store.transaction((tx) => tx.list("coin/"));
    const ids = coins.map(([key, value]) => {
      const { mintKeyId } = JSON.parse(new TextDecoder().decode(value)) as { mintKeyId: number };
      return `${key.split("/")[1]} of ${mintKeyId}`;
    });
    expect(ids.sort()).to.deep.equal(["1 of 2", "1 of 2", "10 of 1", "10 of 1"]);
    expect(await w.resident.evidence()).to.deep.equal([]);
  });
});
