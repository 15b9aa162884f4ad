/** What utility and relayer keep of payments, withdrawals and bills, whether in files or in a database. */

export type Rows = readonly (readonly [key: string, value: Uint8Array])[];

export interface KeptBooks {
  readonly payments: readonly {
    readonly coin: string;
    readonly payment: Uint8Array;
    /** Its place in the order of writing, where one is left: equal numbers were written together. */
    readonly written: number | null;
  }[];
  /** In the order of the table. */
  readonly tokens: readonly {
    /** Its hash, hexadecimal. */
    readonly token: string;
    readonly coin: string;
  }[];
  /** The mint's accounts. */
  readonly accounts: Rows;
  /** The relayer's bills. */
  readonly queue: Rows;
}
