/** The schedule of a meter's tariffs: a successor follows the last one, and begins after it. */
import { expect } from "chai";
import { hexToBytes } from "@noble/hashes/utils.js";
import { readTariff, tariffHash, type Tariff } from "../../src/tariff/index.js";
import { withSuccessor, type TariffEntry } from "../../src/tariff/tariff-schedule.js";

const flat = (price: string): Promise<Tariff> =>
  readTariff({
    name: "t.json",
    bytes: JSON.stringify({
      ...{ format: "sipster/tariff@1", name: price, currency: "EUR", timeZone: "Europe/Amsterdam" },
      components: [{ kind: "flat", name: "Energy", price }],
    }),
  });
const hashOf = (tariff: Tariff): Uint8Array => hexToBytes(tariffHash(tariff).slice(2));

describe("the successor of a tariff", () => {
  const now = Date.UTC(2024, 0, 15);
  const at = async (
    firstPeriod: number,
  ): Promise<{ first: number; schedule: readonly TariffEntry[] }> => {
    const [old, next] = [await flat("0.25"), await flat("0.30")];
    const schedule = [{ firstPeriod: 202404, hash: hashOf(old) }];
    const notice = { tariff: hashOf(old), successor: hashOf(next), firstPeriod };
    const after = withSuccessor(schedule, notice, {
      tariff: next,
      timeZone: "Europe/Amsterdam",
      now,
    });
    return { first: firstPeriod, schedule: after };
  };

  it("given a successor that begins before its tariff or with it, when both are still to come, then it is refused", async () => {
    for (const period of [202403, 202404]) {
      const refused = await at(period).then(
        () => "taken",
        (error: Error) => error.message,
      );
      expect(refused, String(period)).to.include("begins before the tariff that it follows");
    }
  });

  it("given one that begins a month after, then it is the last of the schedule", async () => {
    const { schedule } = await at(202405);
    expect(schedule.map((e) => e.firstPeriod)).to.deep.equal([202404, 202405]);
  });
});
