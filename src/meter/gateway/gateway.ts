/**
 * A gateway: it carries what a source measures and what the paired wallet asks to the trusted part, and
 * answers. It holds no key but that of the channel, decides nothing, and may lie to neither side with
 * success: the trusted part checks what it is told, the wallet what it is answered.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import { SipsterError } from "../../errors/sipster-error.js";
import {
  classicSuite,
  hashBoundSuite,
  settlementSystem,
  termsHash,
  type KeyHash,
  type KeyNotice,
  type RemovalNotice,
  type Suite,
  type SystemTerms,
} from "../../sipster/index.js";
import { tariffHash, type RegisterReading, type Tariff } from "../../tariff/index.js";
import { meterErrors } from "../errors.js";
import type { NonVolatileMemory } from "../memory.js";
import { MeterInstallation } from "../trusted/install.js";
import { TrustedMeter } from "../trusted/meter.js";
import { MOST_TOKENS, type MeterAnswer, type MeterRequest } from "./messages.js";
import type { KeyKind } from "./secure-channel.js";
import type { Registers, RegisterSource } from "./source.js";

export interface GatewaySettings {
  readonly curve: Bn254;
  /** The trusted part's own. */
  readonly memory: NonVolatileMemory;
  /** The channel's key, once a wallet is paired: 32 bytes. */
  readonly link: NonVolatileMemory;
  readonly terms: SystemTerms;
  readonly tokenKey: Uint8Array | null;
  readonly source: RegisterSource;
  /** Bodies of tariffs that are known; the meter is installed with the first. */
  readonly tariffs: readonly Tariff[];
  /** Keeps a tariff that came with a notice, before the meter follows it. */
  readonly keepTariff: (tariff: Tariff) => void;
  /** Reads the body of a tariff. @throws for what is none */
  readonly parseTariff: (body: Uint8Array) => Promise<Tariff>;
}

/** What one connection has begun. */
export interface Visit {
  readonly kind: KeyKind;
  installation?: MeterInstallation;
  /** The key that this pairing leaves. */
  key?: Uint8Array;
}

type ShareRequest = Extract<MeterRequest, { kind: "share" }>;

export class MeterGateway {
  #meter: TrustedMeter | null;
  /** Readings that the meter has not charged yet. */
  #waiting: RegisterReading[] = [];

  constructor(private readonly settings: GatewaySettings) {
    const { curve, memory, tariffs } = settings;
    this.#meter = openInstalled(curve, memory, tariffs);
  }

  get meter(): TrustedMeter | null {
    return this.#meter;
  }

  /** Telegrams or lines that the source left out. */
  get refused(): number {
    return this.settings.source.refused ?? 0;
  }

  /** The key of the channel of the paired wallet; `null` before the first pairing. */
  get linkKey(): Uint8Array | null {
    return this.settings.link.read();
  }

  /**
   * Gives the meter what the source has measured. What it does not take now (it has no time, or no
   * price) stays in the register and is given again.
   * @returns the error with which the meter refused, or `null`
   */
  tick(): SipsterError | null {
    const { source } = this.settings;
    const now = source.now();
    const readings = source.until(now);
    // Before a meter is installed its energy is nobody's.
    if (this.#meter === null) return null;
    this.#waiting.push(...readings);
    try {
      this.#meter.advance(now, this.#waiting);
      this.#waiting = [];
      return null;
    } catch (error) {
      if (!(error instanceof SipsterError)) throw error;
      // What a register shows next says all that is to be charged.
      if (["readings/bad-register", "meter/removed"].includes(error.code)) this.#waiting = [];
      if (this.#waiting.length > 1000) this.#waiting = lastOfEach(this.#waiting);
      return error;
    }
  }

  /** Ends the service by the utility's notice, for the wallet or an operator. @throws as `TrustedMeter.remove` */
  remove(notice: RemovalNotice): void {
    this.tick();
    this.#installed().remove(this.settings.source.now(), notice);
  }

  /**
   * Erases the keys of a removed meter, and the wallet's way to it.
   * @param confirmation `null` when there is none: enough after 30 days
   * @throws as `TrustedMeter.release`
   */
  release(confirmation: Uint8Array | null): void {
    this.#installed().release(this.settings.source.now(), confirmation);
    this.#meter = null;
    this.settings.link.write(randomBytes(32));
  }

  /** Answers one message. A refusal is an answer too. */
  async answer(request: MeterRequest, visit: Visit): Promise<MeterAnswer> {
    try {
      const pairing = ["begin", "share", "paired"].includes(request.kind);
      if (pairing !== (visit.kind === "code")) {
        throw meterErrors.error("bad-message", `${request.kind} does not belong on this channel`);
      }
      return await this.#act(request, visit);
    } catch (error) {
      if (!(error instanceof SipsterError)) throw error;
      return { kind: "refused", code: error.code, message: error.message.slice(0, 1000) };
    }
  }

  async #act(request: MeterRequest, visit: Visit): Promise<MeterAnswer> {
    const { source } = this.settings;
    switch (request.kind) {
      case "begin":
        return this.#offer(visit);
      case "share":
        return this.#share(request, visit);
      case "paired":
        if (visit.key === undefined) throw meterErrors.error("bad-message", "no share came before");
        this.settings.link.write(visit.key);
        return { kind: "done" };
      case "status":
        return this.#status();
      case "tokens":
        return this.#tokens(request.period, request.after);
      case "bill": {
        const { bill, blinding } = this.#installed().bill(request.period);
        return { kind: "bill", ...bill, blinding };
      }
      case "keyNotice":
        this.#installed().followKeyNotice(keyNoticeOf(request));
        return { kind: "done" };
      case "tariffNotice": {
        const tariff = await this.settings.parseTariff(request.body);
        // The body is kept first: the meter may remember its hash for good in the next moment.
        this.settings.keepTariff(tariff);
        this.#installed().followTariffNotice({ ...request, kind: "tariff" }, tariff);
        return { kind: "done" };
      }
      case "askTime":
        return { kind: "nonce", nonce: this.#installed().askTime(source.now()) };
      case "setClock": {
        const { confirmation, ...notice } = request;
        const registers = lastOfEach([...this.#waiting, ...source.until(source.now())]);
        const answer = { notice: { ...notice, kind: "time" }, confirmation } as const;
        this.#installed().setClock(source.now(), answer, registers);
        this.#waiting = [];
        return { kind: "done" };
      }
      case "remove":
        this.remove({ ...request, kind: "removal" });
        return { kind: "done" };
      case "release":
        this.release(request.confirmation);
        return { kind: "done" };
    }
  }

  #offer(visit: Visit): MeterAnswer {
    const { curve, memory, terms, tokenKey, tariffs, source } = this.settings;
    const meter = this.#meter;
    if (meter === null) {
      const settings = { terms, tokenKey, tariff: tariffs[0]!, now: source.now() };
      const registers = source.registers();
      visit.installation = new MeterInstallation(curve, memory, { ...settings, registers });
    }
    const { status } = meter ?? { status: null };
    return {
      kind: "offer",
      commitment: visit.installation?.commitment ?? null,
      termsHash: status?.termsHash ?? hashBytes(termsHash(terms)),
      tariffs: status?.tariffs.map((t) => t.hash) ?? [hashBytes(tariffHash(tariffs[0]!))],
    };
  }

  /** Installs, or gives the share again to the holder of the resident's: after a disk was lost. */
  #share({ residentShare, firstNumbers }: ShareRequest, visit: Visit): MeterAnswer {
    if (this.#meter === null) {
      if (visit.installation === undefined) throw meterErrors.error("bad-message", "begin first");
      const first = new Map(firstNumbers.map((f) => [f.denomination, f.number]));
      this.#meter = visit.installation.complete(residentShare, first).meter;
    }
    const meterShare = this.#meter.shareFor(residentShare);
    visit.key = randomBytes(32);
    return { kind: "share", meterShare, key: visit.key, address: this.#meter.address };
  }

  #status(): MeterAnswer {
    const { address, status } = this.#installed();
    const { removedAt, period, ...rest } = status;
    return { ...rest, kind: "status", address, removed: removedAt !== null, open: period };
  }

  #tokens(period: number, after: number): MeterAnswer {
    const meter = this.#installed();
    const suite = this.#suite(meter);
    const tokens = [];
    for (const { token, number } of meter.tokens(period, after)) {
      if (tokens.length === MOST_TOKENS) return { kind: "tokens", tokens, more: true };
      tokens.push({ token: suite.encode(token), number });
    }
    return { kind: "tokens", tokens, more: false };
  }

  #suite({ system }: TrustedMeter): Suite {
    return suiteOf(this.settings.curve, this.settings.terms, system.systemId);
  }

  #installed(): TrustedMeter {
    if (this.#meter !== null) return this.#meter;
    throw meterErrors.error("not-installed", "the meter has no resident at present");
  }
}

/** What an installed meter charged last, and up to when; zeros where there is none. */
export function knownRegisters(
  curve: Bn254,
  memory: NonVolatileMemory,
  tariffs: readonly Tariff[],
): Registers & { readonly clock: number } {
  const status = openInstalled(curve, memory, tariffs)?.status;
  const { imported = 0, exported = 0, clock = 0 } = status ?? {};
  return { imported, exported, clock };
}

/** The suite of a deployment's terms. */
export function suiteOf(
  curve: Bn254,
  { suite, deployment }: SystemTerms,
  systemId = settlementSystem(deployment.chainId, deployment.settlement).systemId,
): Suite {
  return suite.name === "classic"
    ? classicSuite(curve, systemId, suite.tokenKey)
    : hashBoundSuite(curve, systemId);
}

function openInstalled(
  curve: Bn254,
  memory: NonVolatileMemory,
  tariffs: readonly Tariff[],
): TrustedMeter | null {
  try {
    return new TrustedMeter(curve, memory, tariffs);
  } catch (error) {
    if (error instanceof SipsterError && error.code === "meter/not-installed") return null;
    throw error;
  }
}

function keyNoticeOf(request: Extract<MeterRequest, { kind: "keyNotice" }>): KeyNotice {
  const { keyEpoch, firstPeriod, signature } = request;
  return { keyEpoch, firstPeriod, keyHash: request.keyHash as KeyHash, signature };
}

function lastOfEach(readings: readonly RegisterReading[]): RegisterReading[] {
  const kinds = ["import", "export"] as const;
  return kinds.flatMap((kind) => readings.findLast((r) => r.kind === kind) ?? []);
}

function hashBytes(hash: string): Uint8Array {
  return Buffer.from(hash.slice(2), "hex");
}
