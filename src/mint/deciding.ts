/** The one decision about each deposit: a set of them in one transaction of the books. */
import { getBytes } from "ethers";
import { mapLimit, type BlockTime, type VaultDeposit } from "../chain/index.js";
import { decide, timeLeft, type Decision } from "./decision.js";
import type { MintBooks, OpenDeposit } from "./mint-books.js";
import { AT_ONCE, setsOf, withBooks, type VaultMintSettings } from "./settings.js";

/** Notes the deposits that were made since the last pass. */
export async function noteNewDeposits(
  settings: VaultMintSettings,
  final: BlockTime,
): Promise<void> {
  const { reader } = settings;
  const scanned = await withBooks(settings, (books) => books.scanned());
  if (scanned !== null && scanned >= final.number) return;
  const from = scanned === null ? {} : { fromBlock: scanned + 1 };
  const made = await reader.depositsMade(final.number, from);
  for (const set of setsOf(made)) {
    await withBooks(settings, async (books) => {
      const known = await Promise.all(set.map((d) => books.decision(d.depositHash)));
      const requests = await Promise.all(set.map((d) => books.request(d)));
      for (const [i, deposit] of set.entries()) {
        if (known[i] !== null) continue;
        books.putOpen(deposit);
        if (requests[i] !== null) books.putAsked(deposit.depositHash);
      }
    });
  }
  // Last: a process that dies before reads the same deposits again.
  await withBooks(settings, (books) => {
    books.putScanned(final.number);
  });
}

/**
 * Decides about every open deposit that can be decided about; durable when this returns. Deposits that only wait
 * for a request are not looked up on the chain: anyone can make many of them.
 */
export async function decideOpen(settings: VaultMintSettings, final: BlockTime): Promise<void> {
  const { reader, issuers, margin } = settings;
  const [open, asked] = await withBooks(settings, (books) =>
    Promise.all([books.open(), books.asked()]),
  );
  const isDue = (deposit: OpenDeposit): boolean =>
    asked.has(deposit.depositHash) ||
    !issuers.has(deposit.mintKeyId) ||
    timeLeft(deposit, { now: final.timestamp, margin }) < 0n;
  for (const set of setsOf(open.filter(isDue))) {
    const deposits = await mapLimit(set, AT_ONCE, async ({ depositHash, id }) => ({
      depositHash,
      deposit: await reader.deposit(id, final.number),
    }));
    const { timestamp: now } = await settings.latestBlock();
    await withBooks(settings, (books) => decideSet({ settings, books, set: deposits, now }));
  }
}

async function decideSet({
  settings,
  books,
  set,
  now,
}: {
  readonly settings: VaultMintSettings;
  readonly books: MintBooks;
  readonly set: readonly { readonly depositHash: string; readonly deposit: VaultDeposit }[];
  readonly now: bigint;
}): Promise<void> {
  const decided = await Promise.all(set.map((one) => books.decision(one.depositHash)));
  const undecided: VaultDeposit[] = [];
  for (const [i, { depositHash, deposit }] of set.entries()) {
    // Refunded meanwhile, or another deposit has the number after a reorganisation.
    const isThere = deposit.status === "open" && deposit.depositHash === depositHash;
    if (decided[i] === null && isThere) undecided.push(deposit);
    else books.deleteOpen(depositHash);
  }
  const requests = await Promise.all(undecided.map((deposit) => books.request(deposit)));
  const signed = await Promise.all(undecided.map((d) => books.signedFor(d.messagesRoot)));
  const signedHere = new Set<string>();
  for (const [i, deposit] of undecided.entries()) {
    const root = deposit.messagesRoot;
    const isSigned = signed[i] !== null || signedHere.has(root);
    const decision = decisionOn({ settings, deposit, request: requests[i] ?? null, now, isSigned });
    if (decision === null) continue;
    const { depositHash, mintKeyId } = deposit;
    if (decision.kind === "acknowledge") {
      books.putSignedFor(root, getBytes(depositHash));
      signedHere.add(root);
    }
    const id = deposit.id.toString();
    books.putDecision({ depositHash, id, root, mintKeyId, decision, stage: "decided" });
    books.deleteOpen(depositHash);
  }
}

function decisionOn({
  settings: { issuers, margin, baseUnitsPerUnit },
  deposit,
  request,
  now,
  isSigned,
}: {
  readonly settings: VaultMintSettings;
  readonly deposit: VaultDeposit;
  readonly request: Uint8Array | null;
  readonly now: bigint;
  readonly isSigned: boolean;
}): Decision | null {
  const issuer = issuers.get(deposit.mintKeyId) ?? null;
  const decision = decide({ deposit, request, issuer, now, margin, baseUnitsPerUnit });
  // Two deposits for the same messages: the coins exist once, and the depositor has one of the two back.
  return decision?.kind === "acknowledge" && isSigned
    ? { kind: "decline", reason: "signed-before" }
    : decision;
}
