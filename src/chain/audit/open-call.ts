/** A settlement call taken apart with the independent library: who signed, and which pairing it claims. */
import { hexlify } from "ethers";
import { nobleEcdsa, type Bn254, type G1Point } from "../../algebra/index.js";
import {
  batchWeights,
  billDigest,
  type HexAddress,
  type SettlementSystem,
  type SignedBill,
} from "../../sipster/index.js";
import { g1FromWords } from "../contract-values.js";
import type { SettlementCall } from "./settlement-call.js";

export interface OpenedCall {
  readonly call: SettlementCall;
  /** Of each bill; `null` where the signature is none. */
  readonly signers: readonly (HexAddress | null)[];
  /**
   * The claim e(σ, P2) = e(R, A2): R, in a batch Σδᵢ·Rᵢ, and σ. `null` if a point is not on the
   * curve or is the identity.
   */
  readonly pairing: { readonly message: G1Point; readonly signature: G1Point } | null;
}

export function openCall(curve: Bn254, system: SettlementSystem, call: SettlementCall): OpenedCall {
  return {
    call,
    signers: call.bills.map((bill) => signerOf(system, bill)),
    pairing: pairingOf(curve, system, call),
  };
}

/** The address that signed the bill in the compact form of EIP-2098, or `null`. */
function signerOf(system: SettlementSystem, bill: SignedBill): HexAddress | null {
  const signature = new Uint8Array(65);
  signature.set(bill.signature);
  signature[64] = 27 + (signature[32]! >> 7);
  signature[32]! &= 0x7f;
  const signer = nobleEcdsa.recover(billDigest(system, bill), signature);
  return signer === null ? null : (hexlify(signer) as HexAddress);
}

function pairingOf(
  curve: Bn254,
  system: SettlementSystem,
  call: SettlementCall,
): OpenedCall["pairing"] {
  const { g1 } = curve;
  let points: G1Point[];
  let signature: G1Point;
  try {
    points = call.bills.map((bill) => g1.decode(bill.r));
    signature = g1FromWords(curve, { x: call.sx, y: call.sy });
  } catch {
    return null;
  }
  if ([signature, ...points].some((p) => g1.isIdentity(p)) || points.length === 0) return null;
  const message =
    call.method === "settleBatch"
      ? g1.multiScalarMul(points, batchWeights(system, call.bills))
      : points[0]!;
  return { message, signature };
}
