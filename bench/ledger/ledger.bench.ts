/** Peeling, the control centre's checks, and a day of 1,000 homes through real relays. */
import { x25519 } from "@noble/curves/ed25519.js";
import { homeTable, type HomeTable } from "../../src/demo/ledger/home-table.js";
import { priceByLoad } from "../../src/demo/ledger/pricing.js";
import { runLedger } from "../../src/demo/ledger/run.js";
import { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { EnrolmentList, Registrar } from "../../src/ledger/enrolment.js";
import { LedgerMeter, type SentBundle } from "../../src/ledger/meter.js";
import {
  buildOnion,
  hopData,
  onionKeyPair,
  parseOnionKey,
  peelOnion,
} from "../../src/channel/onion/index.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { verifySchnorr } from "../../src/ledger/schnorr.js";
import {
  ledgerId,
  StatementSigner,
  StatementVerifier,
  type ConsumptionStatement,
  type Signed,
} from "../../src/ledger/statements.js";
import { MemoryStore } from "../../src/store/index.js";
import { reportMessage } from "../../src/ledger/report.js";
import { generateHomes } from "../../src/readings/index.js";
import { medianMs, type Benchmark, type Row } from "../harness.js";

const domain = { chainId: 31337n, contract: "0x5fbdb2315678afecb367f032d93f642f64180aa3" };
const ledger = ledgerId(domain);
const FIRST = 1000;
const METERS = 400;
const DAY_HOMES = 1000;
const LARGE_HOMES = 10_000;
const MEASURED_INTERVALS = 3;
const RUNS = 3;
/** Beside the main one: for the onion, and as many for lists and signatures. */
const THREADS = 2;
/** From 10:00 on homes send about as many reports as in the mean of the day. */
const FIRST_SLOT = 20;
/** Relays on a route. */
const HOPS = 3;

async function onions(): Promise<Row[]> {
  const nodes = Array.from({ length: HOPS + 1 }, () => onionKeyPair());
  const keys = nodes.map(({ publicKey }) => parseOnionKey(publicKey));
  const data = new Uint8Array(5);
  const payload = new Uint8Array(500);
  const { packet } = buildOnion({ nodes: keys, payload, associatedData: data });
  const peel = await medianMs(() => {
    for (let i = 0; i < 50; i++) peelOnion(packet, nodes[0]!, hopData(data, 0));
    return 50;
  });
  const build = await medianMs(() => {
    for (let i = 0; i < 20; i++) buildOnion({ nodes: keys, payload, associatedData: data });
    return 20;
  });
  const secret = x25519.utils.randomSecretKey();
  const noble = await medianMs(() => {
    x25519.getSharedSecret(secret, nodes[0]!.publicKey);
  });
  const comparedWith = { what: "noble's key agreement alone", value: noble };
  return [
    { what: "peeling a packet", value: peel, unit: "ms", target: "≤ 0.1", comparedWith },
    { what: `building a packet for ${HOPS + 1} nodes`, value: build, unit: "ms" },
  ];
}

async function admission(): Promise<Row> {
  const [signer, receipts] = [7, 8].map(
    (byte) => new StatementSigner(domain, new Uint8Array(32).fill(byte)),
  ) as [StatementSigner, StatementSigner];
  const verifier = new StatementVerifier(domain);
  const { address: controlCentre } = signer;
  const initialAverage = 200n;
  const meterRules = { ledger, verifier, controlCentre, provider: controlCentre, initialAverage };
  const centre = await LedgerControlCentre.open({
    store: new MemoryStore(),
    signer,
    receipts,
    ledger,
    leastHomes: 1,
    firstInterval: FIRST,
    initialAverage,
  });
  const registrar = await Registrar.open(new MemoryStore());
  const meters: LedgerMeter[] = [];
  for (let i = 0; i < METERS; i++) {
    meters.push(await LedgerMeter.open(meterRules, new MemoryStore()));
    await registrar.enrol(meters[i]!.enrolment(), FIRST + 2);
  }
  const lists = new Map([FIRST, FIRST + 1].map((i) => [i, new EnrolmentList(i, [])]));
  const pages = new Map<number, Signed<ConsumptionStatement>>();
  const times: number[] = [];
  let oneByOne = 0;
  for (let interval = FIRST; interval < FIRST + 6; interval++) {
    const list = lists.get(interval)!;
    await centre.begin(list);
    const page = pages.get(interval - 2);
    if (page !== undefined) {
      const terms = { page, source: pages.get(page.statement.source) };
      const bundles: SentBundle[] = [];
      for (const [i, meter] of meters.entries()) {
        bundles.push((await meter.report(interval, BigInt(200 + i), terms))!);
      }
      const packets = bundles.map(({ bundle }) => encodeBundle(bundle));
      const reports = bundles.flatMap((s) => s.sent);
      const start = performance.now();
      for (let i = 0; i < METERS; i += 100) await centre.admit(packets.slice(i, i + 100));
      times.push((1000 * reports.length) / (performance.now() - start));
      const { pseudonym, wattHours, signature } = reports[0]!;
      const message = reportMessage({ ledger, interval, pseudonym, wattHours });
      const item = { key: list.entryOf(pseudonym)!.key, message, signature };
      oneByOne = 1000 / (await medianMs(() => verifySchnorr(item), { runs: 50 }));
    }
    lists.set(interval + 2, await registrar.list(interval + 2));
    pages.set(interval, await centre.close(lists.get(interval + 2)!));
  }
  const value = times.sort((a, b) => a - b)[1]!;
  const comparedWith = { what: "signatures one by one", value: oneByOne };
  return { what: "admitting reports", value, unit: "1/s", target: "≥ 1000", comparedWith };
}

interface Seconds {
  /** Of all threads together. */
  readonly cpu: number;
  readonly clock: number;
}

/** What it takes for `slots` intervals of all homes, with all that begins and ends a run. */
async function secondsFor(homes: HomeTable, slots: number, threads: number): Promise<Seconds> {
  const start = performance.now();
  const before = process.cpuUsage();
  await runLedger(
    {
      ...homes,
      slots:
        slots === homes.slots.length
          ? homes.slots
          : homes.slots.slice(FIRST_SLOT, FIRST_SLOT + slots),
    },
    {
      relays: 8,
      hops: HOPS,
      rounds: 2,
      leastHomes: 3,
      price: priceByLoad(homes),
      direct: false,
      cheat: undefined,
      rpc: undefined,
      threads,
      progress: () => undefined,
    },
  );
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, clock: (performance.now() - start) / 1000 };
}

/** What more intervals take, for each: what begins and ends a run is not among it. */
async function each(homes: HomeTable, intervals: number, threads: number): Promise<Seconds> {
  const one = await secondsFor(homes, 1, threads);
  const some = await secondsFor(homes, 1 + intervals, threads);
  return {
    cpu: (some.cpu - one.cpu) / intervals,
    clock: (some.clock - one.clock) / intervals,
  };
}

/** CPU time in one thread, which no other disturbs. */
async function homeIntervals(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [400, DAY_HOMES]) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const { cpu } = await each(table(count), MEASURED_INTERVALS, 0);
      times.push((1000 * cpu) / count);
    }
    const sorted = times.sort((a, b) => a - b);
    rows.push({
      what: `the same in the busy part of the day, in one thread, ${count} homes`,
      value: sorted[RUNS >> 1]!,
      unit: "ms",
      comparedWith: { what: `the least of ${RUNS} runs`, value: sorted[0]! },
    });
  }
  return rows;
}

/** A whole day, every interval of it, with all that begins and ends a run. */
async function day(): Promise<Row[]> {
  const homes = table(DAY_HOMES);
  const intervals = homes.slots.length;
  const { cpu, clock } = await secondsFor(homes, intervals, THREADS);
  return [
    {
      what: `${DAY_HOMES} homes, ${intervals} intervals run whole, by the clock`,
      value: clock,
      unit: "s",
      target: "≤ 100",
      comparedWith: { what: "CPU of all threads", value: cpu },
    },
    {
      what: "a home's interval of two rounds over that day, CPU of all parties",
      value: (1000 * cpu) / (DAY_HOMES * intervals),
      unit: "ms",
      target: "≤ 3",
    },
  ];
}

/** One interval of many homes, without what begins and ends a run. */
async function large(): Promise<Row> {
  const { cpu, clock } = await each(table(LARGE_HOMES), 1, THREADS);
  return {
    what: "10,000 homes, one interval, CPU of all parties",
    value: cpu,
    unit: "s",
    comparedWith: { what: "by the clock", value: clock },
  };
}

function table(homes: number): HomeTable {
  const set = generateHomes({ homes, period: "2026-03", seed: "ledger bench" });
  return homeTable(set, { first: "2026-03-02", last: "2026-03-02" });
}

const benchmark: Benchmark = {
  name: "ledger",
  run: async () => {
    return [
      ...(await onions()),
      await admission(),
      ...(await homeIntervals()),
      ...(await day()),
      await large(),
    ];
  },
};
export default benchmark;
