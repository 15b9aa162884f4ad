import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { writeDeployment } from "../../src/chain/index.js";
import {
  serveLocalChain,
  type BytecodeComparison,
  type ServedChain,
} from "../../src/chain/node/index.js";
import { TestSystem } from "../chain/fixture.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

const ROOT = resolve(import.meta.dirname, "../..");

interface Document {
  readonly format: string;
  readonly ok: boolean;
  readonly bytecode: readonly BytecodeComparison[];
}

describe("sipster audit --bytecode", () => {
  const directory = temporaryDirectory();
  let chain: ServedChain;
  let system: TestSystem;

  before(async () => {
    chain = await serveLocalChain();
    system = await TestSystem.on(chain, "audit-bytecode", { meters: 1 });
  });
  after(() => chain.close());

  function run(...options: string[]) {
    const folder = join(directory(), "deployments");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "31337.json"), writeDeployment(system.deployment));
    return sipster("audit", "--rpc", chain.url, "--deployments", folder, ...options);
  }

  it("a genuine deployment matches exactly, contract by contract: exit code 0", async () => {
    const { code, out, err } = await run("--bytecode");
    expect(code, err).to.equal(0);
    expect(err).to.contain("compiling contracts/BillSettlement.sol with solc 0.8.37");
    expect(out.match(/exact match +exact match +exact match/g)).to.have.length(4);
    expect(out).to.match(/settlement +contracts\/BillSettlement.sol +exact match/);
    expect(out).to.contain(
      `_cachedThis             ${system.deployment.contracts.settlement.address}`,
    );
    expect(out).to.contain("Nothing is settled yet");
  });

  it("an altered byte is not a match, with its place: exit code 1", async () => {
    const { settlement, vault } = system.deployment.contracts;
    const snapshot = await system.request("evm_snapshot");
    const code = await chain.provider.getCode(vault.address);
    const altered = `${code.slice(0, 402)}${code.slice(402, 404) === "00" ? "01" : "00"}${code.slice(404)}`;
    await system.request("hardhat_setCode", vault.address, altered);
    // Without code there is nothing to compile for, which spares this test the longest of it.
    await system.request("hardhat_setCode", settlement.address, "0x");
    const answer = await run("--bytecode", "--json");
    await system.request("evm_revert", snapshot);
    expect(answer.code, answer.err).to.equal(1);
    const document = answer.json as Document;
    expect(document).to.include({ format: "sipster/audit@1", ok: false });
    const [first, second, third] = document.bytecode;
    expect(first).to.include({ contract: "settlement", result: "none", runtime: null });
    expect(second).to.include({ contract: "vault", address: vault.address, result: "none" });
    expect(second?.problems[1]).to.contain("the first, at 200, is 0x");
    expect(third).to.include({ contract: "token", result: "exact", creation: "exact" });
    expect(third?.source).to.equal("contracts/mocks/TestToken.sol:TestToken");
  });

  it("another source is not a match, though all else is well: exit code 1", async () => {
    const source = join(directory(), "another");
    cpSync(join(ROOT, "contracts/mocks"), join(source, "contracts/mocks"), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(source, "node_modules"));
    for (const name of ["BillSettlement", "CreditVault", "OrderBoard"]) {
      const text = `pragma solidity 0.8.37;\ncontract ${name} {}\n`;
      writeFileSync(join(source, `contracts/${name}.sol`), text);
    }
    const { code, out } = await run("--bytecode", source);
    expect(code).to.equal(1);
    expect(out).to.match(/settlement-code +ok/);
    expect(out).to.match(/settlement: the code at the address is not this source's: it has \d+/);
    expect(out).to.match(/token +contracts\/mocks\/TestToken.sol +exact match/);
    expect(out).to.contain(
      "NOT CLEAN: 0 of 0 settlements verified, code of the settlement: no match, code of the vault: no match, code of the orderBoard: no match.",
    );
  });

  it("without the source, says what is missing", async () => {
    const { code, json } = await run("--bytecode", directory(), "--json");
    expect(code).to.equal(65);
    expect(json).to.include({ code: "chain/no-sources" });
  });

  it("is not in the document when it was not asked for", async () => {
    const { code, json } = await run("--json");
    expect(code).to.equal(0);
    expect(json).to.include({ ok: true }).and.not.have.property("bytecode");
  });
});
