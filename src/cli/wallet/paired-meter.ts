/** What pairing with the meter left, kept in the wallet's books and so in their backup. */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bareHexField, countField, readJson } from "../../json/index.js";
import type { PairedMeter } from "../../meter/index.js";
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
