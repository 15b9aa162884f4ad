import { expect } from "chai";
import { DoublingCounter } from "../../src/demo/ledger/cheats/cheats.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import {
  auditBill,
  BillCounter,
  billOf,
  decodeBill,
  decodeQuestion,
  encodeBill,
  encodeQuestion,
} from "../../src/ledger/direct/signed-bill.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import { expectError } from "../support/errors.js";
import { kinds, TestNeighbourhood, type TestInterval } from "./support.js";

async function scene(
  body: (n: TestNeighbourhood, interval: TestInterval, pages: IndexedPages) => void,
): Promise<void> {
  const n = await TestNeighbourhood.open("direct", 5);
  await n.run(
    1,
    (home) => BigInt(222 * (home + 1)),
    (interval) => body(n, interval, new IndexedPages(interval.pages, n.rules, interval.book)),
  );
}

describe("Bills asked for directly", () => {
  it("are price × parcel for each row, and nothing is wrong with them", () =>
    scene((n, { pages }, indexed) => {
      const counter = new BillCounter(n.providerKey);
      counter.open(pages);
      const { interval } = pages.consumption.statement;
      let total = 0n;
      for (const [i, { pseudonym }] of pages.consumption.rows.entries()) {
        const answer = counter.answer(encodeQuestion({ interval, pseudonym }));
        expect(auditBill(indexed, i, answer)).to.deep.equal([]);
        total += decodeBill(answer)!.statement.amount;
      }
      expect(total).to.equal(pages.billing.statement.total);
    }));

  it("given a counter that was ended and opens its pages again, are the same to the byte", () =>
    scene((n, { pages }) => {
      const [one, again] = [1, 2].map(() => new BillCounter(n.providerKey));
      const { interval } = pages.consumption.statement;
      const questions = pages.consumption.rows.map(({ pseudonym }) =>
        encodeQuestion({ interval, pseudonym }),
      );
      one!.open(pages);
      const answers = questions.map((question) => one!.answer(question));
      expect(decodeBill(again!.answer(questions[0]!))).to.equal(null);
      again!.open(pages);
      expect(questions.map((question) => again!.answer(question))).to.deep.equal(answers);
    }));

  it("when one is wrong, what the provider signed is a proof for the contract", () =>
    scene((n, { pages }, indexed) => {
      const counter = new DoublingCounter(n.providerKey);
      counter.open(pages);
      counter.doubled = 3;
      const { interval } = pages.consumption.statement;
      for (const [i, { pseudonym, wattHours }] of pages.consumption.rows.entries()) {
        const faults = auditBill(
          indexed,
          i,
          counter.answer(encodeQuestion({ interval, pseudonym })),
        );
        const isWrong = i === 3 && wattHours > 0n;
        expect(kinds(faults)).to.deep.equal(isWrong ? ["bill"] : []);
        if (isWrong) expect(faults[0]!.challenge?.kind).to.equal("bill");
      }
    }));

  it("when one is denied, lost, unsigned, unreadable or of another row, is named", () =>
    scene((n, { pages }, indexed) => {
      const counter = new BillCounter(n.providerKey);
      const bill = billOf(pages, 1);
      const lies = [
        undefined,
        encodeBill(null),
        Uint8Array.of(7),
        encodeBill({ statement: bill, signature: new Uint8Array(65) }),
        encodeBill(counter.sign({ ...bill, index: 2 })),
        encodeBill(counter.sign({ ...bill, interval: bill.interval - 1 })),
        encodeBill(counter.sign({ ...bill, revision: 1 })),
      ];
      for (const lie of lies) expect(kinds(auditBill(indexed, 1, lie))).to.deep.equal(["answer"]);
    }));

  it("when the question is unreadable or about a stranger, the answer is that there is no such row", () =>
    scene((n, { pages }) => {
      const counter = new BillCounter(n.providerKey);
      counter.open(pages);
      const { interval } = pages.consumption.statement;
      const stranger = encodeQuestion({ interval, pseudonym: n.random.bytes(32) as Pseudonym });
      for (const question of [stranger, new Uint8Array(), n.random.bytes(35)]) {
        expect(decodeBill(counter.answer(question))).to.equal(null);
      }
      const { pseudonym } = pages.consumption.rows[0]!;
      const later = { consumption: pages.consumption, billing: pages.billing };
      const statement = { ...pages.consumption.statement, interval: interval + 96 };
      counter.open({ ...later, consumption: { ...pages.consumption, statement } });
      expect(decodeBill(counter.answer(encodeQuestion({ interval, pseudonym })))).to.equal(null);
    }));

  it("have one encoding each", () =>
    scene((n, { pages }) => {
      const question = encodeQuestion({ interval: 5, pseudonym: n.random.bytes(32) as Pseudonym });
      expect(encodeQuestion(decodeQuestion(question))).to.deep.equal(question);
      const answer = encodeBill(new BillCounter(n.providerKey).sign(billOf(pages, 0)));
      expect(encodeBill(decodeBill(answer))).to.deep.equal(answer);
      for (const bytes of [answer.subarray(1), Uint8Array.of(...answer, 0), Uint8Array.of(0, 0)]) {
        expectError(() => decodeBill(bytes), "ledger/bad-answer");
      }
    }));
});
