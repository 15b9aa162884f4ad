/**
 * Dealing a secret verifiably: Pedersen's verifiable secret sharing (CRYPTO 1991), with the shares
 * encrypted to their receivers in the same public message, and disclosed verifiably when there is a
 * dispute (Schindler, Judmayer, Stifter, Weippl, *ETHDKG*, IACR ePrint 2019/985, §5).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes, SECP256K1_ORDER } from "../algebra/index.js";
import type { Committee, TrusteeSecrets } from "./committee.js";
import { Reader, Writer } from "./encoding.js";
import { Equations } from "./equations.js";
import { proveKnowledge, verifyKnowledge, type KnowledgeProof } from "./knowledge-proof.js";
import {
  proveLogEquality,
  verifyLogEquality,
  type LogEqualityProof,
} from "./log-equality-proof.js";
import { evaluate } from "./polynomial.js";
import { powers, randomScalars } from "./scalars.js";
import { Base, type Point, type SealedSystem } from "./system.js";

/** A new secret, or zero: to refresh the shares of an existing one. */
export type DealingKind = "generate" | "refresh";

/** What a dealer publishes. */
export interface Dealing {
  /** Number of the dealer. */
  readonly dealer: number;
  /** E_k = a_k·G + b_k·J; k = 0 … t − 1, or 1 … t − 1 in a refresh, where a₀ = b₀ = 0. */
  readonly commitments: readonly Point[];
  /** ρ·G. */
  readonly ephemeral: Point;
  /** Of ρ: nobody deals under another dealer's ephemeral key. */
  readonly proof: KnowledgeProof;
  /** For trustee j at index j − 1: f(j) ‖ f′(j), encrypted under a hash of ρ·(its exchange key). */
  readonly shares: readonly Uint8Array[];
}

/** (f(j), f′(j)). */
export interface Share {
  readonly value: bigint;
  readonly blinding: bigint;
}

/** The key under which one share was encrypted, with proof: its holder can read the share. */
export interface Disclosure {
  /** Number of the receiver who discloses. */
  readonly by: number;
  readonly dealer: number;
  readonly key: Point;
  readonly proof: LogEqualityProof;
}

/** The lowest power with a coefficient. */
export function firstPower(kind: DealingKind): number {
  return kind === "generate" ? 0 : 1;
}

/** f(j) ‖ f′(j), in bytes. */
export const SHARE_BYTES = 64;

function dealerContext({ context }: Committee, dealer: number): Uint8Array {
  return concatBytes(context, Uint8Array.of(dealer));
}

/** A one-time pad of 64 bytes, for one share of one dealing. */
function pad({
  system,
  committee,
  dealer,
  to,
  key,
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly dealer: number;
  readonly to: number;
  readonly key: Point;
}) {
  const seed = concatBytes(dealerContext(committee, dealer), Uint8Array.of(to), system.encode(key));
  return concatBytes(
    keccak_256(concatBytes(seed, Uint8Array.of(0))),
    keccak_256(concatBytes(seed, Uint8Array.of(1))),
  );
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

/** What a dealer keeps: the coefficients of both polynomials from k = 0 on, and ρ. */
export interface DealerSecrets {
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly rho: bigint;
}

/** Secrets for one dealing; the constant terms of a refresh are 0. */
export function drawDealerSecrets(threshold: number, kind: DealingKind): DealerSecrets {
  const first = firstPower(kind);
  const polynomial = (): bigint[] => [
    ...new Array<bigint>(first).fill(0n),
    ...randomScalars(threshold - first),
  ];
  return { a: polynomial(), b: polynomial(), rho: randomScalars(1)[0]! };
}

export function encodeDealerSecrets(
  system: SealedSystem,
  { a, b, rho }: DealerSecrets,
): Uint8Array {
  return new Writer(system).scalars(...a, ...b, rho).done();
}

export function decodeDealerSecrets(system: SealedSystem, bytes: Uint8Array): DealerSecrets {
  const reader = new Reader(system, bytes);
  const all = Array.from({ length: bytes.length / 32 }, () => reader.scalar());
  const threshold = (all.length - 1) / 2;
  return { a: all.slice(0, threshold), b: all.slice(threshold, -1), rho: all.at(-1)! };
}

/** Deals the secret in `secrets` to the trustees of the committee. */
export function deal(
  system: SealedSystem,
  committee: Committee,
  { dealer, kind, secrets }: { dealer: number; kind: DealingKind; secrets: DealerSecrets },
): Dealing {
  const { a, b, rho } = secrets;
  const first = firstPower(kind);
  const bases = system.bases(0);
  const commitments = bases.multiScalarMuls(
    a.slice(first).map((ak, k) => ({
      scalars: [ak, b[first + k]!],
      indices: [Base.Generator, Base.Blinding],
    })),
  );
  const shares = committee.members.map(({ exchangeKey }, i) => {
    const to = i + 1;
    const key = system.group.mulSecret(exchangeKey, rho);
    const share = [evaluate(a, BigInt(to)), evaluate(b, BigInt(to))];
    const plain = concatBytes(...share.map((s) => intToBytes(s, 32)));
    return xor(plain, pad({ system, committee, dealer, to, key }));
  });
  const ephemeral = system.generator.multiScalarMul([rho]);
  const proof = proveKnowledge(system, dealerContext(committee, dealer), rho);
  return { dealer, commitments, ephemeral, proof, shares };
}

/** Has the dealing the right form, and does the dealer know its ephemeral key? */
export function isWellFormed({
  system,
  committee,
  kind,
  dealing: { dealer, commitments, ephemeral, proof, shares },
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly kind: DealingKind;
  readonly dealing: Dealing;
}): boolean {
  return (
    commitments.length === committee.threshold - firstPower(kind) &&
    shares.length === committee.members.length &&
    shares.every((s) => s.length === SHARE_BYTES) &&
    verifyKnowledge({ system, context: dealerContext(committee, dealer), point: ephemeral, proof })
  );
}

/** Shows the key of one's share of a dealing. */
export function disclose({
  system,
  committee,
  by,
  member: { exchangeSecret, exchangeKey },
  dealing: { dealer, ephemeral },
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly by: number;
  readonly member: Pick<TrusteeSecrets, "exchangeSecret" | "exchangeKey">;
  readonly dealing: Dealing;
}): Disclosure {
  const key = system.group.mulSecret(ephemeral, exchangeSecret);
  const statement = { publicKey: exchangeKey, base: ephemeral, image: key };
  const context = dealerContext(committee, dealer);
  return {
    by,
    dealer,
    key,
    proof: proveLogEquality({ system, context, statement, secret: exchangeSecret }),
  };
}

/** Is the disclosed key the one under which the share was encrypted? */
export function isGenuine({
  system,
  committee,
  dealing: { ephemeral },
  disclosure: { by, dealer, key, proof },
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly dealing: Dealing;
  readonly disclosure: Disclosure;
}): boolean {
  const member = committee.members[by - 1];
  if (member === undefined) return false;
  const statement = { publicKey: member.exchangeKey, base: ephemeral, image: key };
  return verifyLogEquality({ system, context: dealerContext(committee, dealer), statement, proof });
}

/**
 * The share of trustee `to`, read with the key of its disclosure; `null` if what was dealt is not a
 * share: not canonical, or not the one committed to.
 */
export function openShare({
  system,
  committee,
  kind,
  dealing,
  to,
  key,
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly kind: DealingKind;
  readonly dealing: Dealing;
  readonly to: number;
  readonly key: Point;
}): Share | null {
  const plain = xor(
    dealing.shares[to - 1]!,
    pad({ system, committee, dealer: dealing.dealer, to, key }),
  );
  const share = {
    value: bytesToInt(plain.subarray(0, 32)),
    blinding: bytesToInt(plain.subarray(32)),
  };
  if (share.value >= SECP256K1_ORDER || share.blinding >= SECP256K1_ORDER) return null;
  return fits({ system, kind, commitments: dealing.commitments, to, share }) ? share : null;
}

/** value·G + blinding·J = Σ toᵏ·E_k? */
export function fits({
  system,
  kind,
  commitments,
  to,
  share: { value, blinding },
}: {
  readonly system: SealedSystem;
  readonly kind: DealingKind;
  readonly commitments: readonly Point[];
  readonly to: number;
  readonly share: Share;
}): boolean {
  const equations = new Equations(system);
  const equation = equations.equation().base(Base.Generator, -value).base(Base.Blinding, -blinding);
  const first = firstPower(kind);
  const xs = powers(BigInt(to), first + commitments.length);
  commitments.forEach((e, k) => equation.point(e, xs[first + k]!));
  return equations.hold();
}
