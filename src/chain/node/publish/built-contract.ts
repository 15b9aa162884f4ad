/**
 * A contract as the compiler makes it of the package's own sources: what is published of it. A checkout
 * has the build in artifacts/; an installed package compiles, which takes some seconds a contract. Both
 * give the same bytes: the hash of the metadata is in the code.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { JsonFragment } from "ethers";
import { parseJson } from "../../../json/index.js";
import { chainErrors } from "../../errors/errors.js";
import type { Place } from "../bytecode/differences.js";
import { compile, type CompilerOutput } from "../bytecode/solc.js";
import { PACKAGE_ROOT, readSources, sourceName } from "../bytecode/source-files.js";

export interface BuiltContract {
  readonly name: string;
  /** In the package, such as contracts/CreditVault.sol. */
  readonly file: string;
  /** The compiler's metadata, byte for byte: its hash is in the code. */
  readonly metadata: string;
  readonly abi: readonly JsonFragment[];
  /** For users (`@notice`), and for developers (`@dev`, parameters, returns). */
  readonly userdoc: object;
  readonly devdoc: object;
  /** Every source file of the compilation that the metadata names. */
  readonly sources: ReadonlyMap<string, string>;
  /** Code without the values of immutables, 0x-hex, and where these are. */
  readonly runtimeCode: string;
  readonly immutableReferences: Readonly<Record<string, readonly Place[]>>;
  readonly creationCode: string;
}

interface Compiled {
  readonly metadata: string;
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: Readonly<Record<string, readonly Place[]>>;
    };
  };
}

interface Metadata {
  readonly output: {
    readonly abi: readonly JsonFragment[];
    readonly userdoc: object;
    readonly devdoc: object;
  };
  readonly sources: Readonly<Record<string, unknown>>;
}

const OUTPUT = [
  "metadata",
  "evm.bytecode.object",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.immutableReferences",
];

interface Artifact {
  readonly buildInfoId: string;
}

interface CompiledContracts extends CompilerOutput {
  readonly contracts: Readonly<Record<string, Readonly<Record<string, Compiled>>>>;
}

interface Build {
  readonly input: { readonly sources: Readonly<Record<string, { readonly content: string }>> };
  readonly output: CompiledContracts;
}

/**
 * @param file in the package, such as contracts/CreditVault.sol
 * @throws chain/no-sources, chain/not-compiled
 */
export async function builtContract(file: string, name: string): Promise<BuiltContract> {
  return contractOf(readBuild(file, name) ?? (await compileContract(file, name)), file, name);
}

/** The same without a build: compiles the contract. */
export async function compiledContract(file: string, name: string): Promise<BuiltContract> {
  return contractOf(await compileContract(file, name), file, name);
}

function readBuild(file: string, name: string): Build | null {
  const path = resolve(PACKAGE_ROOT, "artifacts", file, `${name}.json`);
  if (!existsSync(path)) return null;
  const { buildInfoId } = read(path) as Artifact;
  const { input } = read(
    resolve(PACKAGE_ROOT, "artifacts/build-info", `${buildInfoId}.json`),
  ) as Pick<Build, "input">;
  const { output } = read(
    resolve(PACKAGE_ROOT, "artifacts/build-info", `${buildInfoId}.output.json`),
  ) as Pick<Build, "output">;
  return { input, output };
}

function read(path: string): unknown {
  return parseJson(readFileSync(path), (why) =>
    chainErrors.error("no-sources", `the build's ${path} ${why}`, { path }),
  );
}

async function compileContract(file: string, name: string): Promise<Build> {
  const { settings, ...input } = await readSources(file);
  const output = (await compile({
    ...input,
    settings: { ...settings, outputSelection: { [sourceName(file)]: { [name]: OUTPUT } } },
  })) as CompiledContracts;
  return { input, output };
}

function contractOf({ input, output }: Build, file: string, name: string): BuiltContract {
  const { metadata, evm } = output.contracts[sourceName(file)]![name]!;
  const { output: documented, sources } = parseJson(metadata, (why) =>
    chainErrors.error("not-compiled", `the compiler's metadata ${why}`),
  ) as Metadata;
  return {
    name,
    file,
    metadata,
    ...documented,
    sources: new Map(
      Object.keys(sources).map((source) => [source, input.sources[source]!.content]),
    ),
    runtimeCode: `0x${evm.deployedBytecode.object}`,
    immutableReferences: evm.deployedBytecode.immutableReferences ?? {},
    creationCode: `0x${evm.bytecode.object}`,
  };
}
