/** Registering the utility's keys and the meters. Both can be repeated: what is registered stays. */
import type { Bn254 } from "../../algebra/index.js";
import type { UtilityPublicKey } from "../../sipster/index.js";
import { BillSettlement__factory, type BillSettlement } from "../bindings/index.js";
import { g1Words, g2Words } from "../contract-values.js";
import type { Deployment } from "./deployment.js";
import { chainErrors } from "../errors/errors.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";

/** Of a meter that is registered without an end. */
export const NO_LAST_PERIOD = 0xffffffff;

/** Meters in one transaction: about 600 fit under the gas cap. */
const METERS_PER_TRANSACTION = 500;

export interface Registration {
  /** Hashes of the transactions sent; none when all was registered before. */
  readonly transactions: readonly string[];
}

/** The settlement contract of a deployment, for reading. */
export function settlementContract(
  deployment: Deployment,
  { provider }: Pick<TransactionSender, "provider">,
): BillSettlement {
  return BillSettlement__factory.connect(deployment.contracts.settlement.address, provider);
}

/**
 * Registers the utility's key of its epoch. Does nothing if this very key is registered.
 * @throws chain/key-epoch-out-of-order, chain/key-epoch-taken, contract/…
 */
export async function registerKey(
  sender: TransactionSender,
  deployment: Deployment,
  curve: Bn254,
  key: UtilityPublicKey,
): Promise<Registration> {
  const contract = settlementContract(deployment, sender);
  const registered = Number(await contract.keyEpochs());
  const a1 = g1Words(curve, key.a1);
  const a2 = g2Words(curve, key.a2);
  if (key.keyEpoch >= 1 && key.keyEpoch <= registered) {
    const there = await contract.epochKey(key.keyEpoch);
    const pairs = [
      [there.a1.x, a1.x],
      [there.a1.y, a1.y],
      [there.a2.xC1, a2.xC1],
      [there.a2.xC0, a2.xC0],
      [there.a2.yC1, a2.yC1],
      [there.a2.yC0, a2.yC0],
    ] as const;
    const same = pairs.every(([old, given]) => old === given);
    if (same) return { transactions: [] };
    throw chainErrors.error(
      "key-epoch-taken",
      `key epoch ${key.keyEpoch} has another key, registered for good`,
      { keyEpoch: key.keyEpoch },
    );
  }
  if (key.keyEpoch !== registered + 1) {
    throw chainErrors.error(
      "key-epoch-out-of-order",
      `the key is of epoch ${key.keyEpoch}, and the next is ${registered + 1}`,
      { keyEpoch: key.keyEpoch, next: registered + 1 },
    );
  }
  const data = contract.interface.encodeFunctionData("registerKey", [a1, a2]);
  const receipt = await sender.send({ to: await contract.getAddress(), data });
  return { transactions: [receipt.hash] };
}

/**
 * Registers meters by their addresses, for the periods `validFrom` to `validUntil`, both included.
 * Meters that are registered already are left as they are.
 * @throws contract/…
 */
export async function registerMeters(
  sender: TransactionSender,
  deployment: Deployment,
  meters: readonly string[],
  { validFrom = 0, validUntil = NO_LAST_PERIOD } = {},
): Promise<Registration> {
  const contract = settlementContract(deployment, sender);
  const distinct = [...new Set(meters.map((m) => m.toLowerCase()))];
  const entries = await Promise.all(distinct.map((meter) => contract.meterOf(meter)));
  const missing = distinct.filter((_, i) => !entries[i]!.registered);
  const transactions: string[] = [];
  for (let i = 0; i < missing.length; i += METERS_PER_TRANSACTION) {
    const chunk = missing.slice(i, i + METERS_PER_TRANSACTION);
    const data = contract.interface.encodeFunctionData("registerMeters", [
      chunk,
      validFrom,
      validUntil,
    ]);
    const receipt = await sender.send({ to: await contract.getAddress(), data });
    transactions.push(receipt.hash);
    sender.report(`registered ${i + chunk.length} of ${missing.length} meters`);
  }
  return { transactions };
}
