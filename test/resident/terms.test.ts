/** Terms that change with a period: each token is paid by those of its own. */
import { expect } from "chai";
import { createMclBn254, toAddress } from "../../src/algebra/index.js";
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  type Carrier,
} from "../../src/exchange/index.js";
import { COMMON_DEADLINE, startOfDay, type LaterTerms } from "../../src/resident/index.js";
import { addressOf } from "../../src/sipster/index.js";
import { ANSWER_KEY, exchange, PAYEE, type Exchange } from "../support/exchange.js";
import { meterPeriod, system } from "../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
} from "../support/wallet.js";

const curve = await createMclBn254();
const NEXT = 202702;
const NEW_KEY = new Uint8Array(32).fill(0x6b);
const NEW_PAYEE = toAddress(new Uint8Array(20).fill(0xbb));
const later: LaterTerms = {
  firstPeriod: NEXT,
  payee: NEW_PAYEE,
  answerKey: addressOf(NEW_KEY),
  policy: { kind: "next-month" },
  timetable: {
    ...COMMON_DEADLINE,
    paying: { first: 4, last: 6 },
    posting: 8,
    settling: { first: 15, last: 16 },
  },
  requests: 0,
};

describe("terms that were announced from a period on", () => {
  /** A counter that signs with another key from the month on. */
  function resigned(x: Exchange, from: number): Carrier {
    const { systemId } = system;
    return async (bytes) => {
      const answer = await x.carrier(bytes);
      if (Number(x.clock.now) < startOfDay(from, 1)) return answer;
      const { hash } = decodeRequest(bytes);
      const verifier = { systemId, answerKey: addressOf(ANSWER_KEY) };
      return encodeAnswer(
        { systemId, answerKey: NEW_KEY },
        hash,
        decodeAnswer(verifier, hash, answer),
      );
    };
  }

  /** Two months of two tokens each, and which payee, when, each order named. */
  async function live(x: Exchange, carrier: Carrier) {
    const w = openWallet(x, { policy: { kind: "next-month" }, later: [later] });
    await withdrawBefore({ exchange: x, wallet: w, basket: [10, 10, 1, 1] });
    const seen: { payee: Uint8Array; at: number }[] = [];
    const watched: Carrier = (bytes) => {
      const { request } = decodeRequest(bytes);
      if (request.kind === "buy") {
        const { payee } = x.ecash.memo(request.order.payment);
        seen.push({ payee, at: Number(x.clock.now) });
      }
      return carrier(bytes);
    };
    const reports = [];
    for (const [i, period] of [PERIOD, NEXT].entries()) {
      setClock(x, after(period));
      const { generated } = meterPeriod(x.world, [10, 1], { period, seed: `${period}` });
      await w.resident.accept(
        period,
        numbered(
          generated.map((g) => g.token),
          i,
        ),
      );
      reports.push(await runUntil(x, w, { carrier: watched, until: after(period) + 11 * 86_400 }));
    }
    return { w, seen, reports };
  }

  it("rule its tokens: payee, windows and settling; those before stay under the terms before", async () => {
    const x = exchange(curve, { otherPayees: [NEW_PAYEE] });
    const { w, seen, reports } = await live(x, resigned(x, NEXT));
    expect(reports.map(({ receipts }) => receipts)).to.deep.equal([2, 2]);
    expect(seen.map(({ payee }) => payee)).to.deep.equal([PAYEE, PAYEE, NEW_PAYEE, NEW_PAYEE]);
    for (const { at } of seen.slice(2)) {
      expect(at).to.be.within(startOfDay(202703, 4), startOfDay(202703, 7) - 1);
    }
    expect(await w.resident.verify()).to.deep.equal({ verified: 4, bad: [] });
    expect(await w.resident.settlingTime(PERIOD)).to.be.within(
      startOfDay(202702, 13),
      startOfDay(202702, 21) - 1,
    );
    expect(await w.resident.settlingTime(NEXT)).to.be.within(
      startOfDay(202703, 15),
      startOfDay(202703, 17) - 1,
    );
  });

  it("given answers that are still signed with the key of before, then they count as none", async () => {
    const x = exchange(curve, { otherPayees: [NEW_PAYEE] });
    const { reports } = await live(x, resigned(x, 202704));
    expect(reports.map((r) => r.unanswered > 0)).to.deep.equal([true, true]);
    expect(reports.map((r) => r.receipts)).to.deep.equal([0, 0]);
  });

  it("given a counter that does not know the later payee: nothing is charged", async () => {
    const x = exchange(curve);
    const { reports } = await live(x, resigned(x, NEXT));
    expect(reports[1]).to.include({ receipts: 0 });
    expect((await x.counter.sales()).receipts).to.equal(2n);
  });
});
