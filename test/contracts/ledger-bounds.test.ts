/** The first and the last value of each bound of the ledger's contract, and the one beyond it. */
import { expect } from "chai";
import { voidUnshownCall } from "../../src/ledger/contract-calls.js";
import type { ConsumptionPage } from "../../src/ledger/pages.js";
import { receiptStruct, StatementSigner } from "../../src/ledger/statements.js";
import {
  deployLedger,
  deployed,
  ethers,
  FIRST,
  hex,
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
