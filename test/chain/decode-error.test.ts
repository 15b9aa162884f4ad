import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { AbiCoder, Interface, type ParamType } from "ethers";
import { explanations } from "../../src/chain/errors/contracts/errors.js";
import { decodeError, decodeRevert, revertData } from "../../src/chain/errors/decode-error.js";

const root = resolve(import.meta.dirname, "../..");

/** The interface of every contract of a deployment: what the compiler made of contracts/. */
function compiledContracts(): { name: string; contract: Interface }[] {
  return globSync("artifacts/contracts/**/*.json", { cwd: root })
    .filter((file) => !file.includes("/mocks/") || file.includes("/mocks/TestToken.sol/"))
    .map((file) => {
      const artifact = JSON.parse(readFileSync(resolve(root, file), "utf8")) as {
        contractName: string;
        abi: [];
      };
      return { name: artifact.contractName, contract: new Interface(artifact.abi) };
    });
}

/** Some value of a type: what it is does not matter. */
function anyValue(type: ParamType): unknown {
  if (type.baseType === "tuple") return type.components!.map(anyValue);
  if (type.baseType === "array") return [];
  if (type.type === "address") return `0x${"ab".repeat(20)}`;
  if (type.type === "string") return "text";
  if (type.type === "bool") return true;
  const bytes = /^bytes(\d*)$/.exec(type.type);
  if (bytes !== null) return `0x${"cd".repeat(Number(bytes[1] === "" ? 5 : bytes[1]))}`;
  return type.type.startsWith("uint8") ? 3 : 201303;
}

describe("errors of contracts", () => {
  const compiled = compiledContracts();

  it("has contracts to look at", () => {
    expect(compiled.map((c) => c.name)).to.include.members([
      "BillSettlement",
      "CreditVault",
      "TestToken",
    ]);
  });

  it("every custom error of every contract has its explanation, with its arguments", () => {
    for (const { name, contract } of compiled) {
      contract.forEachError((fragment) => {
        const values = fragment.inputs.map(anyValue);
        const error = decodeRevert(contract.encodeErrorResult(fragment, values));
        const where = `${name}.${fragment.name}`;
        expect(error.code, where).to.equal(`contract/${fragment.name}`);
        for (const text of [error.message, error.consequence, error.cure]) {
          expect(text.length, where).to.be.greaterThan(5);
          expect(text, where).to.not.match(/undefined|NaN|\[object/);
        }
        for (const input of fragment.inputs)
          expect(error.details, where).to.have.property(input.name);
      });
    }
  });

  it("explains no error that no contract has", () => {
    const known = new Set<string>();
    for (const { contract } of compiled) contract.forEachError((f) => known.add(f.name));
    expect(Object.keys(explanations).filter((name) => !known.has(name))).to.deep.equal([]);
  });

  it("no two errors share a selector", () => {
    const names = new Map<string, string>();
    for (const { contract } of compiled) {
      contract.forEachError((f) => {
        expect(names.get(f.selector) ?? f.name).to.equal(f.name);
        names.set(f.selector, f.name);
      });
    }
  });

  it("says the values, in words", () => {
    const { contract } = compiled.find((c) => c.name === "BillSettlement")!;
    const meter = `0x${"11".repeat(20)}`;
    const notValid = contract.encodeErrorResult("SettlementMeterNotValid", [
      meter,
      201303,
      201304,
      0xffffffff,
    ]);
    expect(decodeRevert(notValid).message).to.equal(
      `meter ${meter} may settle the periods 201304 to no end, not 201303`,
    );
    const point = contract.encodeErrorResult("SettlementBillPointInvalid", [3, 5, 6]);
    expect(decodeRevert(point).message).to.equal(
      "the bill's point R is not on the curve (x = 5, y = 6)",
    );
    const other = (end: bigint) =>
      contract.encodeErrorResult("SettlementKeyEpochNotOfPeriod", [1, 201304, 0, end]);
    expect(decodeRevert(other(201304n)).message).to.equal(
      "period 201304 is not under key epoch 1, which begins with period 0 and ends before 201304",
    );
    expect(decodeRevert(other(1n << 32n)).message).to.equal(
      "period 201304 is not under key epoch 1, which begins with period 0",
    );
  });

  it("strings, panics, unknown errors and empty reverts", () => {
    const coder = AbiCoder.defaultAbiCoder();
    const text = `0x08c379a0${coder.encode(["string"], ["no more"]).slice(2)}`;
    expect(decodeRevert(text).message).to.equal('a contract refused: "no more"');
    const panic = `0x4e487b71${coder.encode(["uint256"], [0x11]).slice(2)}`;
    expect(decodeRevert(panic).message).to.equal("a contract panicked with code 0x11");
    expect(decodeRevert("0xdeadbeef").code).to.equal("contract/Unknown");
    expect(decodeRevert("0x").message).to.equal("a contract reverted without a reason");
    // Arguments cut short: the selector alone proves nothing.
    expect(decodeRevert("0x08c379a0").code).to.equal("contract/Unknown");
  });

  it("finds the data where nodes, wallets and ethers put it", () => {
    const data = "0x00112233";
    expect(revertData({ data })).to.equal(data);
    expect(revertData({ data: { message: "reverted", data } })).to.equal(data);
    expect(revertData({ info: { error: { code: 3, data } } })).to.equal(data);
    expect(revertData(new Error("outer", { cause: { error: { data } } }))).to.equal(data);
    expect(revertData({ code: "NETWORK_ERROR", data: null })).to.equal(null);
    expect(revertData({ transaction: { data } })).to.equal(null);
    expect(revertData("text")).to.equal(null);
    expect(decodeError(new Error("no revert"))).to.equal(null);
    expect(decodeError(Object.assign(new Error("x"), { code: "CALL_EXCEPTION" }))?.code).to.equal(
      "contract/Unknown",
    );
  });
});
