/**
 * The wallet's side: pairing with a meter, and asking it. Nothing that a meter says is believed beyond
 * what the wallet can check: the commitment, the terms, and by the utility's receipts every token.
 */
import { connect } from "node:net";
import type { Bn254 } from "../../algebra/index.js";
import {
  confirmBills,
  confirmTime,
  isOwnToken,
  openViewKey,
  recoverMeter,
  settlementSystem,
  termsHash,
  commitToShare,
  type FirstNumbers,
  type HexAddress,
  type KeyNotice,
  type NumberedToken,
  type RemovalNotice,
  type SettlementSystem,
  type SignedBill,
  type SystemTerms,
  type TariffNotice,
  type TimeNotice,
  type ViewKey,
} from "../../sipster/index.js";
import { canonicalTariff, type Tariff } from "../../tariff/index.js";
import { meterErrors } from "../errors.js";
import { suiteOf } from "./gateway.js";
import {
  decodeMeterAnswer,
  encodeMeterRequest,
  type MeterAnswer,
  type MeterRequest,
} from "./messages.js";
import { pairingKey } from "./pairing-code.js";
import { SecureChannel, type KeyKind } from "./secure-channel.js";

export interface MeterAddress {
  readonly host: string;
  readonly port: number;
}

/** What a pairing leaves with the wallet. */
export interface PairedMeter {
  /** Secret: key of the channel. */
  readonly key: Uint8Array;
  readonly viewKey: ViewKey;
  /** Where the meter's bills are signed from. */
  readonly meter: HexAddress;
  /** Hashes of the tariffs that it prices by. */
  readonly tariffs: readonly Uint8Array[];
  /** With which its tokens begin: none of a lower number is taken from it. */
  readonly firstNumbers: FirstNumbers;
}

export interface Pairing {
  /** As the meter shows it. */
  readonly code: string;
  /** 32 bytes that derive from the backup secret: the same for the same meter every time. */
  readonly residentShare: Uint8Array;
  /** Those in force, whose hash the settlement contract holds. */
  readonly terms: SystemTerms;
  /** All that were announced: a meter with a resident was installed with one of them. */
  readonly announced?: readonly SystemTerms[];
  /** Of a meter that is installed now and takes the place of another, see `Resident.nextNumbers`; else from 0 on. */
  readonly firstNumbers?: FirstNumbers;
  /** Of a meter at this address that was installed before; those above when absent. */
  readonly numbersOf?: (meter: HexAddress) => FirstNumbers;
}

const ANSWER_MS = 30_000;
/** The time of a notice and the wallet's own may differ by so much. */
const TIME_TOLERANCE_MS = 120_000;

type AnswerOf<K extends MeterAnswer["kind"]> = Extract<MeterAnswer, { kind: K }>;

/**
 * Pairs, installing the meter if it has no resident. May be repeated with the same share when it was
 * interrupted anywhere. `keep` makes the result durable in the wallet before the meter ends the code.
 * @throws meter/bad-code, not-trusted, no-answer, other-terms, refused; sipster/broken-commitment
 */
export async function pairWithMeter(
  address: MeterAddress,
  {
    code,
    residentShare,
    terms,
    announced = [],
    firstNumbers = new Map(),
    numbersOf = () => firstNumbers,
  }: Pairing,
  keep: (paired: PairedMeter) => void | Promise<void>,
): Promise<PairedMeter> {
  const { systemId } = systemOfTerms(terms);
  const line = await Line.open(address, "code", pairingKey(code));
  try {
    const offer = await line.ask({ kind: "begin" }, "offer");
    checkOffer(offer, offer.commitment === null ? [terms, ...announced] : [terms]);
    const {
      meterShare,
      key,
      address: meter,
    } = await line.ask(
      { kind: "share", residentShare, firstNumbers: listed(firstNumbers) },
      "share",
    );
    // A meter that was installed before gives its share again: the view key must be the one known.
    const commitment = offer.commitment ?? commitToShare(meterShare);
    const viewKey = openViewKey(systemId, { commitment, meterShare, residentShare });
    const numbers = offer.commitment === null ? numbersOf(meter) : firstNumbers;
    const paired = { key, viewKey, meter, tariffs: offer.tariffs, firstNumbers: numbers };
    await keep(paired);
    await line.ask({ kind: "paired" }, "done");
    return paired;
  } finally {
    line.close();
  }
}

/** A connection of a paired wallet. */
export class MeterClient {
  private readonly line: Line;
  private readonly curve: Bn254;
  private readonly terms: SystemTerms;
  private readonly paired: PairedMeter;

  private constructor({
    line,
    curve,
    terms,
    paired,
  }: {
    readonly line: Line;
    readonly curve: Bn254;
    readonly terms: SystemTerms;
    readonly paired: PairedMeter;
  }) {
    this.line = line;
    this.curve = curve;
    this.terms = terms;
    this.paired = paired;
  }

  /** Where its bills are signed from. */
  get meter(): HexAddress {
    return this.paired.meter;
  }

  /** @throws meter/not-trusted, meter/no-answer */
  static async connect(
    address: MeterAddress,
    of: { readonly curve: Bn254; readonly terms: SystemTerms; readonly paired: PairedMeter },
  ): Promise<MeterClient> {
    const line = await Line.open(address, "paired", of.paired.key);
    return new MeterClient({ line, curve: of.curve, terms: of.terms, paired: of.paired });
  }

  status(): Promise<AnswerOf<"status">> {
    return this.line.ask({ kind: "status" }, "status");
  }

  /**
   * Tokens of the open period or a closed one, after the first `after`. Each is made again from the view
   * key: for one that something between made up nothing would be owed.
   * @throws meter/refused, meter/foreign-token
   */
  async tokens(period: number, after = 0): Promise<NumberedToken[]> {
    const suite = suiteOf(this.curve, this.terms);
    const all: NumberedToken[] = [];
    for (let more = true; more;) {
      const answer = await this.line.ask(
        { kind: "tokens", period, after: after + all.length },
        "tokens",
      );
      if (answer.more && answer.tokens.length === 0) {
        throw meterErrors.error("bad-message", "the meter announces more tokens and sends none");
      }
      for (const { token, number } of answer.tokens) {
        const numbered = { token: suite.decode(token), number };
        this.#checkOwn(numbered);
        all.push(numbered);
      }
      ({ more } = answer);
    }
    return all;
  }

  #checkOwn(numbered: NumberedToken): void {
    const { viewKey, firstNumbers } = this.paired;
    const { systemId } = systemOfTerms(this.terms);
    const { token, number } = numbered;
    const isLate = number >= (firstNumbers.get(token.denomination) ?? 0);
    if (isLate && isOwnToken(this.curve, { systemId, viewKey }, numbered)) return;
    const what = `the token of ${token.denomination} units with number ${number} is not this meter's`;
    throw meterErrors.error("foreign-token", what, { denomination: token.denomination, number });
  }

  /** The bill of a closed period, which this meter signed, and its blinding factor. @throws meter/refused */
  async bill(period: number): Promise<{ readonly bill: SignedBill; readonly blinding: bigint }> {
    const answer = await this.line.ask({ kind: "bill", period }, "bill");
    const { keyEpoch, r, signature, blinding } = answer;
    const bill = { period: answer.period, keyEpoch, r, signature };
    const signer = recoverMeter(systemOfTerms(this.terms), bill);
    if (bill.period !== period || signer !== this.paired.meter) {
      throw meterErrors.error("bad-message", `the bill is of ${bill.period}, signed by ${signer}`);
    }
    return { bill, blinding };
  }

  /** Bring only notices that the settlement contract has emitted: one for this meter alone marks it. */
  async followKeyNotice(notice: KeyNotice): Promise<void> {
    await this.line.ask({ ...notice, kind: "keyNotice" }, "done");
  }

  /** Bring only tariffs that the public parameters name for their period. */
  async followTariffNotice(notice: TariffNotice, tariff: Tariff): Promise<void> {
    const body = new TextEncoder().encode(canonicalTariff(tariff));
    await this.line.ask({ ...notice, kind: "tariffNotice", body }, "done");
  }

  /**
   * Sets the clock of a meter that has lost it.
   * @param ask gets the utility's signed time for a nonce
   * @param now the wallet's clock, ms: a time that differs by more than two minutes is not confirmed
   * @throws meter/bad-time, meter/refused
   */
  async setClock(
    ask: (nonce: Uint8Array) => Promise<TimeNotice>,
    now: () => number,
  ): Promise<void> {
    const nonce = await this.askTime();
    const notice = await ask(nonce);
    if (!sameBytes(notice.nonce, nonce)) {
      throw meterErrors.error("bad-time", "the utility answers another question");
    }
    await this.confirmTime(notice, now);
  }

  /** The question of a meter that has lost its clock: the utility signs the time over it. */
  async askTime(): Promise<Uint8Array> {
    return (await this.line.ask({ kind: "askTime" }, "nonce")).nonce;
  }

  /** The second half of {@link setClock}, by a connection of its own. @throws meter/bad-time, meter/refused */
  async confirmTime(notice: TimeNotice, now: () => number): Promise<void> {
    if (Math.abs(notice.time - now()) > TIME_TOLERANCE_MS) {
      throw meterErrors.error("bad-time", "the utility's time is not the wallet's");
    }
    const { systemId } = systemOfTerms(this.terms);
    const confirmation = confirmTime(this.paired.viewKey, systemId, notice);
    await this.line.ask({ ...notice, kind: "setClock", confirmation }, "done");
  }

  async remove(notice: RemovalNotice): Promise<void> {
    await this.line.ask({ ...notice, kind: "remove" }, "done");
  }

  /**
   * Confirms that the wallet has every bill the meter keeps, whereupon the meter erases its keys.
   * @param bills the wallet's own copies, oldest first
   */
  async release(bills: readonly SignedBill[]): Promise<void> {
    const { systemId } = systemOfTerms(this.terms);
    const confirmation = confirmBills(this.paired.viewKey, systemId, bills);
    await this.line.ask({ kind: "release", confirmation }, "done");
  }

  close(): void {
    this.line.close();
  }
}

/** One question after the other over one channel. */
class Line {
  #last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly channel: SecureChannel) {}

  static async open({ host, port }: MeterAddress, kind: KeyKind, key: Uint8Array): Promise<Line> {
    const socket = connect(port, host);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", (cause) => {
        reject(
          meterErrors.errorFrom({
            key: "no-answer",
            message: `no meter answers at ${host}:${port}`,
            cause,
          }),
        );
      });
    });
    return new Line(await SecureChannel.connect(socket, kind, key));
  }

  ask<K extends MeterAnswer["kind"]>(request: MeterRequest, kind: K): Promise<AnswerOf<K>> {
    const asked = this.#last.then(() => this.#ask(request, kind));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async #ask<K extends MeterAnswer["kind"]>(request: MeterRequest, kind: K): Promise<AnswerOf<K>> {
    this.channel.send(encodeMeterRequest(request));
    const answer = decodeMeterAnswer(await this.channel.receive(ANSWER_MS));
    if (answer.kind === kind) return answer as AnswerOf<K>;
    const { code, message } =
      answer.kind === "refused" ? answer : { code: null, message: `it answered "${answer.kind}"` };
    throw meterErrors.error("refused", `the meter refused: ${message}`, { code });
  }

  close(): void {
    this.channel.close();
  }
}

function systemOfTerms({ deployment }: SystemTerms): SettlementSystem {
  return settlementSystem(deployment.chainId, deployment.settlement);
}

/** Was the meter installed with one of these, and does it price by what they name? */
function checkOffer(
  { termsHash: hash, tariffs }: AnswerOf<"offer">,
  known: readonly SystemTerms[],
): void {
  if (!known.some((terms) => sameBytes(hash, fromHex(termsHash(terms))))) {
    throw otherTerms("the terms");
  }
  const named = known.flatMap((terms) => terms.tariffs.map(fromHex));
  if (!tariffs.every((tariff) => named.some((one) => sameBytes(tariff, one)))) {
    throw otherTerms("a tariff that these terms do not name");
  }
}

function listed(first: FirstNumbers): { denomination: number; number: number }[] {
  return [...first].map(([denomination, number]) => ({ denomination, number }));
}

function otherTerms(what: string): Error {
  return meterErrors.error("other-terms", `the meter was installed with ${what} of another kind`);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function fromHex(hash: string): Uint8Array {
  return Buffer.from(hash.slice(2), "hex");
}
