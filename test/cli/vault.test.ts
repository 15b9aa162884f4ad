import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { getBytes } from "ethers";
import { writeDeployment } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { readMintAnswer, writeWithdrawal } from "../../src/funding/index.js";
import { sipster, sipsterOn } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";
import {
  ACKNOWLEDGE_PERIOD,
  BASE_UNITS,
  DISPUTE_PERIOD,
  VaultWorld,
} from "../support/vault-world.js";

interface Sent {
  readonly id: string;
  readonly transactions: { what: string; gas: string; fee: string; transaction: string }[];
}

describe("sipster vault", () => {
  const directory = temporaryDirectory();
  let chain: ServedChain;
  let world: VaultWorld;
  before(async () => {
    chain = await serveLocalChain();
    world = await VaultWorld.on(chain, "vault command");
  });
  after(() => chain.close());
  beforeEach(async () => {
    await world.restore();
    mkdirSync(join(directory(), "deployments"));
    writeFileSync(
      join(directory(), "deployments", "31337.json"),
      writeDeployment(world.deployment),
    );
  });

  const options = (account?: number): string[] => [
    ...["--rpc", chain.url, "--deployments", join(directory(), "deployments"), "--json"],
    ...(account === undefined ? [] : ["--account", chain.accounts[account]!]),
  ];

  function requestFile(denominations: readonly number[]): { file: string; request: Uint8Array } {
    const request = world.newRequest(denominations);
    const file = join(directory(), "withdrawal.json");
    writeFileSync(file, writeWithdrawal(request));
    return { file, request };
  }

  /** Runs a command that ends well, and returns what it sent. */
  async function run(...args: string[]): Promise<Sent> {
    const { code, json, err } = await sipster("vault", ...args);
    expect(code, err).to.equal(0);
    return json as Sent;
  }

  const deposit = (file: string): Promise<Sent> =>
    run("deposit", file, "--base-units", `${BASE_UNITS}`, ...options(1));

  async function acknowledge(id: string, request: Uint8Array, wrong = false): Promise<void> {
    const right = await world.issuer.issue(request);
    const answer = wrong ? concatBytes(right.subarray(64), right.subarray(64)) : right;
    const { depositHash } = await world.reader.deposit(BigInt(id));
    await (await world.calls(0)).acknowledge(BigInt(id), depositHash, answer);
  }

  it("given an honest mint: deposits, checks what was published, and writes the answer for the wallet", async () => {
    const { file, request } = requestFile([100, 10]);
    const sent = await deposit(file);
    expect(sent.transactions.map(({ what }) => what)).to.deep.equal(["approve", "deposit"]);
    for (const { gas, fee } of sent.transactions) {
      expect(Number(gas)).to.be.greaterThan(21_000);
      expect(BigInt(fee) > 0n).to.equal(true);
    }
    const early = await sipster("vault", "claim", file, sent.id, ...options());
    expect(early.code).to.equal(75);
    await acknowledge(sent.id, request);
    const out = join(directory(), "answer.json");
    await run("claim", file, sent.id, "--out", out, ...options());
    const { answer } = JSON.parse(readFileSync(out, "utf8")) as { answer: string };
    expect(getBytes(answer)).to.deep.equal(await world.issuer.issue(request));
    const nothing = await sipster("vault", "dispute", file, sent.id, ...options(1));
    expect(nothing.code).to.equal(1);
  });

  it("given a mint that lies: says which signature is wrong, disputes it, and takes the money back", async () => {
    const { file, request } = requestFile([100, 10]);
    const { id } = await deposit(file);
    await acknowledge(id, request, true);
    const claim = await sipster("vault", "claim", file, id, ...options());
    expect(claim.code).to.equal(1);
    expect(claim.json).to.deep.include({ wrong: [0] });
    const disputed = await run("dispute", file, id, ...options(2));
    expect(disputed.transactions.map(({ what }) => what)).to.deep.equal(["dispute"]);
    await run("withdraw", ...options(1));
    expect((await world.money(1)).balance).to.equal(100_000n);
    const status = (await run("status", id, ...options())) as unknown as {
      deposits: { status: string }[];
    };
    expect(status.deposits[0]?.status).to.equal("refunded");
  });

  it("given a mint that does not answer, or declines: refunds, and takes the money back", async () => {
    const { file } = requestFile([100]);
    const first = await deposit(file);
    await run("decline", first.id, ...options(0));
    const second = await deposit(file);
    const early = await sipster("vault", "refund", second.id, ...options(2));
    expect(early.code).to.equal(75);
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    await run("refund", second.id, ...options(2));
    const to = chain.accounts[3]!;
    await run("withdraw", "--to", to, ...options(1));
    expect((await world.money(3)).balance).to.equal(100_000n + 2n * 100n * BASE_UNITS);
    const again = await sipster("vault", "withdraw", ...options(1));
    expect(again.code).to.equal(1);
  });

  it("given a treasurer: collects what nobody can dispute, and nothing earlier", async () => {
    const { file, request } = requestFile([100]);
    const { id } = await deposit(file);
    await acknowledge(id, request);
    await deposit(requestFile([10]).file);
    const early = (await run("collect", ...options(0))) as unknown as { deposits: string[] };
    expect(early.deposits).to.deep.equal([]);
    await world.pass(DISPUTE_PERIOD + 1);
    const late = (await run("collect", "--to", chain.accounts[9]!, ...options(0))) as unknown as {
      deposits: string[];
    };
    expect(late.deposits).to.deep.equal([id]);
    expect((await world.money(9)).balance).to.equal(100n * BASE_UNITS);
    const stranger = await sipster("vault", "collect", ...options(4));
    expect(stranger.code).to.equal(0);
  });

  it("shows people a table of deposits, and what is due to them", async () => {
    const { file } = requestFile([100]);
    await deposit(file);
    const shown = options().filter((o) => o !== "--json");
    const { out, code } = await sipster(
      "vault",
      "status",
      "--depositor",
      chain.accounts[1]!,
      ...shown,
    );
    expect(code).to.equal(0);
    expect(out).to.include("open").and.to.include(`due to ${chain.accounts[1]}: 0 base units`);
    const narrow = await sipsterOn(80, "vault", "status", ...shown);
    for (const line of narrow.out.split("\n")) expect(line.length, line).to.be.at.most(80);
    expect(narrow.out).to.contain("base units");
  });

  it("given each step, when people run it, then it says the gas, the fee and the money that it moved", async () => {
    const shown = (account: number): string[] => options(account).filter((o) => o !== "--json");
    const costOf = (what: string): RegExp =>
      new RegExp(`^${what}: [\\d,]{6,} gas, 0\\.\\d+ ether, 0x[0-9a-f]{64}$`, "m");
    async function says(what: string, account: number, ...args: string[]): Promise<string> {
      const { code, out, err } = await sipster("vault", ...args, ...shown(account));
      expect(code, err).to.equal(0);
      expect(out).to.match(costOf(what));
      return out;
    }
    const price = 110n * BASE_UNITS;
    const { file, request } = requestFile([100, 10]);
    const pay = (): Promise<string> =>
      says("deposit", 1, "deposit", file, "--base-units", `${BASE_UNITS}`);

    const first = await pay();
    expect(first).to.match(costOf("approve")).and.to.include(`deposit 1 of ${price} base units`);
    await acknowledge("1", request, true);
    await says("dispute", 2, "dispute", file, "1");

    await pay();
    await says("decline", 0, "decline", "2");
    await pay();
    await world.pass(ACKNOWLEDGE_PERIOD + 1);
    await says("refund", 2, "refund", "3");
    const back = await says("withdraw", 1, "withdraw");
    expect(back).to.include(`withdrawn ${3n * price} base units`);

    await pay();
    await acknowledge("4", request);
    await world.pass(DISPUTE_PERIOD + 1);
    const collected = await says("collect 1", 0, "collect");
    expect(collected).to.include(`collected 1 deposits, ${price} base units`);
  });

  it("given a deposit that was given back: claim says so, and writes an answer without coins", async () => {
    const { file } = requestFile([100]);
    const { id } = await deposit(file);
    await run("decline", id, ...options(0));
    const out = join(directory(), "answer.json");
    const claim = await sipster("vault", "claim", file, id, "--out", out, ...options());
    expect(claim.code).to.equal(1);
    expect(claim.json).to.deep.include({ status: "refunded" });
    expect(readMintAnswer(readFileSync(out, "utf8"), out)).to.equal(null);
  });

  describe("refuses, and sends nothing,", () => {
    /** A deposit in every state, and the file of another withdrawal. */
    async function deposits() {
      const { file: other } = requestFile([10]);
      const elsewhere = join(directory(), "other.json");
      writeFileSync(elsewhere, readFileSync(other));
      const open = requestFile([100]);
      const ids = { open: "", right: "", declined: "" };
      for (const state of ["open", "right", "declined"] as const) {
        ids[state] = (await deposit(open.file)).id;
      }
      await acknowledge(ids.right, open.request);
      await run("decline", ids.declined, ...options(0));
      return { file: open.file, other: elsewhere, ...ids };
    }

    /** Ends with this code and error, and no transaction of anyone is in a block. */
    async function refused(args: readonly string[], code: number, says: string): Promise<void> {
      const before = await chain.provider.getBlockNumber();
      const ended = await sipster("vault", ...args);
      const what = `${args.join(" ")}: ${ended.out}${ended.err}`;
      expect(ended.code, what).to.equal(code);
      expect(ended.out + ended.err, what).to.include(says);
      const { number } = (await chain.provider.getBlock("latest", true))!;
      for (let i = before + 1; i <= number; i++) {
        const block = await chain.provider.getBlock(i, true);
        for (const { hash } of block!.prefetchedTransactions) {
          const receipt = await chain.provider.getTransactionReceipt(hash);
          expect(receipt!.status, what).to.equal(0);
        }
      }
    }

    it("given wrong usage", async () => {
      const { file } = requestFile([100]);
      for (const args of [
        ["deposit"],
        ["claim", file],
        ["claim", file, "zero"],
        ["claim", file, "0"],
        ["dispute", file],
        ["dispute", file, "-1"],
        ["submit", file, "1"],
        ["refund"],
        ["refund", "1.5"],
        ["decline", "0x1"],
        ["status", "first"],
        ["status", "--depositor", "0x12"],
        ["withdraw", "--to", "nobody"],
        ["collect", "--to", "0x"],
        ["deposit", file, "--base-units", "0"],
        ["collect", "1"],
      ]) {
        await refused([...args, ...options(1)], 2, "");
      }
    });

    it("given a deposit in another state", async () => {
      const { file, open, right, declined } = await deposits();
      for (const [args, account, code, says] of [
        [["claim", file, open], 1, 75, "cli/not-acknowledged"],
        [["dispute", file, open], 1, 75, "cli/not-acknowledged"],
        [["dispute", file, declined], 1, 75, "cli/not-acknowledged"],
        [["dispute", file, right], 1, 1, "nothing to dispute"],
        [["refund", open], 1, 75, "VaultRefundTooEarly"],
        [["refund", right], 1, 1, "VaultDepositStatus"],
        [["refund", declined], 1, 1, "VaultDepositStatus"],
        [["decline", right], 0, 1, "VaultDepositStatus"],
        [["decline", declined], 0, 1, "VaultDepositStatus"],
        [["withdraw"], 2, 1, "VaultNothingDue"],
      ] as const) {
        await refused([...args, ...options(account)], code, says);
      }
    });

    it("given a deposit that is not there, or another's file", async () => {
      const { other, open } = await deposits();
      for (const command of ["claim", "dispute"]) {
        await refused([command, other, open, ...options(1)], 65, "funding/other-deposit");
        await refused([command, other, "99", ...options(1)], 65, "funding/other-deposit");
      }
      const mint = ["--utility", "http://127.0.0.1:9"];
      await refused(["submit", other, open, ...mint, ...options(1)], 65, "funding/other-deposit");
      await refused(["refund", "99", ...options(1)], 1, "VaultDepositStatus");
      await refused(["decline", "99", ...options(0)], 1, "VaultDepositStatus");
    });

    it("given files that are not there, or are not requests", async () => {
      const none = join(directory(), "none.json");
      const wrong = join(directory(), "wrong.json");
      writeFileSync(wrong, "{}");
      const mint = ["--utility", "http://127.0.0.1:9"];
      for (const [file, says] of [
        [none, "cli/unreadable-file"],
        [wrong, "funding/bad-file"],
      ] as const) {
        await refused(["deposit", file, ...options(1)], 65, says);
        await refused(["claim", file, "1", ...options(1)], 65, says);
        await refused(["dispute", file, "1", ...options(1)], 65, says);
        await refused(["submit", file, "1", ...mint, ...options(1)], 65, says);
      }
    });

    it("given an account without the role, or without the money", async () => {
      const { open, right } = await deposits();
      await refused(["decline", open, ...options(4)], 1, "AccessControl");
      await world.pass(DISPUTE_PERIOD + 1);
      await refused(["collect", ...options(4)], 1, "AccessControl");
      expect((await world.reader.deposit(BigInt(right))).status).to.equal("acknowledged");
      const { file } = requestFile([100]);
      await refused(["deposit", file, ...options(4)], 75, "funding/insufficient-credit");
    });

    it("given a node that does not answer, or a mint that does not", async () => {
      const { file, open } = await deposits();
      const nowhere = ["--rpc", "http://127.0.0.1:9", ...options(1).slice(2)];
      const mint = ["--utility", "http://127.0.0.1:9"];
      for (const args of [
        ["status"],
        ["deposit", file],
        ["submit", file, open, ...mint],
        ["claim", file, open],
        ["dispute", file, open],
        ["refund", open],
        ["withdraw"],
        ["decline", open],
        ["collect"],
      ]) {
        await refused([...args, ...nowhere], 69, "");
      }
      await refused(["submit", file, open, ...mint, ...options(1)], 69, "service/unreachable");
    });
  });
});
