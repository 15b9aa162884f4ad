/**
 * Who governs a deployment, and what they did with it, from the chain alone: every role granted and
 * revoked, every pause, key, announcement of parameters and retirement, each with its block, time and
 * transaction; and who holds which role now, since when.
 */
import type { Interface } from "ethers";
import { type Log, type Provider } from "ethers";
import { BillSettlement__factory, CreditVault__factory } from "../bindings/index.js";
import { ROLES, type Deployment, type Role } from "../deploy/deployment.js";
import { allEvents, type ReadOptions } from "../event-log.js";
import { mapLimit } from "../map-limit.js";
import { ROLE_IDS, type GovernedContract } from "./roles.js";

/** What happened. Periods are YYYYMM, times Unix seconds. */
export type GovernanceAct =
  | {
      readonly act: "role-granted" | "role-revoked";
      readonly role: Role | null;
      readonly holder: string;
    }
  | { readonly act: "paused" | "resumed"; readonly by: string }
  | { readonly act: "key-registered"; readonly keyEpoch: number; readonly firstPeriod: number }
  | { readonly act: "terms-announced"; readonly hash: string; readonly firstPeriod: number }
  | { readonly act: "network-announced"; readonly hash: string; readonly inForceAt: bigint }
  | { readonly act: "meter-retired"; readonly meter: string; readonly lastPeriod: number }
  | {
      readonly act: "mint-keys-registered";
      readonly mintKeyId: number;
      readonly firstPeriod: number;
    };

export type GovernanceEvent = GovernanceAct & {
  readonly contract: GovernedContract;
  readonly block: number;
  /** Of the block, Unix seconds; `null` if the node does not give the block. */
  readonly time: bigint | null;
  readonly transaction: string;
};

export interface RoleHolder {
  readonly contract: GovernedContract;
  readonly role: Role;
  readonly holder: string;
  readonly since: Pick<GovernanceEvent, "block" | "time" | "transaction">;
}

export interface GovernanceHistory {
  /** In the order of the chain, the settlement contract's before the vault's within a block. */
  readonly events: readonly GovernanceEvent[];
  /** Who holds what at the last block. */
  readonly holders: readonly RoleHolder[];
  /** Whether registrations, or deposits, are paused at the last block. */
  readonly paused: Readonly<Record<GovernedContract, boolean>>;
}

/** Blocks asked for at once. */
const AT_ONCE = 16;

const INTERFACES: Readonly<Record<GovernedContract, Interface>> = {
  settlement: BillSettlement__factory.createInterface(),
  vault: CreditVault__factory.createInterface(),
};

const EVENTS: Readonly<Record<GovernedContract, readonly string[]>> = {
  settlement: [
    "RoleGranted",
    "RoleRevoked",
    "Paused",
    "Unpaused",
    "KeyRegistered",
    "TermsAnnounced",
    "NetworkAnnounced",
    "MeterRetired",
  ],
  vault: ["RoleGranted", "RoleRevoked", "Paused", "Unpaused", "MintKeysRegistered"],
};

/**
 * Reads the history up to a block, the newest when absent.
 * @throws chain/events-refused, chain/unreachable
 */
export async function readGovernance(
  provider: Provider,
  deployment: Deployment,
  { toBlock, ...options }: ReadOptions & { readonly toBlock?: number } = {},
): Promise<GovernanceHistory> {
  const range = {
    fromBlock: deployment.block,
    toBlock: toBlock ?? (await provider.getBlockNumber()),
  };
  return replayGovernance(await readGovernanceEvents({ provider, deployment, range, options }));
}

/** The events of these blocks, both included. @throws chain/events-refused, chain/unreachable */
export async function readGovernanceEvents({
  provider,
  deployment,
  range,
  options = {},
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly range: { readonly fromBlock: number; readonly toBlock: number };
  readonly options?: ReadOptions;
}): Promise<readonly GovernanceEvent[]> {
  const found: { readonly contract: GovernedContract; readonly log: Log }[] = [];
  for (const contract of ["settlement", "vault"] as const) {
    const topics = [EVENTS[contract].map((name) => INTERFACES[contract].getEvent(name)!.topicHash)];
    const { address } = deployment.contracts[contract];
    const logs = await allEvents(provider, { address, topics, ...range }, options);
    found.push(...logs.map((log) => ({ contract, log })));
  }
  found.sort((a, b) => a.log.blockNumber - b.log.blockNumber || a.log.index - b.log.index);
  const blocks = [...new Set(found.map(({ log }) => log.blockNumber))];
  const times = new Map<number, bigint | null>();
  await mapLimit(blocks, AT_ONCE, async (number) => {
    const block = await provider.getBlock(number);
    times.set(number, block === null ? null : BigInt(block.timestamp));
  });
  return found.flatMap(({ contract, log }): GovernanceEvent[] => {
    const act = actOf(contract, log);
    if (act === null) return [];
    const { blockNumber: block, transactionHash: transaction } = log;
    return [{ ...act, contract, block, time: times.get(block) ?? null, transaction }];
  });
}

function actOf(contract: GovernedContract, log: Log): GovernanceAct | null {
  const parsed = INTERFACES[contract].parseLog(log);
  if (parsed === null) return null;
  const { args } = parsed;
  const number = (name: string) => Number(args[name] as bigint);
  const text = (name: string) => args[name] as string;
  switch (parsed.name) {
    case "RoleGranted":
    case "RoleRevoked": {
      const role = ROLES.find((name) => ROLE_IDS[name] === text("role")) ?? null;
      const act = parsed.name === "RoleGranted" ? "role-granted" : "role-revoked";
      return { act, role, holder: text("account") };
    }
    case "Paused":
      return { act: "paused", by: text("account") };
    case "Unpaused":
      return { act: "resumed", by: text("account") };
    case "KeyRegistered":
      return {
        act: "key-registered",
        keyEpoch: number("keyEpoch"),
        firstPeriod: number("firstPeriod"),
      };
    case "TermsAnnounced":
      return { act: "terms-announced", hash: text("hash"), firstPeriod: number("firstPeriod") };
    case "NetworkAnnounced":
      return {
        act: "network-announced",
        hash: text("hash"),
        inForceAt: args.inForceAt as bigint,
      };
    case "MeterRetired":
      return { act: "meter-retired", meter: text("meter"), lastPeriod: number("lastPeriod") };
    case "MintKeysRegistered":
      return {
        act: "mint-keys-registered",
        mintKeyId: number("mintKeyId"),
        firstPeriod: number("firstPeriod"),
      };
    default:
      return null;
  }
}

/** Who holds what after these events, which are all from the deployment on. */
export function replayGovernance(events: readonly GovernanceEvent[]): GovernanceHistory {
  const holders = new Map<string, RoleHolder>();
  const paused = { settlement: false, vault: false };
  for (const event of events) {
    const { contract, block, time, transaction } = event;
    if (event.act === "paused" || event.act === "resumed") {
      paused[contract] = event.act === "paused";
    }
    if (event.act !== "role-granted" && event.act !== "role-revoked") continue;
    const { role, holder } = event;
    if (role === null) continue;
    const key = `${contract} ${role} ${holder}`;
    if (event.act === "role-revoked") holders.delete(key);
    else holders.set(key, { contract, role, holder, since: { block, time, transaction } });
  }
  return { events, holders: [...holders.values()], paused };
}
