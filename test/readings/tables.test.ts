import { deflateRawSync, crc32 } from "node:zlib";
import { expect } from "chai";
import {
  mappingText,
  parseMapping,
  readReadings,
  type Mapping,
  type ReadOptions,
  type ReadingSet,
} from "../../src/readings/index.js";
import type { SipsterError } from "../../src/errors/sipster-error.js";
import { dataFile, describeWithData } from "../data.js";
import { refusal } from "../support/errors.js";

const csv = (text: string, name = "t.csv"): { name: string; bytes: string } => ({
  name,
  bytes: text,
});
const read = (
  text: string,
  mapping: Mapping = {},
  options: ReadOptions = {},
): Promise<ReadingSet> => readReadings(csv(text), { ...options, mapping });
const wh = (set: ReadingSet): [bigint, bigint] => [
  set.homes[0]!.intervals.wattHours,
  set.homes[0]!.exported.wattHours,
];

async function asked(text: string, option: string, mapping: Mapping = {}): Promise<SipsterError> {
  const error = await refusal(read(text, mapping));
  expect(error.code, error.message).to.equal("readings/question");
  expect(error.message).to.include(`${option} `);
  return error;
}

/** Half-hours from midnight of 2024-02-01, each with one value. */
function halfHours(
  count: number,
  value: (i: number) => string,
  from = Date.UTC(2024, 1, 1),
): string {
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(from + i * 1_800_000).toISOString();
    return `${at.slice(0, 10)} ${at.slice(11, 16)},${value(i)}\n`;
  }).join("");
}
const wave = (i: number): string => `0.${100 + ((i * 37) % 48)}`;

describeWithData("downloads as portals give them", () => {
  const cases: [string, bigint, bigint, string][] = [
    ["octopus.csv", 314_121n, 0n, "Europe/London"],
    ["enedis.csv", 314_121n, 0n, "Europe/Paris"],
    ["fluvius.csv", 584_772n, 0n, "Europe/Brussels"],
    ["pge_electric_new.csv", 584_780n, 0n, "UTC"],
    ["n3rgy.json", 314_121n, 0n, "Europe/London"],
    ["uk_mpan_rows.csv", 314_121n, 0n, "Europe/London"],
    ["semicolon.csv", 314_121n, 0n, "UTC"],
    ["us_dates.csv", 314_121n, 0n, "UTC"],
    ["import_export_kwh.csv", 314_121n, 696_000n, "UTC"],
    ["ragged_mixed_step.csv", 484_294n, 0n, "UTC"],
    // The register stood at 23456.700 first and at 23770.798 last.
    ["cumulative_meter.csv", 314_098n, 0n, "UTC"],
  ];
  for (const [name, drawn, fedIn, zone] of cases) {
    it(`${name}: every watt-hour that is read is there, and no gap`, async () => {
      const set = await readReadings(dataFile(`exports/${name}`));
      expect(wh(set)).to.deep.equal([drawn, fedIn]);
      expect(set.timeZone).to.equal(zone);
      expect(set.homes.length).to.equal(1);
      expect(set.homes[0]!.gaps).to.deep.equal([]);
    });
  }

  it("say how they were understood, with three rows, and the mapping reads them again", async () => {
    const path = dataFile("exports/us_dates.csv");
    const set = await readReadings(path);
    const [understood] = set.understood!;
    expect(understood!.mapping).to.include({ dates: "month-first", labels: "start" });
    expect(understood!.rows.length).to.equal(3);
    expect(understood!.rows[0]).to.include("line 2").and.to.include("0.243 kWh drawn");
    const mapping = parseMapping(mappingText(understood!.mapping), "m.json");
    expect(wh(await readReadings(path, { mapping }))).to.deep.equal(wh(set));
  });
});

describe("downloads by their real headers", () => {
  it("Southern California Edison: start and end in one cell, after a preamble", async () => {
    const set = await read(
      '"Your account data"\n"For location: ","1 MAIN ST"\n\n"Energy consumption time period","Usage(Real energy in kilowatt-hours)","Reading quality"\n' +
        '"2024-02-01 00:00:00 to 2024-02-01 01:00:00","0.52",""\n"2024-02-01 01:00:00\u00a0to\u00a02024-02-01 02:00:00","0.48",""\n',
    );
    expect(wh(set)[0]).to.equal(1000n);
    expect(set.timeZone).to.equal("America/Los_Angeles");
  });

  it("Smart Meter Texas: surplus generation is fed in, and estimates are estimates", async () => {
    type Row = Readonly<Record<"from" | "to" | "kwh" | "quality" | "flow", string>>;
    const row = ({ from, to, kwh, quality, flow }: Row): string =>
      `'1008,02/03/2024,02/04/2024 01:00:00, ${from}, ${to},${kwh},${quality},${flow}\n`;
    const set = await read(
      "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION\n" +
        row({ from: "00:00", to: "00:15", kwh: ".25", quality: "A", flow: "Consumption" }) +
        row({ from: "00:15", to: "00:30", kwh: ".5", quality: "E", flow: "Consumption" }) +
        row({ from: "00:00", to: "00:15", kwh: ".125", quality: "A", flow: "Surplus Generation" }),
    );
    expect(wh(set)).to.deep.equal([750n, 125n]);
    expect([...set.homes[0]!.intervals].map((i) => i.quality)).to.deep.equal([
      "actual",
      "estimated",
    ]);
    expect(set.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 1, 3, 6));
  });

  it("ESB Networks HDF: mean power, newest first, labelled by its ends, through the autumn hour", async () => {
    const zone = 3_600_000;
    const autumn = Date.UTC(2024, 9, 27, 1);
    let rows = "";
    for (let end = Date.UTC(2024, 9, 28); end > Date.UTC(2024, 9, 26, 23); end -= 1_800_000) {
      const local = new Date(end + (end < autumn ? zone : 0)).toISOString();
      const [y, m, d] = local.slice(0, 10).split("-");
      // A watt-hour for each half-hour since the beginning tells which is which.
      const n = (end - Date.UTC(2024, 9, 26, 23)) / 1_800_000;
      rows += `1000,2000,${(n * 2) / 1000},Active Import Interval (kW),${d}-${m}-${y} ${local.slice(11, 16)}\n`;
    }
    const set = await read(
      `MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n${rows}`,
    );
    const { intervals, gaps } = set.homes[0]!;
    expect(set.timeZone).to.equal("Europe/Dublin");
    expect([intervals.length, gaps.length]).to.deep.equal([50, 0]);
    expect([...intervals].map((i) => i.wattHours)).to.deep.equal(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  it("Datadis: hours to 24:00, decimal commas, estimated values", async () => {
    const rows = Array.from(
      { length: 24 },
      (_, i) =>
        `ES00;2024/02/01;${String(i + 1).padStart(2, "0")}:00;${wave(i).replace(".", ",")};${i === 3 ? "Estimada" : "Real"}\n`,
    );
    const set = await read(
      `CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\n${rows.join("")}`,
      {},
      { timeZone: "Europe/Madrid" },
    );
    expect(set.homes[0]!.intervals.length).to.equal(24);
    expect(set.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 0, 31, 23));
    expect(wh(set)[0]).to.equal(2964n);
    expect(set.homes[0]!.intervals.at(3).quality).to.equal("estimated");
  });

  it("Opower's older form: usage and units in columns of their own", async () => {
    const set = await read(
      "Name,JANE\nAccount Number,77\n\nTYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES\n" +
        "Electric usage,2024-02-01,00:00,00:59,0.5,kWh,$0.1,\nElectric usage,2024-02-01,01:00,01:59,0.25,kWh,$0.1,\n",
    );
    expect([set.homes[0]!.id, wh(set)[0]]).to.deep.equal(["77", 750n]);
    expect(set.homes[0]!.intervals.at(0).seconds).to.equal(3600);
  });

  it("Amber: feed-in is fed in, a second at the start is none", async () => {
    const usage = (channel: string, id: string, kwh: number): string =>
      `{"type":"Usage","startTime":"2024-02-01T00:00:01Z","endTime":"2024-02-01T00:30:00Z","channelType":"${channel}","channelIdentifier":"${id}","kwh":${kwh},"quality":"billable"}`;
    const set = await readReadings(
      csv(`[${usage("general", "E1", 0.5)},${usage("feedIn", "B1", 0.25)}]`, "amber.json"),
    );
    expect(wh(set)).to.deep.equal([500n, 250n]);
    expect(set.homes[0]!.intervals.at(0).seconds).to.equal(1800);
  });

  it("a file that resembles one is refused with its name and what differs", async () => {
    const error = await refusal(read("CUPS;Fecha;Stunde;Wert\nES00;heute;1;0,1\n"));
    expect(error.code).to.equal("readings/unknown-format");
    expect(error.message).to.include("Datadis").and.to.include('"hora"');
  });
});

describe("what a table leaves open is asked", () => {
  it("a register that counts up under a header of energy", async () => {
    const text = `timestamp,kWh\n${halfHours(48, (i) => (23_456 + i / 4).toString())}`;
    await asked(text, "--quantity");
    const set = await read(text, { quantity: "register" });
    expect(wh(set)[0]).to.equal(11_750n);
    expect(wh(await read(text, { quantity: "kWh", scale: "as-stated" }))[0]).to.equal(
      1_126_170_000n,
    );
  });

  it("power, and numbers without a unit", async () => {
    await asked(`timestamp,kW\n${halfHours(48, wave)}`, "--quantity");
    await asked(`timestamp,usage\n${halfHours(48, wave)}`, "--quantity");
    const set = await read(`timestamp,kW\n${halfHours(48, () => "2")}`, { quantity: "kW" });
    expect(wh(set)[0]).to.equal(48_000n);
  });

  it("money and temperature beside energy are left out, never added", async () => {
    const set = await read(
      `timestamp,kWh,cost,temperature\n${halfHours(48, (i) => `${wave(i)},99,21`)}`,
    );
    expect(wh(set)[0]).to.equal(wh(await read(`timestamp,kWh\n${halfHours(48, wave)}`))[0]);
  });

  it("which of several columns, and whether each is a home", async () => {
    await asked(`timestamp,a,b\n${halfHours(48, (i) => `${wave(i)},1`)}`, "--columns");
    await asked(
      `timestamp,Peak kWh,Total kWh\n${halfHours(48, (i) => `${wave(i)},1`)}`,
      "--columns",
    );
    const text = `timestamp,Peak kWh,Total kWh\n${halfHours(48, () => "1,2")}`;
    expect(wh(await read(text, { columns: { import: "Total kWh" } }))[0]).to.equal(96_000n);
    const homes = await read(`timestamp,a,b\n${halfHours(48, () => "1,2")}`, {
      columns: "homes",
      quantity: "kWh",
    });
    expect(homes.homes.map((h) => [h.id, h.intervals.wattHours])).to.deep.equal([
      ["a", 48_000n],
      ["b", 96_000n],
    ]);
  });

  it("net energy, and energy below nothing", async () => {
    await asked(`timestamp,Net kWh\n${halfHours(48, wave)}`, "--direction");
    const text = `timestamp,Net kWh\n${halfHours(48, (i) => (i % 2 === 0 ? "1" : "-0.5"))}`;
    const set = await read(text, { direction: "net" });
    expect(wh(set)).to.deep.equal([24_000n, 12_000n]);
    expect(set.homes[0]!.gaps, "a time of feeding in is not a gap to be estimated").to.be.empty;
  });

  it("day or month first, unless the days follow each other in one order only", async () => {
    const one = `timestamp,kWh\n${Array.from({ length: 48 }, (_, i) => `03/04/2024 ${String(Math.floor(i / 2)).padStart(2, "0")}:${i % 2 === 0 ? "00" : "30"},${wave(i)}\n`).join("")}`;
    await asked(one, "--dates");
    const april = await read(one, { dates: "day-first" });
    expect(april.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 3, 3));
    const march = await read(one, { dates: "month-first" });
    expect(march.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 2, 4));
    const days = [1, 2, 3, 4].map((d) =>
      one.replaceAll("03/04", `0${d}/04`).slice("timestamp,kWh\n".length),
    );
    const followed = await read(`timestamp,kWh\n${days.join("")}`);
    expect(followed.homes[0]!.intervals.to).to.equal(Date.UTC(2024, 3, 5));
    expect(followed.oddities.some((o) => o.message.includes("day first"))).to.equal(true);
  });

  it("whether labels begin or end an interval, where the edges do not tell", async () => {
    const text = `timestamp,kWh\n${halfHours(10, wave, Date.UTC(2024, 1, 1, 7))}`;
    await asked(text, "--labels");
    const end = await read(text, { labels: "end" });
    expect(end.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 1, 1, 6, 30));
  });

  it("zeros that may be left out", async () => {
    const rows = halfHours(480, (i) => (i % 9 === 4 ? "" : wave(i)))
      .split("\n")
      .filter((row) => !row.endsWith(","));
    const text = `timestamp,kWh\n${rows.join("\n")}`;
    await asked(text, "--gaps");
    const zero = await read(text, { gaps: "zero" });
    expect([zero.homes[0]!.intervals.length, zero.homes[0]!.gaps.length]).to.deep.equal([480, 0]);
    expect((await read(text, { gaps: "missing" })).homes[0]!.gaps.length).to.equal(53);
  });

  it("a step that may change or a hole: both fit", async () => {
    const stamps = (from: number, minutes: number, count: number): string =>
      Array.from({ length: count }, (_, i) => {
        const at = new Date(from + i * minutes * 60_000).toISOString();
        return `${at.slice(0, 10)} ${at.slice(11, 16)},${wave(i)}\n`;
      }).join("");
    const day = Date.UTC(2024, 1, 1);
    const text =
      "timestamp,kWh\n" +
      stamps(day, 30, 24) +
      stamps(day + 12 * 3_600_000, 15, 20) +
      stamps(day + 17 * 3_600_000, 30, 3) +
      stamps(day + 18.5 * 3_600_000, 15, 22);
    await asked(text, "--step");
    const set = await read(text, { step: "changes" });
    expect(set.homes[0]!.intervals.length).to.equal(69);
  });

  it("decimal signs that may group thousands", async () => {
    const text = `timestamp;Wh\n${halfHours(48, (i) => `${1 + (i % 3)},${100 + i}`).replaceAll(/^(\S+ [\d:]+),/gm, "$1;")}`;
    await asked(text, "--decimal");
    const set = await read(text, { decimal: "dot" });
    expect(wh(set)[0] > 40_000n).to.equal(true);
  });

  it("a unit, a role and an answer that are not known are refused", async () => {
    for (const bad of [
      "{",
      "[]",
      '{"format":"x"}',
      '{"format":"sipster/mapping@1","labels":"middle"}',
      '{"format":"sipster/mapping@1","columns":{"colour":"red"}}',
      '{"format":"sipster/mapping@1","wind":"west"}',
    ]) {
      expect((await refusal(() => parseMapping(bad, "m.json"))).code).to.equal(
        "readings/bad-mapping",
      );
    }
  });
});

describe("text in other encodings, and archives", () => {
  const text = `timestamp,kWh\n${halfHours(48, wave)}`;

  it("UTF-16 by its mark or by its zeros, in both orders of bytes", async () => {
    const little = Buffer.from(`\uFEFF${text}`, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, little.subarray(2), big.subarray(2)]) {
      const set = await readReadings({ name: "t.csv", bytes });
      expect(set.homes[0]!.intervals.length).to.equal(48);
    }
  });

  it("another encoding is named by an answer", async () => {
    const bytes = Buffer.from(
      text.replace("timestamp,kWh", "timestamp,kWh,qualité").replaceAll("\n2", ",A\n2"),
      "latin1",
    );
    expect((await refusal(readReadings({ name: "t.csv", bytes }))).message).to.include("UTF-8");
  });

  function zip(
    files: readonly (readonly [string, string])[],
    damage = (b: Buffer): Buffer => b,
  ): Buffer {
    const locals: Buffer[] = [];
    const entries: Buffer[] = [];
    let at = 0;
    for (const [name, content] of files) {
      const body = deflateRawSync(content);
      const head = Buffer.alloc(30);
      head.writeUInt32LE(0x04034b50, 0);
      head.writeUInt16LE(name.length, 26);
      const entry = Buffer.alloc(46);
      entry.writeUInt32LE(0x02014b50, 0);
      entry.writeUInt16LE(8, 10);
      entry.writeUInt32LE(crc32(content), 16);
      entry.writeUInt32LE(body.length, 20);
      entry.writeUInt32LE(content.length, 24);
      entry.writeUInt16LE(name.length, 28);
      entry.writeUInt32LE(at, 42);
      locals.push(head, Buffer.from(name), body);
      entries.push(entry, Buffer.from(name));
      at += 30 + name.length + body.length;
    }
    const directory = Buffer.concat(entries);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(files.length, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(at, 16);
    return damage(Buffer.concat([...locals, directory, end]));
  }

  it("the files of a zip belong together", async () => {
    const [first, second] = [halfHours(48, wave), halfHours(48, wave, Date.UTC(2024, 1, 2))];
    const bytes = zip([
      ["a/t.csv", `timestamp,kWh\n${first}`],
      ["__MACOSX/t.csv", "rubbish"],
      ["b/t.csv", `timestamp,kWh\n${second}`],
    ]);
    const error = await refusal(readReadings({ name: "t.zip", bytes }));
    expect(error.message).to.include("--files one | each");
    const set = await readReadings({ name: "t.zip", bytes }, { mapping: { files: "one" } });
    expect(set.homes.map((h) => [h.id, h.intervals.length])).to.deep.equal([["t", 96]]);
  });

  it("one that is cut short, damaged, lies about its size or is empty is refused", async () => {
    const cases: [Buffer, string][] = [
      [zip([["t.csv", text]]).subarray(0, 200), "readings/incomplete"],
      [
        zip([["t.csv", text]], (b) => {
          b[40]! ^= 0xff;
          return b;
        }),
        "readings/bad-archive",
      ],
      [
        zip([["t.csv", text]], (b) => {
          b.writeUInt32LE(5, b.length - 22 - 51 + 24);
          return b;
        }),
        "readings/bad-archive",
      ],
      [
        zip([["t.csv", text]], (b) => {
          b.writeUInt32LE(0xffffffff, b.length - 22 - 51 + 24);
          return b;
        }),
        "readings/too-large",
      ],
      [zip([["t/", ""]]), "readings/bad-archive"],
    ];
    for (const [bytes, code] of cases) {
      expect((await refusal(readReadings({ name: "t.zip", bytes }))).code).to.equal(code);
    }
  });
});
