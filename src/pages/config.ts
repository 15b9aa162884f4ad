/**
 * What the pages are told beside the files they were built into, as `sipster-web.json` in the same
 * folder: which deployment, through which node, and whether somebody relays. Nothing in it is
 * secret. Works in a browser.
 */
import { parseDeployment, writeDeployment, type Deployment } from "../chain/deploy/deployment.js";
import { Fields } from "../chain/json-fields.js";
import type { FinalityRule } from "../sipster/parameter-schema.js";
import { webErrors } from "./errors.js";

export const WEB_CONFIG_FORMAT = "sipster/web@1";
/** Name of the file, relative to the pages. */
export const WEB_CONFIG_FILE = "sipster-web.json";

export interface WebConfig {
  readonly deployment: Deployment;
  /** Node that the pages read the chain from, and offer to wallets that do not know the chain. */
  readonly rpcUrl: string;
  /** Where `sipster relay` answers; absent when nobody relays. */
  readonly relayUrl?: string;
  /** A second node, which the pages compare the first with. */
  readonly compareUrl?: string;
  /** A block explorer that has /tx/<hash>, /address/<address> and /block/<number>. */
  readonly explorerUrl?: string;
  /** When a block is final. */
  readonly finality: FinalityRule;
  /** Name of the chain for people and wallets. */
  readonly chainName: string;
  /** Symbol of the currency that gas is paid in. */
  readonly currency: string;
}

/** The chain's name where none is given. */
export function defaultChainName(chainId: bigint): string {
  return chainId === 31337n ? "Local development chain" : `Chain ${chainId}`;
}

export function writeWebConfig(config: WebConfig): string {
  const { deployment, ...rest } = config;
  return `${JSON.stringify(
    {
      format: WEB_CONFIG_FORMAT,
      ...rest,
      deployment: JSON.parse(writeDeployment(deployment)) as unknown,
    },
    null,
    2,
  )}\n`;
}

/** @throws web/bad-config, chain/bad-deployment */
export function parseWebConfig(text: string): WebConfig {
  const fields = Fields.parse(text, (why) =>
    webErrors.error("bad-config", `the pages' configuration ${why}`),
  );
  fields.literal("format", WEB_CONFIG_FORMAT);
  const rpcUrl = httpUrl(fields.text("rpcUrl"), "rpcUrl");
  const url = (name: string) => fields.optional(name, (f) => httpUrl(f.text(name), name));
  const [relayUrl, compareUrl, explorerUrl] = [
    url("relayUrl"),
    url("compareUrl"),
    url("explorerUrl"),
  ];
  fields.object("deployment");
  const { deployment } = JSON.parse(text) as { readonly deployment: unknown };
  return {
    deployment: parseDeployment(JSON.stringify(deployment)),
    rpcUrl,
    ...(relayUrl === undefined ? {} : { relayUrl }),
    ...(compareUrl === undefined ? {} : { compareUrl }),
    ...(explorerUrl === undefined ? {} : { explorerUrl }),
    finality: readFinality(fields.object("finality")),
    chainName: fields.text("chainName"),
    currency: fields.text("currency"),
  };
}

function readFinality(fields: Fields): FinalityRule {
  if (fields.text("rule") === "finalized") return { rule: "finalized" };
  fields.literal("rule", "confirmations");
  return { rule: "confirmations", blocks: fields.integer("blocks") };
}

/** @throws web/bad-config */
export function httpUrl(url: string, field: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return url;
  throw webErrors.error("bad-config", `${field} "${url}" is not an http or https address`);
}
