/** The parties of a run that are not homes, with their keys and the rules that all of them know. */
import {
  LedgerAuditor,
  ledgerId,
  ServiceProvider,
  StatementSigner,
  StatementVerifier,
  type CurveWork,
  type LedgerRules,
} from "../../ledger/index.js";
import { MemoryStore } from "../../store/index.js";
import type { LedgerChain } from "./chain.js";
import type { HomeTable } from "./home-table.js";
import type { RunOptions } from "./outcome.js";

/** Pages before the first with reports: they carry the terms of those that follow. */
export const PROLOGUE = 2;

export interface Signers {
  readonly controlCentre: StatementSigner;
  readonly receipts: StatementSigner;
  readonly provider: StatementSigner;
}

export interface Parties {
  readonly table: HomeTable;
  readonly options: RunOptions;
  readonly chain: LedgerChain;
  readonly signers: Signers;
  readonly rules: LedgerRules;
  readonly provider: ServiceProvider;
  readonly auditor: LedgerAuditor;
}

export async function openParties({
  table,
  options,
  chain,
  curve,
}: Pick<Parties, "table" | "options" | "chain"> & {
  readonly curve: CurveWork | undefined;
}): Promise<Parties> {
  const domain = { chainId: chain.chainId, contract: chain.contract };
  const signers = {
    controlCentre: new StatementSigner(domain, chain.keys.controlCentre),
    receipts: new StatementSigner(domain, chain.keys.receipts),
    provider: new StatementSigner(domain, chain.keys.provider),
  };
  const firstInterval = table.slots[0]!.interval - PROLOGUE;
  const last = table.slots.at(-1)!.interval;
  const rules: LedgerRules = {
    verifier: new StatementVerifier(domain),
    ledger: ledgerId(domain),
    controlCentre: signers.controlCentre.address,
    provider: signers.provider.address,
    receiptKeys: [{ address: signers.receipts.address, first: firstInterval, last }],
    leastHomes: options.leastHomes,
    firstInterval,
    initialAverage: table.average,
    price: options.price,
    ...(curve && { curve }),
  };
  const provider = await ServiceProvider.open(rules, signers.provider, new MemoryStore());
  const auditor = await LedgerAuditor.open(rules, new MemoryStore());
  return { table, options, chain, signers, rules, provider, auditor };
}
