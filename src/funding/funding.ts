/** How a wallet pays for a withdrawal: one interface for every way of funding. */

/**
 * Pays for a request and gets the issuer's answer; asked again for the same request, the same answer,
 * and nothing is paid twice. A wallet checks the answer when it makes the coins.
 */
export interface Funding {
  withdraw(request: Uint8Array): Promise<Uint8Array>;
}
