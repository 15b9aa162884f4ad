/**
 * Checking the code of the contracts: each was created by a transaction that carries what this
 * version of the source compiles to, with arguments that are those of the record, and the code is
 * what it was then. The contracts have no upgrade and no self-destruction, so on a chain that keeps
 * its rules the first implies the second.
 */
import { AbiCoder, getAddress, keccak256, type Provider } from "ethers";
import { BillSettlement__factory, CreditVault__factory } from "../bindings/index.js";
import type { DeployedContract, Deployment } from "../deployment.js";
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
  { address, transaction, codeHash }: DeployedContract,
  compiled: Compiled,
  isOfRecord: (args: readonly unknown[]) => boolean,
  blockTag: number,
): Promise<Verdict> {
  const code = await provider.getCode(address, blockTag);
  if (code === "0x") return failed("there is no contract at the address");
  if (keccak256(code) !== codeHash) return failed("the code is not the one that was deployed");
  if (transaction === undefined) return failed("the record does not name its creation");
  const [sent, receipt] = await Promise.all([
    provider.getTransaction(transaction),
    provider.getTransactionReceipt(transaction),
  ]);
  if (sent === null || receipt === null) {
    return { result: "unknown", problems: [`the node does not give transaction ${transaction}`] };
  }
  if (receipt.status !== 1 || receipt.contractAddress !== getAddress(address)) {
    return failed(`transaction ${transaction} did not create it`);
  }
  if (!sent.data.startsWith(compiled.bytecode)) {
    return failed("it was created from another source, or by another compiler");
  }
  const types = compiled.createInterface().deploy.inputs.map((input) => input.type);
  const args = `0x${sent.data.slice(compiled.bytecode.length)}`;
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
