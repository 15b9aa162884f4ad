/**
 * Prepaid credit on an account with the utility: the second way to pay for a withdrawal. The account
 * is charged once for a request, durably, before anything is signed; the same order gets the same
 * answer for ever.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, equalBytes, intToBytes, type Address } from "../algebra/index.js";
import {
  openAccountOrder,
  requestHash,
  type ECashIssuer,
  type EcashSystem,
} from "../ecash/index.js";
import type { Store, Transaction } from "../store/index.js";
import { mintErrors } from "./errors.js";

/** Of amounts in the books: units of money. */
const UNITS_BYTES = 16;

export class AccountMint {
  constructor(
    private readonly settings: {
      readonly system: Pick<EcashSystem, "domain">;
      readonly issuer: ECashIssuer;
      readonly store: Store;
    },
  ) {}

  /**
   * Credits a payment that reached the utility (bank, card, counter), once for each `reference`.
   * @param units of money, at least one
   * @throws mint/credit-differs if the reference was used for another account or amount
   */
  async credit(account: Address, units: bigint, reference: string): Promise<void> {
    await this.settings.store.transaction(async (tx) => {
      const key = `credit/${reference}`;
      const entry = concatBytes(account, intToBytes(units, UNITS_BYTES));
      const before = await tx.get(key);
      if (before !== undefined) {
        if (equalBytes(before, entry)) return;
        throw mintErrors.error("credit-differs", `reference "${reference}" is of another payment`, {
          reference,
        });
      }
      tx.put(key, entry);
      putBalance(tx, account, (await balanceIn(tx, account)) + units);
    });
  }

  /** Units of money that an account has left. */
  async balance(account: Address): Promise<bigint> {
    return this.settings.store.transaction((tx) => balanceIn(tx, account));
  }

  /**
   * Charges the order's account with what the coins are worth, and answers.
   * @param order as `signAccountOrder` makes it
   * @throws ecash/bad-order, mint/not-paid, ecash/bad-request, ecash/no-mint-key
   */
  async withdraw(order: Uint8Array): Promise<Uint8Array> {
    const { system, issuer, store } = this.settings;
    const { account, request } = openAccountOrder(system, order);
    const due = issuer.price(request);
    await store.transaction(async (tx) => {
      const key = `charged/${bytesToHex(account)}/${bytesToHex(requestHash(request))}`;
      if ((await tx.get(key)) !== undefined) return;
      const balance = await balanceIn(tx, account);
      if (balance < due) {
        throw mintErrors.error(
          "not-paid",
          `the coins are worth ${due} units, and the account has ${balance}`,
          { due, balance },
        );
      }
      tx.put(key, intToBytes(due, UNITS_BYTES));
      putBalance(tx, account, balance - due);
    });
    return issuer.issue(request);
  }
}

async function balanceIn(tx: Transaction, account: Address): Promise<bigint> {
  return bytesToInt((await tx.get(`account/${bytesToHex(account)}`)) ?? new Uint8Array());
}

function putBalance(tx: Transaction, account: Address, units: bigint): void {
  tx.put(`account/${bytesToHex(account)}`, intToBytes(units, UNITS_BYTES));
}
