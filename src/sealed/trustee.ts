/**
 * A trustee: holds a share of the key, and decrypts whole bills and sums of groups, nothing else. It checks
 * every report itself, takes prices and groups from notices that it saw in time, and adds up itself.
 *
 * Any t trustees decrypt, and two sets of t have an honest one in common (`committee.ts`). So one honest
 * rule suffices against two sums over one reading: each trustee answers for a reading, per kind of request,
 * under one digest only. It needs to remember: the entry of its log is stored, and its head is anchored,
 * before the answer leaves.
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import type { Store } from "../store/index.js";
import { billTerms, checkPrices, groupTerms, type SumPolicy } from "./bill-terms.js";
import { sealedErrors } from "./errors.js";
import type { HeadAnchor } from "./head-anchor.js";
import type { KeyShare } from "./key-share.js";
import { NoticeBoard } from "./notice-board.js";
import type { GroupNotice, TariffNotice } from "./notices.js";
import type { MeterRegistry, ReportVerifier } from "./report-verifier.js";
import type { ReportingRules } from "./rules.js";
import {
  openRequest,
  requestDigest,
  sealedSum,
  type BillStatement,
  type GroupStatement,
  type RequestKind,
  type SumRequest,
  type SumTerm,
} from "./sum-request.js";
import type { SealedSystem } from "./system.js";
import { PartialDecryptor, type PartialDecryption } from "./threshold.js";
import { parseLogEntry, TrusteeLog, type LogEntry, type SpentReadings } from "./trustee-log.js";

export interface TrusteePlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly verifier: ReportVerifier;
  /** The public register of meters. */
  readonly registry: MeterRegistry;
  readonly policy: SumPolicy;
  readonly share: KeyShare;
  /** One process has it open at a time. */
  readonly store: Store;
  readonly anchor: HeadAnchor;
  /** The trustee's own clock, in seconds since 1970. */
  readonly now: () => number;
}

/** A request that passed every check. */
interface Admitted {
  readonly kind: RequestKind;
  readonly digest: Uint8Array;
  readonly terms: readonly SumTerm[];
  readonly spent: readonly SpentReadings[];
}

export class Trustee {
  readonly #decryptor: PartialDecryptor;
  readonly #board: NoticeBoard;
  /** The last answer under way: two at a time would not see each other's entries. */
  #turn: Promise<unknown> = Promise.resolve();

  private readonly place: TrusteePlace;
  private readonly at: string;
  private log: TrusteeLog;
  private anchored: number;

  private constructor({
    place,
    at,
    log,
    anchored,
  }: {
    readonly place: TrusteePlace;
    readonly at: string;
    readonly log: TrusteeLog;
    readonly anchored: number;
  }) {
    this.place = place;
    this.at = at;
    this.log = log;
    this.anchored = anchored;

    const { system, rules, share, store, now } = place;
    this.#decryptor = new PartialDecryptor(system, share);
    this.#board = new NoticeBoard({ system, rules, store, at: `${at}/notices`, now });
  }

  /** @throws sealed/bad-share, sealed/damaged-log, sealed/log-behind-anchor */
  static async start(place: TrusteePlace): Promise<Trustee> {
    const at = `sealed/trustee/${place.share.index}`;
    const entries = await place.store.transaction((tx) => tx.list(`${at}/log/`));
    const anchored = await place.anchor.latest();
    const log = new TrusteeLog(
      entries.map(([, bytes]) => parseLogEntry(bytes)),
      anchored,
    );
    return new Trustee({ place, at, log, anchored: anchored?.count ?? 0 });
  }

  /** Everything answered so far. */
  get answers(): readonly LogEntry[] {
    return this.log.entries;
  }

  /** Takes a tariff before its period begins. @throws as `NoticeBoard.takeTariff` */
  takeTariff(message: Uint8Array): Promise<TariffNotice> {
    return this.#board.takeTariff(message);
  }

  /**
   * Takes a group before its day begins. @throws as `NoticeBoard.takeGroup`; sealed/unknown-meter,
   * sealed/group-too-small
   */
  takeGroup(message: Uint8Array): Promise<GroupNotice> {
    const { registry, policy } = this.place;
    return this.#board.takeGroup(message, ({ group, members }) => {
      const least = policy.minHonest + policy.assumedCorrupt;
      if (members.length < least) {
        throw sealedErrors.error(
          "group-too-small",
          `group ${group} has ${members.length} meters, at least ${least} are needed`,
          { group, meters: members.length, needed: least },
        );
      }
      if (!members.every((m) => registry.has(m))) {
        throw sealedErrors.error("unknown-meter", `a meter of group ${group} is not registered`);
      }
    });
  }

  /**
   * This trustee's part of the decryption of each sum. The same request again gets the same answer. All
   * are admitted, or none is answered.
   * @throws sealed/already-decrypted, incomplete, gap-not-named, period-open, too-few-readings,
   *   too-few-at-a-price, unknown-notice, other-reports, and what `ReportVerifier.check` finds
   */
  answer(requests: readonly SumRequest[]): Promise<PartialDecryption[]> {
    const answers = this.#turn.then(() => this.#answer(requests));
    this.#turn = answers.catch(() => undefined);
    return answers;
  }

  async #answer(requests: readonly SumRequest[]): Promise<PartialDecryption[]> {
    const admitted: Admitted[] = [];
    for (const request of requests) admitted.push(await this.#admit(request));
    await this.#record(admitted, requests);
    const { head } = this.log;
    if (head.count > this.anchored) {
      await this.place.anchor.anchor(head);
      this.anchored = head.count;
    }
    return admitted.map(({ terms, digest }) =>
      this.#decryptor.decrypt(sealedSum(this.place.system, terms), digest),
    );
  }

  /** The signed request that was answered under a digest: evidence when another one conflicts with it. */
  requestAnswered(digest: string): Promise<Uint8Array | undefined> {
    return this.place.store.transaction((tx) => tx.get(`${this.at}/request/${digest}`));
  }

  async #admit(request: SumRequest): Promise<Admitted> {
    const { system, rules, verifier } = this.place;
    const statement = openRequest(system, rules, request);
    const digest = requestDigest(system, rules, statement);
    const { reports } = request;
    const checked =
      statement.kind === "bill"
        ? await this.#bill(statement, request)
        : await this.#group(statement, request);
    if (!this.log.answered(bytesToHex(digest))) {
      const wrong = verifier.check(reports).find((error) => error !== null);
      if (wrong) throw wrong;
    }
    return { kind: statement.kind, digest, ...checked };
  }

  async #bill(
    statement: BillStatement,
    { reports }: SumRequest,
  ): Promise<Pick<Admitted, "terms" | "spent">> {
    const { rules, policy, now } = this.place;
    const { notice, digest } = await this.#board.tariff(statement.period);
    if (!equalBytes(digest, statement.tariff)) {
      throw sealedErrors.error("unknown-notice", "the request is for another tariff", {
        period: statement.period,
      });
    }
    if (now() < notice.span.to) {
      throw sealedErrors.error("period-open", `period ${notice.period} is not over`, {
        period: notice.period,
      });
    }
    if (!reports.every((r) => equalBytes(r.meter, statement.meter))) {
      throw sealedErrors.error("other-reports", "a report is of another meter than the bill");
    }
    const { terms, gaps } = billTerms(rules, notice, reports);
    const isNamed =
      gaps.length === statement.gaps.length &&
      gaps.every((g, i) => g.from === statement.gaps[i]!.from && g.to === statement.gaps[i]!.to);
    if (!isNamed) {
      throw sealedErrors.error(
        "gap-not-named",
        `the readings leave ${gaps.length} gaps, and the request names others`,
        { gaps: gaps.length },
      );
    }
    checkPrices(
      policy,
      terms.map((t) => t.weight),
    );
    const meter = bytesToHex(statement.meter);
    return {
      terms,
      spent: [{ meter, from: 2 * notice.span.from, to: 2 * notice.span.to - 1 }],
    };
  }

  async #group(
    statement: GroupStatement,
    { reports }: SumRequest,
  ): Promise<Pick<Admitted, "terms" | "spent">> {
    const { notice, digest } = await this.#board.group(statement.group);
    if (!equalBytes(digest, statement.notice)) {
      throw sealedErrors.error("unknown-notice", "the request is for another group", {
        group: statement.group,
      });
    }
    const { interval } = statement;
    const terms = groupTerms(notice, interval, reports);
    const spent = notice.members.map((m) => ({
      meter: bytesToHex(m),
      from: interval,
      to: interval,
    }));
    return { terms, spent };
  }

  /** Enters new requests into the log, all in one transaction. */
  async #record(admitted: readonly Admitted[], requests: readonly SumRequest[]): Promise<void> {
    const log = new TrusteeLog(this.log.entries);
    const before = log.head.count;
    const messages = new Map<string, Uint8Array>();
    admitted.forEach(({ kind, digest, spent }, i) => {
      const name = bytesToHex(digest);
      if (log.answered(name)) return;
      for (const readings of spent) {
        const earlier = log.spentIn(kind, readings);
        if (earlier === null) continue;
        throw sealedErrors.error(
          "already-decrypted",
          `readings of meter 0x${readings.meter} are in another sum already`,
          { meter: `0x${readings.meter}`, kind, earlier },
        );
      }
      log.append(log.next(kind, name, spent));
      messages.set(name, requests[i]!.message);
    });
    const added = log.entries.slice(before);
    if (added.length === 0) return;
    await this.place.store.transaction(async (tx) => {
      for (const entry of added) {
        const key = `${this.at}/log/${`${entry.number}`.padStart(12, "0")}`;
        if ((await tx.get(key)) !== undefined) {
          throw sealedErrors.error("damaged-log", `entry ${entry.number} is there already`, {
            entry: entry.number,
          });
        }
        tx.put(key, utf8ToBytes(JSON.stringify(entry)));
        tx.put(`${this.at}/request/${entry.request}`, messages.get(entry.request)!);
      }
    });
    this.log = log;
  }
}
