/**
 * The history of a settlement contract, replayed from its events: keys, meters, and what was claimed
 * to be settled, each judged against what was registered at that moment.
 */
import { concat, type Log, type LogDescription, type Provider, type Result } from "ethers";
import type { HexAddress } from "../../sipster/index.js";
import { BillSettlement__factory } from "../bindings/index.js";
import type { G1Words, G2Words } from "../contract-values.js";
import { allEvents, type ReadOptions } from "../event-log.js";

export interface RegisteredKey {
  readonly keyEpoch: number;
  readonly a1: G1Words;
  readonly a2: G2Words;
  readonly firstPeriod: number;
  /** The notice signer's signature, 0x-hexadecimal, 64 bytes as in EIP-2098. */
  readonly notice: string;
  readonly transaction: string;
  readonly block: number;
}

export interface RegisteredMeter {
  readonly meter: HexAddress;
  readonly index: number;
  readonly validFrom: number;
  /** As it is now, after any retirement. */
  readonly validUntil: number;
}

/** An event BillSettled, and what the registries said when it came. */
export interface Claim {
  readonly meter: HexAddress;
  readonly period: number;
  readonly keyEpoch: number;
  readonly transaction: string;
  readonly block: number;
  /** Position of the event in its block. */
  readonly logIndex: number;
  readonly meterStatus: "valid" | "not valid for the period" | "not registered";
  readonly keyWas: "of the period" | "of other periods" | "not registered";
  /** Another event settled this meter's period before. */
  readonly repeated: boolean;
}

export interface History {
  readonly keys: readonly RegisteredKey[];
  readonly meters: readonly RegisteredMeter[];
  readonly claims: readonly Claim[];
  /** Transactions with events that bear the right name and cannot be read. */
  readonly unreadable: readonly string[];
}

const abi = BillSettlement__factory.createInterface();
const EVENTS = ["KeyRegistered", "MeterRegistered", "MeterRetired", "BillSettled"] as const;
/** Topics of the events that the history is made of. */
export const HISTORY_TOPICS: readonly string[] = EVENTS.map((name) => abi.getEvent(name).topicHash);

/** @throws chain/events-refused, chain/unreachable */
export async function readHistory({
  provider,
  settlement,
  fromBlock,
  toBlock,
  ...options
}: {
  readonly provider: Provider;
  readonly settlement: string;
  readonly fromBlock: number;
  readonly toBlock: number;
} & ReadOptions): Promise<History> {
  const query = { address: settlement, topics: [HISTORY_TOPICS], fromBlock, toBlock };
  return replay(await allEvents(provider, query, options));
}

/** Replays events, which come in the order of the chain. */
export function replay(logs: readonly Log[]): History {
  const keys: RegisteredKey[] = [];
  const meters = new Map<string, RegisteredMeter>();
  const claims: Claim[] = [];
  const unreadable: string[] = [];
  const seen = new Set<string>();
  for (const log of logs) {
    const event = parse(log);
    if (event === null) {
      unreadable.push(log.transactionHash);
      continue;
    }
    const { args } = event;
    const meter = () => (args.meter as string).toLowerCase() as HexAddress;
    switch (event.name as (typeof EVENTS)[number]) {
      case "KeyRegistered":
        keys.push(keyOf(log, args));
        break;
      case "MeterRegistered":
        meters.set(meter(), {
          meter: meter(),
          index: Number(args.index),
          validFrom: Number(args.validFrom),
          validUntil: Number(args.validUntil),
        });
        break;
      case "MeterRetired": {
        const retired = meters.get(meter());
        if (retired !== undefined) {
          meters.set(meter(), { ...retired, validUntil: Number(args.lastPeriod) });
        }
        break;
      }
      case "BillSettled": {
        const settled = { meter: meter(), ...settledIn(args) };
        const nullifier = `${settled.meter} ${settled.period}`;
        claims.push({
          ...settled,
          ...placeOf(log),
          logIndex: log.index,
          meterStatus: standing(meters.get(settled.meter), settled.period),
          keyWas: standingOfKey(keys, settled.keyEpoch, settled.period),
          repeated: seen.has(nullifier),
        });
        seen.add(nullifier);
      }
    }
  }
  return { keys, meters: [...meters.values()], claims, unreadable };
}

const placeOf = (log: Log): Pick<Claim, "transaction" | "block"> => ({
  transaction: log.transactionHash,
  block: log.blockNumber,
});

const settledIn = (args: Result): Pick<Claim, "period" | "keyEpoch"> => ({
  period: Number(args.period),
  keyEpoch: Number(args.keyEpoch),
});

function keyOf(log: Log, args: Result): RegisteredKey {
  return {
    keyEpoch: Number(args.keyEpoch),
    a1: (args.a1 as Result).toObject() as G1Words,
    a2: (args.a2 as Result).toObject() as G2Words,
    firstPeriod: Number(args.firstPeriod),
    notice: concat([args.r as string, args.vs as string]),
    ...placeOf(log),
  };
}

function parse(log: Log): LogDescription | null {
  try {
    return abi.parseLog(log);
  } catch {
    return null;
  }
}

function standing(meter: RegisteredMeter | undefined, period: number): Claim["meterStatus"] {
  if (meter === undefined) return "not registered";
  const valid = period >= meter.validFrom && period <= meter.validUntil;
  return valid ? "valid" : "not valid for the period";
}

/** Epochs are judged as they stood: one that is registered later takes no settled bill away. */
function standingOfKey(
  keys: readonly RegisteredKey[],
  keyEpoch: number,
  period: number,
): Claim["keyWas"] {
  if (!keys.some((key) => key.keyEpoch === keyEpoch)) return "not registered";
  const own = keys.findLast((key) => key.firstPeriod <= period);
  return own?.keyEpoch === keyEpoch ? "of the period" : "of other periods";
}
