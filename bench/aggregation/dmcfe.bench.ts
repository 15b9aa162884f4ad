/** The inner-product scheme beside the lattice scheme, in the same run and with the same homes. */
import {
  agreeGroup,
  openDmcfeStream,
  openStream,
  sumDmcfeLabel,
  sumLabel,
  type Timings,
} from "../../src/aggregation/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import type { Benchmark } from "../harness.js";

const HOMES = 20;
const LABELS = 15;

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]! * 1000;
}

const benchmark: Benchmark = {
  name: "dmcfe",
  async run() {
    const curve = await createMclBn254();
    const members = Array.from({ length: HOMES }, (_, i) => `home-${i}`);
    const agreed = await agreeGroup({ group: "bench", members, maxValue: 1_000_000n });
    const values = new Map(members.map((m, i) => [m, BigInt(140 + i)]));
    const start = performance.now();
    const dmcfe = await openDmcfeStream(curve, agreed, { stream: "load-wh" });
    const share = (performance.now() - start) / HOMES;
    const psa = await openStream(agreed, { stream: "load-wh" });
    const timings = (): Timings => ({ encrypt: [], decrypt: [], repair: [] });
    const [ofDmcfe, ofPsa] = [timings(), timings()];
    for (let label = 0n; label < LABELS; label++) {
      await sumDmcfeLabel({ stream: dmcfe, label, values, timings: ofDmcfe });
      await sumLabel({ stream: psa, label, values, timings: ofPsa });
    }
    const against = (value: number) => ({ what: "psa", value });
    return [
      {
        what: "encryption",
        value: middle(ofDmcfe.encrypt),
        unit: "µs",
        comparedWith: against(middle(ofPsa.encrypt)),
      },
      {
        what: `decryption, ${HOMES} homes, sums below 2^25`,
        value: middle(ofDmcfe.decrypt),
        unit: "µs",
        comparedWith: against(middle(ofPsa.decrypt)),
      },
      { what: "key share for a function", value: share, unit: "ms" },
    ];
  },
};
export default benchmark;
