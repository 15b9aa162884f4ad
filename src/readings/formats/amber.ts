/**
 * Usage as Amber Electric's interface gives it: a list of `{"type": "Usage", "startTime", "endTime", "kwh",
 * "quality", "channelType", "channelIdentifier"}`. Times are instants; starts are a second late.
 */
import type { Collector } from "../collector.js";
import { kilowattHour, parseSignedEnergy } from "../energy.js";
import { parseStamp } from "../timestamp.js";
import type { Format } from "./format.js";
import { readJson } from "./json-stream.js";

export const amberFormat: Format = {
  name: "Amber JSON",

  detect(head) {
    return /^\s*\[/.test(head) && head.includes('"channelType"') && head.includes('"startTime"');
  },

  async read(input, collector) {
    let number = 0;
    const home = collector.unnamedHome();
    // Amber sells in Australia's market, whose days are those of UTC+10.
    collector.nameZone("+10:00");
    await readJson(input, "$.*", (value) => {
      number += 1;
      take({ collector, value: (value ?? {}) as Record<string, unknown>, home, line: number });
    });
  },
};

function take({
  collector,
  value,
  home,
  line,
}: {
  readonly collector: Collector;
  readonly value: Record<string, unknown>;
  readonly home: string;
  readonly line: number;
}): void {
  const { startTime, endTime, kwh, quality, channelType, channelIdentifier } = value;
  const bad = (reason: string): void => {
    collector.bad({ line: undefined, reason: `usage ${line}: ${reason}`, home });
  };
  const [from, to] = [startTime, endTime].map((t) =>
    typeof t === "string" ? parseStamp(t) : undefined,
  );
  if (from?.isInstant !== true || to?.isInstant !== true)
    return bad('it has no start and end, which Amber JSON names "startTime" and "endTime"');
  const start = Math.floor(from.at / 60_000) * 60_000;
  const seconds = (to.at - start) / 1000;
  if (seconds <= 0) return bad("it ends before it begins");
  const fedIn = channelType === "feedIn";
  if (!fedIn && channelType !== "general" && channelType !== "controlledLoad") {
    return bad(`"${String(channelType).slice(0, 20)}" is not a channel that is known`);
  }
  // Of the meter's streams E is drawn and B is fed in, as in NEM12.
  const letter = typeof channelIdentifier === "string" ? channelIdentifier[0] : undefined;
  if ((letter === "B" && !fedIn) || (letter === "E" && fedIn))
    return bad(
      `the channel "${String(channelIdentifier)}" is not of the type "${String(channelType)}"`,
    );
  if (typeof value.duration === "string" && Number(value.duration) * 60 !== seconds)
    return bad(`it lasts ${seconds} s, and says ${value.duration} minutes`);
  if (quality !== undefined && quality !== "estimated" && quality !== "billable")
    return bad(`the quality "${String(quality).slice(0, 20)}" is not known`);
  const energy =
    typeof kwh === "string"
      ? parseSignedEnergy(kwh, kilowattHour)
      : { bad: '"kwh" of Amber JSON is not a number' };
  if ("bad" in energy) return bad(energy.bad);
  if (!fedIn && energy.micro < 0) return bad("the energy is negative");
  const register = collector.register({
    home,
    commodity: "electricity",
    direction: fedIn ? "export" : "import",
    register: typeof channelIdentifier === "string" ? channelIdentifier : "",
  });
  collector.add(register, {
    start,
    seconds,
    microWattHours: Math.abs(energy.micro),
    quality: quality === "estimated" ? "estimated" : "actual",
    line,
  });
}
