/** The meter: tokens a second through `record`, memory write included. */
import {
  createMclBn254,
  nobleBn254,
  randomSecretKey,
  type Bn254,
} from "../../src/algebra/index.js";
import { MeterInstallation, VolatileMemory } from "../../src/meter/index.js";
import { addressOf, parseDenominations } from "../../src/sipster/index.js";
import { medianMs, type Benchmark } from "../harness.js";

async function tokensPerSecond(curve: Bn254, count: number): Promise<number> {
  const { meter } = new MeterInstallation(curve, new VolatileMemory(), {
    chainId: 31337n,
    settlement: `0x${"11".repeat(20)}`,
    noticeSigner: addressOf(randomSecretKey()),
    keyEpoch: 1,
    denominations: parseDenominations([1]),
    unit: { numerator: 1n, denominator: 1n },
    suite: { name: "hash-bound" },
  }).complete(new Uint8Array(32));
  let start = 0;
  const ms = await medianMs(() => {
    const charge = { numerator: BigInt(count), denominator: 1n };
    return meter.record([{ start: start++, charge }]).length;
  });
  return 1000 / ms;
}

const benchmark: Benchmark = {
  name: "meter",
  run: async () => [
    {
      what: "tokens emitted",
      value: await tokensPerSecond(await createMclBn254(), 1000),
      unit: "per second",
      target: "≥ 5000",
      comparedWith: { what: "noble", value: await tokensPerSecond(nobleBn254, 50) },
    },
  ],
};
export default benchmark;
