/**
 * Compiles a contract's source again and compares it with the code on the chain, by the rules and the
 * library of Sourcify (lib-sourcify). Everything is at hand before: the library reaches no network,
 * and its log goes nowhere.
 */
import {
  setLibSourcifyLogger,
  SourcifyLibError,
  Verification,
  type ISolidityCompiler,
  type SolidityJsonInput,
  type SolidityOutput,
  type VerificationExport,
} from "@ethereum-sourcify/lib-sourcify";
import { AbiCoder, Interface } from "ethers";
import type { Creation } from "../../audit/creation.js";
import type { BytecodeComparison, BytecodeMatch, NamedValue } from "./comparison.js";
import { COMPILER_VERSION } from "./compiler-settings.js";
import { describeDifference } from "./differences.js";
import { nameImmutables } from "./immutables.js";
import { NotedCompilation } from "./noted-compilation.js";
import { CREATION, RecordedChain } from "./recorded-chain.js";
import { compile, type CompilerOutput } from "./solc.js";
import { sourceName, type SourceInput } from "./source-files.js";

setLibSourcifyLogger({ logLevel: 0, log: () => undefined, setLevel: () => undefined });

export type CodeComparison = Pick<
  BytecodeComparison,
  "compiler" | "result" | "runtime" | "creation" | "arguments" | "immutables" | "problems"
>;

/**
 * @param file and name of the contract in it
 * @throws chain/not-compiled, chain/no-sources
 */
export async function compareWithSource({
  input,
  file,
  name,
  chainId,
  address,
  creation,
}: {
  /** from readSources */
  readonly input: SourceInput;
  readonly file: string;
  readonly name: string;
  readonly chainId: bigint;
  readonly address: string;
  /** with code at the address */
  readonly creation: Creation;
}): Promise<CodeComparison> {
  const compiler = new Compiler();
  const verification = new Verification(
    new NotedCompilation(
      compiler,
      COMPILER_VERSION,
      // The library completes the input: it selects the output it needs.
      input as unknown as SolidityJsonInput,
      { path: sourceName(file), name },
    ),
    new RecordedChain(chainId, creation),
    address,
    creation.data === null ? undefined : CREATION,
  );
  try {
    await verification.verify();
  } catch (error) {
    if (compiler.failure !== null) throw compiler.failure;
    // That the code does not match is an answer; it is worded below, from the code itself.
    if (!(error instanceof SourcifyLibError)) throw error;
  }
  return describe(verification.export(), compiler.output, creation);
}

/** The compiler for the library, which also keeps what the library does not ask for. */
class Compiler implements ISolidityCompiler {
  output: CompilerOutput = {};
  failure: unknown = null;

  async compile(_version: string, input: SolidityJsonInput): Promise<SolidityOutput> {
    const wanted = input.settings.outputSelection as Record<string, Record<string, string[]>>;
    // The syntax trees, for the names of immutable variables.
    const outputSelection = { ...wanted, "*": { ...wanted["*"], "": ["ast"] } };
    try {
      this.output = await compile({ ...input, settings: { ...input.settings, outputSelection } });
      return this.output as unknown as SolidityOutput;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

function describe(
  { status, transformations, compilation }: VerificationExport,
  output: CompilerOutput,
  creation: Creation,
): CodeComparison {
  const runtime = matchOf(status.runtimeMatch);
  // The library compares the creation last: not when it has found other code at the address.
  const created =
    creation.data === null || (runtime === "none" && status.creationMatch === null)
      ? null
      : matchOf(status.creationMatch);
  const places = Object.values(compilation.immutableReferences ?? {}).flat();
  const problems = [
    ...(creation.fault === null ? [] : [creation.fault.problem]),
    ...problemsOf("the code at the address", runtime, () =>
      describeDifference(creation.code, compilation.runtimeBytecode ?? "0x", places),
    ),
    ...problemsOf("the code that created it", created, () => null),
  ];
  return {
    compiler: compilation.metadata?.compiler.version ?? null,
    result: worst(runtime, created, creation.fault?.result),
    runtime,
    creation: created,
    arguments: argumentsOf(
      transformations.creation.values.constructorArguments,
      new Interface(compilation.contractCompilerOutput.abi ?? []),
    ),
    immutables: nameImmutables(transformations.runtime.values.immutables ?? {}, output.sources),
    problems,
  };
}

function matchOf(status: VerificationExport["status"]["runtimeMatch"]): BytecodeMatch {
  if (status === "perfect") return "exact";
  return status === "partial" ? "code-only" : "none";
}

function problemsOf(
  what: string,
  match: BytecodeMatch | null,
  difference: () => string | null,
): string[] {
  if (match === "code-only") {
    return [
      `${what} runs the same, but does not name this source: comments, names or paths differ`,
    ];
  }
  if (match !== "none") return [];
  const how = difference();
  return [`${what} is not this source's${how === null ? "" : `: ${how}`}`];
}

function worst(
  runtime: BytecodeMatch,
  creation: BytecodeMatch | null,
  fault: "failed" | "unknown" | undefined,
): BytecodeComparison["result"] {
  const matches = [runtime, creation];
  if (fault === "failed" || matches.includes("none")) return "none";
  if (creation === null) return "unknown";
  return matches.includes("code-only") ? "code-only" : "exact";
}

function argumentsOf(data: string | undefined, abi: Interface): NamedValue[] {
  if (data === undefined) return [];
  const values = AbiCoder.defaultAbiCoder().decode(abi.deploy.inputs, data);
  return abi.deploy.inputs.map(({ name, type }, i) => ({
    name,
    type,
    value: `${values[i] as string | bigint}`,
  }));
}
