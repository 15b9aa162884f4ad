/** A small world for tests of the protocol: one system, one utility key, one meter's secrets. */
import type { Bn254, G1Point } from "../../src/algebra/index.js";
import {
  addressOf,
  billGen,
  classicGenerator,
  classicSuite,
  combine,
  deriveBlinding,
  generateUtilityKey,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  publicKeyOf,
  ReceiptIssuer,
  settlementSystem,
  signBill,
  type GeneratedToken,
  type SettlementSystem,
  type SignedBill,
  type Suite,
  type SuiteName,
  type TokenGenerator,
  type UtilityPublicKey,
  type UtilitySecretKey,
} from "../../src/sipster/index.js";
import { TestRandom } from "./random.js";

export const system = settlementSystem(31337n, "0x5fbdb2315678afecb367f032d93f642f64180aa3");
const random = new TestRandom("settlement");
/** The classic suite's token key, shared by all meters. */
export const sharedTokenKey = random.bytes(32);

export interface World {
  readonly suite: Suite;
  readonly issuer: ReceiptIssuer;
  readonly key: UtilityPublicKey;
}

export function world({
  curve,
  name,
  keyEpoch = 1,
  secret = generateUtilityKey(name, keyEpoch),
}: {
  readonly curve: Bn254;
  readonly name: SuiteName;
  readonly keyEpoch?: number;
  readonly secret?: UtilitySecretKey | undefined;
}): World {
  const suite =
    name === "hash-bound"
      ? hashBoundSuite(curve, system.systemId)
      : classicSuite(curve, system.systemId, addressOf(sharedTokenKey));
  return { suite, issuer: new ReceiptIssuer(suite, secret), key: publicKeyOf(curve, secret) };
}

export interface MeterPeriod {
  readonly generated: readonly GeneratedToken[];
  readonly blinding: bigint;
  readonly bill: SignedBill;
  readonly r: G1Point;
  readonly billKey: Uint8Array;
}

export function generator({
  world: { suite },
  viewKeyBytes,
  keyEpoch,
  of = system,
}: {
  readonly world: World;
  readonly viewKeyBytes: Uint8Array;
  readonly keyEpoch: number;
  readonly of?: SettlementSystem;
}): TokenGenerator {
  const viewKey = parseViewKey(viewKeyBytes);
  return suite.name === "hash-bound"
    ? hashBoundGenerator({ curve: suite.curve, systemId: of.systemId, viewKey, keyEpoch })
    : classicGenerator({
        curve: suite.curve,
        systemId: of.systemId,
        viewKey,
        keyEpoch,
        tokenKeySecret: sharedTokenKey,
      });
}

/** One meter's period with tokens of the given denominations. */
export function meterPeriod(
  w: World,
  denominations: readonly number[],
  {
    period = 201303,
    seed = "meter",
    system: of = system,
  }: { period?: number; seed?: string; system?: SettlementSystem } = {},
): MeterPeriod {
  const { g1 } = w.suite.curve;
  const secrets = new TestRandom(seed);
  const viewKey = parseViewKey(secrets.bytes(32));
  const billKey = secrets.bytes(32);
  const generate = generator({ world: w, viewKeyBytes: viewKey, keyEpoch: w.key.keyEpoch, of });
  const generated = denominations.map((d, i) => generate(BigInt(i), d));
  const blinding = generated.reduce(
    (sum, t) => sum + t.blinding,
    deriveBlinding(viewKey, of.systemId, { keyEpoch: w.key.keyEpoch, period }),
  );
  const accumulated = g1.sum(generated.map((t) => t.point));
  const bill = billGen({
    curve: w.suite.curve,
    period,
    keyEpoch: w.key.keyEpoch,
    accumulated,
    blinding,
  });
  return {
    generated,
    blinding,
    bill: signBill(of, bill, billKey),
    r: g1.decode(bill.r),
    billKey,
  };
}

/** The receipts for all tokens of a period. */
export function payAll(w: World, { generated }: MeterPeriod): G1Point[] {
  return generated.map(({ token }) => w.issuer.issue(token));
}

/** The combined receipt of a fully paid period. */
export function settleable(w: World, period: MeterPeriod): G1Point {
  return combine({
    curve: w.suite.curve,
    receipts: payAll(w, period),
    blinding: period.blinding,
    key: w.key,
  });
}
