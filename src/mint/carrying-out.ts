/** Carries decisions out: publishes signatures, gives deposits back, and notes what is final. */
import { getBytes } from "ethers";
import { mapLimit, type BlockTime, type Cost, type VaultDeposit } from "../chain/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { timeLeft, type Decision } from "./decision.js";
import { mintErrors } from "./errors.js";
import type { DecisionRecord, DecisionStage, MintBooks } from "./mint-books.js";
import { AT_ONCE, setsOf, withBooks, type VaultMintSettings } from "./settings.js";

/** What became of a deposit in one pass. */
export interface MintAction {
  readonly id: bigint;
  readonly decision: Decision;
  readonly stage: DecisionStage;
}

/** Declines that are carried out by a transaction; the rest ends by itself at the deadline. */
const SENT_DECLINES: ReadonlySet<string> = new Set(["amount", "bad-request", "other-request"]);

interface Decided {
  readonly record: DecisionRecord;
  readonly request: Uint8Array | null;
}

/** The next step of a decision: the stage to write down, and then what to send. */
interface Step {
  readonly record: DecisionRecord;
  readonly stage: DecisionStage;
  readonly send?: () => Promise<Cost>;
}

/** Takes each decision that is not over one step further. */
export async function carryOut(
  settings: VaultMintSettings,
  final: BlockTime,
): Promise<{ readonly actions: readonly MintAction[]; readonly failures: readonly unknown[] }> {
  const pending = await withBooks(settings, (books) => books.pending());
  const actions: MintAction[] = [];
  const failures: unknown[] = [];
  // One deposit that fails must not keep the others from being answered in time.
  const guarded = async <T>(work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      failures.push(error);
      return null;
    });
  for (const set of setsOf(pending)) {
    const requests = await withBooks(settings, (books) =>
      Promise.all(set.map((r) => books.request({ mintKeyId: r.mintKeyId, messagesRoot: r.root }))),
    );
    const planned = await mapLimit(set, AT_ONCE, (record, i) =>
      guarded(nextStep(settings, { record, request: requests[i] ?? null }, final)),
    );
    const steps = planned.filter((step) => step !== null);
    // Written down for all before the first of them is sent.
    const reached = await withBooks(settings, (books) => reach(books, steps));
    await mapLimit([...steps.entries()], AT_ONCE, async ([i, { record, send }]) => {
      const stage = reached[i]!;
      const id = BigInt(record.id);
      if (send !== undefined && stage === "sending") {
        const cost = await guarded(unlessLostRace(send()));
        if (cost === null) return;
        if (cost !== "lost") settings.onCost?.(record.decision.kind, id, cost);
      }
      actions.push({ id, decision: record.decision, stage });
    });
  }
  return { actions, failures };
}

async function nextStep(
  settings: VaultMintSettings,
  decided: Decided,
  final: BlockTime,
): Promise<Step> {
  const { record } = decided;
  const atFinal = await settings.reader.deposit(BigInt(record.id), final.number);
  if (atFinal.depositHash === record.depositHash && atFinal.status !== "open") {
    return { record, stage: "done" };
  }
  const latest = await findLatest(settings, record);
  // Answered and not final yet; or not on this branch of the chain at the moment.
  if (latest?.status !== "open") return { record, stage: record.stage };
  if (record.decision.kind === "acknowledge") return acknowledge(settings, decided, latest);
  if (!SENT_DECLINES.has(record.decision.reason)) return { record, stage: "done" };
  const send = () => settings.calls.decline(latest.id, record.depositHash);
  return { record, stage: "sending", send };
}

async function acknowledge(
  { issuers, margin, latestBlock, calls }: VaultMintSettings,
  { record, request }: Decided,
  deposit: VaultDeposit,
): Promise<Step> {
  const now = (await latestBlock()).timestamp;
  const sent = record.stage === "sending";
  // Signatures that no transaction has shown stay secret when it is late. Those that may be public
  // are sent as long as the vault takes them.
  if (timeLeft(deposit, { now, margin: sent ? 0n : margin }) < 0n) {
    return { record, stage: "lapsed" };
  }
  const issuer = issuers.get(deposit.mintKeyId);
  if (request === null || issuer === undefined) {
    const what = `deposit ${deposit.id} is to be signed, and its request or key is not there`;
    throw mintErrors.error("bad-record", what, { id: deposit.id });
  }
  const signatures = await issuer.issue(request);
  const send = () => calls.acknowledge(deposit.id, record.depositHash, signatures);
  return { record, stage: "sending", send };
}

/** The deposit in the latest block, under the number that it has there. */
async function findLatest(
  { reader, latestBlock }: VaultMintSettings,
  { id, depositHash, root }: DecisionRecord,
): Promise<VaultDeposit | null> {
  const same = await reader.deposit(BigInt(id));
  if (same.depositHash === depositHash) return same;
  const { number } = await latestBlock();
  for (const other of await reader.depositIds(number, { messagesRoot: getBytes(root) })) {
    const deposit = await reader.deposit(other);
    if (deposit.depositHash === depositHash) return deposit;
  }
  return null;
}

/**
 * Writes down how far decisions are carried out. Returns the stage that each is in: another process
 * may have gone further, and what is over stays over.
 */
async function reach(books: MintBooks, steps: readonly Step[]): Promise<readonly DecisionStage[]> {
  const stored = await Promise.all(steps.map(({ record }) => books.decision(record.depositHash)));
  return steps.map(({ record, stage }, i) => {
    const current = stored[i] ?? record;
    const isOver = current.stage === "done" || current.stage === "lapsed";
    const isOvertaken = stage === "lapsed" && current.stage !== record.stage;
    const isBack = stage === "decided" && current.stage !== "decided";
    if (current.stage === stage || (isOver && stage !== "done") || isOvertaken || isBack) {
      return current.stage;
    }
    books.putDecision({ ...current, stage });
    return stage;
  });
}

const LOST_RACES = [
  "contract/VaultDepositStatus",
  "contract/VaultDepositDiffers",
  "contract/VaultAcknowledgeTooLate",
];

/** "lost": another process answered first, or the chain was reorganised; the next pass looks again. */
async function unlessLostRace(sent: Promise<Cost>): Promise<Cost | "lost"> {
  try {
    return await sent;
  } catch (error) {
    if (LOST_RACES.some((code) => isSipsterError(error, code))) return "lost";
    throw error;
  }
}
