/** Registering and retiring meters. Both can be repeated: what is done already is left out. */
import { settlementContract, type Deployment } from "../deploy/deployment.js";
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

/**
 * Registers meters by their addresses, for the periods `validFrom` to `validUntil`, both included.
 * Meters that are registered already are left as they are.
 * @throws contract/…
 */
export async function registerMeters({
  sender,
  deployment,
  meters,
  validFrom = 0,
  validUntil = NO_LAST_PERIOD,
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly meters: readonly string[];
  readonly validFrom?: number;
  readonly validUntil?: number;
}): Promise<Registration> {
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

/**
 * Ends the meters' validity after `lastPeriod`. Meters that end there or before are left as they are.
 * A retirement never reaches a period that has begun; in a development deployment nothing is compared.
 * @throws chain/unknown-meter if one was never registered; nothing is sent then. contract/…
 */
export async function retireMeters({
  sender,
  deployment,
  meters,
  lastPeriod,
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly meters: readonly string[];
  readonly lastPeriod: number;
}): Promise<Registration> {
  const contract = settlementContract(deployment, sender);
  const to = deployment.contracts.settlement.address;
  const distinct = [...new Set(meters.map((m) => m.toLowerCase()))];
  const entries = await Promise.all(distinct.map((meter) => contract.meterOf(meter)));
  const unknown = distinct.find((_, i) => !entries[i]!.registered);
  if (unknown !== undefined) {
    throw chainErrors.error("unknown-meter", `${unknown} is not registered as a meter`, {
      meter: unknown,
    });
  }
  const transactions: string[] = [];
  for (const [i, meter] of distinct.entries()) {
    if (Number(entries[i]!.validUntil) <= lastPeriod) continue;
    const data = contract.interface.encodeFunctionData("retireMeter", [meter, lastPeriod]);
    transactions.push((await sender.send({ to, data })).hash);
    sender.report(`retired ${meter} after period ${lastPeriod}`);
  }
  return { transactions };
}
