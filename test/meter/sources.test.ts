import { createServer } from "node:net";
import { expect } from "chai";
import { LiveSource, openSource, P1Registers, registersOf } from "../../src/meter/index.js";
import { Crc16 } from "../../src/readings/formats/crc16.js";
import { expectRejection } from "../support/errors.js";

function telegram(imported: string, exported: string, checksum?: string): string {
  const body = [
    "/ISK5\\2M550T-1012",
    "",
    "1-3:0.2.8(50)",
    "0-0:1.0.0(130101000000W)",
    `1-0:1.8.1(${imported}*kWh)`,
    "1-0:1.8.2(000010.000*kWh)",
    `1-0:2.8.1(${exported}*kWh)`,
    "1-0:1.7.0(00.318*kW)",
    "!",
  ].join("\r\n");
  const crc = new Crc16();
  crc.add(body);
  return `${body}${checksum ?? crc.hex}\r\n`;
}

describe("registers of a P1 port", () => {
  it("adds up what the tariffs' registers show, in watt-hours, however the bytes arrive", () => {
    const port = new P1Registers();
    const text = telegram("000123.456", "000007.000") + telegram("000123.457", "000007.001");
    const found = [...text].flatMap((character) => port.take(character));
    expect(found).to.deep.equal([
      { imported: 133_456, exported: 7_000 },
      { imported: 133_457, exported: 7_001 },
    ]);
  });

  it("leaves out a telegram with a wrong checksum, one cut off, and noise; the next one counts", () => {
    const port = new P1Registers();
    const good = telegram("000123.456", "000007.000");
    expect(port.take(telegram("999999.999", "000000.000", "0000"))).to.deep.equal([]);
    expect(port.take(`${good.slice(0, 60)}\r\n`)).to.deep.equal([]);
    expect(port.take("\u0000\u00ff!\r\n")).to.deep.equal([]);
    expect(port.take("x".repeat(100_000))).to.deep.equal([]);
    expect(port.take(`\r\n${good}`)).to.deep.equal([{ imported: 133_456, exported: 7_000 }]);
  });
});

describe("sources of a meter's gateway", () => {
  it("a live register gives what it shows more, once, from the last reading to now", () => {
    let now = 1_000_000;
    const live = new LiveSource(
      { imported: 500, exported: 0, clock: 400_000 },
      () => now,
      () => {
        now = 0;
      },
    );
    expect(live.until(now)).to.deep.equal([]);
    live.show({ imported: 700, exported: 30 });
    expect(live.until(now)).to.deep.equal([
      { kind: "import", wattHours: 700, from: 400_000, to: 1_000_000 },
      { kind: "export", wattHours: 30, from: 400_000, to: 1_000_000 },
    ]);
    expect(live.until(now)).to.deep.equal([]);
  });

  it("lines of standard input name registers in whole watt-hours, and nothing else", () => {
    expect(registersOf("1200 30")).to.deep.equal({ imported: 1200, exported: 30 });
    expect(registersOf(" 1200 ")).to.deep.equal({ imported: 1200, exported: 0 });
    for (const line of ["", "-5", "1.5", "1e3", "1 2 3", "kWh 7"]) {
      expect(registersOf(line)).to.equal(null);
    }
  });

  it("reads telegrams over TCP, and connects again when the line breaks", async function () {
    this.timeout(20_000);
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.on("error", () => undefined);
      socket.end(telegram(`00020${calls}.000`, "000000.000"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const source = await openSource(
      {
        source: `p1:tcp://127.0.0.1:${port}`,
        speed: 1,
        timeZone: "UTC",
        onTrouble: () => undefined,
      },
      { imported: 0, exported: 0, clock: 0 },
    );
    const seen = async (imported: number): Promise<void> => {
      while (source.registers().imported !== imported) await new Promise((r) => setTimeout(r, 50));
    };
    await seen(211_000);
    await seen(212_000);
    source.close();
    server.close();
  });

  it("a source that is none is refused", async () => {
    const options = { speed: 1, timeZone: "UTC", onTrouble: () => undefined };
    const known = { imported: 0, exported: 0, clock: 0 };
    await expectRejection(openSource({ ...options, source: "usb" }, known), "meter/bad-source");
  });
});
