/** The sender's end: chooses routes, builds packets, and opens the answers. */
import { randomInt } from "node:crypto";
import { randomScalar } from "../../algebra/index.js";
import { ORDER, type PublicKey } from "../curve.js";
import { ledgerErrors } from "../errors.js";
import { openAnswer } from "./answer.js";
import { epochData } from "./frames.js";
import { LinkPool } from "./link-pool.js";
import { RELAY_FAILURE } from "./node.js";
import { buildOnion } from "./packet.js";
import type { Transport } from "./transport.js";

/** How a node is known to the others. */
export interface NodeRecord {
  readonly key: PublicKey;
  readonly address: string;
}

/**
 * `hops` different nodes in random order, beginning with `entry` if there is one: a sender that always
 * enters at the same node shows itself to one node, and not to all in turn.
 * @throws ledger/onion-route if there are not enough nodes
 */
export function chooseRoute(
  nodes: readonly NodeRecord[],
  hops: number,
  entry?: NodeRecord,
): NodeRecord[] {
  const rest = nodes.filter((node) => node !== entry);
  const route = entry === undefined ? [] : [entry];
  while (route.length < hops) {
    if (rest.length === 0) {
      throw ledgerErrors.error(
        "onion-route",
        `a route of ${hops} relays cannot be chosen from ${nodes.length}`,
        { hops, nodes: nodes.length },
      );
    }
    route.push(...rest.splice(randomInt(rest.length), 1));
  }
  return route;
}

/** Takes an answer that has come. */
type Settle = (answer: Uint8Array) => void;

export class OnionClient {
  readonly #links: LinkPool<Settle>;

  /** @param timeout milliseconds to wait for an answer. */
  constructor(
    transport: Transport,
    private readonly timeout: number,
  ) {
    // A stray answer is one that came too late: its sender has given up.
    this.#links = new LinkPool(
      transport,
      (settle, answer) => settle(answer),
      () => undefined,
    );
  }

  /**
   * Sends a payload through `relays` to `destination` and returns what that answers.
   * @throws ledger/onion-route; ledger/unreachable for the first relay; ledger/no-answer;
   * ledger/relay-failed if a relay could not pass the packet on; ledger/onion-answer
   */
  async send(
    relays: readonly NodeRecord[],
    destination: NodeRecord,
    payload: Uint8Array,
    epoch: number,
  ): Promise<Uint8Array> {
    const nodes = [...relays, destination];
    const hops = nodes.map(({ key }, i) => ({
      publicKey: key,
      payload: nodes[i + 1]?.key.encoded ?? payload,
    }));
    const { packet, sharedSecrets } = buildOnion(hops, randomScalar(ORDER), epochData(epoch));
    const answer = await this.#ask(nodes[0]!.address, epoch, packet);
    const { hop, message } = openAnswer(sharedSecrets, answer);
    if (hop < relays.length) {
      const isUnknown = message[0] === RELAY_FAILURE.unknownNode;
      throw ledgerErrors.error(
        "relay-failed",
        `relay ${hop + 1} of ${relays.length} ${isUnknown ? "does not know" : "cannot reach"} the next node`,
        { relay: hop + 1, reason: isUnknown ? "unknown" : "unreachable" },
      );
    }
    return message;
  }

  async close(): Promise<void> {
    await this.#links.close();
  }

  async #ask(address: string, epoch: number, packet: Uint8Array): Promise<Uint8Array> {
    let answered: Settle = () => undefined;
    const answer = new Promise<Uint8Array>((resolve) => {
      answered = resolve;
    });
    const forget = await this.#links.send(address, epoch, packet, answered);
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        forget();
        const message = `no answer came within ${this.timeout} ms`;
        reject(ledgerErrors.error("no-answer", message, { milliseconds: this.timeout }));
      }, this.timeout);
    });
    return Promise.race([answer, expiry]).finally(() => clearTimeout(timer));
  }
}
