/** A ledger on a chain with honest intervals, all but the last anchored and billed, for tests of its contract. */
import { network } from "hardhat";
import { auditClaims } from "../../../src/ledger/audit/claims.js";
import type { Challenge, LedgerFault } from "../../../src/ledger/audit/fault.js";
import { IndexedPages } from "../../../src/ledger/audit/indexed-pages.js";
import { auditRows } from "../../../src/ledger/audit/rows.js";
import { auditStatements } from "../../../src/ledger/audit/statements.js";
import { priceAt, rewritePage } from "../../../src/demo/ledger/cheats/rewrite.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  type ContractCall,
  type JudgedPages,
} from "../../../src/ledger/contract-calls.js";
import type { PageStatements } from "../../../src/ledger/page-book.js";
import type { IntervalPages } from "../../../src/ledger/pages.js";
import type { Claim } from "../../../src/ledger/receipts.js";
import {
  FIRST,
  INITIAL_AVERAGE,
  TestNeighbourhood,
  testPrice,
  type TestInterval,
} from "../../ledger/support.js";

export const { ethers, networkHelpers } = await network.create();
export const HOMES = 6;
export const LAST = FIRST + 4;
export const LEAST_HOMES = 1;
export const WINDOW = 3600;
/** In the order of `Contradiction`. */
export const KINDS: readonly string[] = [
  "price",
  "bill",
  "total",
  "row-count",
  "order",
  "parcel",
  "missing-row",
  "not-enrolled",
  "unsigned",
  "withheld",
  "terms",
  "homes",
  "statement",
  "billing",
  "unshown",
  "abandoned",
];
export const hex = (bytes: Uint8Array): string => ethers.hexlify(bytes);

/** Deploys with the keys of a test neighbourhood, and registers its receipt key. */
export async function deployLedger(seed: string) {
  const [admin, stranger] = await ethers.getSigners();
  // Keys first: who may anchor is fixed at deployment, and what is signed names the contract.
  const { secretKeys } = await TestNeighbourhood.open(seed, 0);
  const [controlCentre, provider] = [secretKeys.controlCentre, secretKeys.provider].map(
    (key) => new ethers.Wallet(hex(key), ethers.provider),
  );
  // An account of its own: what is signed names the contract's address, and with it gas depends on the nonce.
  const deployer = new ethers.Wallet(ethers.id(`deployer ${seed}`), ethers.provider);
  for (const { address } of [controlCentre!, provider!, deployer]) {
    await networkHelpers.setBalance(address, 10n ** 19n);
  }
  const price = await ethers.deployContract("PiecewiseLinearPrice", [testPrice.points], deployer);
  const rules = {
    admin: admin!.address,
    controlCentre: controlCentre!.address,
    provider: provider!.address,
    priceFunction: await price.getAddress(),
    firstInterval: FIRST,
    showWindow: WINDOW,
    leastHomes: LEAST_HOMES,
    initialAverage: INITIAL_AVERAGE,
  };
  const contract = await ethers.deployContract("ConsumptionLedger", [rules], deployer);
  const domain = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    contract: await contract.getAddress(),
  };
  const receipts = new ethers.Wallet(hex(secretKeys.receipts)).address;
  await contract.connect(controlCentre!).registerReceiptKey(receipts, FIRST, FIRST + 1000);
  const accounts = { controlCentre: controlCentre!, provider: provider! };
  return { contract, rules, domain, admin: admin!, stranger: stranger!, ...accounts };
}

/** The contract, honest pages of five intervals with everything their residents and auditors know. */
export async function deployed() {
  const chain = await deployLedger("contract");
  const { contract, controlCentre, provider, stranger } = chain;
  const n = await TestNeighbourhood.open("contract", HOMES, { domain: chain.domain });
  const intervals: TestInterval[] = [];
  const claims: Claim[] = [];
  await n.run(
    3,
    (home) => BigInt(130 + 170 * home),
    async (interval) => {
      intervals.push(interval);
      // Against a page without rows every report is missing: so each resident shows its receipts.
      const none = rewritePage(interval.pages.consumption, n.controlCentreKey, { content: [] });
      const { residents } = await n.judge(interval, { ...interval.pages, consumption: none });
      n.book.add(interval.pages);
      claims.push(...residents.flatMap((resident) => resident.claims));
    },
  );
  const honest = intervals.at(-1)!;
  const send = async (call: ContractCall, from: unknown = stranger) =>
    contract.connect(from as never).getFunction(call.method)(...call.args);
  const { rules } = n;
  const anchor = async ({ consumption, billing }: PageStatements) => {
    await send(anchorConsumptionCall(consumption.statement), controlCentre);
    if (billing === undefined) return;
    const { load } = consumption.statement;
    await send(anchorBillingCall(rules.controlCentre, load, billing.statement), provider);
  };
  for (let interval = FIRST; interval < LAST; interval++) await anchor(n.book.inForce(interval)!);

  /** The pages that a challenge is judged by, this one as it is anchored. */
  const judged = (page: PageStatements): JudgedPages => ({
    page,
    origin: n.book.originOf(page.consumption.statement.interval),
    source: n.book.sourceOf(page.consumption.statement),
  });
  const challenge = (page: PageStatements, what: Challenge, from?: unknown) =>
    send(challengeCall(judged(page), rules, what), from);
  const billed = (consumption: IntervalPages["consumption"]): IntervalPages => {
    const { interval, load } = consumption.statement;
    const unit = testPrice.priceAt(interval, load);
    return { consumption, billing: priceAt(consumption, n.providerKey, unit) };
  };
  const rewritten = (changes: Parameters<typeof rewritePage>[2]): IntervalPages =>
    billed(rewritePage(honest.pages.consumption, n.controlCentreKey, changes));
  /** The pages as anyone has them, with what is looked up in them. */
  const indexed = (pages: IntervalPages): IndexedPages => {
    n.book.add(pages);
    return new IndexedPages(pages, rules, n.book);
  };
  /** Everything that an auditor with the receipts of all homes finds. */
  const faultsOf = async (pages: IntervalPages): Promise<LedgerFault[]> => {
    const seen = indexed(pages);
    return [
      ...auditStatements(seen, rules),
      ...(await auditRows(seen, honest.list)),
      ...auditClaims(seen, claims),
    ];
  };
  const tools = { send, anchor, judged, challenge, billed, rewritten, indexed, faultsOf };
  return { ...chain, n, ledgerRules: rules, honest, pages: honest.pages, claims, ...tools };
}

export type World = Awaited<ReturnType<typeof deployed>>;
export { FIRST };
