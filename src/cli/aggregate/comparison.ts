/** The two schemes side by side, measured here and now. */
import { CIPHERTEXT_BYTES, KEY_BYTES, P, type Timings } from "../../aggregation/index.js";
import { G1_BYTES, G2_BYTES, type Bn254 } from "../../algebra/index.js";
import { table } from "../table.js";
import { median, runAggregation, type Run, type Scheme } from "../../demo/aggregate/index.js";

export interface SchemeFigures {
  readonly encryptUs: number;
  readonly decryptUs: number;
  /** A sum without some homes, with all answers of the others; `null` where there was none. */
  readonly repairUs: number | null;
  readonly ciphertextBytes: number;
  /** What a member sends once for each key. */
  readonly keyShareBytes: number;
  /** Greatest value a home could send, were the group to agree on it. */
  readonly greatestValue: bigint;
}

/** The sample of a scheme that was not run: neither time depends much on the number of homes. */
const SAMPLE = { labels: 12, homes: 12 };

/** Microseconds to one decimal. */
function micros(times: readonly number[]): number {
  return Math.round(median(times) * 10_000) / 10;
}

function figures(scheme: Scheme, homes: number, timings: Timings): SchemeFigures {
  const { encrypt, decrypt, repair } = timings;
  const n = BigInt(homes);
  const measured = {
    encryptUs: micros(encrypt),
    decryptUs: micros(decrypt),
    repairUs: repair.length === 0 ? null : micros(repair),
  };
  return scheme === "psa"
    ? {
        ...measured,
        ciphertextBytes: CIPHERTEXT_BYTES,
        keyShareBytes: KEY_BYTES,
        greatestValue: (P - 1n - n) / (n * n),
      }
    : {
        ...measured,
        ciphertextBytes: G1_BYTES,
        keyShareBytes: 2 * G2_BYTES,
        greatestValue: (1n << 40n) / n,
      };
}

/** Figures of the scheme that ran, from its run, and of the other one from a sample. */
export async function compareSchemes(
  ran: Scheme,
  { timings, groups }: Run,
  curve: Bn254,
): Promise<Record<Scheme, SchemeFigures>> {
  const largest = Math.max(...groups);
  const of = async (scheme: Scheme): Promise<SchemeFigures> => {
    if (scheme !== ran)
      return figures(scheme, largest, await sampleTimings(scheme, curve, largest));
    // Where some home was missing at every interval, nothing was decrypted without a repair.
    if (timings.decrypt.length > 0) return figures(scheme, largest, timings);
    const sample = await sampleTimings(scheme, curve, largest);
    return figures(scheme, largest, { ...sample, repair: timings.repair });
  };
  return { psa: await of("psa"), dmcfe: await of("dmcfe") };
}

async function sampleTimings(scheme: Scheme, curve: Bn254, group: number): Promise<Timings> {
  const homes = Array.from({ length: Math.min(group, SAMPLE.homes) }, (_, h) => `home-${h}`);
  const slots = Array.from({ length: SAMPLE.labels }, (_, i) => ({
    start: i * 1000,
    values: new Map(homes.map((home, h) => [home, BigInt(100 + h)])),
  }));
  const { timings } = await runAggregation(
    { homes, slots },
    { scheme, groupSize: homes.length, curve, progress: () => undefined },
  );
  return timings;
}

/** @param width of the terminal, if there is one */
export function comparisonText(
  figures: Record<Scheme, SchemeFigures>,
  width: number | undefined,
): string {
  const right = "right" as const;
  const row = (scheme: Scheme): string[] => {
    const f = figures[scheme];
    const repair = f.repairUs === null ? "repair" : `repair in ${f.repairUs.toFixed(0)} µs`;
    return [
      scheme,
      `${f.encryptUs.toFixed(0)} µs`,
      `${f.decryptUs.toFixed(0)} µs`,
      `${f.ciphertextBytes} B`,
      `${f.keyShareBytes} B`,
      `2^${f.greatestValue.toString(2).length - 1}`,
      scheme === "psa" ? repair : "no sum",
    ];
  };
  return table(
    [
      { head: "scheme" },
      { head: "encryption", align: right },
      { head: "decryption", align: right },
      { head: "ciphertext", align: right },
      { head: "key share", align: right },
      { head: "values below", align: right },
      { head: "a home missing" },
    ],
    [row("psa"), row("dmcfe")],
    width,
  );
}
