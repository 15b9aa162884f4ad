/**
 * The wallet's end of Oblivious HTTP: each request is encapsulated to a gateway's key and goes through
 * a relay, both drawn afresh from the public parameters, in a connection of its own.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { randomInt } from "../../algebra/index.js";
import type { SystemNetwork } from "../../sipster/index.js";
import type { Channel } from "../channel.js";
import { channelErrors } from "../errors.js";
import { encapsulateRequest, REQUEST_TYPE, RESPONSE_TYPE } from "./encapsulation.js";
import { parseKeyConfig, type KeyConfig } from "./key-config.js";
import { Poster } from "./post.js";
import { ENCAPSULATED_RESPONSE_BYTES } from "./sizes.js";
import { decodeTargetResponse, encodeTargetRequest } from "./target.js";

/** Milliseconds for one answer. */
const TIMEOUT = 20_000;

export interface ObliviousOptions {
  /** In force, from the chain. */
  readonly network: SystemNetwork;
  /** One of the network's relays; each request draws one when absent. */
  readonly relay?: string;
  /** Milliseconds for one answer; 20,000 when absent. */
  readonly timeout?: number;
}

/** @throws channel/no-network, bad-key-config */
export function obliviousHttp({ network, relay, timeout = TIMEOUT }: ObliviousOptions): Channel {
  const relays = relay === undefined ? network.relays : [announced(network, relay)];
  const keys = network.gateways.map(({ keyConfig }) =>
    parseKeyConfig(hexToBytes(keyConfig.slice(2))),
  );
  checkNetwork(relays, keys);
  const poster = new Poster({ timeout, connections: 0 });
  return {
    carry: async (request) => {
      const url = relays[randomInt(relays.length)]!;
      const sent = encapsulateRequest(keys[randomInt(keys.length)]!, encodeTargetRequest(request));
      const most = ENCAPSULATED_RESPONSE_BYTES;
      const answer = await poster.post({ url, type: REQUEST_TYPE, body: sent.request, most });
      const isWhole = answer.type === RESPONSE_TYPE && answer.body.length === most;
      if (answer.status !== 200 || !isWhole) {
        const what = `the relay answers with status ${answer.status} and no encapsulated response`;
        throw channelErrors.error("no-answer", what, { status: answer.status });
      }
      return decodeTargetResponse(sent.open(answer.body));
    },
    says: "Payments go through a relay: it sees your network address and not what you ask. The utility's gateway sees what is asked and not who asks. The two together would see both.",
  };
}

function checkNetwork(relays: readonly string[], keys: readonly KeyConfig[]): void {
  if (relays.length === 0 || keys.length === 0) {
    const what = "the public parameters name no relay, or no gateway";
    throw channelErrors.error("no-network", what);
  }
  if (new Set(keys.map(({ keyId }) => keyId)).size < keys.length) {
    const what = "two gateways have keys of one number, so that no relay can tell them apart";
    throw channelErrors.error("no-network", what);
  }
}

function announced({ relays }: SystemNetwork, wanted: string): string {
  const found = relays.find((relay) => relay === wanted || relay === `${wanted}/`);
  if (found !== undefined) return found;
  const what = `${wanted} is not one of the relays that are announced: ${relays.join(", ")}`;
  throw channelErrors.error("no-network", what, { relay: wanted });
}
