/**
 * What the pages are told beside the files they were built into, as `sipster-web.json` in the same
 * folder: which deployment, through which node, and whether a relayer is named. Nothing in it is
 * secret. Works in a browser.
 */
import * as v from "valibot";
import { checkDeployment, deploymentDocument, type Deployment } from "../chain/index.js";
import { countField, readJson, withoutFormat } from "../json/index.js";
import type { FinalityRule } from "../sipster/index.js";
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

export function writeWebConfig({ deployment, ...rest }: WebConfig): string {
  const document = {
    format: WEB_CONFIG_FORMAT,
    ...rest,
    deployment: deploymentDocument(deployment),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const urlField = v.pipe(v.string(), v.check(isHttpUrl, "is not an http or https address"));

const configField = v.object({
  format: v.literal(WEB_CONFIG_FORMAT),
  deployment: v.looseObject({}),
  rpcUrl: urlField,
  relayUrl: v.exactOptional(urlField),
  compareUrl: v.exactOptional(urlField),
  explorerUrl: v.exactOptional(urlField),
  finality: v.variant("rule", [
    v.object({ rule: v.literal("finalized") }),
    v.object({ rule: v.literal("confirmations"), blocks: countField }),
  ]),
  chainName: v.string(),
  currency: v.string(),
});

/** @throws web/bad-config, chain/bad-deployment */
export function parseWebConfig(text: string): WebConfig {
  const { deployment, ...config } = withoutFormat(
    readJson(configField, text, (why) =>
      webErrors.error("bad-config", `the pages' configuration ${why}`),
    ),
  );
  return { ...config, deployment: checkDeployment(deployment) };
}

/** @throws web/bad-config */
export function httpUrl(url: string, field: string): string {
  if (isHttpUrl(url)) return url;
  throw webErrors.error("bad-config", `${field} "${url}" is not an http or https address`);
}

function isHttpUrl(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? "");
}
