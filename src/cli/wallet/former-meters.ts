/**
 * The bills of meters that were removed: what the wallet took from each before its keys were erased, kept in the
 * books and so in their backup, until they are settled and forgotten.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bareHexField, countField, decimalField, readJson } from "../../json/index.js";
import type { MeterClient } from "../../meter/index.js";
import type { MeteredBill } from "../../resident/index.js";
import { parseAddress, type HexAddress, type Suite } from "../../sipster/index.js";
import type { Store } from "../../store/index.js";
import { cliErrors } from "../errors.js";
import type { OpenWallet } from "./open-wallet.js";

const PREFIX = "wallet/former/";
const keyOf = (meter: HexAddress, period: number): string => `${PREFIX}${meter}/${period}`;

const schema = v.strictObject({
  meter: v.string(),
  period: countField,
  keyEpoch: countField,
  r: bareHexField,
  signature: bareHexField,
  blinding: decimalField,
  tokens: v.array(bareHexField),
});

/** What a meter gives for one of its closed periods. */
export async function billFrom(
  client: Pick<MeterClient, "bill" | "tokens">,
  meter: HexAddress,
  period: number,
): Promise<MeteredBill> {
  const { bill, blinding } = await client.bill(period);
  const tokens = (await client.tokens(period)).map(({ token }) => token);
  return { bill, tokens, blinding, meter };
}

/** All bills are durable, or none. */
export function keepBills(
  { store, suite }: OpenWallet,
  bills: readonly MeteredBill[],
): Promise<void> {
  return store.transaction(async (tx) => {
    for (const { bill, tokens, blinding, meter } of bills) {
      const { period, keyEpoch, r, signature } = bill;
      const document = {
        ...{ meter, period, keyEpoch, r: bytesToHex(r), signature: bytesToHex(signature) },
        blinding: String(blinding),
        tokens: [...tokens].map((token) => bytesToHex(suite.encode(token))),
      };
      tx.put(keyOf(meter, period), utf8ToBytes(JSON.stringify(document)));
    }
  });
}

/** Oldest first. */
export async function formerBills(store: Store, suite: Suite): Promise<readonly MeteredBill[]> {
  const entries = await store.transaction((tx) => tx.list(PREFIX));
  return entries
    .map(([, bytes]): MeteredBill => {
      const { meter, period, keyEpoch, r, signature, blinding, tokens } = readJson(
        schema,
        bytes,
        (why) => cliErrors.error("damaged-file", `a bill of a former meter ${why}`),
      );
      return {
        meter: parseAddress(meter),
        bill: { period, keyEpoch, r: hexToBytes(r), signature: hexToBytes(signature) },
        blinding,
        tokens: tokens.map((token) => suite.decode(hexToBytes(token))),
      };
    })
    .sort((a, b) => a.bill.period - b.bill.period);
}

/** Erases the bills of a period, with its blinding factors. */
export function forgetBills(store: Store, period: number): Promise<void> {
  return store.transaction(async (tx) => {
    for (const [key] of await tx.list(PREFIX)) {
      if (key.endsWith(`/${period}`)) tx.delete(key);
    }
  });
}
