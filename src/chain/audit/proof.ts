/**
 * A resident's proof that a bill is settled: it names the settlement, and anyone checks it against the
 * chain. It says nothing of the amount, and is as public as the settlement. Works in a browser.
 */
import type { Provider } from "ethers";
import * as v from "valibot";
import { hexField, integerField, decimalField, readJson } from "../../json/index.js";
import type { FinalityRule } from "../../sipster/index.js";
import type { Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { FINALIZED, finalityOf, readHeads, type Finality } from "../finality.js";
import { readHistory, type Claim } from "./history.js";
import { settlementInFull } from "./one-settlement.js";

export const PROOF_FORMAT = "sipster/settlement-proof@1";

const schema = v.object({
  format: v.literal(PROOF_FORMAT),
  chainId: decimalField,
  settlement: hexField(20),
  meter: hexField(20),
  period: integerField(0, 0xffffffff),
  transaction: hexField(32),
  block: integerField(0, Number.MAX_SAFE_INTEGER),
});

export type SettlementProof = Omit<v.InferOutput<typeof schema>, "format">;

/** As the file has it. */
export function proofOf(
  { chainId, contracts }: Deployment,
  {
    meter,
    period,
    transaction,
    block,
  }: Pick<Claim, "period" | "transaction" | "block"> & {
    readonly meter: string;
  },
): object {
  const settlement = contracts.settlement.address.toLowerCase();
  return {
    format: PROOF_FORMAT,
    ...{ chainId: chainId.toString(), settlement, meter: meter.toLowerCase(), period },
    ...{ transaction, block },
  };
}

/** @throws chain/bad-proof */
export function parseProof(text: string): SettlementProof {
  return readJson(schema, text, (why, field) =>
    chainErrors.error("bad-proof", `the proof of settlement ${why}`, { field }),
  );
}

export interface CheckedProof {
  readonly proof: SettlementProof;
  /** Every check of the settlement holds, and it is the one that the proof names. */
  readonly ok: boolean;
  /** `null` if nothing is settled. */
  readonly finality: Finality | null;
  readonly problems: readonly string[];
}

/** Checks a proof against the chain, with every check of the audit. @throws chain/unreachable, … */
export async function checkProof({
  provider,
  deployment,
  proof,
  rule = FINALIZED,
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly proof: SettlementProof;
  readonly rule?: FinalityRule;
}): Promise<CheckedProof> {
  const { address } = deployment.contracts.settlement;
  if (proof.chainId !== deployment.chainId || proof.settlement !== address.toLowerCase()) {
    const problems = ["it is of another contract or another chain"];
    return { proof, ok: false, finality: null, problems };
  }
  const heads = await readHeads(provider, rule);
  const upTo = heads.latest.number;
  const history = await readHistory({
    provider,
    settlement: address,
    fromBlock: deployment.block,
    toBlock: upTo,
  });
  const claim = history.claims.find((c) => c.meter === proof.meter && c.period === proof.period);
  if (claim === undefined) {
    return { proof, ok: false, finality: null, problems: ["the contract settled no such bill"] };
  }
  const { audited } = await settlementInFull({ provider, deployment, history, claim, upTo });
  const problems = [...audited.problems];
  if (claim.transaction !== proof.transaction || claim.block !== proof.block) {
    problems.push(
      `the bill is settled by transaction ${claim.transaction} in block ${claim.block}`,
    );
  }
  const finality = finalityOf(claim.block, heads);
  return { proof, ok: problems.length === 0, finality, problems };
}
