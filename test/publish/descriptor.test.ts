/**
 * The clear-signing descriptor, by the rules of ERC-7730 (schema 2.0.0) that concern it, and against the
 * ABI of the contract.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { FunctionFragment, getAddress, Interface, type ParamType, type Result } from "ethers";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { DESCRIPTOR, publishDescriptor } from "../../src/chain/node/publish/publish.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Field {
  readonly path: string;
  readonly label: string;
  readonly format: string;
  readonly visible?: "always" | "never" | "optional";
  readonly separator?: string;
}

interface Format {
  readonly intent: string;
  readonly interpolatedIntent?: string;
  readonly fields: readonly Field[];
}

interface Descriptor {
  readonly $schema: string;
  readonly context: {
    readonly $id: string;
    readonly contract: {
      readonly deployments: readonly { readonly chainId: number; readonly address: string }[];
    };
  };
  readonly metadata: { readonly owner: string; readonly contractName: string };
  readonly display: { readonly formats: Readonly<Record<string, Format>> };
}

const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const abi: Interface = BillSettlement__factory.createInterface();

/** Type as a key of a format writes it: canonical, with the names of a structure's members. */
function typeOf(param: ParamType): string {
  if (param.isArray()) {
    const length = param.arrayLength === -1 ? "" : `${param.arrayLength}`;
    return `${typeOf(param.arrayChildren)}[${length}]`;
  }
  return param.isTuple() ? `(${list(param.components)})` : param.type;
}

/** No space after a comma, and one between a type and its name. */
function list(params: readonly ParamType[]): string {
  return params.map((param) => `${typeOf(param)} ${param.name}`).join(",");
}

function keyOf(name: string): string {
  return `${name}(${list(abi.getFunction(name)!.inputs)})`;
}

/** Path of every value that a call carries, in the notation of the descriptor. */
function leaves(params: readonly ParamType[], prefix = ""): string[] {
  return params.flatMap((param): string[] => {
    const path = `${prefix}${param.name}`;
    if (param.isTuple()) return leaves(param.components, `${path}.`);
    if (!param.isArray()) return [path];
    const child = param.arrayChildren;
    return child.isTuple() ? leaves(child.components, `${path}.[].`) : [`${path}.[]`];
  });
}

describe("the clear-signing descriptor", () => {
  const directory = temporaryDirectory();
  let descriptor: Descriptor;

  beforeEach(() => {
    const name = publishDescriptor(directory(), [{ chainId: 31337n, address: ADDRESS }], "Utility");
    descriptor = JSON.parse(readFileSync(join(directory(), name), "utf8")) as Descriptor;
  });

  const formats = () => Object.entries(descriptor.display.formats);

  it("has the sections of the format, and nothing else", () => {
    expect(Object.keys(descriptor)).to.deep.equal(["$schema", "context", "metadata", "display"]);
    expect(descriptor.$schema).to.equal(
      "https://eips.ethereum.org/assets/eip-7730/erc7730-v2.schema.json",
    );
    expect(Object.keys(descriptor.context)).to.deep.equal(["$id", "contract"]);
    expect(Object.keys(descriptor.metadata)).to.deep.equal(["owner", "contractName"]);
    expect(Object.keys(descriptor.display)).to.deep.equal(["formats"]);
    for (const [, { fields, ...format }] of formats()) {
      expect(["$id", "intent", "interpolatedIntent"]).to.include.members(Object.keys(format));
      expect(format.intent).to.be.a("string");
      for (const field of fields) {
        const known = ["path", "label", "format", "visible", "separator"];
        expect(known).to.include.members(Object.keys(field));
        expect(field.label).to.match(/^[A-Z][^{}]{1,19}$/, "short: small screens");
        // Integers and words as they are: raw needs no parameters.
        expect(field.format).to.equal("raw");
        expect(["always", "never", "optional", undefined]).to.include(field.visible);
      }
    }
  });

  it("is bound to the deployment, with its owner's name", () => {
    expect(descriptor.context.contract).to.deep.equal({
      deployments: [{ chainId: 31337, address: getAddress(ADDRESS) }],
    });
    expect(descriptor.metadata.owner).to.equal("Utility");
  });

  it("is kept in the source without a deployment: an address is nobody's until there is one", () => {
    const file = join(import.meta.dirname, "../../contracts", DESCRIPTOR);
    const kept = JSON.parse(readFileSync(file, "utf8")) as Descriptor;
    expect(kept.context.contract.deployments).to.deep.equal([]);
    expect(kept.display).to.deep.equal(descriptor.display);
  });

  it("describes settle and settleBatch, by their full signatures in the ABI", () => {
    expect(formats().map(([key]) => key)).to.deep.equal([keyOf("settle"), keyOf("settleBatch")]);
    for (const [key] of formats()) {
      expect(key).to.match(/^\s*[A-Za-z_][A-Za-z0-9_:]*\s*\(.*\)$/);
      // What a wallet does with the key: the names dropped, the selector hashed.
      const fragment = FunctionFragment.from(`function ${key}`);
      expect(abi.getFunction(fragment.selector)?.format("sighash")).to.equal(
        fragment.format("sighash"),
      );
    }
  });

  it("shows or explicitly hides every value that a call carries, each once", () => {
    for (const [key, { fields }] of formats()) {
      const { inputs } = FunctionFragment.from(`function ${key}`);
      expect(fields.map((f) => f.path).toSorted()).to.deep.equal(leaves(inputs).toSorted());
      for (const { path, separator } of fields) {
        if (separator === undefined) continue;
        expect(path).to.contain(".[]");
        expect(separator).to.contain("{index}");
      }
    }
  });

  it("speaks of nothing in a sentence that it does not always show", () => {
    for (const [, { interpolatedIntent = "", fields }] of formats()) {
      for (const [, path] of interpolatedIntent.matchAll(/\{([^{}]*)\}/g)) {
        const shown = fields.filter(({ visible = "always" }) => visible === "always");
        expect(shown.map((f) => f.path)).to.include(path);
      }
    }
    expect(formats()[0]?.[1].interpolatedIntent).to.contain("{bill.period}");
  });

  /** What a wallet shows of a call: intent, then label and value of each visible field. */
  function show(data: string): string[] {
    for (const [key, { intent, fields }] of formats()) {
      const wallet = new Interface([`function ${key}`]);
      const call = wallet.parseTransaction({ data });
      if (call === null) continue;
      const lines = fields
        .filter(({ visible = "always" }) => visible === "always")
        .flatMap(({ path, label, separator }) =>
          valuesAt(call.args, path.split(".")).map((value, i) =>
            [separator?.replace("{index}", `${i}`), `${label}: ${value}`].filter(Boolean).join(" "),
          ),
        );
      return [intent, ...lines];
    }
    return [];
  }

  function valuesAt(value: unknown, [step, ...rest]: readonly string[]): unknown[] {
    if (step === undefined) return [value];
    if (step === "[]") return [...(value as Result)].flatMap((each) => valuesAt(each, rest));
    return valuesAt((value as Result).getValue(step), rest);
  }

  const word = `0x${"12".repeat(32)}`;
  const bill = (period: number) => ({ period, keyEpoch: 3, rx: 11n, ry: 12n, r: word, vs: word });

  it("lets a wallet show month and key epoch of a bill, and no word of the receipt", () => {
    const data = abi.encodeFunctionData("settle", [bill(201303), 98765n, 54321n]);
    expect(show(data)).to.deep.equal([
      "Settle electricity bill",
      "Month (YYYYMM): 201303",
      "Utility key epoch: 3",
    ]);
  });

  it("and of each bill of a batch", () => {
    const bills = [bill(201303), bill(201304)];
    const data = abi.encodeFunctionData("settleBatch", [3, bills, 98765n, 54321n]);
    expect(show(data)).to.deep.equal([
      "Settle electricity bills",
      "Utility key epoch: 3",
      "Bill 0 Month (YYYYMM): 201303",
      "Bill 1 Month (YYYYMM): 201304",
    ]);
  });
});
