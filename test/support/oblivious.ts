/** Relay, gateway and utility as services on this machine, with a wire tap before each. */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../src/algebra/index.js";
import type { Channel } from "../../src/channel/index.js";
import {
  AEADS,
  counterAt,
  encodeKeyConfig,
  hpkeKeyPair,
  obliviousHttp,
  serveGateway,
  serveOhttpRelay,
  type HpkeKeyPair,
} from "../../src/channel/ohttp/index.js";
import { serveUtility } from "../../src/service/index.js";
import { encodeParameters, type SystemNetwork } from "../../src/sipster/index.js";
import { exchange, type Exchange } from "./exchange.js";
import { someTerms } from "./parameters.js";
import { RecordingProxy } from "./recording-proxy.js";

export const KEY_ID = 9;
const health = { ready: () => Promise.resolve(null) };

/** The public parameters with these relays and a gateway of this key. */
export function networkOf({
  relays,
  gateway,
  pair,
  keyId = KEY_ID,
}: {
  readonly relays: readonly string[];
  readonly gateway: string;
  readonly pair: HpkeKeyPair;
  readonly keyId?: number;
}): SystemNetwork {
  const config = encodeKeyConfig({ keyId, publicKey: pair.publicKey, aeads: [AEADS[0]!] });
  const keyConfig = `0x${bytesToHex(config)}` as const;
  return { relays, gateways: [{ url: gateway, keyConfig }] };
}

export class ObliviousWorld {
  readonly defects: unknown[] = [];
  readonly #closers: (() => unknown)[] = [];

  readonly x: Exchange;
  readonly pair: HpkeKeyPair;
  /** Before the utility, and before the gateway. */
  readonly taps: { readonly utility: RecordingProxy; readonly gateway: RecordingProxy };
  readonly relay: string;
  readonly gateway: string;

  private constructor({
    exchange: x,
    pair,
    taps,
    relay,
    gateway,
  }: {
    readonly exchange: Exchange;
    readonly pair: HpkeKeyPair;
    /** Before the utility, and before the gateway. */
    readonly taps: { readonly utility: RecordingProxy; readonly gateway: RecordingProxy };
    readonly relay: string;
    readonly gateway: string;
  }) {
    this.x = x;
    this.pair = pair;
    this.taps = taps;
    this.relay = relay;
    this.gateway = gateway;
  }

  static async start(curve: Bn254): Promise<ObliviousWorld> {
    const x = exchange(curve);
    const defects: unknown[] = [];
    const onDefect = (error: unknown): void => void defects.push(error);
    const utility = await serveUtility({
      parameters: async () => encodeParameters({ terms: [someTerms], network: [] }),
      tariffs: new Map(),
      exchange: x.carrier,
      health,
      version: "test",
      onDefect,
    });
    const utilityTap = await RecordingProxy.start(utility.url);
    const pair = hpkeKeyPair();
    const counter = counterAt(utilityTap.url);
    const keys = [{ keyId: KEY_ID, pair }];
    const gateway = await serveGateway({ keys, exchange: counter.carry, health, onDefect });
    const gatewayTap = await RecordingProxy.start(gateway.url);
    const relay = await serveOhttpRelay({
      gatewayOf: (keyId) => (keyId === KEY_ID ? gatewayTap.url : undefined),
      onDefect,
    });
    const taps = { utility: utilityTap, gateway: gatewayTap };
    const made = new ObliviousWorld({
      exchange: x,
      pair,
      taps,
      relay: `${relay.url}/`,
      gateway: `${gateway.url}/`,
    });
    made.defects.push(...defects);
    made.#closers.push(
      () => relay.close(),
      () => gatewayTap.close(),
      () => gateway.close(),
      () => counter.close(),
      () => utilityTap.close(),
      () => utility.close(),
    );
    return made;
  }

  /** A home whose requests reach the relay from an address of its own, and the tap on its line. */
  async home(address: string): Promise<{ channel: Channel; tap: RecordingProxy }> {
    const tap = await RecordingProxy.start(this.relay, address);
    this.#closers.unshift(() => tap.close());
    const network = networkOf({ relays: [tap.url], gateway: this.gateway, pair: this.pair });
    return { channel: obliviousHttp({ network, timeout: 10_000 }), tap };
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
