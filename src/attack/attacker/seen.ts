/** What an attacker knows: the files of a view, parsed into columns. */
import {
  PATHS,
  readFile,
  type AccountFile,
  type ClientFile,
  type FeederFile,
  type Files,
  type OutageFile,
  type PublicFile,
  type SettlementFile,
} from "../view/files.js";
import { readOrder, readRequestLog } from "../view/request-log.js";

export interface Seen {
  readonly public: PublicFile;
  /** Of each order of the log, in its order: Unix seconds. */
  readonly at: Float64Array;
  readonly denomination: Int32Array;
  /** Numbers of equal marks, coins and tokens. */
  readonly mark: Int32Array;
  readonly coin: Int32Array;
  readonly token: Int32Array;
  /** In the order of accounts. */
  readonly accounts: readonly AccountFile[];
  readonly clients: readonly ClientFile[];
  /** When each account's meter settled; in the order of accounts. */
  readonly settledAt: Float64Array;
  /** Outside knowledge: for each account, the share of its bill in each interval. `null`: not known. */
  readonly curves: readonly Float32Array[] | null;
  /** Watt-hours of all homes together in the period. */
  readonly feeder: number;
  /** Outside knowledge of an outage; `null`: there was none. */
  readonly outage: OutageFile | null;
}

/** A view and what the attacker knows of its senders, because it made it itself. */
export interface Labelled {
  readonly seen: Seen;
  /** For each order, the place of its sender among the accounts. */
  readonly senders: Int32Array;
  /** Units of each account's bill. */
  readonly units: Float64Array;
}

export function see(files: Files): Seen {
  const publicFile = readFile<PublicFile>(files, PATHS.public);
  const accounts = readFile<AccountFile[]>(files, PATHS.accounts);
  const rows = new Map(accounts.map(({ account }, i) => [account, i]));
  const settledAt = new Float64Array(accounts.length).fill(Number.POSITIVE_INFINITY);
  for (const { meter, at } of readFile<SettlementFile[]>(files, PATHS.settlements)) {
    const row = rows.get(meter);
    if (row !== undefined) settledAt[row] = at;
  }
  const clients = new Map(readFile<ClientFile[]>(files, PATHS.clients).map((c) => [c.account, c]));
  return {
    public: publicFile,
    ...ordersOf(files),
    accounts,
    clients: accounts.map(({ account }) => clients.get(account) ?? { account, requests: 0 }),
    settledAt,
    curves: curvesOf(files, accounts.length, publicFile.intervals.count),
    feeder: readFile<FeederFile>(files, PATHS.feeder).wattHours.reduce((a, b) => a + b, 0),
    outage: files.has(PATHS.outage) ? readFile<OutageFile>(files, PATHS.outage) : null,
  };
}

function ordersOf(files: Files) {
  const at: number[] = [];
  const denomination: number[] = [];
  const ids = { mark: [] as number[], coin: [] as number[], token: [] as number[] };
  const known = { mark: new Map(), coin: new Map(), token: new Map() } as const;
  const numberOf = (names: Map<string, number>, name: string): number => {
    const number = names.get(name) ?? names.size;
    names.set(name, number);
    return number;
  };
  for (const request of readRequestLog(files.get(PATHS.requests)!)) {
    const order = readOrder(request.content);
    if (order === null) continue;
    at.push(request.at);
    denomination.push(order.denomination);
    for (const name of ["mark", "coin", "token"] as const) {
      ids[name].push(numberOf(known[name] as Map<string, number>, order[name]));
    }
  }
  return {
    at: Float64Array.from(at),
    denomination: Int32Array.from(denomination),
    mark: Int32Array.from(ids.mark),
    coin: Int32Array.from(ids.coin),
    token: Int32Array.from(ids.token),
  };
}

function curvesOf(files: Files, homes: number, intervals: number): Float32Array[] | null {
  const bytes = files.get(PATHS.curves);
  if (bytes === undefined) return null;
  // A copy: the bytes of a file need not be aligned.
  const shares = new Float32Array(bytes.slice().buffer);
  return Array.from({ length: homes }, (_, i) =>
    shares.subarray(i * intervals, (i + 1) * intervals),
  );
}
