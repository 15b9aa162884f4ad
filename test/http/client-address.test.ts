import { expect } from "chai";
import { subscriberOf, TrustedProxies } from "../../src/http/index.js";
import { expectError } from "../support/errors.js";

describe("the client's address behind proxies", () => {
  const proxies = new TrustedProxies(["10.0.0.0/8", "::1", "192.0.2.7"]);

  it("is the peer's when no proxy is trusted, against the header", () => {
    const none = new TrustedProxies();
    expect(none.clientOf("203.0.113.9", "198.51.100.1")).to.equal("203.0.113.9");
  });

  it("is the last address that a trusted proxy added", () => {
    expect(proxies.clientOf("10.1.2.3", "198.51.100.1")).to.equal("198.51.100.1");
    expect(proxies.clientOf("::ffff:10.1.2.3", "198.51.100.1")).to.equal("198.51.100.1");
    expect(proxies.clientOf("::1", "198.51.100.1, 10.9.9.9")).to.equal("198.51.100.1");
  });

  it("cannot be chosen by a client that writes the header itself", () => {
    const forged = "1.1.1.1, 2.2.2.2, 198.51.100.1";
    expect(proxies.clientOf("10.1.2.3", forged)).to.equal("198.51.100.1");
    expect(proxies.clientOf("203.0.113.9", forged)).to.equal("203.0.113.9");
  });

  it("stays the proxy's where the header is absent or not an address", () => {
    expect(proxies.clientOf("10.1.2.3", undefined)).to.equal("10.1.2.3");
    expect(proxies.clientOf("10.1.2.3", "unknown")).to.equal("10.1.2.3");
    expect(proxies.clientOf("10.1.2.3", "1.2.3.4, <script>")).to.equal("10.1.2.3");
  });

  it("refuses ranges that are none", () => {
    for (const range of [
      "proxy.example",
      "10.0.0.0/33",
      "10.0.0.0/8/8",
      "::1/129",
      "10.0.0.0/x",
      "",
    ]) {
      expectError(() => new TrustedProxies([range]), "http/bad-proxy");
    }
  });
});

describe("one subscriber", () => {
  it("has an IPv4 address, or 2^64 IPv6 addresses", () => {
    expect(subscriberOf("203.0.113.9")).to.equal("203.0.113.9");
    expect(subscriberOf("2001:db8:1:2:3:4:5:6")).to.equal("2001:db8:1:2");
    expect(subscriberOf("2001:db8:1:2::9")).to.equal(subscriberOf("2001:0db8:1:2:ffff::"));
    expect(subscriberOf("2001:db8::1")).to.equal("2001:db8:0:0");
    expect(subscriberOf("::1")).to.equal("0:0:0:0");
    expect(subscriberOf("2001:db8:1:3::9")).not.to.equal(subscriberOf("2001:db8:1:2::9"));
  });
});
