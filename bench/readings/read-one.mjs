/**
 * A program of its own, plain JavaScript on compiled code, so that its memory is what it needs: reads
 * one file, by this package or whole by a plain parser, and prints readings, seconds, seconds of the
 * processor and peak memory as JSON.
 */
import { createReadStream, readFileSync } from "node:fs";

const [room, file, how] = process.argv.slice(2);
const began = performance.now();
const used = process.cpuUsage();
let count = 0;
switch (how) {
  case "csv-parse": {
    const { parse } = await import("csv-parse/sync");
    count = parse(readFileSync(file), { columns: true }).length;
    break;
  }
  case "saxes": {
    const { SaxesParser } = await import("saxes");
    const parser = new SaxesParser();
    parser.on("opentag", ({ name }) => {
      if (name === "IntervalReading") count += 1;
    });
    for await (const chunk of createReadStream(file, "utf8")) parser.write(chunk);
    parser.close();
    break;
  }
  case "JSON.parse":
    count = JSON.parse(readFileSync(file, "utf8")).results.length;
    break;
  default: {
    const { readReadings } = await import(room);
    const { homes } = await readReadings(file);
    count = homes.reduce((n, h) => n + h.intervals.length, 0);
  }
}
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(used);
const processor = (user + system) / 1_000_000;
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ count, seconds, processor, peak }));
