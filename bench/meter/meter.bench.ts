/** The meter: tokens a second through charging, the memory's write and emission. */
import { createMclBn254, nobleBn254, type Bn254 } from "../../src/algebra/index.js";
import type { TrustedMeter } from "../../src/meter/index.js";
import { MeterInstallation, VolatileMemory } from "../../src/meter/index.js";
import {
  parseDenominations,
  signKeyNotice,
  settlementSystem,
  type KeyHash,
} from "../../src/sipster/index.js";
import { addressOf } from "../../src/sipster/index.js";
import { tariffHash, type Tariff } from "../../src/tariff/index.js";
import { someTerms } from "../../test/support/parameters.js";
import { medianMs, type Benchmark } from "../harness.js";

/** A unit for each kWh. */
const tariff: Tariff = {
  format: "sipster/tariff@1",
  name: "Flat",
  currency: "EUR",
  minorDigits: 2,
  versions: [
    {
      components: [
        { kind: "flat", name: "Energy", direction: "import", taxed: false, price: "0.01" },
      ],
      taxes: [],
      holidays: [],
    },
  ],
};
const noticeKey = new Uint8Array(32).fill(7);
const HALF_HOUR = 1_800_000;

function install(curve: Bn254): TrustedMeter {
  const terms = {
    ...someTerms,
    denominations: parseDenominations([1]),
    timeZone: "UTC",
    tariffs: [tariffHash(tariff)],
    noticeSigner: addressOf(noticeKey),
  };
  const { meter } = new MeterInstallation(curve, new VolatileMemory(), {
    terms,
    tariff,
    tokenKey: null,
    now: 0,
    registers: { imported: 0, exported: 0 },
  }).complete(new Uint8Array(32).fill(1));
  const { chainId, settlement } = terms.deployment;
  const said = { keyEpoch: 1, firstPeriod: 0, keyHash: new Uint8Array(32) as KeyHash };
  meter.followKeyNotice(signKeyNotice(settlementSystem(chainId, settlement), said, noticeKey));
  return meter;
}

async function tokensPerSecond(curve: Bn254, count: number): Promise<number> {
  const meter = install(curve);
  let now = 0;
  let wattHours = 0;
  const ms = await medianMs(() => {
    const { period, units } = meter.status;
    const from = now;
    now += HALF_HOUR;
    wattHours += 1000 * count;
    meter.advance(now, [{ kind: "import", wattHours, from, to: now }]);
    return [...meter.tokens(period, Number(units))].length;
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
