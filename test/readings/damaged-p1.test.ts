/** P1 telegrams with each line damaged, with and without checksums: never a reading that no meter made. */
import { expect } from "chai";
import { readReadings, type ReadingSet, type Source } from "../../src/readings/index.js";
import { Crc16 } from "../../src/readings/formats/crc16.js";
import { refusal } from "../support/errors.js";
import { expectHonest, outcomeOf, shuffled } from "./support/damage.js";

const COUNT = 14;
const two = (n: number): string => String(n).padStart(2, "0");

interface Made {
  readonly serial?: string;
  /** Registers of day and night, and of energy fed in. */
  readonly from?: number;
  readonly month?: number;
  readonly mark?: string;
  readonly checked?: boolean;
}

/** Telegrams of quarters of an hour, no two intervals alike. */
function telegrams({
  serial = "4B384547",
  from = 100_000,
  month = 1,
  mark = "W",
  checked = false,
}: Made = {}): string[] {
  const kWh = (wh: number): string => (wh / 1000).toFixed(3).padStart(10, "0");
  return Array.from({ length: COUNT }, (_, i) => {
    const used = from + i * 137 + ((i * i * 41) % 97);
    const text = [
      "/ISK5\\2M550T-1012",
      "",
      "1-3:0.2.8(50)",
      `0-0:1.0.0(24${two(month)}10${two(Math.floor(i / 4))}${two((i % 4) * 15)}00${mark})`,
      `0-0:96.1.1(${serial})`,
      `1-0:1.8.1(${kWh(used)}*kWh)`,
      `1-0:1.8.2(${kWh(5 * from + i * 11)}*kWh)`,
      `1-0:2.8.1(${kWh(from / 2 + i * 7)}*kWh)`,
      "!",
    ].join("\r\n");
    return checked ? `${text}${crcOf(text)}\r\n` : `${text}\r\n`;
  });
}

function crcOf(text: string): string {
  const crc = new Crc16();
  crc.add(text);
  return crc.hex;
}

const file = (...parts: readonly string[]): Source => ({ name: "p1.txt", bytes: parts.join("") });

describe("damaged P1 telegrams", () => {
  let whole: ReadingSet;
  before(async () => {
    whole = await readReadings(file(...telegrams()));
    expect(whole.homes.map((h) => [h.intervals.length, h.exported.length])).to.deep.equal([
      [COUNT - 1, COUNT - 1],
    ]);
  });

  it("given telegrams lost, doubled or out of order, then the energy between the others stays", async () => {
    for (const [what, rest] of shuffled(telegrams())) {
      const { set } = await outcomeOf(file(...rest));
      const lost = what.endsWith("is lost");
      const ends = /^(0|13) /.test(what);
      expect(set!.homes[0]!.intervals.length, what).to.equal(lost ? COUNT - 2 : COUNT - 1);
      if (!lost || !ends)
        expect(set!.homes[0]!.intervals.wattHours, what).to.equal(
          whole.homes[0]!.intervals.wattHours,
        );
    }
  });

  it("given a line of a telegram lost, doubled or in its neighbour's place, then nothing is read that no meter counted", async () => {
    for (const at of [0, 6, COUNT - 1]) {
      const all = telegrams();
      for (const [what, lines] of shuffled(all[at]!.split("\r\n"))) {
        const got = await outcomeOf(file(...all.with(at, lines.join("\r\n"))));
        // A telegram without a serial number is of the meter before it.
        if (what === "4 is lost")
          expect(got.set === undefined, `telegram ${at}`).to.equal(at === 0);
        expectHonest(whole, got, `telegram ${at}, line ${what}`);
      }
    }
  });

  it("given a file cut anywhere, then it is refused, or ends with a telegram", async () => {
    const text = telegrams({ checked: true }).join("");
    for (let length = 1; length < text.length; length += 61) {
      const got = await outcomeOf({ name: "p1.txt", bytes: text.slice(0, length) });
      const isWhole = /![0-9A-F]{4}(\r\n)?$/.test(text.slice(0, length));
      if (!isWhole) expect(got.refused, `cut after ${length}`).to.not.equal(undefined);
    }
  });

  it("given any character of a telegram with a checksum changed, then it is refused", async () => {
    const all = telegrams({ checked: true });
    const one = all[5]!;
    for (let at = 0; at < one.length - 2; at += 5) {
      const other = one[at] === "7" ? "8" : "7";
      const damaged = one.slice(0, at) + other + one.slice(at + 1);
      const { refused } = await outcomeOf(file(...all.with(5, damaged)));
      expect(refused, `character ${at}`).to.not.equal(undefined);
    }
  });

  const changes: Record<string, (all: string[]) => string[]> = {
    "the checksum of one telegram lost": () =>
      telegrams({ checked: true }).map((t, i) => (i === 5 ? t.replace(/![0-9A-F]+/, "!") : t)),
    "the second register missing from the first telegram": (all) =>
      all.with(0, all[0]!.replace(/1-0:1\.8\.2.*\r\n/, "")),
    "the second register missing from the last telegram": (all) =>
      all.with(-1, all.at(-1)!.replace(/1-0:1\.8\.2.*\r\n/, "")),
    "a register beside the others in the last telegram": (all) =>
      all.with(-1, all.at(-1)!.replace("!", "1-0:1.8.3(000700.000*kWh)\r\n!")),
    "the registers of energy drawn and fed in exchanged in one telegram": (all) =>
      all.with(
        6,
        all[6]!
          .replace("1-0:1.8.1", "1-0:x")
          .replace("2.8.1", "1.8.1")
          .replace("1-0:x", "1-0:2.8.1"),
      ),
    "the unit of one telegram a thousand times larger": (all) =>
      all.with(-1, all.at(-1)!.replaceAll("*kWh", "*MWh")),
    "the unit of one register smaller": (all) => all.with(-1, all.at(-1)!.replace("*kWh", "*Wh")),
    "a register twice in a telegram": (all) =>
      all.with(-1, all.at(-1)!.replace("!", "1-0:1.8.1(000999.000*kWh)\r\n!")),
    "the time twice in a telegram": (all) =>
      all.with(6, all[6]!.replace("!", "0-0:1.0.0(240110093000W)\r\n!")),
    "a minus before a register": (all) => all.with(6, all[6]!.replace("1.8.1(0", "1.8.1(-")),
    "a last register beyond what a home uses": (all) =>
      all.with(-1, all.at(-1)!.replace("1.8.1(000", "1.8.1(900")),
    "telegrams of two meters in turn": (all) => {
      const other = telegrams({ serial: "4B384548", from: 300_000 });
      return all.flatMap((t, i) => (i % 3 === 0 ? [t, other[i]!] : [t]));
    },
    "the serial number of one telegram changed": (all) =>
      all.with(6, all[6]!.replace("4B384547", "4B384549")),
    "a winter's telegram marked as summer time": (all) => all.with(6, all[6]!.replace(/W\)/, "S)")),
    "a summer's telegram marked as winter time": () =>
      telegrams({ month: 7, mark: "S" }).map((t, i) => (i === 6 ? t.replace("S)", "W)") : t)),
    "a live meter beside it that does not say what it measures": (all) =>
      all.map((t) =>
        t.replace("!", "0-1:96.1.0(4730)\r\n0-1:24.2.1(240110000000W)(00112.384*m3)\r\n!"),
      ),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`given ${what}, then it is refused or asked`, async () => {
      const { refused } = await outcomeOf(file(...change(telegrams())), {
        gasWattHoursPerCubicMetre: 9769,
      });
      expect(refused).to.not.equal(undefined);
    });
  }

  it("given all telegrams in a unit a thousand times too large, then it is asked, and the answer is right", async () => {
    const damaged = file(...telegrams().map((t) => t.replaceAll("*kWh", "*MWh")));
    const error = await refusal(readReadings(damaged));
    expect(error.message).to.include("--scale");
    const set = await readReadings(damaged, { mapping: { scale: 0.001 } });
    expect(set.homes[0]!.intervals.wattHours).to.equal(whole.homes[0]!.intervals.wattHours);
    expect(set.homes[0]!.counter).to.deep.equal(whole.homes[0]!.counter);
  });

  it("given a meter whose clock knows no summer time, then its marks of winter time are taken", async () => {
    const set = await readReadings(file(...telegrams({ month: 7, mark: "W" })));
    expect(set.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 6, 9, 23));
  });
});
