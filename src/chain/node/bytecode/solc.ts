/**
 * The compiler of the npm package `solc`, in a thread of its own: it takes seconds and hundreds of
 * megabytes, and it registers handlers of its own for failures that nobody caught.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { parseJson } from "../../../json/index.js";
import { chainErrors } from "../../errors/errors.js";

/** What is read of the compiler's standard JSON output. */
export interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage?: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast?: unknown }>>;
}

/**
 * Compiles a standard JSON input that names no file outside itself.
 * @throws chain/no-sources when the package is not installed, chain/not-compiled with the compiler's
 *   message
 */
export async function compile(input: object): Promise<CompilerOutput> {
  const text = await run(compilerModule(), JSON.stringify(input));
  const output = parseJson(text, (why) =>
    notCompiled(`what the compiler says ${why}`),
  ) as CompilerOutput;
  const failure = output.errors?.find(({ severity }) => severity === "error");
  if (failure !== undefined) throw notCompiled(`the compiler says: ${failure.formattedMessage}`);
  return output;
}

function compilerModule(): string {
  try {
    return createRequire(import.meta.url).resolve("solc");
  } catch (error) {
    throw chainErrors.errorFrom({
      key: "no-sources",
      message: "the npm package solc is not installed",
      cause: error,
    });
  }
}

const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
parentPort.postMessage(require(workerData.module).compile(workerData.input));
`;

function run(module: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(THREAD, { eval: true, execArgv: [], workerData: { module, input } });
    thread.on("message", resolve);
    thread.on("error", (error) => reject(notCompiled("the compiler failed", error)));
    thread.on("exit", () => reject(notCompiled("the compiler ended without an answer")));
  });
}

function notCompiled(message: string, cause?: unknown): Error {
  return chainErrors.errorFrom({ key: "not-compiled", message, cause });
}
