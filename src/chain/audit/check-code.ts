/**
 * Checking the code of the contracts: each was created by a transaction that carries what this
 * version of the source compiles to, with arguments that are those of the record, and the code is
 * what it was then. The contracts have no upgrade and no self-destruction, so on a chain that keeps
 * its rules the first implies the second.
 */
import { AbiCoder, getAddress, type Provider } from "ethers";
import { BillSettlement__factory, CreditVault__factory } from "../bindings/index.js";
import type { DeployedContract, Deployment } from "../deploy/deployment.js";
import { readCreation } from "./creation.js";
import type { AuditedSystem } from "./result.js";

/** Checks the settlement contract and the vault of the record. */
export async function checkCode(
  provider: Provider,
  { contracts, activationDelay }: Deployment,
  blockTag: number,
): Promise<AuditedSystem[]> {
  const { settlement, vault, token } = contracts;
  const isSettlementOfRecord = (args: readonly unknown[]) => args[4] === BigInt(activationDelay);
  const isVaultOfRecord = (args: readonly unknown[]) =>
    args[0] === getAddress(settlement.address) && args[1] === getAddress(token.address);
  return [
    {
      check: "settlement-code",
      ...(await checkOne(
        provider,
        settlement,
        BillSettlement__factory,
        isSettlementOfRecord,
        blockTag,
      )),
    },
    {
      check: "vault-code",
      ...(await checkOne(provider, vault, CreditVault__factory, isVaultOfRecord, blockTag)),
    },
  ];
}

type Verdict = Pick<AuditedSystem, "result" | "problems">;

interface Compiled {
  readonly bytecode: string;
  createInterface(): { readonly deploy: { readonly inputs: readonly { type: string }[] } };
}

async function checkOne(
  provider: Provider,
  contract: DeployedContract,
  compiled: Compiled,
  isOfRecord: (args: readonly unknown[]) => boolean,
  blockTag: number,
): Promise<Verdict> {
  const { data, fault } = await readCreation(provider, contract, blockTag);
  if (fault !== null) return { result: fault.result, problems: [fault.problem] };
  if (data?.startsWith(compiled.bytecode) !== true) {
    return failed("it was created from another source, or by another compiler");
  }
  const types = compiled.createInterface().deploy.inputs.map((input) => input.type);
  const args = `0x${data.slice(compiled.bytecode.length)}`;
  if (args.length !== 2 + 64 * types.length)
    return failed("it was created with more than its arguments");
  const values = AbiCoder.defaultAbiCoder().decode(types, args).toArray();
  return isOfRecord(values)
    ? { result: "ok", problems: [] }
    : failed("it was created with other arguments than the record has");
}

function failed(problem: string): Verdict {
  return { result: "failed", problems: [problem] };
}
