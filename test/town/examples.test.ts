/** The examples as three processes: a bill is paid with coins, and its file verifies under the utility's key. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { addressOf, parseBillFile, verifyCombined } from "../../src/sipster/index.js";
import { startScript } from "../support/child.js";

describe("the examples", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), "sipster-examples-"));
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts one, and resolves with the first line that it prints. */
  async function start(name: string, ...args: string[]): Promise<string> {
    const script = resolve(import.meta.dirname, "../../examples", `${name}.ts`);
    const child = startScript(script, [join(folder, "public.json"), ...args]);
    children.push(child);
    let text = "";
    child.stdout!.on("data", (part: Buffer) => (text += part.toString()));
    const closed = once(child, "close");
    while (!text.includes("\n")) {
      const more = once(child.stdout!, "data");
      if (await Promise.race([closed.then(() => true), more.then(() => false)])) break;
    }
    return text.trim();
  }

  it("given a utility, a meter and a wallet, when the month is over, then 123 units are paid and the bill file verifies", async () => {
    const secret = "5a".repeat(32);
    const account = addressOf(Buffer.from(secret, "hex"));
    expect(await start("utility", account)).to.match(/^utility http/);
    const [, port, code] = /^meter (\d+) (\S+)/.exec(await start("meter"))!;
    const bill = join(folder, "bill.json");
    expect(await start("wallet", secret, port!, code!, bill)).to.equal(
      "paid 123 units with 6 tokens",
    );
    const curve = await createMclBn254();
    const file = parseBillFile(curve, readFileSync(bill, "utf8"));
    expect(file.bill.period).to.equal(202603);
    const { a1, a2 } = JSON.parse(readFileSync(join(folder, "public.json"), "utf8")) as {
      a1: string;
      a2: string;
    };
    const key = {
      keyEpoch: 1,
      a1: curve.g1.decode(Buffer.from(a1, "hex")),
      a2: curve.g2.decode(Buffer.from(a2, "hex")),
    };
    expect(
      verifyCombined({ curve, key, r: curve.g1.decode(file.bill.r), combined: file.combined }),
    ).to.equal(true);
  });
});
