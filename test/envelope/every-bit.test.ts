/**
 * Every bit of every kind of message, at the point of a whole run where it arrives: the receiver refuses the
 * altered message with a typed error, and its books do not change. Then it takes the true one.
 */
import { expect } from "chai";
import { readEnvelope } from "../../src/envelope/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { runAggregation } from "./aggregation-run.js";
import type { Delivery } from "./delivery.js";
import { runSealed } from "./sealed-run.js";

/** Of longer bodies one bit of each byte is flipped; all with SIPSTER_FUZZ (`npm run fuzz`). */
const LONG = 2048;
const isThorough = process.env["SIPSTER_FUZZ"] !== undefined;
const HEADER_BYTES = 79;

function* flips({ length }: Uint8Array): Generator<number> {
  for (let bit = 0; bit < 8 * length; bit++) {
    const byte = bit >> 3;
    const isBody = byte >= HEADER_BYTES && byte < length - 65;
    if (isThorough || length <= LONG || !isBody || bit % 8 === byte % 8) yield bit;
  }
}

async function outcome(take: Delivery["take"], bytes: Uint8Array): Promise<string> {
  try {
    await take(bytes);
    return "taken";
  } catch (error) {
    return isSipsterError(error) ? error.code : `untyped: ${String(error)}`;
  }
}

async function flipAll({ message, take, store, from }: Delivery): Promise<string> {
  const { system, kind } = readEnvelope(message);
  const books = () => store?.transaction((tx) => tx.list(""));
  const before = await books();
  for (const bit of flips(message)) {
    const altered = Uint8Array.from(message);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    const code = await outcome(take, altered);
    if (!/^(envelope|aggregation|sealed|algebra)\//.test(code)) {
      expect.fail(`${system} ${kind} from ${from}, bit ${bit}: ${code}`);
    }
  }
  expect(await books(), `${kind} from ${from}`).to.deep.equal(before);
  return kind;
}

describe("every bit of every message", () => {
  it("given the aggregation from enrolment to repair, when a bit is flipped, then it is refused and nothing changes", async () => {
    const kinds = new Set<string>();
    const sum = await runAggregation(async (delivery) => {
      kinds.add(await flipAll(delivery));
    });
    expect(sum).to.equal(21n);
    expect([...kinds].sort()).to.deep.equal([
      "contribution",
      "dmcfe-contribution",
      "drop-set",
      "enrolment",
      "function-share",
      "introduction",
      "key-share",
      "objection",
      "receipt",
      "repair",
    ]);
  }).timeout(1_800_000);

  it("given a ceremony, a bill, a group's sum and an opening, when a bit is flipped, then it is refused and nothing changes", async () => {
    const kinds = new Set<string>();
    const [value] = await runSealed(async (delivery) => {
      kinds.add(await flipAll(delivery));
    });
    expect(value).to.equal(10n);
    expect([...kinds].sort()).to.deep.equal([
      "complaints",
      "dealing",
      "extraction",
      "group",
      "opening",
      "partial",
      "report",
      "request",
      "tariff",
      "transcript",
    ]);
  }).timeout(1_800_000);
});
