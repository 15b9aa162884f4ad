import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** A place that a meter reads, and the end that a test writes to. */
interface Line {
  readonly path: string;
  write(text: string): void;
  close(): void;
}

async function overTcp(): Promise<Line> {
  let socket: Socket | null = null;
  let waiting = "";
  const server = createServer((one) => {
    socket = one.on("error", () => undefined);
    one.write(waiting, "latin1");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    path: `tcp://127.0.0.1:${port}`,
    write: (text) => {
      if (socket === null) waiting += text;
      else socket.write(text, "latin1");
    },
    close: () => {
      socket?.destroy();
      server.close();
    },
  };
}

async function overPipe(folder: string): Promise<Line> {
  const path = join(folder, "p1");
  execFileSync("mkfifo", [path]);
  const stream = createWriteStream(path);
  // The reader may be gone before what was written.
  stream.on("error", () => undefined);
  return {
    path,
    write: (text) => void stream.write(text, "latin1"),
    close: () => stream.destroy(),
  };
}

/** A terminal, as a serial adapter is one. */
async function overTerminal(): Promise<Line> {
  const script =
    "import os,pty,sys,tty\nm,s=pty.openpty();tty.setraw(s);print(os.ttyname(s),flush=True)\n" +
    "while True:\n d=os.read(0,256)\n if not d: break\n os.write(m,d)\n";
  const child = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => undefined);
  const [name] = (await once(child.stdout, "data")) as [Buffer];
  return {
    path: name.toString().trim(),
    write: (text) => void child.stdin.write(text, "latin1"),
    close: () => void child.kill("SIGKILL"),
  };
}

const hasPython = spawnSync("python3", ["-c", "import pty; pty.openpty()"]).status === 0;
const DEVICES: readonly [device: string, open: (folder: string) => Promise<Line>][] = [
  ["a port over TCP", overTcp],
  ["a device of the file system", overPipe],
  ...(hasPython ? [["a terminal", overTerminal] as [string, () => Promise<Line>]] : []),
];

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

  for (const [device, open] of DEVICES) {
    it(`given ${device} with damaged telegrams between good ones, when it is read, then the good ones count, and what was left out is counted and told`, async function () {
      this.timeout(60_000);
      const folder = mkdtempSync(join(tmpdir(), "sipster-p1-"));
      const line = await open(folder);
      const told: string[] = [];
      const options = { speed: 1, timeZone: "UTC", onTrouble: (text: string) => told.push(text) };
      const known = { imported: 0, exported: 0, clock: 0 };
      const source = await openSource({ ...options, source: `p1:${line.path}` }, known);
      const good = (kWh: number): string => telegram(`00020${kWh}.000`, "000000.000");
      try {
        line.write(good(1));
        for (let i = 0; i < 12; i++) line.write(telegram("999999.999", "000000.000", "0000"));
        line.write(good(2).slice(0, 80) + "\r\n");
        line.write("\u0000\u0001 noise\r\n!\r\n");
        line.write(telegram("zzzzzz.zzz", "000000.000"));
        line.write(good(3));
        while (source.registers().imported !== 213_000) await new Promise((r) => setTimeout(r, 20));
        expect(source.refused).to.equal(14);
        // Once at the first, and once more from the tenth on.
        expect(told.length).to.be.within(1, 2);
        expect(told.at(-1)).to.match(/damaged telegrams are left out, 1[0-4] so far/);
        expect(told.join("")).not.to.include("999999");
      } finally {
        source.close();
        line.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  it("a source that is none is refused", async () => {
    const options = { speed: 1, timeZone: "UTC", onTrouble: () => undefined };
    const known = { imported: 0, exported: 0, clock: 0 };
    await expectRejection(openSource({ ...options, source: "usb" }, known), "meter/bad-source");
  });
});
