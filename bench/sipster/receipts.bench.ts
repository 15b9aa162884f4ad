/** What the resident does with a thousand receipts, and the utility with a bill. */
import { createMclBn254, nobleBn254, type Bn254 } from "../../src/algebra/index.js";
import {
  combine,
  findBadReceipts,
  generateUtilityKey,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  publicKeyOf,
  ReceiptIssuer,
  settlementSystem,
  verifyCombined,
} from "../../src/sipster/index.js";
import { medianMs, type Benchmark } from "../harness.js";

async function measure(curve: Bn254, count: number, runs: number) {
  const { g1 } = curve;
  const { systemId } = settlementSystem(31337n, `0x${"11".repeat(20)}`);
  const secret = generateUtilityKey("hash-bound", 1);
  const key = publicKeyOf(curve, secret);
  const suite = hashBoundSuite(curve, systemId);
  const issuer = new ReceiptIssuer(suite, secret);
  const generate = hashBoundGenerator({
    curve,
    systemId,
    viewKey: parseViewKey(new Uint8Array(32)),
    keyEpoch: 1,
  });
  const tokens = Array.from({ length: count }, (_, i) => generate(BigInt(i), 1));
  const receipts = tokens.map(({ token }) => issuer.issue(token));
  const wire = tokens.map(({ token }, i) => ({
    token: suite.encode(token),
    receipt: g1.encode(receipts[i]!),
  }));
  const items = tokens.map(({ point }, i) => ({ point, receipt: receipts[i]! }));
  const blinding = 123456789n ** 8n;
  const r = g1.sub(g1.sum(tokens.map((t) => t.point)), g1.mul(g1.generator, blinding));
  const combined = combine({ curve, receipts, blinding, key });
  const options = { runs };
  return {
    verify: await medianMs(() => void findBadReceipts(curve, key, items), options),
    fromBytes: await medianMs(
      () =>
        void findBadReceipts(
          curve,
          key,
          wire.map((w) => ({
            point: suite.point(suite.decode(w.token)),
            receipt: g1.decode(w.receipt),
          })),
        ),
      options,
    ),
    combine: await medianMs(() => void combine({ curve, receipts, blinding, key }), options),
    pairing: await medianMs(() => void verifyCombined({ curve, key, r, combined }), options),
    secret: await medianMs(() => void issuer.verifies(r, combined), options),
  };
}

const benchmark: Benchmark = {
  name: "receipts",
  async run() {
    const mcl = await measure(await createMclBn254(), 1000, 7);
    const noble = await measure(nobleBn254, 1000, 1);
    return [
      {
        what: "verify 1,000 receipts, token points known",
        value: mcl.verify,
        unit: "ms",
        target: "≤ 120",
        comparedWith: { what: "noble", value: noble.verify },
      },
      {
        what: "verify 1,000 receipts, from tokens and bytes",
        value: mcl.fromBytes,
        unit: "ms",
        comparedWith: { what: "noble", value: noble.fromBytes },
      },
      {
        what: "combine 1,000 receipts",
        value: mcl.combine,
        unit: "ms",
        target: "≤ 8",
        comparedWith: { what: "noble", value: noble.combine },
      },
      {
        what: "bill checked by anyone (two pairings)",
        value: mcl.pairing,
        unit: "ms",
        comparedWith: { what: "noble", value: noble.pairing },
      },
      {
        what: "bill checked by the utility (no pairing)",
        value: mcl.secret,
        unit: "ms",
        target: "≤ 0.5",
        comparedWith: { what: "with pairings", value: mcl.pairing },
      },
    ];
  },
};
export default benchmark;
