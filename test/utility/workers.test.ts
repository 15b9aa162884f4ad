import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  BlindBlsIssuer,
  BlindBlsWallet,
  blindSigner,
  decodeRequest,
  generateMintKeys,
  mintPublicKeys,
  type BlindSigner,
} from "../../src/ecash/index.js";
import {
  addressOf,
  generateUtilityKey,
  ReceiptIssuer,
  type SuiteName,
} from "../../src/sipster/index.js";
import { MintWorkers, ReceiptWorkers } from "../../src/utility/index.js";
import { expectRejection } from "../support/errors.js";
import { buy, exchange, payFor, verdict } from "../support/exchange.js";
import { meterPeriod, sharedTokenKey, system, world } from "../support/settlement.js";

const curve = await createMclBn254();

describe("workers for receipts", () => {
  for (const name of ["hash-bound", "classic"] as const satisfies SuiteName[]) {
    it(`two workers make the receipts that one thread makes, in order (${name})`, async () => {
      const { suite } = world({ curve, name });
      const secret = generateUtilityKey(name, 1);
      const issuer = new ReceiptIssuer(suite, secret);
      const tokenKey = name === "classic" ? addressOf(sharedTokenKey) : null;
      const pool = await ReceiptWorkers.start({ suite, key: secret, count: 2, tokenKey });
      const tokens = meterPeriod(world({ curve, name }), Array<number>(37).fill(1)).generated.map(
        (g) => g.token,
      );
      const expected = tokens.map((token) => curve.g1.encode(issuer.issue(token)));
      expect(await pool.issue(tokens)).to.deep.equal(expected);
      expect(await pool.make(tokens.map((t) => issuer.check(t)))).to.deep.equal(expected);
      expect(await pool.issue([])).to.deep.equal([]);
      // A token of another epoch spoils its own job only.
      const foreign = { ...tokens[0]!, keyEpoch: 9 };
      await expectRejection(pool.issue([foreign]), "utility/worker-failed");
      expect(await pool.issue(tokens.slice(0, 1))).to.deep.equal(expected.slice(0, 1));
      await pool.close();
      await expectRejection(pool.issue(tokens), "utility/worker-failed");
    });
  }

  it("serve a counter", async () => {
    const secret = generateUtilityKey("hash-bound", 1);
    const { suite } = world({ curve, name: "hash-bound" });
    const pool = await ReceiptWorkers.start({ suite, key: secret, count: 1 });
    const issuer = new ReceiptIssuer(suite, secret);
    const x = exchange(curve, { maker: () => pool });
    const { token } = meterPeriod(x.world, [10]).generated[0]!;
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token });
    const answer = await buy(x.counter, x.world.suite.encode(token), payment);
    const receipt = curve.g1.encode(issuer.issue(token));
    expect(answer).to.deep.equal({ kind: "sold", receipt });
    await pool.close();
    // The stranger is not told of threads; the same order is served when they run again.
    const again = await buy(x.counter, x.world.suite.encode(token), payment);
    expect(verdict(again)).to.equal("utility/busy");
  });

  it("says so when a worker cannot start", async () => {
    const { suite } = world({ curve, name: "hash-bound" });
    const wrong = generateUtilityKey("classic", 1);
    await expectRejection(
      ReceiptWorkers.start({ suite, key: wrong, count: 1 }),
      "utility/worker-failed",
    );
  });
});

describe("workers for blind signatures", () => {
  const denominations = [1, 10];
  const secret = generateMintKeys(7, denominations);
  const basket = Array.from({ length: 37 }, (_, i) => denominations[i % 2]!);

  it("two workers sign as one thread does, in order, and the wallet accepts it", async () => {
    const wallet = new BlindBlsWallet(curve, system, mintPublicKeys(curve, secret));
    const { state, request } = wallet.prepare(
      7,
      basket.map((denomination, number) => ({ denomination, number })),
      new Uint8Array(32).fill(5),
    );
    const { messages } = decodeRequest(request);
    const workers = await MintWorkers.start(secret, 2);
    const issuer = (signer: BlindSigner) => new BlindBlsIssuer(curve, signer);
    const answer = await issuer(workers).issue(request);
    expect(answer).to.deep.equal(await issuer(blindSigner(curve, secret)).issue(request));
    expect(wallet.finish(state, answer).map((c) => c.denomination)).to.deep.equal(basket);
    await workers.close();
    await expectRejection(workers.sign(messages), "utility/worker-failed");
  });

  it("a message that cannot be signed fails its own request only", async () => {
    const workers = await MintWorkers.start(secret, 1);
    const good = { denomination: 1, message: curve.g1.encode(curve.g1.generator) };
    await expectRejection(workers.sign([{ ...good, denomination: 2 }]), "utility/worker-failed");
    const offCurve = new Uint8Array(64).fill(1);
    await expectRejection(workers.sign([{ ...good, message: offCurve }]), "utility/worker-failed");
    expect(await workers.sign([good])).to.deep.equal(await blindSigner(curve, secret).sign([good]));
    await workers.close();
  });
});
