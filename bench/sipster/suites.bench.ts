/** The two suites side by side: what the hash-bound token costs the meter and the utility. */
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  addressOf,
  classicGenerator,
  classicSuite,
  generateUtilityKey,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  ReceiptIssuer,
  settlementSystem,
} from "../../src/sipster/index.js";
import { medianMs, type Benchmark } from "../harness.js";

const benchmark: Benchmark = {
  name: "suites",
  async run() {
    const curve = await createMclBn254();
    const { systemId } = settlementSystem(31337n, `0x${"11".repeat(20)}`);
    const viewKey = parseViewKey(new Uint8Array(32).fill(7));
    const tokenKey = new Uint8Array(32).fill(9);
    const count = 200;
    const suites = {
      hashBound: {
        generate: hashBoundGenerator({ curve, systemId, viewKey, keyEpoch: 1 }),
        issuer: new ReceiptIssuer(
          hashBoundSuite(curve, systemId),
          generateUtilityKey("hash-bound", 1),
        ),
      },
      classic: {
        generate: classicGenerator({
          curve,
          systemId,
          viewKey,
          keyEpoch: 1,
          tokenKeySecret: tokenKey,
        }),
        issuer: new ReceiptIssuer(
          classicSuite(curve, systemId, addressOf(tokenKey)),
          generateUtilityKey("classic", 1),
        ),
      },
    };
    const measure = async ({ generate, issuer }: (typeof suites)["hashBound"]) => {
      let index = 0n;
      const generateMs = await medianMs(() => {
        for (let i = 0; i < count; i++) generate(index++, 1);
        return count;
      });
      const tokens = Array.from({ length: count }, (_, i) => generate(BigInt(i), 1).token);
      const issueMs = await medianMs(() => {
        for (const token of tokens) issuer.issue(token);
        return count;
      });
      return { perSecond: 1000 / generateMs, receipts: 1000 / issueMs };
    };
    const hashBound = await measure(suites.hashBound);
    const classic = await measure(suites.classic);
    return [
      {
        what: "tokens made, hash-bound",
        value: hashBound.perSecond,
        unit: "per second",
        target: "≥ 5000",
        comparedWith: { what: "classic", value: classic.perSecond },
      },
      {
        what: "receipts made, hash-bound",
        value: hashBound.receipts,
        unit: "per second",
        target: "≥ 3000",
        comparedWith: { what: "classic", value: classic.receipts },
      },
    ];
  },
};
export default benchmark;
