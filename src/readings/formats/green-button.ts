/**
 * Green Button files (NAESB REQ.21, ESPI): Atom feeds in which entries hold usage points, meter readings,
 * reading types and blocks of intervals, and point to each other by links. Times are seconds of UTC.
 */
import { ChannelBuilder } from "../channel-builder.js";
import type { Collector } from "../collector.js";
import { badRow } from "../errors.js";
import { parseSignedEnergy } from "../energy.js";
import { BlockExtent } from "./espi-blocks.js";
import { espiQuality, espiUnit, espiZone } from "./espi-codes.js";
import { EspiLinks, type Entry } from "./espi-links.js";
import type { Format } from "./format.js";
import { countedOnce, type EspiRegister } from "./espi-registers.js";
import { readXml, type XmlHandler } from "./xml-events.js";
import { qualities } from "../interval.js";

export const greenButtonFormat: Format = {
  name: "Green Button",

  detect(head) {
    // A document type is refused later, with its reason.
    return (
      /^\s*</.test(head) && /<(!DOCTYPE|(\w+:)?(feed|entry|UsagePoint|IntervalBlock)\b)/.test(head)
    );
  },

  async read(input, collector) {
    const feed = new Feed(collector);
    await readXml(input, feed);
    feed.finish();
  },
};

/** Readings of blocks with the same links, before it is known what they measure. */
interface Blocks {
  readonly entry: Entry;
  /** With the values as they are written in the place of energy; for net flow they may be negative. */
  readonly channel: ChannelBuilder;
}

/** One reading while its elements are read. */
interface Current {
  start?: string;
  duration?: string;
  value?: string;
  quality: string[];
}

class Feed implements XmlHandler {
  readonly #path: string[] = [];
  readonly #links = new EspiLinks();
  /** By the address under which the blocks lie. */
  readonly #blocks = new Map<string, Blocks>();
  #entry: Entry = { links: [] };
  /** Readings of the entry that is open. */
  #open: ChannelBuilder;
  #reading: Current = { quality: [] };
  #extent = new BlockExtent();
  #timeParameters: Record<string, string> = {};

  constructor(private readonly collector: Collector) {
    this.#open = new ChannelBuilder(collector.files);
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    const parent = this.#path.at(-1);
    this.#path.push(name);
    if (name === "entry") this.#closeEntry();
    else if (name === "link" && parent === "entry") {
      const { rel, href } = attributes;
      if (rel !== undefined && href !== undefined) this.#entry.links.push({ rel, href });
    } else if (name === "IntervalReading") this.#reading = { quality: [] };
    else if (name === "IntervalBlock") this.#extent = new BlockExtent();
    else if (resources.has(name)) this.#entry.kind = name;
  }

  close(name: string, text: string, line: number): void {
    this.#path.pop();
    const parent = this.#path.at(-1);
    if (name === "IntervalReading") this.#take(line);
    else if (this.#path.includes("IntervalReading")) this.#readingField(name, parent, text);
    else if (name === "IntervalBlock") this.#extent.note(this.collector);
    else if (parent === "interval") this.#extent.field(name, text);
    else if (parent === "ReadingType") (this.#entry.fields ??= {})[name] = text;
    else if (parent === "ServiceCategory" && name === "kind") this.#entry.service = text;
    else if (parent === "LocalTimeParameters") this.#timeParameters[name] = text;
    else if (name === "entry") this.#closeEntry();
  }

  /** Its links may come after its blocks, so only now is it known where they belong. */
  #closeEntry(): void {
    const entry = this.#entry;
    this.#entry = { links: [] };
    this.#links.add(entry);
    if (this.#open.length === 0) return;
    const key = JSON.stringify(blockAddress(entry));
    const same = this.#blocks.get(key);
    if (same === undefined) {
      this.#blocks.set(key, { entry, channel: this.#open });
    } else {
      for (let i = 0; i < this.#open.length; i++) {
        same.channel.add(this.#open.at(i), this.collector.fileIndex);
      }
    }
    this.#open = new ChannelBuilder(this.collector.files);
  }

  #readingField(name: string, parent: string | undefined, text: string): void {
    const reading = this.#reading;
    if (parent === "timePeriod" && name === "start") reading.start = text;
    else if (parent === "timePeriod" && name === "duration") reading.duration = text;
    else if (parent === "IntervalReading" && name === "value") reading.value = text;
    else if (parent === "ReadingQuality" && name === "quality") reading.quality.push(text);
  }

  #take(line: number): void {
    const { start = "", duration = "", value = "", quality } = this.#reading;
    const bad = (reason: string): void => {
      this.collector.bad({ line, reason });
    };
    if (!this.#path.includes("IntervalBlock")) {
      return bad("an interval reading lies in no interval block");
    }
    if (!/^-?\d{1,11}$/.test(start))
      return bad(`the start "${start.slice(0, 40)}" is not a whole second`);
    if (!/^\d{1,9}$/.test(duration) || Number(duration) === 0) {
      return bad(`the duration "${duration.slice(0, 40)}" is not a number of seconds`);
    }
    if (!/^-?\d{1,15}$/.test(value))
      return bad(`the value "${value.slice(0, 40)}" is not an integer`);
    const known = quality.map(espiQuality).filter((q) => q !== undefined);
    if (known.length < quality.length)
      return bad(`the quality "${quality.join(" ")}" is not known`);
    this.#extent.reading(Number(start), Number(duration));
    this.collector.add(
      { channel: this.#open },
      {
        start: Number(start) * 1000,
        seconds: Number(duration),
        microWattHours: Number(value),
        quality: qualities.find((q) => known.includes(q)) ?? "actual",
        line,
      },
    );
  }

  /** Once all entries are known: which blocks measure what, in which unit, of whom. */
  finish(): void {
    this.#closeEntry();
    const zone = espiZone(this.#timeParameters);
    if (zone !== undefined) this.collector.nameZone(zone);
    else this.collector.localTimes = true;
    const placed = [...this.#blocks.values()].flatMap((blocks) => this.#place(blocks));
    for (const { name, channel } of countedOnce(placed, this.collector)) {
      const { home, commodity, direction, register } = name;
      if (direction !== "net") {
        this.collector.adopt(
          this.collector.register({ home, commodity, direction, register }),
          channel,
        );
        continue;
      }
      // Net: what is negative was fed in, and nothing was drawn, which is not the same as no reading.
      const [drawn, fedIn] = (["import", "export"] as const).map((flow) =>
        this.collector.register({ home, commodity, direction: flow, register }),
      );
      for (let i = 0; i < channel.length; i++) {
        const reading = channel.at(i);
        const net = reading.microWattHours;
        for (const [to, microWattHours] of [
          [drawn!, Math.max(net, 0)],
          [fedIn!, Math.max(-net, 0)],
        ] as const) {
          to.channel.add({ ...reading, microWattHours }, this.collector.fileIndex);
        }
      }
    }
  }

  #place({ entry, channel }: Blocks): EspiRegister[] {
    const { collector } = this;
    const { home, register, service, type, astray } = this.#links.of(entry);
    const refuse = (reason: string, line = channel.at(0).line): Error =>
      badRow({ file: collector.file, line }, reason);
    if (astray) throw refuse("the links of these readings lead to no meter reading of the file");
    if (type?.uom === undefined)
      throw refuse("no reading type says in which unit these readings are");
    const unit = espiUnit(type.uom, collector.options.gasWattHoursPerCubicMetre);
    const gas = service === "1" || type.commodity === "7";
    if (unit !== undefined && !gas && !["72", "31"].includes(type.uom))
      throw refuse(`electricity is in unit ${type.uom}, which is one of gas`);
    if (unit === undefined && type.kind === "12" && !gas)
      throw refuse(`the readings are energy, and unit ${type.uom} is not one of energy`);
    if (unit === undefined) {
      const hint = gas ? ": tell how much energy a cubic metre of gas holds" : "";
      const what = `${home}: readings in unit ${type.uom} are not energy, and are left out${hint}`;
      collector.ignore(what, channel.length);
      return [];
    }
    if (!["0", "4"].includes(type.accumulationBehaviour ?? "4")) {
      throw refuse(
        `readings accumulate as kind ${type.accumulationBehaviour!}, and not by interval`,
      );
    }
    const power = Number(type.powerOfTenMultiplier ?? "0");
    if (!Number.isInteger(power) || Math.abs(power) > 12) {
      throw refuse(`"${type.powerOfTenMultiplier!}" is not a power of ten`);
    }
    const flow = type.flowDirection ?? "1";
    const direction = ({ "0": "import", "1": "import", "19": "export", "4": "net" } as const)[flow];
    if (direction === undefined) throw refuse(`the flow direction ${flow} is not known`);
    channel.convert((value, line) => {
      const energy = parseSignedEnergy(String(value), unit, power);
      if ("bad" in energy) throw refuse(energy.bad, line);
      if (energy.micro < 0 && direction !== "net") {
        throw refuse(`the energy ${value} is negative`, line);
      }
      return energy.micro;
    });
    const commodity = gas ? "gas" : "electricity";
    return [{ name: { home, commodity, direction, register }, tou: type.tou, channel }];
  }
}

const resources = new Set(["UsagePoint", "MeterReading", "ReadingType"]);

/** The links of an entry of blocks without what tells one block from the next. */
function blockAddress({ links }: Entry): string[] {
  return links.map(({ rel, href }) => (rel === "up" ? href : href.replace(/[^/]*$/, "")));
}
