/**
 * A challenge for others: the view of one month as files, the truth apart and committed to by its hash,
 * and the score of a claim.
 */
import * as v from "valibot";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { randomness } from "../algebra/index.js";
import { readJson } from "../json/index.js";
import { attackErrors } from "./errors.js";
import { see } from "./attacker/seen.js";
import { Chance } from "./random.js";
import type { Cell } from "./measure.js";
import { measured, type Measured } from "./scorer/bootstrap.js";
import { scorer } from "./scorer/score.js";
import { simulate } from "./simulation/simulate.js";
import type { Population } from "./simulation/population.js";
import type { Truth } from "./truth.js";
import { jsonFile, PATHS, readFile, type Files, type PublicFile } from "./view/files.js";

export const CLAIMS_FORMAT = "sipster/attack-claims@1";

export interface Challenge {
  /** What an attacker gets; outside knowledge is left out. */
  readonly view: Files;
  readonly truth: Uint8Array;
  /** SHA-256 of the truth's bytes, in hexadecimal. */
  readonly commitment: string;
}

/** A claim about a challenge: which requests come from which home. */
export type ClaimsFile = Readonly<v.InferOutput<typeof claimsField>>;

/** Drawn with the system's randomness, so that nobody can make it again. */
export function makeChallenge(population: Population, period: number, cell: Cell): Challenge {
  const seed = bytesToHex(randomness(16));
  const homes = population.draw(cell.homes, new Chance(seed, "homes"));
  const { view, truth } = simulate({ population, period, seed, ...cell, homes });
  const published = new Map([...view].filter(([path]) => path !== PATHS.curves));
  // The nonce keeps anybody from trying truths against the hash.
  const bytes = jsonFile({ ...truth, nonce: bytesToHex(randomness(32)) });
  return { view: published, truth: bytes, commitment: bytesToHex(sha256(bytes)) };
}

export interface Score {
  readonly linkage?: Measured;
  readonly top?: Measured;
  readonly billError?: Measured;
}

/** @throws attack/bad-claims, attack/other-truth */
export function scoreClaims(
  challenge: { readonly view: Files; readonly commitment: string; readonly truth: Uint8Array },
  text: string,
): Score {
  const { view, truth: bytes, commitment } = challenge;
  if (bytesToHex(sha256(bytes)) !== commitment) {
    throw attackErrors.error("other-truth", "the truth has another hash than was committed to");
  }
  const seen = see(view);
  const claims = parseClaims(text, seen.at.length);
  const truth = readFile<Truth>(new Map([["truth", bytes]]), "truth");
  const largest = readFile<PublicFile>(view, PATHS.public).denominations.at(-1)!;
  const judge = scorer({ ...seen, largest }, truth, commitment);
  const { groups, bills } = claims;
  const score: Record<string, Measured | null> = {};
  if (groups !== undefined) {
    const same = (i: number, j: number): number => (groups[i] === groups[j] ? 1 : 0);
    score.linkage = measured(judge.links(same, "all"), commitment);
    score.top = measured(judge.links(same, "largest"), commitment);
  }
  if (bills !== undefined) {
    const guess = Float64Array.from(seen.accounts, ({ account }) => bills[account] ?? 0);
    score.billError = measured(judge.bills(guess), commitment);
  }
  return Object.fromEntries(Object.entries(score).filter(([, m]) => m !== null)) as Score;
}

function parseClaims(text: string, orders: number): ClaimsFile {
  const bad = (why: string) => attackErrors.error("bad-claims", `the file of claims ${why}`);
  const claims = readJson(claimsField, text, bad);
  if (claims.groups !== undefined && claims.groups.length !== orders) {
    throw bad(`has not one label for each of the ${orders} orders`);
  }
  return claims;
}

const claimsField = v.object({
  format: v.literal(CLAIMS_FORMAT),
  /** For each order of the log, in its order, a label: equal for orders of one home. */
  groups: v.exactOptional(v.array(v.union([v.number(), v.string()]))),
  /** Units of each account's bill. */
  bills: v.exactOptional(v.record(v.string(), v.pipe(v.number(), v.finite("is not finite")))),
});

/** The text beside a challenge. */
export function challengeText(commitment: string): string {
  return `# A challenge: whose payments are these?

\`view/\` holds what the utility, the relay and the chain hold of one month of a neighbourhood; the
formats are in docs/privacy.md. The truth has the SHA-256 ${commitment}.

Write what you claim to a file:

    {"format": "${CLAIMS_FORMAT}", "groups": [7, 3, 7, …], "bills": {"0x…": 4711, …}}

\`groups\` has a label for each order of \`view/utility/requests.log\`, in its order, equal for orders of one
home; \`bills\` the units of each account. The holder of the truth scores it:

    sipster attack --score claims.json --out .
`;
}
