/**
 * Orders for soak.ts, in bulk: coins whose signatures the mint's key makes at once, without blinding and
 * unblinding, each shown for a token of its own. What the counter gets is what a wallet would send.
 */
import { intToBytes, wasmEcdsa, type Bn254, type G1Point } from "../../src/algebra/index.js";
import { coinPoint } from "../../src/ecash/blind-bls/coin.js";
import { encodePayment, paymentDigest } from "../../src/ecash/blind-bls/payment.js";
import { encodeRequest, expiryOf, type Request } from "../../src/exchange/index.js";
import { hashBoundGenerator, hashBoundSuite, parseViewKey } from "../../src/sipster/index.js";
import { MINT_KEY_ID, NOW, PAYEE, seededKeys } from "../../test/support/exchange.js";
import { system } from "../../test/support/settlement.js";

export interface MadeOrder {
  readonly request: Request & { readonly kind: "buy" };
  readonly bytes: Uint8Array;
  /** Of the token. */
  readonly point: G1Point;
}

/** The coin of this number, shown for the token of this number; both of one unit. */
export type OrderMaker = (coin: number, token: number) => MadeOrder;

const KEY_EPOCH = 1;

export function orderMaker(curve: Bn254, seed: string): OrderMaker {
  const suite = hashBoundSuite(curve, system.systemId);
  const view = parseViewKey(new Uint8Array(32).fill(0x50));
  const generate = hashBoundGenerator({
    curve,
    systemId: system.systemId,
    viewKey: view,
    keyEpoch: KEY_EPOCH,
  });
  const scalar = seededKeys("hash-bound", seed).mint.scalars.get(1)!;
  const expiry = expiryOf(Number(NOW));
  return (coinNumber, tokenNumber) => {
    const { token } = generate(BigInt(tokenNumber), 1);
    const secretKey = intToBytes(BigInt(coinNumber) + 1n, 32);
    const coin = nameOf(curve, wasmEcdsa.address(secretKey));
    const unsigned = {
      ...{ mintKeyId: MINT_KEY_ID, address: coin.address, payee: PAYEE, expiry },
      ...{ tokenHash: suite.hash(token), keyEpoch: token.keyEpoch },
    };
    const payment = encodePayment({
      ...unsigned,
      denomination: 1,
      ctr: coin.ctr,
      coinSignature: curve.g1.encode(curve.g1.mul(coin.point, scalar)),
      signature: wasmEcdsa.sign(paymentDigest(system, unsigned), secretKey),
    });
    const request = { kind: "buy", order: { token: suite.encode(token), payment } } as const;
    return { request, bytes: encodeRequest(request), point: suite.point(token) };
  };
}

function nameOf(curve: Bn254, address: ReturnType<typeof wasmEcdsa.address>) {
  for (let ctr = 0; ; ctr++) {
    const point = coinPoint(curve, system, { mintKeyId: MINT_KEY_ID, address, ctr });
    if (point !== null) return { address, ctr, point };
  }
}
