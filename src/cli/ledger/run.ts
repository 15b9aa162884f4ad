/** One run of the consumption ledger: every party in this process, the relays in a thread beside it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  auditClaim,
  billAt,
  BillCounter,
  IndexedPages,
  LedgerAuditor,
  ledgerId,
  Neighbourhood,
  recomputedBills,
  RelayThread,
  ServiceProvider,
  StatementSigner,
  StatementVerifier,
  TcpTransport,
  ZERO_ROOT,
  type Cheat,
  type ConsumptionPage,
  type EnrolmentList,
  type Finding,
  type IntervalPages,
  type LedgerRules,
  type NodeCounts,
  type OwnBill,
  type PiecewiseLinearPrice,
  type TimetablePrice,
} from "../../ledger/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { openLedgerChain, type LedgerChain } from "./chain.js";
import { cheatConsumption, cheatProvider } from "./cheats.js";
import type { HomeTable, Slot } from "./home-table.js";

export interface RunOptions {
  readonly relays: number;
  readonly hops: number;
  readonly k: number;
  readonly price: PiecewiseLinearPrice | TimetablePrice;
  /** The provider publishes no bill rows, and answers residents directly. */
  readonly direct: boolean;
  /** What is done wrong in the last interval. */
  readonly cheat: Cheat | undefined;
  /** A chain to deploy to; one inside this process when absent. */
  readonly rpc: string | undefined;
  readonly progress: (text: string) => void;
}

export interface IntervalOutcome {
  readonly start: number;
  readonly rows: number;
  /** Watt-hours. */
  readonly load: bigint;
  /** Millionths of the minor unit per watt-hour. */
  readonly price: bigint;
  /** Root of L_OCD. */
  readonly root: Uint8Array;
  readonly withheld: number;
  /** Of anchoring all of the interval. */
  readonly gas: bigint;
}

export interface HomeBill {
  readonly home: string;
  /** Millionths of the minor unit. */
  readonly amount: bigint;
  readonly rows: number;
  /** Watt-hours measured, and not yet in a row. */
  readonly carried: bigint;
}

export interface CheatOutcome {
  readonly cheat: Cheat;
  readonly start: number;
  /** Homes whose residents noticed. */
  readonly residents: readonly string[];
  readonly auditor: boolean;
  /** The honest provider noticed before billing; it then goes along. */
  readonly provider: boolean;
  /** Transaction in which the contract saw the proof; `null` if it has seen none. */
  readonly transaction: string | null;
  readonly findings: readonly Finding[];
}

export interface Outcome {
  /** No bill rows were published: residents asked the provider for theirs. */
  readonly direct: boolean;
  readonly intervals: readonly IntervalOutcome[];
  readonly bills: readonly HomeBill[];
  readonly cheats: readonly CheatOutcome[];
  /** What was found although nobody was told to cheat: always nothing. */
  readonly unexpected: readonly Finding[];
  readonly contract: string;
  /** Of the relays, and last of the control centre's node. */
  readonly nodes: readonly NodeCounts[];
}

/** Waiting at each relay: long enough for packets of several homes to meet. */
const MIXING = { batch: 64, delay: 4 };
const ANSWER_TIMEOUT = 60_000;

/** @throws ledger/onion-route if there are too few relays, and what the chain throws */
export async function runLedger(table: HomeTable, options: RunOptions): Promise<Outcome> {
  const first = table.slots[0]!.interval;
  options.progress("deploying the contracts");
  const chain = await openLedgerChain(options.rpc, options.price, first);
  const directory = await mkdtemp(join(tmpdir(), "sipster-ledger-"));
  try {
    const relays = await RelayThread.start({ count: options.relays, mixing: MIXING, epoch: first });
    try {
      const run = new Run(table, options, chain);
      return await run.all(directory, relays);
    } finally {
      await relays.stop();
    }
  } finally {
    await rm(directory, { recursive: true });
    await chain.close();
  }
}

class Run {
  readonly #controlCentre: StatementSigner;
  readonly #providerKey: StatementSigner;
  readonly #rules: LedgerRules;
  readonly #provider: ServiceProvider;
  readonly #counter: BillCounter | undefined;
  readonly #auditor = new LedgerAuditor();
  readonly #intervals: IntervalOutcome[] = [];
  readonly #cheats: CheatOutcome[] = [];
  readonly #unexpected: Finding[] = [];
  #billsRoot = ZERO_ROOT;
  readonly #amounts: { amount: bigint; rows: number }[];

  constructor(
    private readonly table: HomeTable,
    private readonly options: RunOptions,
    private readonly chain: LedgerChain,
  ) {
    const domain = { chainId: chain.chainId, contract: chain.contract };
    this.#controlCentre = new StatementSigner(domain, chain.keys.controlCentre);
    this.#providerKey = new StatementSigner(domain, chain.keys.provider);
    this.#rules = {
      verifier: new StatementVerifier(domain),
      ledger: ledgerId(domain),
      controlCentre: this.#controlCentre.address,
      provider: this.#providerKey.address,
      k: options.k,
      initialAverage: table.average,
      price: options.price,
    };
    this.#provider = new ServiceProvider(this.#rules, this.#providerKey);
    this.#counter = options.direct ? new BillCounter(this.#providerKey) : undefined;
    this.#amounts = table.homes.map(() => ({ amount: 0n, rows: 0 }));
  }

  async all(directory: string, relays: RelayThread): Promise<Outcome> {
    const { table, options } = this;
    const neighbourhood = await Neighbourhood.start({
      homes: table.homes.length,
      relays,
      hops: options.hops,
      transport: new TcpTransport(),
      mixing: MIXING,
      timeout: ANSWER_TIMEOUT,
      rules: this.#rules,
      controlCentre: this.#controlCentre,
      directory,
      firstInterval: table.slots[0]!.interval,
      counter: this.#counter,
    });
    try {
      for (const [i, slot] of table.slots.entries()) {
        if (i % 8 === 0) options.progress(`interval ${i + 1} of ${table.slots.length}`);
        await this.#interval(neighbourhood, slot, slot === table.slots.at(-1));
      }
      const { carried } = neighbourhood;
      return {
        direct: options.direct,
        intervals: this.#intervals,
        bills: table.homes.map((home, i) => ({
          home,
          ...this.#amounts[i]!,
          carried: carried[i]!,
        })),
        cheats: this.#cheats,
        unexpected: this.#unexpected,
        contract: this.chain.contract,
        nodes: await neighbourhood.counts(),
      };
    } finally {
      await neighbourhood.stop();
    }
  }

  async #interval(neighbourhood: Neighbourhood, slot: Slot, isLast: boolean): Promise<void> {
    const { list, page } = await neighbourhood.report(slot.interval, slot.wattHours);
    const cheat = isLast ? this.options.cheat : undefined;
    const consumption = cheatConsumption(page, cheat, this.#controlCentre);
    const { pages, refused } = this.#bill(consumption, cheat);
    const anchorers = { controlCentre: this.#rules.controlCentre, provider: this.#rules.provider };
    const gas = await this.chain.anchor(pages, anchorers);
    this.#billsRoot = pages.bills.statement.root;

    const seen = new IndexedPages(this.#published(pages), this.#rules);
    const own = await neighbourhood.settle(seen);
    own.forEach(({ amount, rows }, i) => {
      this.#amounts[i]!.amount += amount;
      this.#amounts[i]!.rows += rows;
    });
    const audit = this.#audit(seen, list, own);
    if (cheat === undefined) {
      this.#unexpected.push(...audit, ...own.flatMap((bill) => bill.findings));
    } else {
      const outcome = await this.#judge(seen, cheat, audit, own);
      this.#cheats.push({ ...outcome, start: slot.start, provider: refused });
    }
    const { rows, load, root, withheld } = consumption.statement;
    const { price } = pages.price.statement;
    this.#intervals.push({ start: slot.start, rows, load, price, root, withheld, gas });
  }

  /** The pages as everybody has them: in the direct variant, with the bill rows that they recompute. */
  #published(pages: IntervalPages): IntervalPages {
    if (this.#counter === undefined) return pages;
    this.#counter.open(pages.bills);
    return { ...pages, bills: recomputedBills(pages.consumption, pages.price, pages.bills) };
  }

  /** The provider's part; one that finds a fault says so, and here goes along with it. */
  #bill(
    page: ConsumptionPage,
    cheat: Cheat | undefined,
  ): { readonly pages: IntervalPages; readonly refused: boolean } {
    try {
      const pages = { consumption: page, ...this.#provider.bill(page) };
      return { pages: cheatProvider(pages, cheat, this.#providerKey), refused: false };
    } catch (error) {
      if (cheat === undefined || !isSipsterError(error, "ledger/page-refused")) throw error;
      const { interval, load } = page.statement;
      const price = this.#rules.price.priceAt(interval, load);
      return { pages: billAt(page, this.#billsRoot, this.#providerKey, price), refused: true };
    }
  }

  /** An auditor with the pages, and with the receipts of residents who complain. */
  #audit(pages: IndexedPages, list: EnrolmentList, own: readonly OwnBill[]): Finding[] {
    const claims = own.flatMap(({ findings }) =>
      findings.flatMap(({ challenge }) =>
        challenge?.kind === "missing-row" || challenge?.kind === "altered-row"
          ? [challenge.claim]
          : [],
      ),
    );
    return [
      ...this.#auditor.audit(pages, list),
      ...claims.flatMap((claim) => auditClaim(pages, claim)),
    ];
  }

  async #judge(
    pages: IndexedPages,
    cheat: Cheat,
    audit: readonly Finding[],
    own: readonly OwnBill[],
  ): Promise<Omit<CheatOutcome, "start" | "provider">> {
    const findings = [...audit, ...own.flatMap((bill) => bill.findings)];
    const { challenge } = findings.find((f) => f.challenge !== undefined) ?? {};
    const { controlCentre, provider } = this.#rules;
    return {
      cheat,
      residents: this.table.homes.filter((_, i) => own[i]!.findings.length > 0),
      auditor: audit.length > 0,
      transaction:
        challenge === undefined
          ? null
          : await this.chain.challenge(pages, { controlCentre, provider }, challenge),
      findings,
    };
  }
}
