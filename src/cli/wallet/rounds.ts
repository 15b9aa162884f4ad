/**
 * A wallet at work. In each round it reads the chain's clock, fetches what the meter has emitted, does
 * what is due, and hands in the bills that may be settled. A meter or a relayer that does not answer
 * costs a round and nothing else.
 */
import { readFileSync } from "node:fs";
import type { RpcProvider } from "../../chain/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { MeterClient } from "../../meter/index.js";
import {
  takeTokens,
  type MeteredBill,
  type OrderBoard,
  type StepReport,
} from "../../resident/index.js";
import type { HexAddress } from "../../sipster/index.js";
import { billFile } from "./bill.js";
import type { BillState } from "./bill-state.js";
import { billFrom, formerBills } from "./former-meters.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";
import { isRegisteredFor, settlementOf, type Settler } from "./settler.js";

/** Closed periods that a wallet looks after. */
const MONTHS_BACK = 3;

/** What the meter said of itself. */
export interface MeterView {
  /** ms since 1970 in UTC. */
  readonly clock: number;
  readonly open: number;
  readonly closed: readonly number[];
}

export interface Round {
  /** The deployment's clock, Unix seconds. */
  readonly now: number;
  /** When there is something to do next; `null`: nothing is planned. */
  readonly next: number | null;
  /** `null`: it did not answer. */
  readonly meter: MeterView | null;
  readonly step: StepReport;
  /** Receipts verified in this round, those on the board among them. */
  readonly verified: number;
  /** Of the open period and the closed ones that the wallet looks after, latest first. */
  readonly bills: readonly BillState[];
  /** What could not be done now and is tried again, a sentence each. */
  readonly trouble: readonly string[];
}

export interface RoundWays {
  readonly board: OrderBoard;
  /** Does this wallet post orders that get no answer? */
  readonly posts: boolean;
  readonly settler: Settler | null;
}

/** A month of one meter. */
interface MonthOfMeter {
  readonly meter: HexAddress;
  readonly period: number;
  /** `null` while the month is open. */
  readonly bill: (() => Promise<MeteredBill>) | null;
}

const nameOf = (meter: string, period: number): string => `${meter}/${period}`;

export class WalletRounds {
  #meter: MeterClient | null = null;
  /** Closed periods whose tokens are all in the books. */
  readonly #fetched = new Set<number>();
  /** Bill files of this session, and what became of them, by meter and period. */
  readonly #files = new Map<string, string>();
  readonly #settled = new Map<string, string>();
  readonly #handedIn = new Set<string>();
  #trouble: string[] = [];
  #last: Round | null = null;

  constructor(
    private readonly wallet: OpenWallet,
    private readonly provider: RpcProvider,
    private readonly ways: RoundWays,
  ) {}

  /**
   * A round if one is worth while: time has passed, here or at the meter, or a settlement is awaited.
   * @throws as `round`
   */
  async look(): Promise<Round | null> {
    const last = this.#last;
    if (last !== null && last.meter !== null && this.#handedIn.size === 0) {
      const now = await this.wallet.clock.read();
      const meter = await this.#attempt(() => this.#status());
      if (now === last.now && meter?.clock === last.meter.clock) return null;
    }
    this.#last = await this.round();
    return this.#last;
  }

  /** @throws cli/no-meter, chain/…, and what the store throws */
  async round(): Promise<Round> {
    const { resident, channel, clock, store, suite } = this.wallet;
    this.#trouble = [];
    const now = await clock.read();
    const meter = await this.#attempt(() => this.#fetch());
    if (meter === null) this.#hangUp();
    const { board, posts } = this.ways;
    const step = await resident.step(channel.carry, posts ? board : null);
    const fromBoard = await resident.takePosted(board);
    const verified = fromBoard + (await resident.verify()).verified;
    const bills: BillState[] = [];
    const forgotten = await resident.forgotten();
    for (const period of meter === null ? [] : [meter.open, ...meter.closed.toReversed()]) {
      if (bills.length > MONTHS_BACK) break;
      if (forgotten.has(period)) continue;
      const client = this.#meter!;
      const { meter: address } = (await pairedMeter(store))!;
      const bill = period === meter!.open ? null : () => billFrom(client, address, period);
      bills.push(await this.#bill({ meter: address, period, bill }));
    }
    for (const former of await formerBills(store, suite)) {
      const { period } = former.bill;
      if (forgotten.has(period)) continue;
      bills.push(await this.#bill({ meter: former.meter, period, bill: async () => former }));
    }
    const planned = [
      await resident.nextDue(),
      ...bills.map(({ stage, settleAt }) => (stage === "waits" ? settleAt : null)),
    ].filter((time) => time !== null && time > now) as number[];
    const next = planned.length === 0 ? null : Math.min(...planned);
    return { now, next, meter, step, verified, bills, trouble: this.#trouble };
  }

  close(): void {
    this.#hangUp();
  }

  #hangUp(): void {
    this.#meter?.close();
    this.#meter = null;
  }

  /** Takes what the meter has emitted since the last time. */
  async #fetch(): Promise<MeterView> {
    const { resident, pinned } = this.wallet;
    const { clock, open, closed, epochs } = await this.#status();
    const client = this.#meter!;
    const keys = pinned.keys.filter((key) => epochs.every((e) => e.keyEpoch !== key.keyEpoch));
    if (keys.length > 0) this.#fetched.clear();
    const forgotten = await this.wallet.resident.forgotten();
    for (const period of [...closed.slice(-MONTHS_BACK), open]) {
      if (this.#fetched.has(period) || forgotten.has(period)) continue;
      await takeTokens(resident, client, { keys, period });
      if (period !== open) this.#fetched.add(period);
    }
    return { clock, open, closed };
  }

  async #status(): Promise<Awaited<ReturnType<MeterClient["status"]>>> {
    this.#meter ??= await this.wallet.meter();
    return this.#meter.status();
  }

  async #bill({ meter, period, bill }: MonthOfMeter): Promise<BillState> {
    const { units, unitsPaid, tokens } = await this.wallet.resident.status(period);
    const state = { period, units, unitsPaid, tokens, settleAt: null, file: null, tx: null };
    if (bill === null) return { ...state, stage: "open" };
    if (unitsPaid < units) return { ...state, stage: "unpaid" };
    const settleAt = await this.wallet.resident.settlingTime(period);
    const file = await this.#file({ meter, period, bill }, settleAt);
    if (file === null) return { ...state, settleAt, stage: "waits" };
    const tx = await this.#settlement(meter, period);
    if (tx !== null) return { ...state, settleAt, file, tx, stage: "settled" };
    const stage = (await this.#handIn(meter, period, file)) ? "handed-in" : "ready";
    return { ...state, settleAt, file, stage };
  }

  async #file(
    { meter, period, bill }: MonthOfMeter & { readonly bill: () => Promise<MeteredBill> },
    settleAt: number,
  ): Promise<string | null> {
    const known = this.#files.get(nameOf(meter, period));
    if (known !== undefined) return known;
    if (this.wallet.clock.now < settleAt) return null;
    const { board } = this.ways;
    const file = await this.#attempt(() => billFile({ wallet: this.wallet, bill, period, board }));
    if (file !== null) this.#files.set(nameOf(meter, period), file);
    return file;
  }

  async #settlement(meter: string, period: number): Promise<string | null> {
    const name = nameOf(meter, period);
    const known = this.#settled.get(name);
    if (known !== undefined) return known;
    const { config, pinned } = this.wallet;
    const bill = { meter, period };
    const tx = await settlementOf({
      provider: this.provider,
      deployment: config.deployment,
      terms: pinned.terms,
      ...bill,
    });
    if (tx === null) return null;
    this.#settled.set(name, tx);
    this.#handedIn.delete(name);
    return tx;
  }

  async #handIn(meter: string, period: number, file: string): Promise<boolean> {
    const { settler } = this.ways;
    if (settler === null) return false;
    const { deployment } = this.wallet.config;
    if (!(await isRegisteredFor(this.provider, deployment, { meter, period }))) return false;
    const done = await this.#attempt(async () => {
      await settler.settle(readFileSync(file, "utf8"));
      return true;
    });
    if (done === true) this.#handedIn.add(nameOf(meter, period));
    return this.#handedIn.has(nameOf(meter, period));
  }

  /** What fails for now is told, and tried again in the next round. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!isSipsterError(error) || !PASSING.some((room) => error.code.startsWith(room)))
        throw error;
      this.#trouble.push(`${error.message} (${error.code})`);
      return null;
    }
  }
}

/** Errors of others, which may be gone in the next round. */
const PASSING = ["meter/", "relay/", "contract/", "resident/", "cli/no-meter"];
