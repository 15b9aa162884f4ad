/**
 * The least a utility can be: checks payments, binds coin and token in two maps, answers. Tests of
 * the resident use it, and can make it lie.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { toAddress, type Bn254 } from "../../src/algebra/index.js";
import { blindBls, generateMintKeys, type ECash } from "../../src/ecash/index.js";
import { defineErrors } from "../../src/errors/catalogue.js";
import type { Order, ReceiptSeller, Sale } from "../../src/resident/index.js";
import { utilityErrors } from "../../src/utility/index.js";
import { system, type World } from "./settlement.js";

export const payee = toAddress(new Uint8Array(20).fill(0xaa));
const errors = defineErrors("plain-utility", {
  bound: { consequence: "", cure: "" },
});

export class PlainUtility implements ReceiptSeller {
  readonly ecash: ECash;
  /** Coin → its first payment; token → its coin. */
  readonly coins = new Map<string, { payment: Uint8Array; token: string }>();
  readonly tokens = new Map<string, string>();
  calls = 0;
  now = 1000n;

  constructor(
    curve: Bn254,
    private readonly world: World,
    denominations: readonly number[] = [1, 10, 100],
  ) {
    const keys = generateMintKeys(7, denominations);
    this.ecash = blindBls(curve, system, keys);
  }

  /** Issues for nothing. */
  readonly withdraw = (request: Uint8Array): Promise<Uint8Array> => this.ecash.issue(request);

  sell({ token: bytes, payment }: Order): Promise<Sale> {
    this.calls++;
    return this.answer(bytes, payment);
  }

  protected async answer(bytes: Uint8Array, payment: Uint8Array): Promise<Sale> {
    const { suite, issuer } = this.world;
    const token = suite.decode(bytes);
    const tokenHash = suite.hash(token);
    const name = bytesToHex(tokenHash);
    const coin = payment.length === 0 ? "" : this.ecash.coinId(payment);
    const receipt = suite.curve.g1.encode(issuer.issue(token));
    const paidWith = this.tokens.get(name);
    if (paidWith !== undefined) return { receipt, coinTaken: paidWith === coin };
    if (coin === "") throw utilityErrors.error("payment-required", "not paid");
    const { denomination, keyEpoch } = token;
    const memo = { tokenHash, payee, keyEpoch };
    const [wrong] = this.ecash.verify([{ payment, memo, denomination }], this.now);
    if (wrong !== null) throw wrong;
    const earlier = this.coins.get(coin);
    if (earlier !== undefined) {
      throw errors.error("bound", "spent", { earlier: bytesToHex(earlier.payment) });
    }
    this.coins.set(coin, { payment, token: name });
    this.tokens.set(name, coin);
    return { receipt, coinTaken: true };
  }
}
