/** The first and the last value of each bound of the ledger's contract, and the one beyond it. */
import { expect } from "chai";
import { rowArgument } from "../../src/ledger/contract-arguments.js";
import { showRowCall, voidUnshownCall } from "../../src/ledger/contract-calls.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import type { ConsumptionPage } from "../../src/ledger/pages.js";
import { receiptStruct, StatementSigner } from "../../src/ledger/statements.js";
import {
  deployLedger,
  deployed,
  ethers,
  FIRST,
  hex,
  KINDS,
  LAST,
  networkHelpers,
  WINDOW,
} from "./support/ledger-world.js";
import { invented, proved, rowAt, word, type InventedWorld } from "./support/invented-pages.js";

describe("ConsumptionLedger: bounds of a deployment", () => {
  it("given the least and the largest of each rule, then it is deployed; beyond them, it is not", async () => {
    const { contract, rules } = await deployLedger("bounds");
    const deploy = (changes: object) =>
      ethers.deployContract("ConsumptionLedger", [{ ...rules, ...changes }]);
    const least = { firstInterval: 1, showWindow: 1, leastHomes: 1, initialAverage: 4 };
    const ledger = await deploy(least);
    const said = [
      await ledger.getFunction("FIRST_INTERVAL")(),
      await ledger.getFunction("SHOW_WINDOW")(),
      await ledger.getFunction("LEAST_HOMES")(),
      await ledger.getFunction("INITIAL_AVERAGE")(),
      await ledger.getFunction("priceFunction")(),
    ] as unknown[];
    expect(said).to.deep.equal([1n, 1n, 1n, 4n, rules.priceFunction]);
    await deploy({ leastHomes: 256, initialAverage: 2n ** 64n - 4n });
    for (const wrong of [{ initialAverage: 205 }, { initialAverage: 206 }, { initialAverage: 2 }]) {
      await expect(deploy(wrong)).to.be.revertedWithCustomError(contract, "LedgerRulesInvalid");
    }
  });
});

describe("ConsumptionLedger: bounds of a row that is asked for", () => {
  it("given a window, when it ends, then its last second still shows the row, and the next voids the page", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const last = w.pages.consumption.rows.length - 1;
    const now = (await networkHelpers.time.latest()) + 10;
    await networkHelpers.time.setNextBlockTimestamp(now);
    const deadline = now + WINDOW;
    await expect(w.challenge(w.pages, { kind: "unshown", index: last }))
      .to.emit(w.contract, "RowDemanded")
      .withArgs(LAST, 0, last, deadline, w.stranger.address);
    expect(await w.contract.deadlineOf(LAST, 0, last)).to.equal(deadline);
    const close = () => w.send(voidUnshownCall(w.pages, w.ledgerRules, last));
    await networkHelpers.time.setNextBlockTimestamp(deadline);
    await expect(close())
      .to.be.revertedWithCustomError(w.contract, "LedgerDemandOpen")
      .withArgs(LAST, last, deadline);
    await networkHelpers.time.setNextBlockTimestamp(deadline + 1);
    await expect(close()).to.emit(w.contract, "ContradictionProved");
  });

  it("given a page of 35,040 intervals ago, then its rows can be asked for no more; a page younger by one, they can", async () => {
    const kept = 35_040;
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    expect(await w.contract.KEPT_INTERVALS()).to.equal(kept);
    const { statement } = w.n.book.inForce(LAST - 1)!.consumption;
    expect(statement.rows).to.be.greaterThan(1);
    // The commitment of a page of that age is written into the storage: no chain is that long here.
    await setAnchored(w.contract, LAST - 1 + kept);
    await expect(w.challenge(w.n.book.inForce(LAST - 1)!, { kind: "unshown", index: 0 }))
      .to.be.revertedWithCustomError(w.contract, "LedgerDemandInvalid")
      .withArgs(LAST - 1, 0);
    await expect(w.challenge(w.pages, { kind: "unshown", index: 0 })).to.emit(
      w.contract,
      "RowDemanded",
    );
  });
});

describe("ConsumptionLedger: a row whose key and signature nobody has", () => {
  it("given an invented row that commits to bytes of its author's choice, when it is asked for, then the row alone is not shown, and the page is void", async () => {
    const w = await networkHelpers.loadFixture(invented);
    await w.anchor({ interval: FIRST });
    await w.anchor({ interval: FIRST + 1 });
    const row = rowAt(1, 2, 200n);
    // The hash is of 33 and 64 bytes: no key and signature have it, so that no challenge to the row succeeds.
    const cut = { ...row, signature: row.signature.subarray(1) };
    const consumption = await w.anchor({}, [cut]);
    const shown = proved(consumption, 0);
    await w.challenge(consumption, { kind: "unshown", index: 0 });
    for (const [key, signature] of [
      [row.key, cut.signature],
      [row.key, row.signature],
      [new Uint8Array(0), new Uint8Array(0)],
    ] as const) {
      const call = showRowCall({ consumption }, w.ledgerRules, {
        ...shown,
        row: { ...cut, key, signature },
      });
      const [page, , ...bytes] = call.args;
      await expect(w.send({ ...call, args: [page, rowArgument(shown), ...bytes] }))
        .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
        .withArgs(1);
    }
    await networkHelpers.time.increase(WINDOW + 1);
    await expect(w.send(voidUnshownCall({ consumption }, w.ledgerRules, 0)))
      .to.emit(w.contract, "ContradictionProved")
      .withArgs(FIRST + 2, KINDS.indexOf("unshown"), 0, 0, w.stranger.address);
  });
});

describe("ConsumptionLedger: keys at the edges of the curve", () => {
  /** Whether a row with this key and signature is judged as not signed. */
  async function judged(key: Uint8Array, signature?: Uint8Array) {
    const w = await networkHelpers.loadFixture(invented);
    const point = publicKeyOf(5n);
    const row = {
      ...rowAt(1, 2, 200n),
      key,
      signature: signature ?? concat(point, word("scalar")),
    };
    const page = await w.anchor({ interval: FIRST }, [row]);
    return { w, sent: w.challenge(page, { kind: "unsigned", row: proved(page, 0) }) };
  }
  const concat = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
  const encoded = (prefix: number, x: bigint) =>
    concat(Uint8Array.of(prefix), Buffer.from(x.toString(16).padStart(64, "0"), "hex"));

  it("given a key that is not on the curve, or not a coordinate of one, then nothing is signed with it", async () => {
    for (const key of [
      encoded(2, 5n),
      encoded(2, FIELD),
      encoded(3, 2n ** 256n - 1n),
      encoded(4, 1n),
      encoded(0, 1n),
      encoded(1, 1n),
    ]) {
      const { w, sent } = await judged(key);
      await expect(sent).to.emit(w.contract, "ContradictionProved");
    }
    for (const signature of [
      concat(encoded(2, 5n), word("scalar")),
      concat(encoded(5, 1n), word("scalar")),
      concat(encoded(2, FIELD + 1n), word("scalar")),
      concat(encoded(2, 1n), encoded(2, ORDER).subarray(1)),
      concat(encoded(2, 1n), encoded(2, 2n ** 256n - 1n).subarray(1)),
    ]) {
      const { w, sent } = await judged(publicKeyOf(7n), signature);
      await expect(sent).to.emit(w.contract, "ContradictionProved");
    }
  });

  it("given a key whose x coordinate is beyond the order, which the precompile does not take, then nothing is decided", async () => {
    // From the order on, the first x of which x³ + 7 is a square: the order itself.
    let x = ORDER;
    while (power((x ** 3n + 7n) % FIELD, (FIELD - 1n) / 2n) !== 1n) x++;
    expect(x < FIELD).to.equal(true);
    const { w, sent } = await judged(encoded(2, x));
    await expect(sent).to.be.revertedWithCustomError(w.contract, "LedgerSignatureUndecided");
  });
});

/** The prime of the field of secp256k1. */
const FIELD = 2n ** 256n - 2n ** 32n - 977n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base % FIELD, exponent]; e > 0n; b = (b * b) % FIELD, e >>= 1n) {
    if (e & 1n) result = (result * b) % FIELD;
  }
  return result;
}

describe("ConsumptionLedger: bounds of a receipt", () => {
  /** A page without rows in each of three intervals, the middle one of which a key is registered for. */
  async function threePages(): Promise<{ w: InventedWorld; pages: ConsumptionPage[] }> {
    const w = await networkHelpers.loadFixture(invented);
    const pages: ConsumptionPage[] = [];
    for (const interval of [FIRST, FIRST + 1, FIRST + 2]) pages.push(await w.anchor({ interval }));
    return { w, pages };
  }

  it("given a key of one interval, then its receipts count in that one, and not in the ones beside it", async () => {
    const { w, pages } = await threePages();
    const signer = new StatementSigner(w.domain, word("another receipt key"));
    const key = ethers.getAddress(hex(signer.address));
    await expect(w.contract.connect(w.controlCentre).registerReceiptKey(key, FIRST + 1, FIRST + 1))
      .to.emit(w.contract, "ReceiptKeySet")
      .withArgs(key, FIRST + 1, FIRST + 1);
    for (const [i, page] of pages.entries()) {
      const { interval, leaves, ...rest } = w.claim({ interval: FIRST + i, place: 5, category: 2 });
      const signature = signer.sign(receiptStruct({ interval, leaves }));
      const claim = { ...rest, interval, leaves, signature };
      const sent = w.challenge(page, { kind: "missing-row", claim, neighbours: [] });
      if (i === 1) await expect(sent).to.emit(w.contract, "ContradictionProved");
      else {
        await expect(sent)
          .to.be.revertedWithCustomError(w.contract, "LedgerReceiptInvalid")
          .withArgs(FIRST + i, 0);
      }
    }
  });

  it("given a key that is revoked from its last interval, then it ends in the one before; later or earlier, it stays", async () => {
    const { w } = await threePages();
    const contract = w.contract.connect(w.controlCentre);
    const key = ethers.Wallet.createRandom().address;
    await contract.registerReceiptKey(key, FIRST + 5, FIRST + 9);
    for (const from of [FIRST + 5, FIRST + 10, 0]) {
      await expect(contract.revokeReceiptKey(key, from))
        .to.be.revertedWithCustomError(w.contract, "LedgerReceiptKeyInvalid")
        .withArgs(key);
    }
    await contract.revokeReceiptKey(key, FIRST + 9);
    expect(await contract.receiptKeys(key)).to.deep.equal([BigInt(FIRST + 5), BigInt(FIRST + 8)]);
    await contract.revokeReceiptKey(key, FIRST + 6);
    expect(await contract.receiptKeys(key)).to.deep.equal([BigInt(FIRST + 5), BigInt(FIRST + 5)]);
  });

  it("given a leaf in each place of a receipt, then each can be shown, and the event names the place", async () => {
    for (const which of [0, 7]) {
      const { w, pages } = await threePages();
      const shown = w.claim({ interval: FIRST, place: 5, category: 2, which });
      const sent = w.challenge(pages[0]!, { kind: "missing-row", claim: shown, neighbours: [] });
      await expect(sent)
        .to.emit(w.contract, "ContradictionProved")
        .withArgs(FIRST, 6, 0, which, w.stranger.address);
    }
  });
});

describe("ConsumptionLedger: bounds of a page", () => {
  it("given a page of one row, then its row is the first and the last, and nothing is behind it", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const page = await w.anchor({ interval: FIRST }, [rowAt(1, 2, 200n)]);
    const row = proved(page, 0);
    const order = (a: typeof row, b: typeof row) =>
      w.challenge(page, { kind: "order", rows: [a, b] });
    await expect(order(row, row)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerNoContradiction",
    );
    await expect(order(row, { ...row, index: 1 }))
      .to.be.revertedWithCustomError(w.contract, "LedgerRowUnknown")
      .withArgs(FIRST, 1);
  });
});

/** Writes a commitment into the mapping of commitments, which is found by its getter. */
async function setAnchored(
  contract: { commitmentOf(interval: number, revision: number): Promise<string> } & {
    getAddress(): Promise<string>;
  },
  interval: number,
): Promise<void> {
  const address = await contract.getAddress();
  for (let slot = 0; slot < 32; slot++) {
    const outer = ethers.solidityPackedKeccak256(["uint256", "uint256"], [interval, slot]);
    const inner = ethers.solidityPackedKeccak256(["uint256", "uint256"], [0, outer]);
    await networkHelpers.setStorageAt(address, inner, ethers.ZeroHash.replace(/0$/, "8"));
    if (BigInt(await contract.commitmentOf(interval, 0)) !== 0n) return;
    await networkHelpers.setStorageAt(address, inner, ethers.ZeroHash);
  }
  throw new Error("no slot of the contract holds its commitments");
}
