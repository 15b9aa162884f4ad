import { expect } from "chai";
import { readReadings } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";

const result = (start: string, end: string, consumption: string): string =>
  `{"consumption": ${consumption}, "interval_start": "${start}", "interval_end": "${end}"}`;
const page = (kind: string, ...results: readonly string[]): { name: string; bytes: string } => ({
  name: "page.json",
  bytes: `{"count": 9, "next": "https://api.octopus.energy/v1/${kind}-meter-points/1200/meters/Z1/consumption/?page=2", "previous": null, "results": [${results.join(",")}]}`,
});

const morning = result("2024-03-31T00:30:00Z", "2024-03-31T02:00:00+01:00", "0.063");
const later = result("2024-03-31T02:00:00+01:00", "2024-03-31T02:30:00+01:00", "1.3e-1");

describe("Octopus JSON", () => {
  it("reads instants with their offsets, in any order, numbers by their text", async () => {
    const set = await readReadings(page("electricity", later, morning));
    const [home] = set.homes;
    expect([home!.id, home!.commodity]).to.deep.equal(["1200", "electricity"]);
    expect([...home!.intervals]).to.deep.equal([
      { start: Date.UTC(2024, 2, 31, 0, 30), seconds: 1800, wattHours: 63, quality: "actual" },
      { start: Date.UTC(2024, 2, 31, 1), seconds: 1800, wattHours: 130, quality: "actual" },
    ]);
  });

  it("reads a bare list, pages together, and repeated results once", async () => {
    const set = await readReadings([
      { name: "home.json", bytes: `[${morning}]` },
      { name: "home.json", bytes: `[${later}, ${morning}]` },
    ]);
    expect(set.homes[0]!.id).to.equal("home");
    expect(set.homes[0]!.intervals.wattHours).to.equal(193n);
    expect(set.oddities.map((o) => o.kind)).to.include.members(["assumed", "duplicate"]);
  });

  it("gas waits for the energy of a cubic metre", async () => {
    expect((await refusal(readReadings(page("gas", morning)))).message).to.include("cubic metre");
    const set = await readReadings(page("gas", morning), { gasWattHoursPerCubicMetre: 11_000 });
    expect(set.homes[0]).to.include({ commodity: "gas" });
    expect(set.homes[0]!.intervals.wattHours).to.equal(693n);
  });

  it("a result without consumption is no reading", async () => {
    const set = await readReadings(page("electricity", later, morning.replace("0.063", "null")));
    expect(set.homes[0]!.intervals.length).to.equal(1);
  });

  const bad: [string, string, string][] = [
    ["a negative consumption", morning.replace("0.063", "-1"), "negative"],
    ["a consumption of words", morning.replace("0.063", '"many"'), "not a number"],
    ["a consumption that is true", morning.replace("0.063", "true"), "no number"],
    ["a time without offset", morning.replace("00:30:00Z", "00:30:00"), "offsets"],
    [
      "an interval that ends before it begins",
      result("2024-01-01T01:00:00Z", "2024-01-01T00:30:00Z", "1"),
      "before",
    ],
    ["a result that is none", "7", "no object"],
  ];
  for (const [what, text, reason] of bad) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(readReadings(page("electricity", later, text)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("page.json: result 2").and.to.include(reason);
    });
  }

  const broken: [string, string, string][] = [
    ["a page cut off", page("electricity", later).bytes.slice(0, -5), "readings/bad-row"],
    ["two documents", page("electricity", later).bytes + "[]", "readings/bad-row"],
    ["depth", `[{"interval_start": ${"[".repeat(100)}`, "readings/too-large"],
    ["a text without end", `[{"interval_start": "${"x".repeat(1_000_000)}`, "readings/too-large"],
  ];
  for (const [what, bytes, code] of broken) {
    it(`refuses ${what}`, async () => {
      expect((await refusal(readReadings({ name: "page.json", bytes }))).code).to.equal(code);
    });
  }
});
