/** The relayer's queue, over every store, with a second instance beside it. */
import { expect } from "chai";
import { RelayQueue, type QueuedBill } from "../../src/relay/queue.js";
import type { RelayState } from "../../src/relay/protocol.js";
import { describeOnEveryStore } from "../support/stores.js";

const DAY = 86_400_000;

function billNumbered(n: number, state: RelayState = "queued"): QueuedBill {
  const status = {
    id: n.toString(16).padStart(64, "0"),
    meter: `0x${n.toString(16).padStart(40, "0")}`,
    period: 202701,
    state,
    transaction: null,
    block: null,
    error: null,
  };
  return { status, text: `bill ${n}`, since: 1000 + n };
}

const numbers = (bills: readonly QueuedBill[]): number[] =>
  bills.map(({ status }) => Number.parseInt(status.id, 16));

describeOnEveryStore("a relayer's queue", (stores) => {
  it("given bills twice, holds each once, the longest waiting first", async () => {
    const queue = new RelayQueue(await stores.open(), 10, DAY);
    await queue.add([billNumbered(2), billNumbered(1)]);
    await queue.add([billNumbered(1), billNumbered(3)]);
    expect(numbers(await queue.waiting())).to.deep.equal([1, 2, 3]);
  });

  it("given one set of bills handed in to two instances at once, holds each once, and no more than it has room for", async () => {
    const one = new RelayQueue(await stores.open(), 5, DAY);
    const other = new RelayQueue(await stores.beside(), 5, DAY);
    const bills = Array.from({ length: 8 }, (_, i) => billNumbered(i + 1));
    const answers = await Promise.all([
      ...bills.map((bill) => one.add([bill])),
      ...bills.map((bill) => other.add([bill])),
    ]);
    const waiting = numbers(await one.waiting());
    expect(waiting).to.have.length(5);
    expect(new Set(waiting).size).to.equal(5);
    for (const answer of answers.flat()) {
      if (answer instanceof Error) expect(answer).to.include({ code: "relay/queue-full" });
      else expect(waiting).to.include(numbers([answer])[0]);
    }
    expect(numbers(await other.waiting())).to.deep.equal(waiting);
  });

  it("given settlements, keeps a bill's text until it is final, and forgets its end in time", async () => {
    const queue = new RelayQueue(await stores.open(), 10, DAY);
    const [bill] = [billNumbered(7)];
    await queue.add([bill!]);
    await queue.update([{ ...bill!.status, state: "included" }], 2000);
    expect((await queue.find([bill!.status.id]))[0]).to.include({ text: "bill 7" });
    expect(await queue.waiting()).to.deep.equal([]);
    await queue.update([{ ...bill!.status, state: "final" }], 3000);
    expect((await queue.find([bill!.status.id]))[0]).to.include({ text: "" });
    await queue.forget(3000 + DAY);
    expect((await queue.find([bill!.status.id]))[0]).to.not.equal(null);
    await queue.forget(3001 + DAY);
    expect((await queue.find([bill!.status.id]))[0]).to.equal(null);
  });
});
