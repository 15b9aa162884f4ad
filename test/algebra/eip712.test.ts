import { expect } from "chai";
import { TypedDataEncoder } from "ethers";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  addressWord,
  eip712Digest,
  eip712Domain,
  eip712Type,
  intToBytes,
} from "../../src/algebra/index.js";

describe("EIP-712", () => {
  it("agrees with ethers on domain and digest", () => {
    const domain = {
      name: "Sipster",
      version: "1",
      chainId: 31337n,
      verifyingContract: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
    };
    const to = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512";
    const types = {
      Thing: [
        { name: "n", type: "uint32" },
        { name: "to", type: "address" },
      ],
    };
    const separator = eip712Domain(domain);
    expect(`0x${bytesToHex(separator)}`).to.equal(TypedDataEncoder.hashDomain(domain));
    const digest = eip712Digest(separator, eip712Type("Thing(uint32 n,address to)"), [
      intToBytes(7, 32),
      addressWord(to),
    ]);
    expect(`0x${bytesToHex(digest)}`).to.equal(TypedDataEncoder.hash(domain, types, { n: 7, to }));
  });
});
