/** Granting and revoking roles, pausing and resuming registrations. What is so already is left out. */
import { getAddress, id, ZeroHash } from "ethers";
import { CreditVault__factory, type CreditVault } from "../bindings/index.js";
import type { Deployment, Role } from "../deploy/deployment.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";
import type { Registration } from "./meters.js";

/** A contract with roles and a pause. */
export type GovernedContract = "settlement" | "vault";

/** Which contracts know a role, and under which name. */
export const ROLE_CONTRACTS: Readonly<Record<Role, readonly GovernedContract[]>> = {
  admin: ["settlement", "vault"],
  keyRegistrar: ["settlement"],
  meterRegistrar: ["settlement"],
  parameterRegistrar: ["settlement"],
  pauser: ["settlement", "vault"],
  mint: ["vault"],
  treasurer: ["vault"],
};

/** The identifiers of the roles in the contracts. */
export const ROLE_IDS: Readonly<Record<Role, string>> = {
  admin: ZeroHash,
  keyRegistrar: id("KEY_REGISTRAR_ROLE"),
  meterRegistrar: id("METER_REGISTRAR_ROLE"),
  parameterRegistrar: id("PARAMETER_REGISTRAR_ROLE"),
  pauser: id("PAUSER_ROLE"),
  mint: id("MINT_ROLE"),
  treasurer: id("TREASURER_ROLE"),
};

export interface RoleChange {
  readonly role: Role;
  readonly holder: string;
}

/** Grants a role in every contract that knows it. Caller: the admin. @throws contract/… */
export function grantRole(
  sender: TransactionSender,
  deployment: Deployment,
  change: RoleChange,
): Promise<Registration> {
  return changeRole({ sender, deployment, change, isGranted: true });
}

/** Revokes a role in every contract that knows it. Caller: the admin. @throws contract/… */
export function revokeRole(
  sender: TransactionSender,
  deployment: Deployment,
  change: RoleChange,
): Promise<Registration> {
  return changeRole({ sender, deployment, change, isGranted: false });
}

/** Stops registrations and deposits; settling and refunds go on. Caller: the pauser. */
export function pause(sender: TransactionSender, deployment: Deployment): Promise<Registration> {
  return setPaused(sender, deployment, true);
}

/** Allows registrations and deposits again. Caller: the pauser. @throws contract/… */
export function unpause(sender: TransactionSender, deployment: Deployment): Promise<Registration> {
  return setPaused(sender, deployment, false);
}

async function changeRole({
  sender,
  deployment,
  change: { role, holder },
  isGranted,
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly change: RoleChange;
  readonly isGranted: boolean;
}): Promise<Registration> {
  const transactions: string[] = [];
  const account = getAddress(holder);
  for (const name of ROLE_CONTRACTS[role]) {
    const contract = connect(deployment, name, sender);
    if ((await contract.hasRole(ROLE_IDS[role], account)) === isGranted) continue;
    const args: [string, string] = [ROLE_IDS[role], account];
    const data = isGranted
      ? contract.interface.encodeFunctionData("grantRole", args)
      : contract.interface.encodeFunctionData("revokeRole", args);
    const to = deployment.contracts[name].address;
    transactions.push((await sender.send({ to, data })).hash);
    sender.report(`${isGranted ? "granted" : "revoked"} ${role} in the ${name} contract`);
  }
  return { transactions };
}

async function setPaused(
  sender: TransactionSender,
  deployment: Deployment,
  isWanted: boolean,
): Promise<Registration> {
  const transactions: string[] = [];
  for (const name of ["settlement", "vault"] as const) {
    const contract = connect(deployment, name, sender);
    if ((await contract.paused()) === isWanted) continue;
    const data = isWanted
      ? contract.interface.encodeFunctionData("pause")
      : contract.interface.encodeFunctionData("unpause");
    const to = deployment.contracts[name].address;
    transactions.push((await sender.send({ to, data })).hash);
  }
  return { transactions };
}

/** Roles and pausing are the same functions in both contracts: OpenZeppelin's. */
function connect(
  { contracts }: Deployment,
  name: GovernedContract,
  { provider }: Pick<TransactionSender, "provider">,
): CreditVault {
  return CreditVault__factory.connect(contracts[name].address, provider);
}
