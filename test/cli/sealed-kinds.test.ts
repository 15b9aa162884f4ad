import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Io } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { temporaryDirectory } from "../support/temporary.js";
import { wideTable } from "../support/wide-table.js";

interface Document {
  readonly homes: { home: string; amount: string | null; clear: string; refused?: string }[];
  readonly sums: { start: string; wh: number | null; clear: number | null; refused?: string }[];
}

describe("sipster sealed beside whole bills", () => {
  const directory = temporaryDirectory();

  async function run(...args: string[]) {
    const path = join(directory(), "homes.csv");
    writeFileSync(
      path,
      `datetime,a,b,c
2013-01-01 22:00,0.100,0.211,0.300
2013-01-01 22:30,0.101,4.001,0.200
2013-01-02 23:00,0.103,0.207,0.100
2013-01-02 23:30,0.080,0.109,0.400
2013-01-03 00:00,0.090,,0.500
`,
    );
    const files = ["--readings", path, ...wideTable(directory()), "--time-zone", "UTC"];
    const lax = ["--min-readings", "2", "--min-per-price", "2", "--least-homes", "3"];
    const common = [...files, "--period", "2013-01", "--range", "0..5000", ...lax];
    const [out, err]: string[][] = [[], []];
    const documents: unknown[] = [];
    const io: Io = {
      out: (text) => out!.push(text),
      err: (text) => err!.push(text),
      json: (value) => documents.push(value),
      colour: false,
      width: 100,
    };
    const code = await main(["sealed", ...common, ...args], io);
    return { code, out: out!.join("\n"), err: err!.join("\n"), document: documents[0] as Document };
  }

  it("given a stay of two days, then the meters open the bills of these days, and they are right", async () => {
    const whole = await run("--json");
    expect(whole.code, whole.err).to.equal(0);
    const { code, err, document } = await run("--stay", "2013-01-01..2013-01-02", "--json");
    expect(code, err).to.equal(0);
    for (const [i, { amount, clear }] of document.homes.entries()) {
      expect(amount).to.equal(clear);
      expect(Number(amount)).to.be.greaterThan(0);
      expect(Number(amount)).to.be.lessThan(Number(whole.document.homes[i]!.amount));
    }
  });

  it("given a stay of fewer readings than a meter opens, then it refuses, with exit code 1", async () => {
    const { code, document } = await run("--stay", "2013-01-03..2013-01-03", "--json");
    expect(code).to.equal(1);
    expect(document.homes.map((h) => h.refused)).to.deep.equal(Array(3).fill("sealed/bad-opening"));
  });

  it("given intervals of two days, then the homes' sums are right, and one with a reading missing has none", async () => {
    const { code, document } = await run("--sums", "5", "--json");
    expect(document.sums.map((s) => s.wh)).to.deep.equal([611, 4302, 410, 589, null]);
    expect(document.sums.map((s) => s.clear)).to.deep.equal([611, 4302, 410, 589, null]);
    expect(document.sums[4]!.refused).to.equal("sealed/incomplete");
    expect(document.sums[0]!.start).to.equal("2013-01-01T22:00:00.000Z");
    expect(code).to.equal(1);
    const text = await run("--sums", "2");
    expect(text.code, text.err).to.equal(0);
    expect(text.out).to.contain("all homes at 2013-01-01T22:30 (UTC): 4302 Wh");
  });

  it("given fewer homes than a sum may have, then trustees take no group", async () => {
    const { code, err } = await run("--sums", "1", "--least-homes", "4");
    expect(code).to.equal(65);
    expect(err).to.contain("sealed/group-too-small");
  });

  it("given days that are none, a contract without a chain, or a node that is not there, then it says so", async () => {
    for (const [wrong, expected] of [
      [["--stay", "2013-01-05..2013-01-02"], 2],
      [["--stay", "January"], 2],
      [["--heads", "0x00"], 2],
      [["--rpc", "http://127.0.0.1:9"], 69],
    ] as const) {
      expect((await run(...wrong)).code, wrong.join(" ")).to.equal(expected);
    }
  });

  describe("with a chain", () => {
    let node: HardhatNode;
    before(async () => {
      node = await startHardhatNode();
    });
    after(() => node.stop());

    it("given a node, then the trustees anchor their logs in one contract, and fresh ones on the same accounts do not start", async () => {
      const chain = ["--rpc", node.url, "--confirmations", "0"];
      const first = await run(...chain);
      expect(first.code, first.err).to.equal(0);
      const [, address] = /in the contract (0x[0-9a-fA-F]{40})/.exec(first.err)!;
      // Fresh trustees with empty logs on accounts that have anchored: their logs were cut.
      const second = await run(...chain, "--heads", address!);
      expect(second.err).to.contain("sealed/log-behind-anchor");
      expect(second.code).not.to.equal(0);
    }).timeout(120_000);
  });
});
