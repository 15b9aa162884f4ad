/** An instance of a counter's book as a process: binds random pairs of few coins and few tokens, and prints what is bound. */
import { PostgresPool } from "../../src/store/index.js";
import { PostgresCounterBook } from "../../src/utility/index.js";
import { TestRandom } from "../support/random.js";
import { ecashOfLaws, use } from "./book-laws.js";

const [url, seed, times] = process.argv.slice(2);
const pool = await PostgresPool.open(url!);
const book = new PostgresCounterBook(pool, ecashOfLaws);
const random = new TestRandom(`instance ${seed}`);
for (let i = 0; i < Number(times); i++) {
  const batch = Array.from({ length: 10 }, () => use(`c${random.int(120)}`, random.int(120)));
  const outcomes = await book.bind(batch);
  outcomes.forEach((outcome, j) => {
    if (outcome.kind !== "bound") return;
    process.stdout.write(`${batch[j]!.coin} ${batch[j]!.token}\n`);
  });
}
await pool.close();
