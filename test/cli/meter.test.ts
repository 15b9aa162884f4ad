import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { MeterClient, pairWithMeter, type PairedMeter } from "../../src/meter/index.js";
import { encodeTerms } from "../../src/sipster/index.js";
import { canonicalTariff } from "../../src/tariff/index.js";
import { centPerKwh, keyNotice, residentShare, termsFor, unitsOf } from "../support/meter.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

const terms = termsFor();
const script = resolve(import.meta.dirname, "../../src/cli/run.ts");

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly code: string | null;
}

/** A meter in a process of its own, replaying a file a thousand hours a second. */
async function run(dir: string, readings: string): Promise<Running> {
  const args = ["meter", "run", "--dir", dir, "--source", `file:${readings}`];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", script, ...args, "--speed", "3600000", "--port", "0", "--json"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  for await (const line of createInterface({ input: child.stdout! })) {
    text += line;
    if (line === "}") break;
  }
  const { port, code } = JSON.parse(text) as { port: number; code: string | null };
  return { child, port, code };
}

describe("sipster meter", function () {
  this.timeout(180_000);
  const directory = temporaryDirectory();

  /** Two months of hours of a kilowatt-hour each. */
  function prepare(): { dir: string; readings: string; file: (name: string) => string } {
    const file = (name: string): string => join(directory(), name);
    writeFileSync(file("terms.json"), encodeTerms(terms));
    writeFileSync(file("tariff.json"), canonicalTariff(centPerKwh));
    const start = Date.UTC(2013, 0, 1);
    const rows = Array.from({ length: 24 * 59 + 1 }, (_, hour) => {
      const time = new Date(start + hour * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
      return `${time},1.000`;
    });
    writeFileSync(file("readings.csv"), `Start,Import (kWh)\n${rows.join("\n")}\n`);
    return { dir: file("meter"), readings: file("readings.csv"), file };
  }

  it("killed by SIGKILL again and again, bills every kilowatt-hour once, in the same process or the next", async () => {
    const { dir, readings, file } = prepare();
    const made = ["--terms", file("terms.json"), "--tariff", file("tariff.json")];
    expect((await sipster("meter", "init", "--dir", dir, ...made)).code).to.equal(0);
    expect((await sipster("meter", "init", "--dir", dir, ...made)).err).to.include(
      "meter/already-installed",
    );
    const curve = await createMclBn254();
    let paired: PairedMeter | null = null;
    let kills = 0;
    for (;;) {
      const { child, port, code } = await run(dir, readings);
      const address = { host: "127.0.0.1", port };
      try {
        if (paired === null) {
          const setting = { code: code!, residentShare, terms };
          paired = await pairWithMeter(address, setting, () => undefined);
        } else expect(code).to.equal(null);
        const client = await MeterClient.connect(address, { curve, terms, paired });
        await client.followKeyNotice(keyNotice(1, 0));
        const until = Date.now() + 400;
        let closed: readonly number[] = [];
        while (Date.now() < until && closed.length < 2) {
          ({ closed } = await client.status());
          await new Promise((r) => setTimeout(r, 30));
        }
        if (closed.length >= 2) {
          const units = [];
          for (const period of closed.slice(0, 2)) {
            const tokens = await client.tokens(period);
            units.push(unitsOf(tokens.map(({ token }) => token)));
            await client.bill(period);
          }
          client.close();
          // What flowed before the pairing is nobody's; after it nothing is lost or counted twice.
          const first = units[0]! + units[1]!;
          expect(units[1]).to.equal(28 * 24);
          expect(first).to.be.at.most(59 * 24);
          break;
        }
        client.close();
      } finally {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
        kills++;
      }
      expect(kills).to.be.below(30);
    }
    expect(kills).to.be.at.least(2);
    const status = await sipster("meter", "status", "--dir", dir, "--json");
    expect((status.json as { meter: string }).meter).to.equal(paired.meter);
    expect(existsSync(join(dir, "memory.store"))).to.equal(true);
    expect(readFileSync(join(dir, "status.json"), "utf8")).not.to.match(/share|key|token/i);
  });

  it("refuses a tariff that the terms do not name, and a folder without a meter", async () => {
    const { dir, file } = prepare();
    writeFileSync(file("other.json"), canonicalTariff({ ...centPerKwh, name: "Other" }));
    const args = ["--terms", file("terms.json"), "--tariff", file("other.json")];
    const init = await sipster("meter", "init", "--dir", dir, ...args);
    expect(init.err).to.include("meter/bad-terms");
    const status = await sipster("meter", "status", "--dir", dir);
    expect(status.err).to.include("meter/not-installed");
  });
});
