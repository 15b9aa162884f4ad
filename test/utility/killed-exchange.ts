/**
 * A resident and a utility over files, for killed.test.ts: as a process of its own it dies at a
 * chosen order; imported, it is what comes afterwards.
 */
import { join } from "node:path";
import { createMclBn254 } from "../../src/algebra/index.js";
import { Purse, Resident } from "../../src/resident/index.js";
import { SqliteStore, type Store } from "../../src/store/index.js";
import { answerWith, sellerBehind, type ReceiptSeller } from "../../src/utility/index.js";
import { exchange, PAYEE, type Exchange } from "../support/exchange.js";
import { meterPeriod, system, type MeterPeriod } from "../support/settlement.js";

export type Death = "after sending" | "after the commit";

export const SIZES = [100, 10, 10, 1, 1, 1];
export const BASKET = [100, 100, 10, 10, 10, 1, 1, 1, 1];

export interface Scene {
  readonly exchange: Exchange;
  readonly period: MeterPeriod;
  readonly resident: Resident;
  readonly purse: Purse;
  readonly stores: readonly [Store, Store];
  readonly seller: ReceiptSeller;
}

/** Everything there is, over the books in `folder`: the keys are the same each time. */
export async function openScene(folder: string): Promise<Scene> {
  const curve = await createMclBn254();
  const utilityStore = await SqliteStore.open(join(folder, "utility"));
  const residentStore = await SqliteStore.open(join(folder, "resident"));
  const x = exchange(curve, { store: utilityStore, seed: "killed" });
  const resident = new Resident({
    system,
    suite: x.world.suite,
    wallet: x.ecash,
    keys: new Map([[1, x.world.key]]),
    payee: PAYEE,
    store: residentStore,
    now: () => x.clock.now,
  });
  return {
    exchange: x,
    period: meterPeriod(x.world, SIZES),
    resident,
    purse: new Purse(x.ecash, residentStore, new Uint8Array(32).fill(1)),
    stores: [residentStore, utilityStore],
    seller: sellerBehind(answerWith(x.service)),
  };
}

async function dieAtOrder(folder: string, death: Death, fatal: number): Promise<void> {
  const { seller, resident, purse, period, exchange: x } = await openScene(folder);
  await purse.withdraw(BASKET, async (request) => {
    return x.ecash.issue(request);
  });
  await resident.accept(period.generated.map((g) => g.token));
  let orders = 0;
  await resident.pay({
    async sell(order) {
      const last = ++orders === fatal;
      if (last && death === "after sending") process.kill(process.pid, "SIGKILL");
      const sold = await seller.sell(order);
      if (last) process.kill(process.pid, "SIGKILL");
      return sold;
    },
  });
}

if (import.meta.filename === process.argv[1]) {
  const [folder, death, fatal] = process.argv.slice(2);
  await dieAtOrder(folder!, death as Death, Number(fatal));
}
