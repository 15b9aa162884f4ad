/** `sipster attack` as it is typed: what it checks, what it refuses, and what it writes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

/** A unit of 20 cents: fewer payments, for tests that need no narrow interval. */
const QUICK = ["--unit", "20", "--denominations", "1,10,100"];

describe("sipster attack", function () {
  this.timeout(600_000);
  const directory = temporaryDirectory();

  it("given --check and the default among three hundred homes, then it keeps its bounds: exit code 0", async () => {
    const run = await sipster(
      ...["attack", "--check", "--policy", "common-deadline", "--homes", "300", "--trials", "8"],
    );
    expect(run.err).to.contain("Every policy keeps its bounds");
    expect(run.code).to.equal(0);
  });

  it("given --check and one careless switch, then it names what is missed: exit code 1", async () => {
    for (const policy of ["at-once", "settle-after-last", "basket-by-need"]) {
      const options = ["--check", "--policy", policy, "--homes", "100", "--trials", "2"];
      const run = await sipster("attack", ...QUICK, ...options);
      expect(run.code, policy).to.equal(1);
      expect(run.err, policy).to.match(new RegExp(`${policy}: .* may be 0\\.\\d+; the bound is`));
    }
  });

  it("given crowds of twenty homes and one month, then it is refused: an interval would say nothing", async () => {
    const run = await sipster("attack", "--homes", "20", "--trials", "1", "--json");
    expect(run.json).to.include({ code: "attack/too-few-months" });
    expect(run.code).to.equal(2);
  });

  it("given --out, then table, picture and a challenge are written, and no file of the view has the truth", async () => {
    const out = directory();
    const options = ["--policy", "next-month", "--homes", "100", "--trials", "1", "--out", out];
    const run = await sipster("attack", ...QUICK, ...options, "--json");
    expect(run.code).to.equal(0);
    const report = run.json as { policies: { policy: string; interval: [number, number] }[] };
    expect(report.policies.map(({ policy }) => policy)).to.deep.equal(["next-month"]);
    const [low, high] = report.policies[0]!.interval;
    expect(low).to.be.below(high);
    const names = readdirSync(out, { recursive: true }).map(String);
    expect(names.some((name) => name.endsWith(".svg"))).to.equal(true);
    const view = names.filter((name) => /requests\.log|accounts\.json|feeder\.json/.test(name));
    expect(view).to.have.length(3);
    for (const name of view) {
      expect(readFileSync(join(out, name)).includes("senders"), name).to.equal(false);
    }
  });
});
