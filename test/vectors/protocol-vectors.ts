/**
 * Vectors of the protocol: everything that one home, the utility and the mint compute in a small
 * month, from secrets that are hashes of their names. Another implementation that reproduces them
 * interoperates. Bytes are hexadecimal without 0x, integers decimal.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesToInt, GROUP_ORDER, toAddress, type Bn254 } from "../../src/algebra/index.js";
import { blindBls, refreshMemo } from "../../src/ecash/index.js";
import {
  addressOf,
  batchWeights,
  billDigest,
  billGen,
  combine,
  combineBatch,
  deriveBlinding,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  publicKeyOf,
  ReceiptIssuer,
  settlementSystem,
  signBill,
  type SignedBill,
} from "../../src/sipster/index.js";

const CHAIN_ID = 31337n;
const SETTLEMENT = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const PERIOD = 201303;
const KEY_EPOCH = 1;
const MINT_KEY_ID = 1;
/** 31 May 2013, 23:59:59 UTC. */
const EXPIRY = 1_370_044_799n;

const secret = (name: string): Uint8Array => sha256(utf8ToBytes(`sipster vectors: ${name}`));
const scalar = (name: string): bigint => 1n + (bytesToInt(secret(name)) % (GROUP_ORDER - 1n));
const hex = bytesToHex;

export const system = settlementSystem(CHAIN_ID, SETTLEMENT);

/** @param curve either implementation: both must give the same document */
export async function protocolVectors(curve: Bn254) {
  const { g1, g2 } = curve;
  const a = scalar("receipt key");
  const key = { suite: "hash-bound", keyEpoch: KEY_EPOCH, scalar: a } as const;
  const utility = publicKeyOf(curve, key);
  const suite = hashBoundSuite(curve, system.systemId);
  const issuer = new ReceiptIssuer(suite, key);
  const homes = [
    { name: "home 1", denominations: [100, 10, 10, 1, 1, 1] },
    { name: "home 2", denominations: [] },
    { name: "home 3", denominations: [1000] },
  ].map(({ name, denominations }) => {
    const viewKey = parseViewKey(secret(`view key of ${name}`));
    const billKey = secret(`bill key of ${name}`);
    const generate = hashBoundGenerator({ curve, systemId: system.systemId, viewKey, keyEpoch: KEY_EPOCH });
    const counters = new Map<number, bigint>();
    const tokens = denominations.map((denomination) => {
      const n = counters.get(denomination) ?? 0n;
      counters.set(denomination, n + 1n);
      const { token, point } = generate(n, denomination);
      const receipt = issuer.issue(token);
      return { n, denomination, token, point, receipt };
    });
    const blinding = deriveBlinding(viewKey, system.systemId, {
      keyEpoch: KEY_EPOCH,
      period: PERIOD,
    });
    const sum = g1.sum(tokens.map(({ point }) => point));
    const bill = signBill(system, billGen({ curve, period: PERIOD, keyEpoch: KEY_EPOCH, accumulated: sum, blinding }), billKey);
    const combined = combine(
      { curve,
      receipts: tokens.map(({ receipt }) => receipt),
      blinding,
      key: utility },
    );
    return { name, viewKey, billKey, tokens, blinding, bill, combined };
  });
  const bills: readonly SignedBill[] = homes.map(({ bill }) => bill);
  return {
    format: "sipster/vectors/protocol@1",
    system: { chainId: `${CHAIN_ID}`, settlement: SETTLEMENT, systemId: hex(system.systemId) },
    receiptKey: {
      keyEpoch: KEY_EPOCH,
      secret: `${a}`,
      a1: hex(g1.encode(utility.a1)),
      a2: hex(g2.encode(utility.a2)),
    },
    homes: homes.map((home) => ({
      name: home.name,
      viewKey: hex(home.viewKey),
      tokens: home.tokens.map(({ n, denomination, token, point, receipt }) => ({
        number: `${n}`,
        denomination,
        token: hex(suite.encode(token)),
        hash: hex(suite.hash(token)),
        point: hex(g1.encode(point)),
        receipt: hex(g1.encode(receipt)),
      })),
      blinding: `${home.blinding}`,
      billKey: hex(home.billKey),
      meter: addressOf(home.billKey),
      bill: {
        period: PERIOD,
        keyEpoch: KEY_EPOCH,
        r: hex(home.bill.r),
        digest: hex(billDigest(system, home.bill)),
        signature: hex(home.bill.signature),
      },
      combinedReceipt: hex(g1.encode(home.combined)),
    })),
    batch: {
      weights: batchWeights(system, bills).map(String),
      combinedReceipt: hex(
        g1.encode(
          combineBatch(
            { curve,
            system,
            bills,
            combined: homes.map(({ combined }) => combined) },
          ),
        ),
      ),
    },
    ecash: await ecashVectors(curve, suite.hash(homes[0]!.tokens[0]!.token)),
  };
}

/** A coin of 100 withdrawn, paid for a token, and another changed for a fresh one. */
async function ecashVectors(curve: Bn254, tokenHash: Uint8Array) {
  const scalars = new Map([1, 100].map((d) => [d, scalar(`mint key of ${d}`)]));
  const ecash = blindBls(curve, system, { mintKeyId: MINT_KEY_ID, scalars });
  const seed = secret("coins");
  const wanted = [
    { denomination: 100, number: 0 },
    { denomination: 1, number: 7, attempt: 2 },
  ];
  const { request, state } = ecash.prepare(MINT_KEY_ID, wanted, seed);
  const answer = await ecash.issue(request);
  const coins = ecash.finish(state, answer);
  const payee = toAddress(secret("payee").subarray(0, 20));
  const memo = { tokenHash, payee, keyEpoch: KEY_EPOCH };
  const refresh = ecash.prepareRefresh(MINT_KEY_ID, coins[1]!.secret, seed);
  return {
    mintKeyId: MINT_KEY_ID,
    secrets: Object.fromEntries([...scalars].map(([d, b]) => [d, `${b}`])),
    seed: hex(seed),
    coins: wanted,
    request: hex(request),
    answer: hex(answer),
    finished: coins.map(({ id, secret: bytes }) => ({ id, coin: hex(bytes) })),
    payment: {
      tokenHash: hex(tokenHash),
      payee: hex(payee),
      keyEpoch: KEY_EPOCH,
      expiry: `${EXPIRY}`,
      payment: hex(ecash.pay(coins[0]!.secret, memo, EXPIRY)),
    },
    refresh: {
      message: hex(refresh.message.message),
      memo: hex(refreshMemo(system, refresh.message, payee).tokenHash),
      payment: hex(
        ecash.pay(coins[1]!.secret, refreshMemo(system, refresh.message, payee), EXPIRY),
      ),
    },
  };
}
