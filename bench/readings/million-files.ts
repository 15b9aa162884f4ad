/** A million readings in each format, as text in pieces. */

export const READINGS = 1_000_000;
const step = 900;
const first = Date.UTC(1990, 0, 1) / 1000;
const energy = (i: number): number => (i * 7919) % 1000;
const kwh = (i: number): string => `0.${String(energy(i)).padStart(3, "0")}`;
const iso = (i: number): string => new Date((first + i * step) * 1000).toISOString().slice(0, 19);
const block = "</IntervalBlock></content></entry>";

export const formats: Readonly<Record<string, () => Generator<string>>> = {
  *"long CSV"() {
    yield "customer_id,reading_datetime,general_supply_kwh\n";
    for (let i = 0; i < READINGS; i++) yield `home,${iso(i).replace("T", " ")},${kwh(i)}\n`;
  },
  *"wide CSV, ten homes"() {
    yield `Datetime,${Array.from({ length: 10 }, (_, h) => 8_143_510 + h).join(",")}\n`;
    for (let i = 0; i < READINGS / 10; i++) {
      const row = Array.from({ length: 10 }, (_, h) => kwh(i * 10 + h)).join(",");
      yield `${iso(i).replace("T", " ")},${row}\n`;
    }
  },
  *"Green Button"() {
    yield '<feed><entry><link rel="self" href="u/1/UsagePoint/1"/><content><UsagePoint/></content></entry>';
    yield '<entry><link rel="self" href="t"/><content><ReadingType><uom>72</uom></ReadingType></content></entry>';
    for (let i = 0; i < READINGS; i++) {
      if (i % 96 === 0) {
        const open = `<entry><link rel="self" href="b/${i}"/><content><IntervalBlock>\n`;
        yield i === 0 ? open : block + open;
      }
      yield `<IntervalReading>\n  <timePeriod>\n    <duration>${step}</duration>\n    <start>${first + i * step}</start>\n  </timePeriod>\n  <value>${energy(i)}</value>\n</IntervalReading>\n`;
    }
    yield `${block}</feed>`;
  },
  *NEM12() {
    yield "100,NEM12,202401010000,MDP,RET\n200,4001,E1,1,E1,N1,M1,kWh,15,\n";
    for (let d = 0; d < READINGS / 96; d++) {
      const values = Array.from({ length: 96 }, (_, i) => kwh(d * 96 + i)).join(",");
      yield `300,${iso(d * 96)
        .slice(0, 10)
        .replaceAll("-", "")},${values},A,,,,\n`;
    }
    yield "900\n";
  },
  *"P1 telegrams"() {
    const start = Date.UTC(2001, 0, 1);
    for (let i = 0; i <= READINGS; i++) {
      const at = new Date(start + i * 300_000).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
      yield `/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(${at}W)\r\n0-0:96.1.1(4B38)\r\n1-0:1.8.1(${(i / 1000).toFixed(3)}*kWh)\r\n!\r\n`;
    }
  },
  *"Octopus JSON"() {
    yield '{"count": 1, "next": null, "previous": null, "results": [\n';
    for (let i = 0; i < READINGS; i++) {
      yield `${i === 0 ? "" : ","}{"consumption": ${kwh(i)}, "interval_start": "${iso(i)}Z", "interval_end": "${iso(i + 1)}Z"}\n`;
    }
    yield "]}";
  },
};
