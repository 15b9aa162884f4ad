/**
 * The whole way of a neighbourhood, set-up included, in groups of 50: enrolment, pairwise secrets, keys,
 * and one quarter-hour with every message signed, checked and stored. 100 and 1,000 homes are measured; 10,000
 * are planned from what 1,000 took, since groups do not know of each other. The inner-product scheme goes the same
 * way with 100 homes. All figures are processor time.
 */
import {
  agreeGroup,
  openDmcfeStream,
  openStream,
  splitIntoGroups,
  sumDmcfeLabel,
  sumLabel,
  type AgreedGroup,
  type Timings,
} from "../../src/aggregation/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { cpuMs, type Benchmark, type Row } from "../harness.js";

const GROUP = 50;
const LABELS = 5;

interface Measured {
  readonly agree: number;
  readonly open: number;
  readonly label: number;
  readonly encrypt: number;
}

const none = (): Timings => ({ encrypt: [], decrypt: [], repair: [] });
const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function agreeAll(homes: number) {
  const names = Array.from({ length: homes }, (_, i) => `home-${i}`);
  const start = cpuMs();
  const groups: AgreedGroup[] = [];
  for (const [g, members] of splitIntoGroups(names, GROUP).entries()) {
    groups.push(await agreeGroup({ group: `bench/${g}`, members, maxValue: 1_000_000n }));
  }
  return { groups, agree: cpuMs() - start };
}

/** Seconds of the set-up, of opening a stream, and of one label of all groups after each other. */
async function psa(homes: number): Promise<Measured> {
  const { groups, agree } = await agreeAll(homes);
  let start = cpuMs();
  const streams = [];
  for (const agreed of groups) streams.push(await openStream(agreed, { stream: "load-wh" }));
  const open = cpuMs() - start;
  const timings = none();
  const labels: number[] = [];
  for (let label = 1n; label <= LABELS; label++) {
    start = cpuMs();
    for (const stream of streams) {
      const members = stream.aggregator.roster.members.map((m) => m.member);
      const values = new Map(members.map((m, i) => [m, BigInt(i)]));
      await sumLabel({ stream, label, values, timings });
    }
    labels.push(cpuMs() - start);
  }
  return { agree, open, label: middle(labels), encrypt: middle(timings.encrypt) };
}

async function dmcfe(homes: number): Promise<Measured> {
  const curve = await createMclBn254();
  const { groups, agree } = await agreeAll(homes);
  let start = cpuMs();
  const streams = [];
  for (const agreed of groups) {
    streams.push(await openDmcfeStream(curve, agreed, { stream: "load-wh" }));
  }
  const open = cpuMs() - start;
  const timings = none();
  const labels: number[] = [];
  for (let label = 1n; label <= LABELS; label++) {
    start = cpuMs();
    for (const stream of streams) {
      const members = stream.aggregator.roster.members.map((m) => m.member);
      const values = new Map(members.map((m, i) => [m, BigInt(i)]));
      await sumDmcfeLabel({ stream, label, values, timings });
    }
    labels.push(cpuMs() - start);
  }
  return { agree, open, label: middle(labels), encrypt: middle(timings.encrypt) };
}

function rows(what: string, { agree, open, label, encrypt }: Measured): Row[] {
  return [
    { what: `${what}: pairwise secrets`, value: agree / 1000, unit: "s" },
    { what: `${what}: keys of a stream`, value: open / 1000, unit: "s" },
    { what: `${what}: one label, everything`, value: label, unit: "ms" },
    { what: `${what}: of which one home's encryption`, value: encrypt * 1000, unit: "µs" },
  ];
}

const benchmark: Benchmark = {
  name: "neighbourhood",
  async run() {
    const hundred = await psa(100);
    const thousand = await psa(1000);
    const planned = {
      agree: 10 * thousand.agree,
      open: 10 * thousand.open,
      label: 10 * thousand.label,
      encrypt: thousand.encrypt,
    };
    return [
      ...rows("psa, 100 homes", hundred),
      ...rows("psa, 1,000 homes", thousand),
      ...rows("psa, 10,000 homes, planned", planned),
      ...rows("dmcfe, 100 homes", await dmcfe(100)),
    ];
  },
};
export default benchmark;
