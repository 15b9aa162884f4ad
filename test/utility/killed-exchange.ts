/**
 * A resident and a utility over files, for killed.test.ts: as a process of its own it dies at a
 * chosen order; imported, it is what comes afterwards.
 */
import { join } from "node:path";
import { createMclBn254 } from "../../src/algebra/index.js";
import type { Carrier } from "../../src/exchange/index.js";
import { SqliteStore, type Store } from "../../src/store/index.js";
import { exchange, type Exchange } from "../support/exchange.js";
import { meterPeriod, type MeterPeriod } from "../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
  type TestWallet,
} from "../support/wallet.js";

export type Death = "after sending" | "after the commit";

export const SIZES = [100, 10, 10, 1, 1, 1];
export const BASKET = [100, 100, 10, 10, 10, 1, 1, 1, 1];

export interface Scene {
  readonly exchange: Exchange;
  readonly period: MeterPeriod;
  readonly wallet: TestWallet;
  readonly stores: readonly [Store, Store];
}

/** Everything there is, over the books in `folder`: the keys are the same each time. */
export async function openScene(folder: string): Promise<Scene> {
  const curve = await createMclBn254();
  const utilityStore = await SqliteStore.open(join(folder, "utility"));
  const residentStore = await SqliteStore.open(join(folder, "resident"));
  const x = exchange(curve, { store: utilityStore, seed: "killed" });
  return {
    exchange: x,
    period: meterPeriod(x.world, SIZES, { period: PERIOD }),
    wallet: openWallet(x, { store: residentStore }),
    stores: [residentStore, utilityStore],
  };
}

async function dieAtOrder(folder: string, death: Death, fatal: number): Promise<void> {
  const { exchange: x, wallet, period } = await openScene(folder);
  await withdrawBefore({ exchange: x, wallet, basket: BASKET });
  setClock(x, after(PERIOD));
  await wallet.resident.accept(PERIOD, numbered(period.generated.map((g) => g.token)));
  let orders = 0;
  const carrier: Carrier = async (request) => {
    const last = ++orders === fatal;
    if (last && death === "after sending") process.kill(process.pid, "SIGKILL");
    const answer = await x.carrier(request);
    if (last) process.kill(process.pid, "SIGKILL");
    return answer;
  };
  await runUntil(x, wallet, { carrier });
}

if (import.meta.filename === process.argv[1]) {
  const [folder, death, fatal] = process.argv.slice(2);
  await dieAtOrder(folder!, death as Death, Number(fatal));
}
