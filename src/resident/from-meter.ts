/**
 * What a wallet brings to its meter and takes from it. The meter cannot see the chain, and follows any
 * notice that the notice signer signed: a notice for one meter alone would mark its every token. So the
 * wallet brings the notices that the settlement contract has emitted, all of them, and no others; and
 * takes no token of another key epoch than the chain names (`Resident.accept`).
 */
import type { HexAddress, KeyEpoch, KeyNotice, NumberedToken } from "../sipster/index.js";
import type { Resident } from "./resident.js";

/** A key as the settlement contract has it, with the notice that it emitted. */
export interface NoticedEpoch extends KeyEpoch {
  readonly notice: KeyNotice;
}

/** The wallet's line to its meter. */
export interface MeterLink {
  /** Where its bills are signed from. */
  readonly meter: HexAddress;
  /** A notice that the meter follows already changes nothing. */
  followKeyNotice(notice: KeyNotice): Promise<void>;
  /** Tokens of the open period or a closed one, after the first `after`. */
  tokens(period: number, after?: number): Promise<readonly NumberedToken[]>;
}

/**
 * Brings the meter the notices of the chain, then takes the tokens of a period that are new. Returns
 * how many.
 * @param keys as read from a final block, see `readKeyEpochs`
 * @throws resident/wrong-key-epoch, number-taken, former-meter, and what the meter refuses
 */
export async function takeTokens(
  resident: Resident,
  meter: MeterLink,
  { keys, period }: { readonly keys: readonly NoticedEpoch[]; readonly period: number },
): Promise<number> {
  for (const { notice } of keys) await meter.followKeyNotice(notice);
  // A meter that was exchanged in this period has tokens of it in the books too.
  const known = await resident.taken(period, meter.meter);
  const tokens = await meter.tokens(period, known);
  await resident.accept(period, tokens, meter.meter);
  return tokens.length;
}
