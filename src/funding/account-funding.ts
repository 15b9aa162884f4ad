/** Funding by prepaid credit on an account with the utility. It trusts the utility with the credit. */
import { signAccountOrder, type EcashSystem } from "../ecash/index.js";
import type { Funding } from "./funding.js";

export class AccountFunding implements Funding {
  constructor(
    private readonly settings: {
      readonly system: Pick<EcashSystem, "domain">;
      /** Secret key of the account, 32 bytes. */
      readonly accountKey: Uint8Array;
      /** The mint's counter for accounts: the same order gets the same answer. */
      readonly order: (order: Uint8Array) => Promise<Uint8Array>;
    },
  ) {}

  /** @throws what the counter throws, mint/not-paid among it */
  withdraw(request: Uint8Array): Promise<Uint8Array> {
    const { system, accountKey, order } = this.settings;
    return order(signAccountOrder(system, request, accountKey));
  }
}
