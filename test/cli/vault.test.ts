import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { getBytes } from "ethers";
import { writeDeployment } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { writeWithdrawalFile } from "../../src/cli/vault/withdrawal-file.js";
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
    writeFileSync(file, writeWithdrawalFile(request));
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

  it("refuses files that are not requests, deposits for other messages, and unknown numbers", async () => {
    const { file } = requestFile([100]);
    const { id } = await deposit(file);
    const { file: other } = requestFile([10]);
    for (const [args, code] of [
      [["claim", other, id], 65],
      [["claim", other, "99"], 65],
      [["deposit", join(directory(), "none.json")], 65],
      [["claim", other, "zero"], 2],
    ] as const) {
      expect((await sipster("vault", ...args, ...options(1))).code, args.join(" ")).to.equal(code);
    }
    writeFileSync(other, "{}");
    const bad = await sipster("vault", "deposit", other, ...options(1));
    expect(bad.code).to.equal(65);
    expect(bad.out + bad.err).to.include("cli/bad-withdrawal");
  });
});
