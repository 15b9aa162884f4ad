/** What a challenge proves, and what it does not. */
import { expect } from "chai";
import type { Challenge } from "../../../src/ledger/audit/fault.js";
import { challengeCall } from "../../../src/ledger/contract-calls.js";
import type { PageStatements } from "../../../src/ledger/page-book.js";
import type { SumTree } from "../../../src/ledger/sum-tree.js";
import { KINDS, LAST, type World } from "./ledger-world.js";

export const VOID = 4n;

/** Which row a challenge is about: the `index` of the event. */
function placeOf(challenge: Challenge): number {
  switch (challenge.kind) {
    case "bill":
      return challenge.bill.statement.index;
    case "total":
    case "row-count":
    case "unshown":
      return challenge.index;
    case "order":
      return challenge.rows[1].index;
    case "parcel":
    case "not-enrolled":
    case "unsigned":
      return challenge.row.index;
    case "missing-row":
      return challenge.claim.which;
    case "withheld":
      return challenge.category;
    case "price":
    case "billing":
    case "statement":
    case "terms":
    case "homes":
      return 0;
  }
}

/** The challenge succeeds: the event says what was proved and about which row, and nobody owes the page. */
export const expectProved = (w: World, page: PageStatements, challenge: Challenge) =>
  expectConcluded(w, w.challenge(page, challenge), {
    kind: challenge.kind,
    index: placeOf(challenge),
  });

export async function expectConcluded(
  w: World,
  sent: Promise<unknown>,
  { kind, index }: { readonly kind: string; readonly index: number },
): Promise<void> {
  await expect(sent)
    .to.emit(w.contract, "ContradictionProved")
    .withArgs(LAST, KINDS.indexOf(kind), 0, index, w.stranger.address);
  const bit = 1n << BigInt(KINDS.indexOf(kind));
  expect((await w.contract.contradictionsOf(LAST, 0)) & bit, kind).to.equal(bit);
  const isVoid = (BigInt(await w.contract.commitmentOf(LAST, 0)) & VOID) !== 0n;
  expect(isVoid, "void").to.equal(kind !== "bill");
  expect(await w.contract.isOwed(LAST, 0)).to.equal(kind === "bill");
}

export const expectNothing = (w: World, sent: Promise<unknown>, kind: string) =>
  expect(sent)
    .to.be.revertedWithCustomError(w.contract, "LedgerNoContradiction")
    .withArgs(KINDS.indexOf(kind));

export const bytes = (address: string) =>
  Uint8Array.from(Buffer.from(address.slice(2), "hex")) as never;

export function challengeArgument(w: World, pages: World["pages"]) {
  const { args } = challengeCall(w.judged(pages), w.ledgerRules, { kind: "price" });
  return (args[0] as { consumption: unknown }).consumption;
}

export function leafAt(tree: SumTree, index: number) {
  const { left, right } = tree.nodes(index).at(-1)!;
  return index % 2 === 0 ? left : right;
}
