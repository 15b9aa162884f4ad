/** A contract as the build left it: what is published of it, exactly as the compiler gave it. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { JsonFragment } from "ethers";
import type { Place } from "../../../src/chain/node/bytecode/differences.js";
import { PACKAGE_ROOT } from "../../../src/chain/node/bytecode/source-files.js";

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

interface Artifact {
  readonly buildInfoId: string;
  readonly inputSourceName: string;
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly immutableReferences?: Readonly<Record<string, readonly Place[]>>;
}

interface Metadata {
  readonly output: {
    readonly abi: readonly JsonFragment[];
    readonly userdoc: object;
    readonly devdoc: object;
  };
  readonly sources: Readonly<Record<string, unknown>>;
}

/** Reads the build in artifacts/. Throws if there is none. */
export function builtContract(file: string, name: string): BuiltContract {
  const artifact = read(`${file}/${name}.json`) as Artifact;
  const { output } = read(`build-info/${artifact.buildInfoId}.output.json`) as {
    output: { contracts: Record<string, Record<string, { metadata: string }>> };
  };
  const { input } = read(`build-info/${artifact.buildInfoId}.json`) as {
    input: { sources: Record<string, { content: string }> };
  };
  const { metadata } = output.contracts[artifact.inputSourceName]![name]!;
  const { output: documented, sources } = JSON.parse(metadata) as Metadata;
  return {
    name,
    file,
    metadata,
    ...documented,
    sources: new Map(
      Object.keys(sources).map((source) => [source, input.sources[source]!.content]),
    ),
    runtimeCode: artifact.deployedBytecode,
    immutableReferences: artifact.immutableReferences ?? {},
    creationCode: artifact.bytecode,
  };
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(resolve(PACKAGE_ROOT, "artifacts", file), "utf8"));
}
