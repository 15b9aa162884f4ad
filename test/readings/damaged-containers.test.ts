/** Archives and encodings around real kinds of files, damaged: never a reading that no meter made. */
import { crc32, deflateRawSync } from "node:zlib";
import { expect } from "chai";
import { readReadings, type ReadingSet } from "../../src/readings/index.js";
import { Prng } from "../../src/readings/prng.js";
import { expectHonest, outcomeOf } from "./support/damage.js";

const BEGINS = Date.UTC(2024, 1, 12);
const kWh = (i: number): string => ((200 + ((i * 137) % 389)) / 1000).toFixed(3);
const rows = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, k) => {
    const [start, end] = [from + k, from + k + 1].map((i) =>
      new Date(BEGINS + i * 1_800_000).toISOString().slice(0, 19).concat("Z"),
    );
    return `${kWh(from + k)},${start!},${end!}`;
  });
const csv = (from: number, count: number): string =>
  `Consumption (kWh),Start,End\n${rows(from, count).join("\n")}\n`;

interface Entry {
  readonly name: string;
  readonly text: string;
}

/** A zip as APPNOTE 6.3.10 has it, deflated. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    const [body, path] = [deflateRawSync(Buffer.from(text)), Buffer.from(name)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(text), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(Buffer.byteLength(text), 18);
    fields.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, path, body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, tail, path]));
    locals.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listed, end]);
}

const ONE_HOME = { mapping: { files: "one" } } as const;
const MONTHS: readonly Entry[] = [
  { name: "a/week1.csv", text: csv(0, 336) },
  { name: "a/week2.csv", text: csv(336, 336) },
];

describe("damaged archives", () => {
  const read = (bytes: Uint8Array): Promise<ReadingSet> =>
    readReadings({ name: "download.zip", bytes }, ONE_HOME);

  it("given any byte changed, then it is refused, or only what no reading depends on", async () => {
    const archive = zip([MONTHS[0]!]);
    const whole = await read(archive);
    const prng = new Prng("archive", "bytes");
    let refused = 0;
    for (let n = 0; n < 400; n++) {
      const bytes = Buffer.from(archive);
      const at = prng.below(bytes.length);
      bytes[at] = bytes[at]! ^ (1 << prng.below(8));
      const got = await outcomeOf({ name: "download.zip", bytes }, ONE_HOME);
      // The name of the file is that of the home, where the file does not say it.
      const renamed = got.set?.homes[0]?.id !== whole.homes[0]!.id;
      if (got.set !== undefined && renamed) {
        expect(got.set.homes[0]!.intervals.wattHours).to.equal(whole.homes[0]!.intervals.wattHours);
      } else if (expectHonest(whole, got, `byte ${at}`) === "refused") refused += 1;
    }
    expect(refused).to.be.greaterThan(300);
  });

  it("given an archive cut anywhere, then it is refused", async () => {
    const archive = zip(MONTHS);
    for (let length = 4; length < archive.length; length += 53) {
      const { refused } = await outcomeOf(
        {
          name: "download.zip",
          bytes: archive.subarray(0, length),
        },
        ONE_HOME,
      );
      expect(refused, `cut after ${length}`).to.not.equal(undefined);
    }
  });

  it("given a file of the archive whose directory counts one less, then it is refused", async () => {
    const archive = zip(MONTHS);
    archive.writeUInt16LE(1, archive.length - 14 + 2);
    archive.writeUInt16LE(1, archive.length - 14);
    const { refused } = await outcomeOf({ name: "download.zip", bytes: archive }, ONE_HOME);
    expect(refused).to.match(/bad-archive/);
  });

  it("given the same file twice in an archive, then it counts once", async () => {
    const whole = await read(zip([MONTHS[0]!]));
    const set = await read(zip([MONTHS[0]!, { ...MONTHS[0]!, name: "b/week1.csv" }]));
    expect(set.homes.map((h) => h.intervals.wattHours)).to.deep.equal([
      whole.homes[0]!.intervals.wattHours,
    ]);
  });

  it("given a file within that is not of readings, then the archive is refused by its name", async () => {
    const { refused } = await outcomeOf(
      {
        name: "download.zip",
        bytes: zip([...MONTHS, { name: "a/notes.txt", text: "call the utility" }]),
      },
      ONE_HOME,
    );
    expect(refused).to.include("notes.txt");
  });
});

describe("damaged text of UTF-16", () => {
  const nem = [
    "100,NEM12,202303010000,MDA1,Ret1",
    "200,NMI0000001,E1,1,E1,N1,METER1,kWh,30,",
    ...Array.from(
      { length: 3 },
      (_, d) =>
        `300,2023020${d + 1},${Array.from({ length: 48 }, (_, i) => kWh(i + d)).join(",")},A,,,20230301000000,`,
    ),
    "900",
  ].join("\n");
  const texts: Readonly<Record<string, string>> = { CSV: csv(0, 96), NEM12: nem };
  const orders = {
    little: (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le"),
    big: (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
    "little without its mark": (text: string) => Buffer.from(text, "utf16le"),
  };
  for (const [kind, text] of Object.entries(texts)) {
    for (const [order, encoded] of Object.entries(orders)) {
      it(`given ${kind} in ${order}, then it is read; cut within a character, or with the wrong mark, it is refused`, async () => {
        const whole = await readReadings({ name: "download.csv", bytes: text });
        const bytes = encoded(text);
        expect(
          expectHonest(whole, await outcomeOf({ name: "download.csv", bytes }), "whole"),
        ).to.equal("same");
        for (let length = 301; length < bytes.length; length += 398) {
          const cut = bytes.subarray(0, length);
          const { refused } = await outcomeOf({ name: "download.csv", bytes: cut });
          expect(refused, `cut after ${length}`).to.not.equal(undefined);
        }
        const shifted = await outcomeOf({ name: "download.csv", bytes: bytes.subarray(1) });
        expectHonest(whole, shifted, "the first byte lost");
        const swapped = Buffer.from(bytes).swap16().subarray(2);
        expectHonest(
          whole,
          await outcomeOf({ name: "download.csv", bytes: swapped }),
          "bytes swapped",
        );
      });
    }
  }
});
