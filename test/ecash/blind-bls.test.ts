import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { hexlify, verifyTypedData } from "ethers";
import {
  createMclBn254,
  GROUP_ORDER,
  intToBytes,
  nobleBn254,
  toAddress,
} from "../../src/algebra/index.js";
import { encodeOwnCoin } from "../../src/ecash/blind-bls/coin.js";
import {
  deriveCoinSecrets,
  numberedSource,
  seedMac,
} from "../../src/ecash/blind-bls/coin-secrets.js";
import { decodePayment, encodePayment } from "../../src/ecash/blind-bls/payment.js";
import {
  blindBls,
  BlindBlsAcceptor,
  BlindBlsWallet,
  blindSigner,
  checkMintKeys,
  decodeRequest,
  mintChecks,
  mintPublicKeys,
  publicChecks,
  type ECash,
  type Memo,
  type MintSecretKeys,
} from "../../src/ecash/index.js";
import { settlementSystem } from "../../src/sipster/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { ecashLaws, LATER, NOW } from "./laws.js";

const mcl = await createMclBn254();
const random = new TestRandom("blind BLS");
const CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const system = settlementSystem(31337n, CONTRACT);
const denominations = [1, 10, 100];
const SEED = new Uint8Array(32).fill(8);

function mintKeys(mintKeyId: number): MintSecretKeys {
  const scalar = (): bigint => 1n + random.below(GROUP_ORDER - 1n);
  return { mintKeyId, scalars: new Map(denominations.map((d) => [d, scalar()])) };
}

const secret = mintKeys(3);

const memo = (): Memo => ({
  tokenHash: random.bytes(32),
  payee: toAddress(random.bytes(20)),
  keyEpoch: 1,
});

ecashLaws("blind BLS", async () => ({
  start: () => blindBls(mcl, system, secret),
  denominations,
  mintKeyId: 3,
  sign: async (message) => (await blindSigner(mcl, secret).sign([message]))[0]!,
  wrongAnswers: (answer) => {
    const { g1 } = mcl;
    const first = g1.decode(answer.subarray(0, 64));
    const second = g1.decode(answer.subarray(64, 128));
    const delta = g1.mul(g1.generator, 5n);
    const withFirstTwo = (a: Uint8Array, b: Uint8Array): Uint8Array =>
      concatBytes(a, b, answer.subarray(128));
    const tagged = g1.mul(first, 2n);
    return {
      "a bad blind signature": withFirstTwo(g1.encode(tagged), g1.encode(second)),
      "+Δ and −Δ": withFirstTwo(g1.encode(g1.add(first, delta)), g1.encode(g1.sub(second, delta))),
      "two exchanged": withFirstTwo(g1.encode(second), g1.encode(first)),
      "no point": withFirstTwo(intToBytes(1, 64), g1.encode(second)),
      "the identity": withFirstTwo(new Uint8Array(64), g1.encode(second)),
      "one missing": answer.subarray(64),
      "one too many": concatBytes(answer, answer.subarray(0, 64)),
    };
  },
}));

describe("blind BLS", () => {
  let ecash: ECash;
  before(() => {
    ecash = blindBls(mcl, system, secret);
  });

  let next = 0;
  const numbers = (sizes: readonly number[]) =>
    sizes.map((denomination) => ({ denomination, number: next++ }));
  const prepare = (sizes: readonly number[]) => ecash.prepare(3, numbers(sizes), SEED);

  async function withdrawOne(denomination = 10): Promise<Uint8Array> {
    const { state, request } = prepare([denomination]);
    return ecash.finish(state, await ecash.issue(request))[0]!.secret;
  }

  it("gives the same requests, answers and coins with the independent group", async () => {
    const slow = blindBls(nobleBn254, system, secret);
    const coinNumbers = numbers([1, 100]);
    const withdrawal = ecash.prepare(3, coinNumbers, SEED);
    expect(slow.prepare(3, coinNumbers, SEED)).to.deep.equal(withdrawal);
    const answer = await ecash.issue(withdrawal.request);
    expect(await slow.issue(withdrawal.request)).to.deep.equal(answer);
    const coins = ecash.finish(withdrawal.state, answer);
    expect(slow.finish(withdrawal.state, answer)).to.deep.equal(coins);
    const m = memo();
    const payment = slow.pay(coins[0]!.secret, m, LATER);
    expect(ecash.verify([{ payment, memo: m, denomination: 1 }], NOW)).to.deep.equal([null]);
    expect(slow.verify([{ payment, memo: m, denomination: 1 }], NOW)).to.deep.equal([null]);
  });

  it("signs payments that every EIP-712 implementation verifies", async () => {
    const m = memo();
    const payment = decodePayment(ecash.pay(await withdrawOne(), m, LATER));
    const signer = verifyTypedData(
      { name: "Sipster", version: "1", chainId: 31337n, verifyingContract: CONTRACT },
      {
        Payment: [
          { name: "mintKeyId", type: "uint32" },
          { name: "coin", type: "address" },
          { name: "tokenHash", type: "bytes32" },
          { name: "payee", type: "address" },
          { name: "keyEpoch", type: "uint32" },
          { name: "expiry", type: "uint64" },
        ],
      },
      {
        mintKeyId: 3,
        coin: hexlify(payment.address),
        tokenHash: hexlify(m.tokenHash),
        payee: hexlify(m.payee),
        keyEpoch: 1,
        expiry: LATER,
      },
      hexlify(payment.signature),
    );
    expect(signer.toLowerCase()).to.equal(hexlify(payment.address));
  });

  it("a mint that signs with another key to recognise a wallet is found out", async () => {
    const tagged = { ...secret, scalars: new Map([[1, 77n], ...[...secret.scalars].slice(1)]) };
    const { state, request } = prepare([1, 10]);
    const answer = await blindBls(mcl, system, tagged).issue(request);
    const error = expectError(() => ecash.finish(state, answer), "ecash/bad-answer");
    expect(error.details.denomination).to.equal(1);
  });

  it("M1 + M2 signed once does not pay twice, though the sums agree", async () => {
    const { g1 } = mcl;
    const seed = new Uint8Array(32).fill(9);
    const coins = [0, 1].map((number) =>
      deriveCoinSecrets({
        curve: mcl,
        system,
        mac: seedMac(seed),
        source: numberedSource(system, 3, { denomination: 1, number }),
      }),
    );
    const sum = g1.sum(coins.map((c) => c.point));
    // One message to the mint: the sum, blinded or not.
    const request = concatBytes(intToBytes(3, 4), intToBytes(1, 4), g1.encode(sum));
    const signedSum = g1.decode(await ecash.issue(request));
    const s1 = g1.mul(g1.generator, 1234n);
    const s2 = g1.sub(signedSum, s1);
    const b = secret.scalars.get(1)!;
    expect(g1.equals(g1.add(s1, s2), g1.mul(sum, b)), "an unweighted check passes").to.equal(true);
    const payments = coins.map(({ secretKey, address, ctr }, i) => {
      const m = memo();
      const coin = encodeOwnCoin({
        mintKeyId: 3,
        denomination: 1,
        number: i,
        ctr,
        address,
        secretKey,
        signature: g1.encode(i === 0 ? s1 : s2),
      });
      return { payment: ecash.pay(coin, m, LATER), memo: m, denomination: 1 };
    });
    for (const acceptor of acceptors()) {
      const codes = acceptor.verify(payments, NOW).map((e) => e?.code);
      expect(codes).to.deep.equal(["ecash/forged-coin", "ecash/forged-coin"]);
    }
  });

  const acceptors = (): BlindBlsAcceptor[] => [
    new BlindBlsAcceptor({ curve: mcl, system, checks: mintChecks(mcl, [secret]) }),
    new BlindBlsAcceptor({
      curve: mcl,
      system,
      checks: publicChecks(mcl, [mintPublicKeys(mcl, secret)]),
    }),
  ];

  it("with the secret or with pairings, the same payments are right and wrong", async () => {
    const coins = await Promise.all([1, 10, 100, 1, 10].map((d) => withdrawOne(d)));
    const payments = coins.map((coin) => {
      const m = memo();
      const payment = ecash.pay(coin, m, LATER);
      return { payment, memo: m, denomination: decodePayment(payment).denomination };
    });
    const change = (i: number, f: (p: ReturnType<typeof decodePayment>) => object): void => {
      const p = decodePayment(payments[i]!.payment);
      payments[i] = { ...payments[i]!, payment: encodePayment({ ...p, ...f(p) }) };
    };
    // A coin of 10 that claims to be one of 100.
    change(1, () => ({ denomination: 100 }));
    payments[1] = { ...payments[1]!, denomination: 100 };
    change(3, () => ({ coinSignature: new Uint8Array(64) }));
    change(4, () => ({ coinSignature: intToBytes(5, 64) }));
    for (const acceptor of acceptors()) {
      expect(acceptor.verify(payments, NOW).map((e) => e?.code ?? null)).to.deep.equal([
        null,
        "ecash/forged-coin",
        null,
        "ecash/forged-coin",
        "ecash/forged-coin",
      ]);
    }
  });

  it("a stolen payment message cannot be turned to another token", async () => {
    const stolen = decodePayment(ecash.pay(await withdrawOne(), memo(), LATER));
    const mine = memo();
    const thiefCoin = decodePayment(ecash.pay(await withdrawOne(), mine, LATER));
    const attempts = {
      // The victim's signature over the thief's memo.
      "memo changed": { ...stolen, ...mine },
      // The thief's signature under the victim's coin.
      "signed by the thief": { ...stolen, ...mine, signature: thiefCoin.signature },
      // The victim's coin signature under the thief's own key.
      "coin moved to another key": {
        ...thiefCoin,
        ctr: stolen.ctr,
        coinSignature: stolen.coinSignature,
      },
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      const payment = encodePayment(attempt);
      const verdict = ecash.verify([{ payment, memo: mine, denomination: 10 }], NOW)[0];
      expect(verdict?.code, what).to.match(/bad-payment-signature|forged-coin/);
    }
  });

  it("given the state of one withdrawal with the messages of another, when it is finished, then it is refused and no coin is made", async () => {
    const [two, one] = [prepare([10, 10]), prepare([10])];
    const head = two.state.subarray(0, two.state.length - two.request.length);
    expect(two.state).to.deep.equal(concatBytes(head, two.request));
    const answer = await ecash.issue(one.request);
    expectError(() => ecash.finish(concatBytes(head, one.request), answer), "ecash/bad-coin");
  });

  it("a coin of another system does not pay here", async () => {
    const elsewhere = settlementSystem(1n, CONTRACT);
    const foreign = blindBls(mcl, elsewhere, secret);
    const { state, request } = foreign.prepare(3, numbers([10]), SEED);
    const [coin] = foreign.finish(state, await foreign.issue(request));
    const m = memo();
    const expected = { payment: foreign.pay(coin!.secret, m, LATER), memo: m, denomination: 10 };
    expect(foreign.verify([expected], NOW)).to.deep.equal([null]);
    // Its counter may or may not give a point here.
    const verdict = ecash.verify([expected], NOW)[0];
    expect(verdict?.code).to.be.oneOf(["ecash/bad-payment-signature", "ecash/forged-coin"]);
    // Signed again for this system, the coin itself is what is wrong.
    const here = { ...expected, payment: ecash.pay(coin!.secret, m, LATER) };
    expect(ecash.verify([here], NOW)[0]?.code).to.equal("ecash/forged-coin");
  });

  it("a mint key that is not accepted is named by wallet, mint and payee", async () => {
    const other = blindBls(mcl, system, mintKeys(4));
    const { state, request } = other.prepare(4, numbers([10]), SEED);
    const answer = await other.issue(request);
    const [coin] = other.finish(state, answer);
    const m = memo();
    const payment = other.pay(coin!.secret, m, LATER);
    const verdict = ecash.verify([{ payment, memo: m, denomination: 10 }], NOW)[0];
    expect(verdict?.code).to.equal("ecash/no-mint-key");
    await expectRejection(ecash.issue(request), "ecash/no-mint-key");
    expectError(() => ecash.finish(state, answer), "ecash/no-mint-key");
  });

  it("an old coin pays after the mint has changed its keys, if both are accepted", async () => {
    const coin = await withdrawOne();
    const m = memo();
    const payment = ecash.pay(coin, m, LATER);
    const both = new BlindBlsAcceptor({
      curve: mcl,
      system,
      checks: mintChecks(mcl, [mintKeys(4), secret]),
    });
    expect(both.verify([{ payment, memo: m, denomination: 10 }], NOW)).to.deep.equal([null]);
  });

  for (const count of [4_097, 20_000]) {
    it(`a withdrawal of ${count} coins is finished, and its coins pay`, async () => {
      const { state, request } = prepare(Array<number>(count).fill(1));
      const b = secret.scalars.get(1)!;
      const { messages } = decodeRequest(request);
      const signed = messages.map(({ message }) =>
        mcl.g1.encode(mcl.g1.mul(mcl.g1.decode(message), b)),
      );
      const coins = ecash.finish(state, concatBytes(...signed));
      expect(new Set(coins.map((coin) => coin.id)).size).to.equal(count);
      const payments = coins.slice(0, 4_097).map((coin) => {
        const m = memo();
        return { payment: ecash.pay(coin.secret, m, LATER), memo: m, denomination: 1 };
      });
      const verdicts = ecash.verify(payments, NOW);
      expect(verdicts.filter((verdict) => verdict !== null)).to.deep.equal([]);
    });
  }

  it("a coin's identifier names its mint key: the same address under another is another coin", async () => {
    const payment = decodePayment(ecash.pay(await withdrawOne(), memo(), LATER));
    const other = encodePayment({ ...payment, mintKeyId: 4 });
    expect(ecash.coinId(other)).not.to.equal(ecash.coinId(encodePayment(payment)));
  });

  it("a counter takes coins of the mint keys of its month, and no others", async () => {
    const coin = await withdrawOne();
    const m = memo();
    const item = { payment: ecash.pay(coin, m, LATER), memo: m, denomination: 10 };
    const checks = mintChecks(mcl, [secret]);
    const open = new BlindBlsAcceptor({
      curve: mcl,
      system,
      checks,
      takes: (id, now) => id === 3 && now === NOW,
    });
    expect(open.verify([item], NOW)).to.deep.equal([null]);
    expect(open.verify([item], NOW + 1n)[0]?.code).to.equal("ecash/no-mint-key");
  });

  it("pins consistent keys only", () => {
    const keys = mintPublicKeys(mcl, secret);
    expect(checkMintKeys(mcl, keys)).to.equal(keys);
    const [one, ten] = [keys.keys.get(1)!, keys.keys.get(10)!];
    for (const bad of [
      { b1: one.b1, b2: ten.b2 },
      { b1: mcl.g1.identity, b2: mcl.g2.identity },
    ]) {
      const wrong = { mintKeyId: 3, keys: new Map([[1, bad]]) };
      expectError(() => new BlindBlsWallet(mcl, system, wrong), "ecash/bad-mint-key");
    }
  });

  it("the mint refuses to sign the identity and what is not a point", async () => {
    for (const message of [new Uint8Array(64), intToBytes(7, 64)]) {
      const request = concatBytes(intToBytes(3, 4), intToBytes(1, 4), message);
      await expectRejection(ecash.issue(request), "ecash/bad-request");
    }
  });
});
