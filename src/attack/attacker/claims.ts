/** What an attack claims. Orders and accounts are named by their places in what was seen. */

/** How likely two orders are of one home: higher is likelier; only the order of values counts. */
export type LinkScore = (i: number, j: number) => number;
/** How likely an order is of an account. */
export type OwnerScore = (order: number, account: number) => number;

export interface Claims {
  readonly links?: LinkScore;
  readonly owners?: OwnerScore;
  /** Units of each account's bill. */
  readonly bills?: Float64Array;
}

/** Claims by the name of the attack. */
export type ClaimsByAttack = ReadonlyMap<string, Claims>;
