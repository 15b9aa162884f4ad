/** Public parameters of a made-up deployment. */
import {
  parseAddress,
  parseDenominations,
  type SystemNetwork,
  type SystemTerms,
} from "../../src/sipster/index.js";

const address = (digit: string) => parseAddress(`0x${digit.repeat(40)}`);

export const someTerms: SystemTerms = {
  deployment: {
    chainId: 31337n,
    settlement: address("1"),
    vault: address("2"),
    orderBoard: address("3"),
  },
  suite: { name: "hash-bound" },
  payee: address("4"),
  token: { address: address("5"), baseUnitsPerUnit: 10_000n },
  unit: { currency: "EUR", minorUnits: 1 },
  denominations: parseDenominations([1, 10, 100, 1000]),
  emission: "as-it-accrues",
  timeZone: "Europe/London",
  schedule: {
    policy: "common-deadline",
    opening: 15,
    paying: { first: 2, last: 11 },
    posting: 12,
    settling: { first: 13, last: 20 },
    refreshing: { first: 21, last: 28 },
  },
  sizeClasses: [{ name: "small", basket: [{ denomination: 100, count: 30 }], requests: 60 }],
  tariffs: [`0x${"ab".repeat(32)}`],
  noticeSigner: address("6"),
  answerKey: address("7"),
  finality: { rule: "finalized" },
  timeShift: 0,
  lead: 2,
};

export const someNetwork: SystemNetwork = {
  relays: ["https://relay.example/"],
  gateways: [{ url: "https://gateway.example/", keyConfig: "0x0102" }],
};
