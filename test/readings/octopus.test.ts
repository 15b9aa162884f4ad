import { expect } from "chai";
import { readReadings as read } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";

const result = (start: string, end: string, consumption: string): string =>
  `{"consumption": ${consumption}, "interval_start": "${start}", "interval_end": "${end}"}`;
const page = (kind: string, ...results: readonly string[]): { name: string; bytes: string } => ({
  name: "page.json",
  bytes: `{"count": 9, "next": "https://api.octopus.energy/v1/${kind}-meter-points/1200/meters/Z1/consumption/?page=2", "previous": null, "results": [${results.join(",")}]}`,
});

/** One page of several is enough for these tests. */
const readReadings: typeof read = (source, options = {}) =>
  read(source, { ...options, mapping: { pages: "partial" } });

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

  it("a result without consumption is not a reading", async () => {
    const set = await readReadings(page("electricity", later, morning.replace("0.063", "null")));
    expect(set.homes[0]!.intervals.length).to.equal(1);
  });

  const bad: [string, string, string][] = [
    ["a negative consumption", morning.replace("0.063", "-1"), "negative"],
    ["a consumption of words", morning.replace("0.063", '"many"'), "not a number"],
    ["a consumption that is true", morning.replace("0.063", "true"), "not a number"],
    ["a time without offset", morning.replace("00:30:00Z", "00:30:00"), "offsets"],
    [
      "an interval that ends before it begins",
      result("2024-01-01T01:00:00Z", "2024-01-01T00:30:00Z", "1"),
      "before",
    ],
    ["a result that is none", "7", "not an object"],
  ];
  for (const [what, text, reason] of bad) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(readReadings(page("electricity", later, text)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("page.json: result 2").and.to.include(reason);
    });
  }

  const broken: [string, string, string][] = [
    ["a page cut off", page("electricity", later).bytes.slice(0, -5), "readings/incomplete"],
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

describe("JSON that is not whole", () => {
  const pageOf = (
    next: number | null,
    previous: number | null,
    ...results: string[]
  ): { name: string; bytes: string } => {
    const link = (n: number | null): string =>
      n === null
        ? "null"
        : `"https://api.octopus.energy/v1/electricity-meter-points/1200/meters/Z1/consumption/?page=${n}"`;
    return {
      name: `page-of-${next}.json`,
      bytes: `{"count": 2, "next": ${link(next)}, "previous": ${link(previous)}, "results": [${results.join(",")}]}`,
    };
  };

  it("a page whose next or previous page is not given is refused", async () => {
    for (const page of [pageOf(2, null, morning), pageOf(null, 1, later)]) {
      const error = await refusal(read(page));
      expect(error.code).to.equal("readings/incomplete");
      expect(error.message).to.include("--pages partial");
    }
    const both = await read([pageOf(null, 1, later), pageOf(2, null, morning)]);
    expect(both.homes[0]!.intervals.wattHours).to.equal(193n);
  });

  it("text is refused after a cut at any place", async () => {
    const { bytes } = pageOf(null, null, morning, later);
    for (let at = 60; at < bytes.length - 1; at++) {
      const error = await refusal(read({ name: "cut.json", bytes: bytes.slice(0, at) }));
      expect(error.code, String(at)).to.match(
        /^readings\/(incomplete|bad-row|unknown-format|no-readings)$/,
      );
    }
    const almost = await refusal(read({ name: "cut.json", bytes: bytes.slice(0, -1) }));
    expect(almost.code).to.equal("readings/incomplete");
  });

  it("bytes that are not UTF-8 are refused", async () => {
    const text = Buffer.from(`[${morning.replace("Z", "Z\xff")}]`, "latin1");
    const error = await refusal(read({ name: "latin.json", bytes: text }));
    expect(error.code).to.equal("readings/bad-row");
    expect(error.message).to.include("UTF-8");
  });
});
