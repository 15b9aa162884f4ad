/**
 * Meters, bills and receipts for the contract tests, written from the protocol's description and not
 * with the library, so that library and contract are compared through a third reading of it.
 */
import { ethers, getBytes, keccak256, solidityPacked, toBeHex, type Wallet } from "ethers";
import { ORDER, P, P1, affine, mod, pointOf, times, type Affine, type G1 } from "./curve.js";

export interface SignedBill {
  readonly period: number;
  readonly keyEpoch: number;
  readonly rx: bigint;
  readonly ry: bigint;
  readonly r: string;
  readonly vs: string;
}

export interface Domain {
  readonly chainId: bigint;
  readonly settlement: string;
}

export const tag = (text: string): string => ethers.encodeBytes32String(text);

export function systemIdOf({ chainId, settlement }: Domain): string {
  return keccak256(
    ethers.AbiCoder.defaultAbiCoder().encode(["uint256", "address"], [chainId, settlement]),
  );
}

/** Square root in F_p by a^((p+1)/4), p ≡ 3 (mod 4); undefined when there is none. */
export function sqrt(a: bigint): bigint | undefined {
  let [result, base] = [1n, mod(a, P)];
  for (let e = (P + 1n) / 4n; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return (result * result) % P === mod(a, P) ? result : undefined;
}

export interface Token {
  readonly keyEpoch: number;
  readonly denomination: number;
  readonly seed: string;
  readonly ctr: number;
}

/** H1 of a token: its point, or undefined when its counter gives none. */
export function hashToken(systemId: string, token: Token): Affine | undefined {
  const h = BigInt(
    keccak256(
      solidityPacked(
        ["bytes32", "bytes32", "uint32", "uint32", "bytes32", "uint8"],
        [
          tag("SIPSTER-V1-TOKEN-H1"),
          systemId,
          token.keyEpoch,
          token.denomination,
          token.seed,
          token.ctr,
        ],
      ),
    ),
  );
  const x = h & ((1n << 254n) - 1n);
  if (x >= P) return undefined;
  const root = sqrt(x ** 3n + 3n);
  if (root === undefined) return undefined;
  return { x, y: (root & 1n) === h >> 255n ? root : P - root };
}

/** The first counter that gives a point, as the meter finds it. */
export function findToken({
  systemId,
  keyEpoch,
  denomination,
  seed,
}: {
  readonly systemId: string;
  readonly keyEpoch: number;
  readonly denomination: number;
  readonly seed: string;
}): { token: Token; point: Affine } {
  for (let ctr = 0; ctr < 256; ctr++) {
    const token = { keyEpoch, denomination, seed, ctr };
    const point = hashToken(systemId, token);
    if (point !== undefined) return { token, point };
  }
  throw new Error("no counter gives a point");
}

/** R of a bill of `units` unit tokens with blinding factor r: R = ΣT − r·P1. */
export function billPoint({
  systemId,
  keyEpoch,
  units,
  blinding,
}: {
  readonly systemId: string;
  readonly keyEpoch: number;
  readonly units: number;
  readonly blinding: bigint;
}): G1 {
  let sum = times(P1, -blinding);
  for (let i = 0; i < units; i++) {
    const seed = keccak256(solidityPacked(["string", "uint256", "uint256"], ["s", blinding, i]));
    sum = sum.add(pointOf(findToken({ systemId, keyEpoch, denomination: 1, seed }).point));
  }
  return sum;
}

export const billTypes = {
  Bill: [
    { name: "period", type: "uint32" },
    { name: "keyEpoch", type: "uint32" },
    { name: "rx", type: "uint256" },
    { name: "ry", type: "uint256" },
  ],
};

export function eip712Domain({ chainId, settlement }: Domain): ethers.TypedDataDomain {
  return { name: "Sipster", version: "1", chainId, verifyingContract: settlement };
}

export function digestOf(domain: Domain, bill: Omit<SignedBill, "r" | "vs">): string {
  const { period, keyEpoch, rx, ry } = bill;
  return ethers.TypedDataEncoder.hash(eip712Domain(domain), billTypes, {
    period,
    keyEpoch,
    rx,
    ry,
  });
}

/** The notice signer's signature that a key epoch begins with a period, 65 bytes. */
export function signNotice(
  signer: Wallet | ethers.HDNodeWallet,
  domain: Domain,
  notice: { readonly keyEpoch: number; readonly firstPeriod: number; readonly keyHash: string },
): ethers.Signature {
  const types = {
    KeyNotice: [
      { name: "keyEpoch", type: "uint32" },
      { name: "firstPeriod", type: "uint32" },
      { name: "keyHash", type: "bytes32" },
    ],
  };
  return signer.signingKey.sign(ethers.TypedDataEncoder.hash(eip712Domain(domain), types, notice));
}

/** keccak256(abi.encode(A1, A2)). */
export function keyHashOf({ a1, a2 }: { readonly a1: object; readonly a2: object }): string {
  const words = [...Object.values(a1), ...Object.values(a2)] as bigint[];
  return keccak256(ethers.AbiCoder.defaultAbiCoder().encode(["uint256[6]"], [words]));
}

export function sign(
  meter: Wallet | ethers.HDNodeWallet,
  domain: Domain,
  bill: Omit<SignedBill, "r" | "vs">,
): SignedBill & { readonly signature: ethers.Signature } {
  const signature = meter.signingKey.sign(digestOf(domain, bill));
  return { ...bill, r: signature.r, vs: signature.yParityAndS, signature };
}

/** The weights δ_i of a batch. */
export function batchWeights(domain: Domain, bills: readonly SignedBill[]): bigint[] {
  const words = [
    tag("SIPSTER-V1-BATCH"),
    toBeHex(domain.chainId, 32),
    ethers.zeroPadValue(domain.settlement, 32),
    ...bills.map((bill) => digestOf(domain, bill)),
  ];
  const seed = keccak256(ethers.concat(words));
  return bills.map((_, i) => mod(BigInt(keccak256(ethers.concat([seed, toBeHex(i, 32)]))), ORDER));
}

/** σ* = Σδ_i·σ_i. */
export function combineBatch(
  domain: Domain,
  bills: readonly SignedBill[],
  receipts: readonly G1[],
): Affine {
  const weights = batchWeights(domain, bills);
  return affine(
    receipts.map((receipt, i) => times(receipt, weights[i]!)).reduce((sum, term) => sum.add(term)),
  );
}

/** Deterministic private keys: meter `index` of a test. */
export function meterWallet(index: number): Wallet {
  return new ethers.Wallet(keccak256(solidityPacked(["string", "uint256"], ["meter", index])));
}

/** A scalar in [1, ℓ) derived from a label. */
export function scalarOf(label: string): bigint {
  return mod(BigInt(keccak256(getBytes(ethers.toUtf8Bytes(label)))), ORDER - 1n) + 1n;
}
