/** An instance of the counter over one PostgreSQL, for soak.ts: answers requests that come as messages. */
import { createMclBn254 } from "../../src/algebra/index.js";
import { PostgresPool } from "../../src/store/index.js";
import { PostgresCounterBook } from "../../src/utility/index.js";
import { exchange } from "../../test/support/exchange.js";

export interface Asked {
  readonly id: number;
  /** Answered together: a message for each would take as long as what is measured. */
  readonly requests: readonly Uint8Array[];
}

export interface Answered {
  readonly id: number;
  readonly answers: readonly Uint8Array[];
  /** Resident memory of the instance, in bytes. */
  readonly memory: number;
}

if (import.meta.filename === process.argv[1]) {
  const [url, seed] = process.argv.slice(2);
  const pool = await PostgresPool.open(url!, { patience: 30_000 });
  const { counter } = exchange(await createMclBn254(), {
    seed: seed!,
    book: (ecash) => new PostgresCounterBook(pool, ecash),
  });
  process.on("message", ({ id, requests }: Asked) => {
    void Promise.all(requests.map((request) => counter.answer(request))).then((answers) => {
      const answered: Answered = { id, answers, memory: process.memoryUsage.rss() };
      process.send!(answered);
    });
  });
  process.on("disconnect", () => process.exit());
  process.send!("ready");
}
