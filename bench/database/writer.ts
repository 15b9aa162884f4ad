/** One instance for `database.ts`: binds batches of fresh coins and tokens until it is told to stop. */
import { randomBytes } from "node:crypto";
import { PostgresPool } from "../../src/store/index.js";
import { PostgresCounterBook, type CoinUse } from "../../src/utility/index.js";
import { unreadMemos } from "./uses.js";

const [url, seconds, batch] = process.argv.slice(2);
const pool = await PostgresPool.open(url!, { connections: 2 });
const book = new PostgresCounterBook(pool, unreadMemos);

function fresh(): CoinUse {
  return {
    coin: `1/${randomBytes(20).toString("hex")}`,
    payment: randomBytes(230),
    token: randomBytes(32).toString("hex"),
    units: 1,
  };
}

const batches = Array.from({ length: 400 }, () => Array.from({ length: Number(batch) }, fresh));
process.stdout.write("ready\n");
process.stdin.once("data", () => void run());

async function run(): Promise<void> {
  const end = performance.now() + 1000 * Number(seconds);
  const start = performance.now();
  let bound = 0;
  // Two at once: one batch is encoded while another is written.
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const uses = batches.pop() ?? Array.from({ length: Number(batch) }, fresh);
      const outcomes = await book.bind(uses);
      bound += outcomes.filter(({ kind }) => kind === "bound").length;
    }
  };
  await Promise.all([lane(), lane()]);
  process.stdout.write(`${bound} ${(performance.now() - start) / 1000}\n`);
  await pool.close();
  process.exit();
}
