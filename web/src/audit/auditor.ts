/**
 * The whole audit, in a thread of its own: every settlement verified again with the independent
 * library, by the very code of `sipster audit`.
 */
import workerUrl from "./audit-worker.ts?worker&url";
import type { AuditedSettlement, AuditResult } from "../../../src/chain/audit/result.js";
import { nullifierOf } from "../../../src/chain/settle/settlement-outcome.js";
import { errorFromJson, type ErrorJson } from "../../../src/errors/error-json.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { writeWebConfig } from "../../../src/pages/config.js";
import type { App } from "../app/page.js";
import { announceQuietly } from "../ui/announce.js";

export type WorkerMessage =
  { readonly progress: string } | { readonly result: AuditResult } | { readonly error: ErrorJson };

export type AuditState =
  | { readonly name: "idle" }
  | { readonly name: "running"; readonly progress: string }
  | { readonly name: "done"; readonly result: AuditResult }
  | { readonly name: "failed"; readonly error: SipsterError };

/** More settlements than this are verified when asked for, and not by themselves. */
const UNASKED = 1000;

export class Auditor {
  state: AuditState = { name: "idle" };
  #verdicts = new Map<string, AuditedSettlement>();

  constructor(private readonly app: App) {}

  /** Forgets an audit of blocks that are not in the chain any more. */
  rewind(upTo: number): void {
    if (this.state.name !== "done" || this.state.result.toBlock <= upTo) return;
    this.#verdicts.clear();
    this.#set({ name: "idle" });
  }

  /** What the last audit found of a settlement; `undefined` if it was not in it. */
  find(claim: { readonly meter: string; readonly period: number }): AuditedSettlement | undefined {
    return this.#verdicts.get(nullifierOf(claim));
  }

  /** Starts the audit if it has not run, and is a matter of seconds. */
  startIfAffordable(settlements: number): void {
    if (this.state.name === "idle" && settlements <= UNASKED) this.start();
  }

  start(): void {
    if (this.state.name === "running") return;
    const worker = new Worker(ownScript(workerUrl), { type: "module" });
    const end = (state: AuditState): void => {
      worker.terminate();
      this.#set(state);
    };
    worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
      if ("progress" in data) {
        this.#set({ name: "running", progress: data.progress });
      } else if ("error" in data) {
        end({ name: "failed", error: errorFromJson(data.error) });
      } else {
        const { settlements, ok } = data.result;
        this.#verdicts = new Map(settlements.map((s) => [nullifierOf(s), s]));
        announceQuietly(
          ok ? "Audit finished: everything holds" : "Audit finished: not everything holds",
        );
        end({ name: "done", result: data.result });
      }
    });
    this.#set({ name: "running", progress: "starting" });
    worker.postMessage(writeWebConfig(this.app.config));
  }

  #set(state: AuditState): void {
    this.state = state;
    this.app.update();
  }
}

/** Trusted Types, where the browser has them. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** The policy under which the one script of the build that is a worker may run. */
const policy = (globalThis as { readonly trustedTypes?: PolicyFactory }).trustedTypes?.createPolicy(
  "sipster-worker",
  { createScriptURL: (url) => url },
);

function ownScript(url: string): string {
  return (policy?.createScriptURL(url) ?? url) as string;
}
