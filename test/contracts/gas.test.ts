import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { network } from "hardhat";
import { moneyTable } from "../../scripts/gas-money.js";
import { MAX_BATCH } from "../../src/chain/index.js";
import { deployOn } from "./support/deployment.js";
import { measureGas, type GasReport } from "./support/gas.js";

const snapshot = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "gas-snapshot.json"), "utf8"),
) as GasReport;

/** EIP-7825. */
const TRANSACTION_CAP = 2 ** 24;

function readDoc(name: string): string {
  return readFileSync(resolve(import.meta.dirname, "../../docs", name), "utf8");
}

describe("gas", () => {
  let now: GasReport;
  before(async () => {
    now = await measureGas();
  });

  it("is that of the snapshot, to the unit (npm run gas rewrites it)", () => {
    expect(now).to.deep.equal(snapshot);
  });

  it("of settling is at most 159,000 where the nullifier word is in use", () => {
    expect(now.gas["settle, word in use"]).to.be.at.most(159_000);
  });

  it("of settling is equal for 1 unit and 1,000 units, but for the bytes of calldata that happen to be zero", async () => {
    const connection = await network.create();
    const { settlement, paidBill } = await deployOn(connection);
    /** Gas as if no byte were zero: EIP-2028 takes 12 less for one. */
    const spent = async (units: number): Promise<number> => {
      const before = await connection.networkHelpers.takeSnapshot();
      const { bill, receipt } = paidBill(1, { units });
      const sent = await settlement.settle(bill, receipt.x, receipt.y);
      const { gasUsed } = (await sent.wait())!;
      await before.restore();
      const zeros = Buffer.from(sent.data.slice(2), "hex").filter((byte) => byte === 0).length;
      return Number(gasUsed) + 12 * zeros;
    };
    const one = await spent(1);
    expect([await spent(10), await spent(1000)]).to.deep.equal([one, one]);
    await connection.close();
  });

  it("of settling is what the README says, rounded to a thousand, with the difference between its ends", () => {
    const readme = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");
    const text = readme.replaceAll(/\s+/g, " ");
    const [, often, first, apart] =
      /costs about ([\d,]+) gas \(([\d,]+) for the first of each 256 meters\).*?, (\d+) gas between the measured ends/.exec(
        text,
      ) ?? [];
    const rounded = (name: string) =>
      new Intl.NumberFormat("en").format(Math.round(snapshot.gas[name]! / 1000) * 1000);
    expect(often).to.equal(rounded("settle, word in use"));
    expect(first).to.equal(rounded("settle, fresh word"));
    const ends = ["", ", 1 unit", ", 1000 units"].map(
      (which) => snapshot.gas[`settle, word in use${which}`]!,
    );
    expect(Number(apart)).to.equal(Math.max(...ends) - Math.min(...ends));
  });

  for (const coins of ["1 coin", "40 coins", "256 coins"]) {
    it(`of a dispute is at most 300,000, of one of ${coins}`, () => {
      expect(now.gas[`dispute one of ${coins}`]).to.be.at.most(300_000);
    });
  }

  for (const word of ["word in use", "fresh word"]) {
    it(`of a batch of 64 is at most 20,000 a bill, ${word}`, () => {
      expect(now.gas[`settleBatch of 64, ${word}`]! / 64).to.be.at.most(20_000);
    });
  }

  it("of every part adds up to the whole", () => {
    for (const [what, parts] of Object.entries(now.breakdown)) {
      const sum = Object.values(parts).reduce((total, part) => total + part, 0);
      expect(sum, what).to.equal(now.gas[what]);
      expect(parts["the contract's code"], what).to.be.greaterThan(0);
    }
  });

  it("leaves both contracts well below the size limit", () => {
    for (const size of Object.values(now.bytecode)) expect(size).to.be.below(20_000);
  });

  it("is quoted right in docs/gas.md", () => {
    const doc = readDoc("gas.md");
    const numbers = (report: Readonly<Record<string, number>>): number[] => Object.values(report);
    for (const value of [
      ...numbers(snapshot.gas),
      ...numbers(snapshot.bytecode),
      ...Object.values(snapshot.breakdown).flatMap(numbers),
    ]) {
      expect(doc, `docs/gas.md lacks ${value}`).to.include(value.toLocaleString("en-US"));
    }
  });

  it("limits a transaction to the numbers of bills and registrations that docs/gas.md quotes", () => {
    const limits = readDoc("gas.md").split("## Limits")[1]!;
    const { gas } = snapshot;
    const [of16, of64] = [16, 64].map((n) => gas[`settleBatch of ${n}, word in use`]!);
    const further = (of64! - of16!) / 48;
    const bills = 16 + (TRANSACTION_CAP - of16!) / further;
    const registrations = (TRANSACTION_CAP * 64) / gas["registerMeters, 64 meters"]!;
    const about = (n: number): string => `about ${Math.floor(n / 50) * 50}`;
    expect(limits.replace(/\s+/g, " ")).to.include(about(bills));
    expect(limits.replace(/\s+/g, " ")).to.include(`${about(registrations)} registrations`);
    expect(limits).to.include(`${MAX_BATCH} bills`);
  });

  it("of the vault's calls is quoted right in docs/money.md, to the thousand", () => {
    const doc = readDoc("money.md");
    const calls = ["deposit", "acknowledge 40 coins", "acknowledge 256 coins", "decline", "refund"];
    const disputes = ["dispute one of 1 coin", "dispute one of 256 coins"];
    const keys = "registerMintKeys, 4 denominations";
    for (const call of [...calls, ...disputes, keys, "withdraw", "collect one deposit"]) {
      const rounded = Math.round(snapshot.gas[call]! / 1000) * 1000;
      expect(doc, call).to.include(rounded.toLocaleString("en-US"));
    }
  });

  it("is turned into money in docs/gas.md as it is computed", () => {
    const doc = readDoc("gas.md");
    const words = (text: string): string => text.replace(/[ -]+/g, " ");
    for (const row of moneyTable(snapshot.gas).split("\n").slice(2)) {
      expect(words(doc)).to.include(words(row));
    }
  });
});
