/**
 * Whose request it is, behind reverse proxies. The header X-Forwarded-For grows at its right end with
 * each proxy, so it is read from there, and only as far as the proxies are ours: what stands further
 * left is the client's own claim.
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import { httpErrors } from "./errors.js";

/** IPv4 written as IPv6 (::ffff:192.0.2.1), as sockets report it, is the IPv4 address. */
function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

const family = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");

export class TrustedProxies {
  readonly #ranges = new BlockList();

  /**
   * @param ranges addresses or ranges in CIDR notation; none: every peer is a client
   * @throws http/bad-proxy
   */
  constructor(ranges: readonly string[] = []) {
    for (const range of ranges) {
      const [address = "", bits, ...rest] = range.split("/");
      const most = isIPv6(address) ? 128 : 32;
      const prefix = bits === undefined ? most : /^\d+$/.test(bits) ? Number(bits) : -1;
      if (isIP(address) === 0 || rest.length > 0 || prefix < 0 || prefix > most) {
        throw httpErrors.error("bad-proxy", `"${range}" is not an address or a range`, { range });
      }
      this.#ranges.addSubnet(address, prefix, family(address));
    }
  }

  /**
   * @param peer address at the other end of the connection
   * @param forwardedFor the header X-Forwarded-For, if there is one
   */
  clientOf(peer: string, forwardedFor: string | undefined): string {
    let client = plain(peer);
    const hops = (forwardedFor ?? "").split(",").map((hop) => plain(hop.trim()));
    while (isIP(client) !== 0 && this.#ranges.check(client, family(client))) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      client = before;
    }
    return client;
  }
}

/** The part of an address that one subscriber has: an IPv4 address, or the /64 of an IPv6 one. */
export function subscriberOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
