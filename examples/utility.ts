/**
 * A utility: it credits an account, changes the credit for coins, and sells receipts for coins over HTTP.
 *
 *   tsx examples/utility.ts public.json ACCOUNT     goes on until it is ended
 */
import { randomBytes } from "node:crypto";
import {
  addressOf,
  createMclBn254,
  FIRST_EPOCH_PERIOD,
  generateUtilityKey,
  hashBoundSuite,
  keyHashOf,
  publicKeyOf,
  ReceiptIssuer,
  signKeyNotice,
  toAddress,
} from "sipster";
import { AccountMint, Counter, inThread, serveUtility, StoredCounterBook } from "sipster/utility";
import {
  blindBls,
  blindSigner,
  checkBlindedMessage,
  generateMintKeys,
  MemoryStore,
  mintPublicKeys,
} from "sipster/wallet";
import { bytes, DENOMINATIONS, PAYING_DAY, publish, SYSTEM, terms } from "./public.js";

const [file, account] = process.argv.slice(2);
const curve = await createMclBn254();
const [receiptKey, mintKeys] = [
  generateUtilityKey("hash-bound", 1),
  generateMintKeys(1, DENOMINATIONS),
];
const [noticeKey, answerKey] = [randomBytes(32), randomBytes(32)];
const { payee } = terms({ noticeSigner: addressOf(noticeKey), answerKey: addressOf(answerKey) });

// The counter sells a receipt for each token that comes with a coin, once: a second request gets the same receipt.
const suite = hashBoundSuite(curve, SYSTEM.systemId);
const ecash = blindBls(curve, SYSTEM, mintKeys);
const issuer = new ReceiptIssuer(suite, receiptKey);
const counter = new Counter({
  suite,
  epochs: [{ issuer, maker: inThread(issuer, suite) }],
  denominations: DENOMINATIONS,
  ecash,
  refreshing: {
    ecash,
    signer: blindSigner(curve, mintKeys),
    checkMessage: (message) => checkBlindedMessage(curve, message),
  },
  payee: toAddress(bytes(payee.slice(2))),
  book: new StoredCounterBook(new MemoryStore(), ecash),
  answers: { systemId: SYSTEM.systemId, answerKey },
  clock: () => BigInt(PAYING_DAY),
});

// The mint signs coins that it cannot recognise later.
const mint = new AccountMint({ system: SYSTEM, issuer: ecash, store: new MemoryStore() });
await mint.credit(toAddress(bytes(account!.slice(2))), 10_000n, "transfer 1");

const served = await serveUtility({
  parameters: () => Promise.resolve(new Uint8Array()),
  tariffs: new Map(),
  exchange: (request) => counter.answer(request),
  withdraw: (order) => mint.withdraw(order),
  health: { ready: () => Promise.resolve(null) },
  version: "example",
  onDefect: (error) => process.stderr.write(`${String(error)}\n`),
});

const key = publicKeyOf(curve, receiptKey);
const announced = { keyEpoch: 1, firstPeriod: FIRST_EPOCH_PERIOD, keyHash: keyHashOf(curve, key) };
const points = [...mintPublicKeys(curve, mintKeys).keys].flatMap(([d, { b1, b2 }]) => [
  [`b1-${d}`, curve.g1.encode(b1)],
  [`b2-${d}`, curve.g2.encode(b2)],
]);
publish(file!, {
  url: served.url,
  noticeSigner: addressOf(noticeKey),
  answerKey: addressOf(answerKey),
  notice: signKeyNotice(SYSTEM, announced, noticeKey).signature,
  a1: curve.g1.encode(key.a1),
  a2: curve.g2.encode(key.a2),
  ...(Object.fromEntries(points) as Record<string, Uint8Array>),
});
process.stdout.write(`utility ${served.url}\n`);
