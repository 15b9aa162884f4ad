import { expect } from "chai";
import fc from "fast-check";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { rewriteBills, withAmount } from "../../src/ledger/cheating.js";
import { BillCounter } from "../../src/ledger/direct/bill-counter.js";
import {
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
} from "../../src/ledger/direct/direct-bill.js";
import { recomputedBills, type BillPage } from "../../src/ledger/pages.js";
import type { Pseudonym } from "../../src/ledger/one-time-key.js";
import type { LedgerResident } from "../../src/ledger/resident.js";
import { directBillStruct } from "../../src/ledger/statements.js";
import { expectError } from "../support/errors.js";
import { TestNeighbourhood, type TestInterval } from "./support.js";

const FIRST = 1000;

interface Asked {
  readonly town: TestNeighbourhood;
  readonly pages: IndexedPages;
  readonly published: TestInterval;
  readonly residents: readonly LedgerResident[];
  /** The answers for a resident's rows of a counter that has these pages. */
  ask(
    resident: LedgerResident,
    ...open: Pick<BillPage, "statement" | "rows">[]
  ): Map<number, Uint8Array>;
}

/** One interval of three homes, of which nobody publishes bill rows. */
async function interval(see: (asked: Asked) => void, count = 1): Promise<void> {
  const town = new TestNeighbourhood("direct", 3);
  const intervals = Array.from({ length: count }, (_, i) => FIRST + i);
  await town.run(
    intervals,
    (home) => BigInt(300 + 150 * home),
    (published, residents) => {
      const { consumption, price, bills } = published.pages;
      const pages = new IndexedPages(
        { consumption, price, bills: recomputedBills(consumption, price, bills) },
        town.rules(),
      );
      const ask: Asked["ask"] = (resident, ...open) => {
        const counter = new BillCounter(town.providerKey);
        for (const page of open) counter.open(page);
        return new Map(
          resident.ownRows(pages).map((place) => {
            const { pseudonym } = consumption.rows[place]!;
            const question = encodeQuestion({
              interval: pages.bills.statement.interval,
              pseudonym,
            });
            return [place, counter.answer(question)];
          }),
        );
      };
      see({ town, pages, published, residents, ask });
    },
  );
}

describe("bills directly from the provider", () => {
  it("are those that would be published, and nothing is wrong with them", async () => {
    await interval(({ town, pages, published, residents, ask }) => {
      expect(pages.bills.rows).to.deep.equal(published.pages.bills.rows);
      expect(pages.billRows.hold).to.equal(true);
      let total = 0n;
      for (const resident of residents) {
        const answers = ask(resident, published.pages.bills);
        expect(answers.size).to.be.greaterThan(0);
        const { amount, rows, findings } = resident.settle(pages, answers);
        expect(findings).to.deep.equal([]);
        expect(rows).to.equal(answers.size);
        total += amount;
      }
      expect(total).to.equal(pages.bills.statement.total);
      expect(town.homes).to.equal(residents.length);
    });
  });

  it("a wrong one is named, with what the provider signed", async () => {
    await interval(({ town, pages, published, residents, ask }) => {
      const [resident] = residents;
      const [place] = resident!.ownRows(pages);
      const row = pages.bills.rows[place!]!;
      const { statement, rows } = published.pages.bills;
      const wrong = { statement, rows: withAmount(rows, place!, row.amount + 1n) };
      const { findings } = resident!.settle(pages, ask(resident!, wrong));
      const [found, ...others] = findings;
      expect(others).to.deep.equal([]);
      expect(found).to.include({ kind: "direct-answer", index: place });
      const { bill, signature } = found!.evidence!;
      expect(bill.amount).to.equal(row.amount + 1n);
      const { verifier, provider } = town.rules();
      expect(verifier.verify(directBillStruct(bill), signature, provider)).to.equal(true);
    });
  });

  it("if the signed statement is of other rows, nothing holds, and everybody sees it", async () => {
    await interval(({ town, published }) => {
      const { consumption, price, bills } = published.pages;
      const { statement, previousRoot } = bills;
      const rows = withAmount(bills.rows, 0, 1n);
      const signed = rewriteBills(statement.interval, previousRoot, town.providerKey, rows);
      const seen = recomputedBills(consumption, price, signed);
      const pages = new IndexedPages({ consumption, price, bills: seen }, town.rules());
      expect(pages.billRows.hold).to.equal(false);
    });
  });

  it("denied, lost, unsigned, unreadable, or of another row: named, without evidence", async () => {
    const cases: [string, (asked: Asked, resident: LedgerResident) => Map<number, Uint8Array>][] = [
      ["denies", ({ ask }, resident) => ask(resident)],
      ["did not answer", () => new Map()],
      [
        "not signed by the provider",
        ({ ask, published }, resident) =>
          new Map(
            [...ask(resident, published.pages.bills)].map(([place, answer]) => [
              place,
              Uint8Array.from(answer, (byte, i) => (i === 60 ? byte ^ 1 : byte)),
            ]),
          ),
      ],
      [
        "is none",
        ({ ask, published }, resident) =>
          new Map(
            [...ask(resident, published.pages.bills)].map(([p, answer]) => [p, answer.slice(1)]),
          ),
      ],
      [
        "about another row",
        ({ town, pages, ask }, resident) =>
          new Map(
            [...ask(resident)].map(([place]) => {
              const { pseudonym, wattHours, amount } = pages.bills.rows[place]!;
              const bill = { interval: FIRST + 1, pseudonym, wattHours, amount };
              const signature = town.providerKey.sign(directBillStruct(bill));
              return [place, encodeAnswer({ bill, signature })];
            }),
          ),
      ],
      [
        "about another row",
        ({ ask, published, residents }, resident) => {
          const [others] = ask(residents[1]!, published.pages.bills).values();
          return new Map([...ask(resident)].map(([place]) => [place, others!]));
        },
      ],
    ];
    for (const [words, answers] of cases) {
      await interval((asked) => {
        const [resident] = asked.residents;
        const own = resident!.ownRows(asked.pages).length;
        const { findings } = resident!.settle(asked.pages, answers(asked, resident!));
        expect(findings.map((f) => f.kind)).to.deep.equal(Array(own).fill("direct-answer"));
        for (const { message, evidence } of findings) {
          expect(message).to.include(words);
          expect(evidence).to.equal(undefined);
        }
      });
    }
  });

  it("the answer of another interval does not serve for this one", async () => {
    let earlier: Uint8Array | undefined;
    await interval(({ pages, published, residents, ask }) => {
      const [resident] = residents;
      const answers = ask(resident!, published.pages.bills);
      if (earlier === undefined) {
        [earlier] = answers.values();
        expect(resident!.settle(pages, answers).findings).to.deep.equal([]);
        return;
      }
      const [first] = answers.keys();
      const { findings } = resident!.settle(pages, new Map([...answers, [first!, earlier]]));
      expect(findings.map((f) => f.message)).to.have.length(1);
      expect(findings[0]!.message).to.include("about another row");
    }, 2);
  });

  it("a counter forgets rows of intervals long gone", async () => {
    await interval(({ town, published }) => {
      const counter = new BillCounter(town.providerKey);
      const { bills } = published.pages;
      const { pseudonym } = bills.rows[0]!;
      const question = encodeQuestion({ interval: FIRST, pseudonym });
      counter.open(bills);
      expect(decodeAnswer(counter.answer(question))).to.not.equal(null);
      counter.open({ statement: { ...bills.statement, interval: FIRST + 96 }, rows: [] });
      expect(decodeAnswer(counter.answer(question))).to.equal(null);
    });
  });

  it("questions and answers have one encoding each", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const question = fc.record({
      interval: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
      pseudonym: bytes(32).map((b) => b as Pseudonym),
    });
    const amounts = {
      wattHours: fc.bigInt(0n, 2n ** 64n - 1n),
      amount: fc.bigInt(0n, 2n ** 128n - 1n),
    };
    fc.assert(
      fc.property(
        question,
        fc.record(amounts),
        bytes(65),
        (asked, { wattHours, amount }, signature) => {
          expect(decodeQuestion(encodeQuestion(asked))).to.deep.equal(asked);
          const answer = { bill: { ...asked, wattHours, amount }, signature };
          const encoded = encodeAnswer(answer);
          expect(decodeAnswer(encoded)).to.deep.equal(answer);
          for (const wrong of [
            encoded.slice(0, -1),
            Uint8Array.of(...encoded, 0),
            Uint8Array.of(2),
          ]) {
            expectError(() => decodeAnswer(wrong), "ledger/bad-answer");
          }
        },
      ),
      { seed: 1, numRuns: 50 },
    );
    expectError(() => decodeQuestion(new Uint8Array(35)), "ledger/bad-answer");
    expect(decodeAnswer(encodeAnswer(null))).to.equal(null);
  });
});
