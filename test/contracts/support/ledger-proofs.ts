/** What a challenge proves, and what it does not. */
import { expect } from "chai";
import { challengeCall } from "../../../src/ledger/contract-calls.js";
import type { SumTree } from "../../../src/ledger/sum-tree.js";
import { KINDS, LAST, type World } from "./ledger-world.js";

export const VOID = 4n;

export async function expectProved(w: World, sent: Promise<unknown>, kind: string): Promise<void> {
  await expect(sent).to.emit(w.contract, "ContradictionProved");
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
