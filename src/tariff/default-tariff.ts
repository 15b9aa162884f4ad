/** The tariff that is used when none is given: a plain day and night tariff of round prices. */
import type { Tariff } from "./tariff.js";

export const defaultTariff: Tariff = {
  format: "sipster/tariff@1",
  name: "Example day and night",
  currency: "EUR",
  minorDigits: 2,
  versions: [
    {
      components: [
        { kind: "standing", name: "Standing charge", taxed: true, per: "day", price: "0.25" },
        {
          kind: "time-of-use",
          name: "Energy",
          direction: "import",
          taxed: true,
          bands: [
            { name: "night", price: "0.14", windows: [{ from: "23:00", to: "07:00" }] },
            { name: "evening", price: "0.32", windows: [{ from: "17:00", to: "20:00" }] },
            { name: "day", price: "0.22", windows: [] },
          ],
        },
      ],
      taxes: [],
      holidays: [],
    },
  ],
};
