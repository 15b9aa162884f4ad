import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { Chance } from "../../src/attack/random.js";
import { tokensOf } from "../../src/attack/simulation/accrual.js";
import { defaultTariff } from "../../src/tariff/index.js";
import { installMeter } from "../support/meter.js";
import { crowd, DENOMINATIONS, PERIOD } from "./crowd.js";

const curve = await createMclBn254();

describe("the simulated meter", function () {
  this.timeout(300_000);

  for (const emission of ["as-it-accrues", "at-period-end"] as const) {
    it(`${emission}: given a month of readings, then its tokens are a real meter's, at the same times`, () => {
      const population = crowd();
      const [home] = population.draw(1, new Chance("meter"));
      const rule = { denominations: DENOMINATIONS, emission };
      const simulated = tokensOf(home!, population, rule);
      const { meter } = installMeter(curve, undefined, {
        ...{ emission, denominations: DENOMINATIONS, timeZone: "Europe/Berlin" },
        ...{ tariff: defaultTariff, now: population.bounds.from },
      });
      const emitted: { denomination: number; at: number }[] = [];
      let imported = 0;
      const step = population.stepSeconds * 1000;
      home!.wattHours.forEach((wattHours, i) => {
        const from = population.bounds.from + i * step;
        const to = from + step;
        imported += wattHours;
        meter.advance(to, [{ kind: "import", wattHours: imported, from, to }]);
        if (i === home!.wattHours.length - 1) meter.advance(to + 1);
        const tokens = [...meter.tokens(PERIOD, emitted.length)];
        for (const { token } of tokens) {
          emitted.push({ denomination: token.denomination, at: to / 1000 });
        }
      });
      expect(simulated).to.deep.equal(emitted);
    });
  }
});
