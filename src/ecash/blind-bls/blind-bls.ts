/** The default e-cash, its three parts in one: what a mint that accepts its own coins runs. */
import type { Bn254 } from "../../algebra/index.js";
import type { EcashSystem } from "../domains.js";
import type { ECash, ECashAcceptor, ECashIssuer, ECashWallet } from "../ecash.js";
import { BlindBlsAcceptor, mintChecks } from "./acceptor.js";
import { blindSigner } from "./blind-signer.js";
import { BlindBlsIssuer } from "./issuer.js";
import { mintPublicKeys, type MintSecretKeys } from "./mint-keys.js";
import { BlindBlsWallet } from "./wallet.js";

/** The whole e-cash with one set of keys, in one process. */
export function blindBls(curve: Bn254, system: EcashSystem, secret: MintSecretKeys): ECash {
  const wallet: ECashWallet = new BlindBlsWallet(curve, system, mintPublicKeys(curve, secret));
  const issuer: ECashIssuer = new BlindBlsIssuer(curve, blindSigner(curve, secret));
  const acceptor: ECashAcceptor = new BlindBlsAcceptor({
    curve,
    system,
    checks: mintChecks(curve, [secret]),
  });
  return {
    prepare: (mintKeyId, coins, seed) => wallet.prepare(mintKeyId, coins, seed),
    prepareRefresh: (mintKeyId, coin, seed) => wallet.prepareRefresh(mintKeyId, coin, seed),
    finish: (state, answer) => wallet.finish(state, answer),
    pay: (coin, memo, expiry) => wallet.pay(coin, memo, expiry),
    provesDoubleSpend: (earlier, payment) => wallet.provesDoubleSpend(earlier, payment),
    price: (request) => issuer.price(request),
    provesPaid: (earlier, payment) => wallet.provesPaid(earlier, payment),
    issue: (request) => issuer.issue(request),
    verify: (payments, now) => acceptor.verify(payments, now),
    memo: (payment) => acceptor.memo(payment),
    expiry: (payment) => acceptor.expiry(payment),
    coinId: (payment) => acceptor.coinId(payment),
    reserve: (book, payment) => acceptor.reserve(book, payment),
  };
}
