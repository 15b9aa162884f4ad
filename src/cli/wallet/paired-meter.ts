/** What pairing with the meter left, kept in the wallet's books and so in their backup. */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bareHexField, countField, readJson } from "../../json/index.js";
import type { PairedMeter, Pairing } from "../../meter/index.js";
import type { Resident } from "../../resident/index.js";
import { parseAddress, parseViewKey } from "../../sipster/index.js";
import type { Store } from "../../store/index.js";
import { cliErrors } from "../errors.js";

const KEY = "wallet/meter";

/** Link key, view key, the meter's address, hashes of tariffs, and the first number of each denomination. */
const schema = v.strictTuple([
  bareHexField,
  bareHexField,
  v.string(),
  v.array(bareHexField),
  v.array(v.strictTuple([countField, countField])),
]);

export async function keepMeter(store: Store, paired: PairedMeter): Promise<void> {
  const { key, viewKey, meter, tariffs, firstNumbers } = paired;
  const keys = [bytesToHex(key), bytesToHex(viewKey)];
  const fields = [...keys, meter, tariffs.map(bytesToHex), [...firstNumbers]];
  await store.transaction(async (tx) => tx.put(KEY, utf8ToBytes(JSON.stringify(fields))));
}

/** After its removal: its tokens and bills are in the books, its keys are erased. */
export async function forgetMeter(store: Store): Promise<void> {
  await store.transaction(async (tx) => {
    tx.delete(KEY);
  });
}

const PENDING = "wallet/pairing";
const numbersField = v.array(v.strictTuple([countField, countField]));

/**
 * The first numbers of the meter's tokens, for a pairing. A meter that is installed now begins after all tokens
 * that the books ever had, so that no coin is shown twice; one that was installed before keeps its own, also if
 * its first pairing was cut off.
 */
export async function numbersForPairing(
  store: Store,
  resident: Resident,
  denominations: readonly number[],
): Promise<Required<Pick<Pairing, "firstNumbers" | "numbersOf">>> {
  const paired = await pairedMeter(store);
  const next = await resident.nextNumbers(denominations);
  const before = await store.transaction(async (tx) => {
    const bytes = await tx.get(PENDING);
    tx.put(PENDING, utf8ToBytes(JSON.stringify([...next])));
    return bytes;
  });
  const damaged = (why: string) =>
    cliErrors.error("damaged-file", `what the books keep of a pairing ${why}`);
  const pending = new Map(before === undefined ? [] : readJson(numbersField, before, damaged));
  return {
    firstNumbers: next,
    numbersOf: (meter) => (paired?.meter === meter ? paired.firstNumbers : pending),
  };
}

/** `null` before pairing. */
export async function pairedMeter(store: Store): Promise<PairedMeter | null> {
  const bytes = await store.transaction((tx) => tx.get(KEY));
  if (bytes === undefined) return null;
  const [key, viewKey, meter, tariffs, firstNumbers] = readJson(schema, bytes, (why) =>
    cliErrors.error("damaged-file", `what the books keep of the meter ${why}`),
  );
  return {
    key: hexToBytes(key),
    viewKey: parseViewKey(hexToBytes(viewKey)),
    meter: parseAddress(meter),
    tariffs: tariffs.map(hexToBytes),
    firstNumbers: new Map(firstNumbers),
  };
}
