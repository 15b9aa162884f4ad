import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { keccak256, type Provider } from "ethers";
import { readCreation } from "../../src/chain/audit/creation.js";
import { CreditVault__factory } from "../../src/chain/bindings/index.js";
import type { DeployedContract, Deployment } from "../../src/chain/deploy/deployment.js";
import { compareWithSource } from "../../src/chain/node/bytecode/compare-with-source.js";
import { metadataNotes } from "../../src/chain/node/bytecode/metadata-note.js";
import { compile } from "../../src/chain/node/bytecode/solc.js";
import { readSources } from "../../src/chain/node/bytecode/source-files.js";
import { SOURCES, verifyBytecode } from "../../src/chain/node/bytecode/verify-bytecode.js";
import { deploySipster } from "../../src/chain/node/deploy.js";
import { startLocalChain, type LocalChain } from "../../src/chain/node/local-chain.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";

const root = resolve(import.meta.dirname, "../..");

describe("comparing bytecode with the source", () => {
  const directory = temporaryDirectory();
  let chain: LocalChain;
  let deployment: Deployment;

  before(async () => {
    chain = await startLocalChain();
    deployment = await deploySipster(await chain.provider.getSigner(0));
  });
  after(() => chain.close());

  /** The token's source is short: it compiles in a second, and every rule shows on it. */
  async function compareToken(
    options: { root?: string; token?: DeployedContract; provider?: Provider } = {},
  ) {
    const { token = deployment.contracts.token, provider = chain.provider } = options;
    const { chainId } = deployment;
    const input = await readSources(SOURCES.token.file, options.root);
    const creation = await readCreation(provider, token, await provider.getBlockNumber());
    return compareWithSource({
      input,
      ...SOURCES.token,
      chainId,
      address: token.address,
      creation,
    });
  }

  /** A copy of the source with one file altered. */
  function sourceWith(file: string, alter: (text: string) => string): string {
    cpSync(join(root, "contracts"), join(directory(), "contracts"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(directory(), "node_modules"));
    const path = join(directory(), file);
    const before = readFileSync(path, "utf8");
    const after = alter(before);
    expect(after).to.not.equal(before);
    writeFileSync(path, after);
    return directory();
  }

  /** The code at the token's address replaced, with the record telling so or not. */
  async function withTokenCode<T>(
    code: string,
    isRecorded: boolean,
    work: (token: DeployedContract) => Promise<T>,
  ): Promise<T> {
    const { token } = deployment.contracts;
    const before = await chain.provider.getCode(token.address);
    await chain.provider.send("hardhat_setCode", [token.address, code]);
    try {
      return await work(isRecorded ? { ...token, codeHash: keccak256(code) } : token);
    } finally {
      await chain.provider.send("hardhat_setCode", [token.address, before]);
    }
  }

  const altered = async (position: number) => {
    const code = await chain.provider.getCode(deployment.contracts.token.address);
    const at = 2 + 2 * position;
    return `${code.slice(0, at)}${code.slice(at, at + 2) === "00" ? "01" : "00"}${code.slice(at + 2)}`;
  };

  it("a genuine contract matches exactly, and apart from the hash if a comment differs; in silence, without a network", async () => {
    const { connect } = Socket.prototype;
    const { log, error, warn, info, debug } = console;
    const noise: string[] = [];
    const note = (...words: unknown[]) => void noise.push(words.join(" "));
    Object.assign(console, { log: note, error: note, warn: note, info: note, debug: note });
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
      noise.push("connects");
      return Reflect.apply(connect, this, args) as Socket;
    } as typeof connect;
    try {
      const found = await compareToken();
      expect(found).to.deep.include({ result: "exact", runtime: "exact", creation: "exact" });
      expect(found.problems).to.deep.equal([]);
      expect(found.compiler).to.match(/^0\.8\.37\+commit\./);
      // Another comment takes the library further: it looks for the metadata that would fit.
      const source = sourceWith(SOURCES.token.file, (text) => text.replace("Hundredths", "Cents"));
      const other = await compareToken({ root: source });
      expect(other).to.include({ runtime: "code-only", creation: "code-only" });
      expect(other.result).to.equal("code-only");
      expect(other.problems).to.have.length(2);
    } finally {
      Object.assign(console, { log, error, warn, info, debug });
      Socket.prototype.connect = connect;
    }
    expect(noise).to.deep.equal([]);
  });

  it("one altered byte is named, by its place", async () => {
    await withTokenCode(await altered(100), false, async (token) => {
      const found = await compareToken({ token });
      expect(found).to.include({ result: "none", runtime: "none" });
      const [ofRecord, ofSource, ...more] = found.problems;
      expect(ofRecord).to.equal("the code is not the one that was deployed");
      expect(ofSource).to.match(/^the code at the address is not this source's: 1 of \d+ bytes/);
      expect(ofSource).to.contain("the first, at 100, is 0x");
      expect(more).to.deep.equal([]);
    });
  });

  it("code with a byte more or less is told from its length", async () => {
    const code = await chain.provider.getCode(deployment.contracts.token.address);
    await withTokenCode(`${code}00`, true, async (token) => {
      const found = await compareToken({ token });
      expect(found.result).to.equal("none");
      expect(found.problems[0]).to.contain(`it has ${code.length / 2} bytes, and the source`);
    });
  });

  it("an altered byte of the hash alone leaves the code that runs", async () => {
    const code = await chain.provider.getCode(deployment.contracts.token.address);
    const [note] = metadataNotes(code);
    await withTokenCode(await altered(note!.offset + 20), true, async (token) => {
      const found = await compareToken({ token });
      expect(found).to.include({ result: "code-only", runtime: "code-only", creation: "exact" });
      expect(found.problems).to.deep.equal([
        "the code at the address runs the same, but does not name this source: comments, names or paths differ",
      ]);
    });
  });

  it("a source that computes otherwise does not match", async () => {
    const source = sourceWith(SOURCES.token.file, (text) => text.replace("return 2;", "return 3;"));
    const found = await compareToken({ root: source });
    expect(found).to.include({ result: "none", runtime: "none" });
    expect(found.problems[0]).to.contain("bytes differ; the first, at");
  });

  it("a creation that the node does not show is unknown, that of another contract a fault", async () => {
    const { token, vault } = deployment.contracts;
    const unknown = await compareToken({
      token: { ...token, transaction: `0x${"12".repeat(32)}` },
    });
    expect(unknown).to.include({ result: "unknown", runtime: "exact", creation: null });
    expect(unknown.problems[0]).to.match(/^the node does not give transaction 0x1212/);
    const other = await compareToken({ token: { ...token, transaction: vault.transaction! } });
    expect(other).to.include({ result: "none", runtime: "exact", creation: null });
    expect(other.problems[0]).to.match(/did not create it$/);
  });

  it("a contract that was created by other code does not match, also with the right code", async () => {
    const signer = await chain.provider.getSigner(0);
    // Creation code that leaves one byte of code, STOP: PUSH1 1, PUSH0, RETURN.
    const receipt = await (await signer.sendTransaction({ data: "0x60015ff3" })).wait();
    const address = receipt!.contractAddress!;
    const genuine = await chain.provider.getCode(deployment.contracts.token.address);
    await chain.provider.send("hardhat_setCode", [address, genuine]);
    const { abiHash } = deployment.contracts.token;
    const found = await compareToken({
      token: { address, abiHash, codeHash: keccak256(genuine), transaction: receipt!.hash },
    });
    expect(found).to.include({ result: "none", runtime: "exact", creation: "none" });
    expect(found.problems).to.deep.equal(["the code that created it is not this source's"]);
  });

  it("lists arguments and immutables by name", async () => {
    const { chainId, contracts } = deployment;
    const { address } = contracts.vault;
    const input = await readSources(SOURCES.vault.file);
    const block = await chain.provider.getBlockNumber();
    const creation = await readCreation(chain.provider, contracts.vault, block);
    const found = await compareWithSource({ input, ...SOURCES.vault, chainId, address, creation });
    expect(found.result).to.equal("exact");
    const vault = CreditVault__factory.connect(address, chain.provider);
    expect(found.immutables).to.deep.equal([
      { name: "acknowledgePeriod", type: "uint32", value: `${await vault.acknowledgePeriod()}` },
      { name: "disputePeriod", type: "uint32", value: `${await vault.disputePeriod()}` },
      {
        name: "settlement",
        type: "contract IBillSettlement",
        value: contracts.settlement.address,
      },
      { name: "token", type: "contract IERC20", value: contracts.token.address },
    ]);
    expect(found.arguments.slice(0, 2)).to.deep.equal([
      { name: "settlement_", type: "address", value: contracts.settlement.address },
      { name: "token_", type: "address", value: contracts.token.address },
    ]);
  });

  it("an address without code is not a match, and nothing is compiled for it", async () => {
    const nobody = { ...deployment.contracts.token, address: `0x${"77".repeat(20)}` };
    const contracts = { settlement: nobody, vault: nobody, token: nobody, orderBoard: nobody };
    const compiled: string[] = [];
    const found = await verifyBytecode(
      chain.provider,
      { ...deployment, contracts },
      { onProgress: (text) => compiled.push(text) },
    );
    expect(found.map((c) => [c.contract, c.result, c.problems[0]])).to.deep.equal(
      ["settlement", "vault", "token", "orderBoard"].map((name) => [
        name,
        "none",
        "there is no contract at the address",
      ]),
    );
    expect(compiled).to.deep.equal([]);
    // A token that was there before the deployment is nobody's claim to be this source.
    const { address, codeHash, abiHash } = nobody;
    const token = { address, codeHash, abiHash };
    const without = { ...deployment, contracts: { ...contracts, token } };
    const two = await verifyBytecode(chain.provider, without);
    expect(two.map((c) => c.contract)).to.deep.equal(["settlement", "vault", "orderBoard"]);
  });

  it("says what is missing where there is no source", async () => {
    const error = await expectRejection(compareToken({ root: directory() }), "chain/no-sources");
    expect(error.message).to.contain("@openzeppelin/contracts");
    symlinkSync(join(root, "node_modules"), join(directory(), "node_modules"));
    const next = await expectRejection(compareToken({ root: directory() }), "chain/no-sources");
    expect(next.message).to.contain("contracts/mocks/TestToken.sol");
  });

  it("says what the compiler says of a source that is none", async () => {
    const source = sourceWith(SOURCES.token.file, (text) =>
      text.replace("return 2;", "return two;"),
    );
    const error = await expectRejection(compareToken({ root: source }), "chain/not-compiled");
    expect(error.message).to.contain("Undeclared identifier");
    await expectRejection(compile({ language: "Solidity" }), "chain/not-compiled");
  });
});
