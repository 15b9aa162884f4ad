/**
 * Checking the code of the contracts: each was created by a transaction that carries what this
 * version of the source compiles to, with arguments that are those of the record, and the code is
 * what it was then. The contracts have no upgrade and no self-destruction, so on a chain that keeps
 * its rules the first implies the second.
 */
import { AbiCoder, getAddress, type ParamType, type Provider } from "ethers";
import {
  BillSettlement__factory,
  CreditVault__factory,
  OrderBoard__factory,
} from "../bindings/index.js";
import type { DeployedContract, Deployment } from "../deploy/deployment.js";
import { readCreation } from "./creation.js";
import type { AuditedSystem } from "./result.js";

/** Checks the settlement contract, the vault and the order board of the record. */
export async function checkCode(
  provider: Provider,
  { contracts, noticeSigner, lead }: Deployment,
  blockTag: number,
): Promise<AuditedSystem[]> {
  const { settlement, vault, token, orderBoard } = contracts;
  const isSettlementOfRecord = (args: readonly unknown[]) =>
    args[1] === getAddress(noticeSigner) && args[2] === BigInt(lead);
  const isVaultOfRecord = (args: readonly unknown[]) =>
    args[0] === getAddress(settlement.address) && args[1] === getAddress(token.address);
  return [
    {
      check: "settlement-code",
      ...(await checkOne({
        provider,
        contract: settlement,
        compiled: BillSettlement__factory,
        isOfRecord: isSettlementOfRecord,
        blockTag,
      })),
    },
    {
      check: "vault-code",
      ...(await checkOne({
        provider,
        contract: vault,
        compiled: CreditVault__factory,
        isOfRecord: isVaultOfRecord,
        blockTag,
      })),
    },
    {
      check: "order-board-code",
      ...(await checkOne({
        provider,
        contract: orderBoard,
        compiled: OrderBoard__factory,
        isOfRecord: () => true,
        blockTag,
      })),
    },
  ];
}

type CodeCheck = Pick<AuditedSystem, "result" | "problems">;

interface Compiled {
  readonly bytecode: string;
  createInterface(): { readonly deploy: { readonly inputs: readonly ParamType[] } };
}

async function checkOne({
  provider,
  contract,
  compiled,
  isOfRecord,
  blockTag,
}: {
  readonly provider: Provider;
  readonly contract: DeployedContract;
  readonly compiled: Compiled;
  readonly isOfRecord: (args: readonly unknown[]) => boolean;
  readonly blockTag: number;
}): Promise<CodeCheck> {
  const { data, fault } = await readCreation(provider, contract, blockTag);
  if (fault !== null) return { result: fault.result, problems: [fault.problem] };
  if (data?.startsWith(compiled.bytecode) !== true) {
    return failed("it was created from another source, or by another compiler");
  }
  const { inputs } = compiled.createInterface().deploy;
  const args = `0x${data.slice(compiled.bytecode.length)}`;
  const coder = AbiCoder.defaultAbiCoder();
  let values: readonly unknown[];
  try {
    values = coder.decode(inputs, args).toArray();
  } catch {
    return failed("it was created with fewer than its arguments");
  }
  if (coder.encode(inputs, values) !== args) {
    return failed("it was created with more than its arguments");
  }
  return isOfRecord(values)
    ? { result: "ok", problems: [] }
    : failed("it was created with other arguments than the record has");
}

function failed(problem: string): CodeCheck {
  return { result: "failed", problems: [problem] };
}
