import { expect } from "chai";
import { readReadings } from "../../src/readings/index.js";
import { Crc16 } from "../../src/readings/formats/crc16.js";
import { refusal } from "../support/errors.js";

const file = (...telegrams: readonly string[]): { name: string; bytes: string } => ({
  name: "p1.txt",
  bytes: telegrams.join(""),
});

/** A telegram with its checksum. */
function telegram(time: string, lines: readonly string[], serial = "4B384547"): string {
  const body = [
    "/ISK5\\2M550T-1012",
    "",
    "1-3:0.2.8(50)",
    `0-0:1.0.0(${time})`,
    `0-0:96.1.1(${serial})`,
    ...lines,
    "!",
  ];
  const text = body.join("\r\n");
  const crc = new Crc16();
  crc.add(text);
  return `${text}${crc.hex}\r\n`;
}

const drawn = (one: string, two = "000000.000"): string[] => [
  `1-0:1.8.1(${one}*kWh)`,
  `1-0:1.8.2(${two}*kWh)`,
];

describe("P1 telegrams", () => {
  it("the checksum has the check value that catalogues give for CRC-16/ARC", () => {
    const crc = new Crc16();
    crc.add("123456789");
    expect(crc.hex).to.equal("BB3D");
  });

  it("a sole telegram has no interval", async () => {
    const error = await refusal(readReadings(file(telegram("240101000000W", drawn("000001.000")))));
    expect(error.code).to.equal("readings/no-readings");
  });

  it("an interval is the difference of two telegrams, over all tariffs, in and out apart", async () => {
    const set = await readReadings(
      file(
        telegram("240331015500W", [
          ...drawn("000100.000", "000050.500"),
          "1-0:2.8.1(000007.000*kWh)",
        ]),
        // Clocks are put forward at two: five minutes later it is 03:00 in summer.
        telegram("240331030000S", [
          ...drawn("000100.250", "000050.501"),
          "1-0:2.8.1(000007.100*kWh)",
        ]),
      ),
    );
    const [home] = set.homes;
    expect(home!.id).to.equal("K8EG");
    expect(set.timeZone).to.equal("Europe/Amsterdam");
    expect([...home!.intervals]).to.deep.equal([
      { start: Date.UTC(2024, 2, 31, 0, 55), seconds: 300, wattHours: 251, quality: "actual" },
    ]);
    expect(home!.exported.wattHours).to.equal(100n);
  });

  it("takes telegrams in any order and across files, and repeated ones once", async () => {
    const [a, b, c] = ["240101000000W", "240101001500W", "240101003000W"].map((t, i) =>
      telegram(t, drawn(`000100.${i}00`)),
    );
    const set = await readReadings([file(c!, b!), file(b!, a!)]);
    expect([...set.homes[0]!.intervals].map((i) => i.wattHours)).to.deep.equal([100, 100]);
    expect(set.oddities.find((o) => o.kind === "duplicate")?.count).to.equal(1);
  });

  it("goes on with the new meter after an exchange, and leaves the gap", async () => {
    const set = await readReadings(
      file(
        telegram("240101000000W", drawn("009000.000")),
        telegram("240101001500W", drawn("009000.100")),
        telegram("240101020000W", drawn("000000.000"), "4B384548"),
        telegram("240101021500W", drawn("000000.300"), "4B384548"),
      ),
    );
    expect(set.homes.length).to.equal(1);
    expect([...set.homes[0]!.intervals].map((i) => i.wattHours)).to.deep.equal([100, 300]);
    expect(set.homes[0]!.gaps.length).to.equal(1);
    expect(set.oddities.map((o) => o.kind)).to.include("meter-exchange");
  });

  it("gas is a supply of its own, once its energy is told", async () => {
    const gas = (at: string, value: string): string[] => [
      "0-1:24.1.0(003)",
      `0-1:24.2.1(${at})(${value}*m3)`,
    ];
    const text = file(
      telegram("240101000500W", [...drawn("000001.000"), ...gas("240101000000W", "00010.000")]),
      telegram("240101010500W", [...drawn("000002.000"), ...gas("240101010000W", "00010.500")]),
    );
    const without = await readReadings(text);
    expect(without.homes.map((h) => h.id)).to.deep.equal(["K8EG"]);
    expect(without.oddities.find((o) => o.kind === "ignored")?.message).to.include("cubic metre");
    const set = await readReadings(text, { gasWattHoursPerCubicMetre: 9769 });
    expect(set.homes.map((h) => [h.id, h.commodity])).to.deep.equal([
      ["K8EG", "electricity"],
      ["K8EG gas", "gas"],
    ]);
    expect([...set.homes[1]!.intervals]).to.deep.equal([
      { start: Date.UTC(2023, 11, 31, 23), seconds: 3600, wattHours: 4884, quality: "actual" },
    ]);
  });

  it("leaves water and heat out, and says so", async () => {
    const water = ["0-2:24.1.0(007)", "0-2:24.2.1(240101000000W)(00112.384*m3)"];
    const set = await readReadings(
      file(
        telegram("240101000000W", [...drawn("000001.000"), ...water]),
        telegram("240101001500W", drawn("000001.100")),
      ),
    );
    expect(set.oddities.find((o) => o.kind === "ignored")?.message).to.include("kind 007");
  });

  it("reads telegrams of older meters, without a checksum, and gas on two lines", async () => {
    const old = (time: string, kwh: string, m3: string): string =>
      `/KMP5 KA6U001585575011\r\n\r\n0-0:1.0.0(${time})\r\n0-0:96.1.1(31)\r\n1-0:1.8.1(${kwh}*kWh)\r\n0-1:24.1.0(3)\r\n0-1:24.3.0(${time})(00)(60)(1)(0-1:24.2.1)(m3)\r\n(${m3})\r\n!\r\n`;
    const set = await readReadings(
      file(old("240101000000W", "00001.0", "10.0"), old("240101010000W", "00003.0", "11.0")),
      { gasWattHoursPerCubicMetre: 10_000 },
    );
    expect(set.homes.map((h) => h.intervals.wattHours)).to.deep.equal([2000n, 10_000n]);
  });

  it("reads registers in Wh, and in kWh beside them, as the same energy", async () => {
    const states = (wh: string, kwh: string): string[] => [
      `1-0:1.8.1(${wh}*Wh)`,
      `1-0:1.8.2(${kwh}*kWh)`,
    ];
    const set = await readReadings(
      file(
        telegram("240101000000W", states("000100500", "000002.000")),
        telegram("240101001500W", states("000100750", "000002.125")),
      ),
    );
    expect([...set.homes[0]!.intervals].map((i) => i.wattHours)).to.deep.equal([375]);
  });

  it("takes the total where a telegram has it, and not its parts as well", async () => {
    const states = (total: string, part: string): string[] => [
      `1-0:1.8.0(${total}*kWh)`,
      ...drawn(part, part),
    ];
    const set = await readReadings(
      file(
        telegram("240101000000W", states("000010.000", "000005.000")),
        telegram("240101001500W", states("000010.500", "000005.250")),
      ),
    );
    expect(set.homes[0]!.intervals.wattHours).to.equal(500n);
  });

  it("leaves a channel out whose meter is gone, and says so; the others are read", async () => {
    // As loggers have shown them: no time, no value, no serial number, all zeros, all ones.
    const gone: readonly string[][] = [
      ["0-1:24.1.0(003)", "0-1:24.2.1(632525252525S)(00000.000)"],
      ["0-1:24.1.0(003)", "0-1:24.2.1(632525252525W)(00000.000*m3)"],
      ["0-1:24.1.0(003)", "0-1:96.1.0()", "0-1:24.2.1(700101010000W)(00000000)"],
      ["0-1:24.1.0(003)", "0-1:24.2.1(000101000000W)()"],
      ["0-1:24.1.0(000)", "0-1:24.2.1(240101000000W)(00000.000*m3)"],
      ["0-1:24.1.0(003)", "0-1:24.2.1()(00000.000*m3)"],
    ];
    for (const lines of gone) {
      const set = await readReadings(
        file(
          telegram("240101000000W", [...drawn("000005.000"), ...lines]),
          telegram("240101001500W", [...drawn("000005.250"), ...lines]),
        ),
        { gasWattHoursPerCubicMetre: 10_000 },
      );
      expect(
        set.homes.map((h) => h.intervals.wattHours),
        lines.join(" "),
      ).to.deep.equal([250n]);
      expect(set.oddities.map((o) => o.kind)).to.include("ignored");
    }
  });

  it("takes a checksum without leading zeros, in small letters, and over line ends that a logger changed", async () => {
    const pair = [
      telegram("240101000000W", drawn("000005.000")),
      telegram("240101001500W", drawn("000005.250")),
    ].join("");
    // A value whose checksum begins with a zero.
    let n = 0;
    let third = "";
    do {
      n += 1;
      third = telegram("240101003000W", drawn(`000006.${String(n).padStart(3, "0")}`));
    } while (!/!0[0-9A-F]{3}/.test(third));
    const short = third.replace(/!0+/, "!");
    for (const text of [
      pair + third,
      pair + short,
      (pair + third).replaceAll(/![0-9A-F]{4}/g, (crc) => crc.toLowerCase()),
      (pair + third).replaceAll("\r\n", "\n"),
      (pair + short).replaceAll("\r\n", "\n"),
    ]) {
      const set = await readReadings(file(text));
      expect(Number(set.homes[0]!.intervals.wattHours)).to.equal(1000 + n);
    }
    const wrong = await refusal(readReadings(file(pair + third.replace(/!0/, "!1"))));
    expect(wrong.message).to.include("checksum");
  });

  const first = telegram("240101000000W", drawn("000005.000"));
  it("asks what a register that goes back is, unless it rolled over", async () => {
    const after = (from: string, to: string): string =>
      telegram("240101000000W", drawn(from)) + telegram("240101001500W", drawn(to));
    const text = after("000005.000", "000004.000");
    const asked = await refusal(readReadings(file(text)));
    expect(asked.code).to.equal("readings/question");
    expect(asked.message).to.include("goes back").and.to.include("--resets exchange");
    const whole = file(text + telegram("240101003000W", drawn("000004.250")));
    const exchanged = await readReadings(whole, { mapping: { resets: "exchange" } });
    expect(exchanged.homes[0]!.intervals.wattHours).to.equal(250n);
    const rolled = await readReadings(file(after("999999.500", "000000.250")));
    expect(rolled.homes[0]!.intervals.wattHours).to.equal(750n);
    expect(rolled.oddities.map((o) => o.kind)).to.include("rollover");
  });

  const bad: [string, string, string, number][] = [
    ["a checksum that does not match", first.replace("5.000", "6.000"), "checksum", 8],
    ["a telegram cut off", `${first}${first.slice(0, 60)}`, "cut off", 12],
    [
      "a telegram within a telegram",
      `${first.slice(0, first.indexOf("!"))}${first}`,
      "does not end",
      1,
    ],
    ["a time that is none", telegram("241301000000W", drawn("000005.000")), "not a time", 1],
    [
      "a value that is none",
      telegram("240101000000W", ["1-0:1.8.1(1O0.0*kWh)"]),
      "not a number",
      1,
    ],
    ["a value without a unit", telegram("240101000000W", ["1-0:1.8.1(100.0)"]), "no unit", 1],
    ["a line of rubbish", telegram("240101000000W", ["rubbish"]), "not a line of a telegram", 6],
  ];
  for (const [what, text, reason, line] of bad) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(readReadings(file(text)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("p1.txt").and.to.include(reason);
      expect(error.details.line).to.equal(line);
    });
  }

  it("refuses two states of one register at one time", async () => {
    const error = await refusal(
      readReadings(file(first, telegram("240101000000W", drawn("000006.000")))),
    );
    expect(error.code).to.equal("readings/contradictory-duplicate");
  });
});
