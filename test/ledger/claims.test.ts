import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { auditClaims } from "../../src/ledger/audit/claims.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { excerptOf } from "../../src/ledger/excerpt.js";
import { PRESENCE } from "../../src/ledger/parcels.js";
import { isClaimWhole, type Claim } from "../../src/ledger/receipts.js";
import { kinds, TestNeighbourhood } from "./support.js";

/** Claims of all reports of an honest interval of this neighbourhood: a page without rows lacks every one. */
async function claimed(
  see: (at: {
    readonly n: TestNeighbourhood;
    readonly pages: IndexedPages;
    readonly claims: readonly Claim[];
    readonly withholding: (category: number) => IndexedPages;
  }) => void | Promise<void>,
) {
  const n = await TestNeighbourhood.open("claims", 5, { leastHomes: 2 });
  await n.run(
    1,
    () => 1800n,
    async (interval) => {
      const { consumption, billing } = interval.pages;
      const none = rewritePage(consumption, n.controlCentreKey, { content: [] });
      const { residents } = await n.judge(interval, { billing, consumption: none });
      n.book.add(interval.pages);
      const indexed = (page: typeof consumption) =>
        new IndexedPages({ consumption: page, billing }, n.rules, n.book);
      const withholding = (category: number) =>
        indexed(
          rewritePage(consumption, n.controlCentreKey, {
            content: consumption.rows.filter((row) => row.category !== category),
            withheld: 1 << category,
          }),
        );
      const claims = residents.flatMap((own) => own.claims);
      await see({ n, pages: indexed(consumption), claims, withholding });
    },
  );
}

describe("Claims of residents", () => {
  it("given enough of a category that was withheld, show it by as many of that category as are needed, in order", () =>
    claimed(({ claims, withholding }) => {
      const of = (category: number) => claims.filter((claim) => claim.category === category);
      const pages = withholding(4);
      const [withheld, ...others] = auditClaims(pages, claims);
      expect(others).to.deep.equal([]);
      expect(withheld!.kind).to.equal("withheld");
      const challenge = withheld!.challenge as { category: number; claims: readonly Claim[] };
      expect(challenge.category).to.equal(4);
      // Two homes, with two reports each of the top category.
      expect(challenge.claims.map(({ category }) => category)).to.deep.equal([4, 4, 4, 4]);
      const names = challenge.claims.map(({ pseudonym }) => Buffer.from(pseudonym).toString("hex"));
      expect(names).to.deep.equal([...new Set(names)].sort());
      expect(of(4).length).to.be.greaterThan(4);
      // One too few, and those of other categories do not help.
      const few = [...of(4).slice(0, 3), ...claims.filter(({ category }) => category !== 4)];
      expect(auditClaims(pages, few)).to.deep.equal([]);
    }));

  it("given a page with their rows, show nothing", () =>
    claimed(({ pages, claims }) => {
      expect(claims.some(({ category }) => category === PRESENCE)).to.equal(true);
      expect(auditClaims(pages, claims)).to.deep.equal([]);
    }));

  it("given a receipt with more or fewer leaves, or a salt of another length, are not whole", () =>
    claimed(({ claims }) => {
      const type = keccak_256(
        utf8ToBytes("ReceiptLeaf(bytes32 salt,bytes32 pseudonym,uint8 category)"),
      );
      for (const claim of claims.slice(0, 8)) {
        const { leaves, which, pseudonym, category } = claim;
        expect(isClaimWhole(claim)).to.equal(true);
        expect(isClaimWhole({ ...claim, leaves: [...leaves, leaves[0]!] })).to.equal(false);
        expect(isClaimWhole({ ...claim, leaves: leaves.slice(0, which + 1) })).to.equal(
          which === 7,
        );
        expect(isClaimWhole({ ...claim, which: 8 })).to.equal(false);
        for (const length of [0, 31, 33]) {
          const salt = new Uint8Array(length).fill(1);
          const leaf = keccak_256(concatBytes(type, salt, pseudonym, Uint8Array.of(category)));
          const shown = { ...claim, salt, leaves: leaves.with(which, leaf) };
          expect(isClaimWhole(shown), `${length} bytes`).to.equal(false);
        }
        const salt = new Uint8Array(32).fill(1);
        for (const other of [6, 255]) {
          const leaf = keccak_256(concatBytes(type, salt, pseudonym, Uint8Array.of(other)));
          const shown = { ...claim, salt, category: other as 0, leaves: leaves.with(which, leaf) };
          expect(isClaimWhole(shown), `category ${other}`).to.equal(false);
        }
      }
    }));
});

describe("A page that is not billed", () => {
  it("given to a resident, costs nothing yet, and its rows are there", async () => {
    const n = await TestNeighbourhood.open("unbilled", 2);
    await n.run(
      1,
      () => 900n,
      async (interval) => {
        const { consumption } = interval.pages;
        n.book.add({ consumption });
        const pages = new IndexedPages({ consumption, billing: undefined }, n.rules, n.book);
        for (const resident of interval.residents) {
          const { pseudonyms, indices } = resident.questions(consumption.statement);
          const own = await resident.settle(excerptOf(pages, pseudonyms, indices), indices, pages);
          expect(own.amount).to.equal(0n);
          expect(own.rows).to.be.greaterThan(0);
          expect(kinds(own.faults)).to.deep.equal([]);
        }
      },
    );
  });
});
