/** A deployment record for tests that need no chain. */
import type { DeployedContract, Deployment } from "../../../src/chain/deploy/deployment.js";

const contract = (digit: string): DeployedContract => ({
  address: `0x${digit.repeat(40)}`,
  codeHash: `0x${"22".repeat(32)}`,
  abiHash: `0x${"33".repeat(32)}`,
});
const role = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

export const deployment: Deployment = {
  chainId: 31337n,
  genesisHash: `0x${"11".repeat(32)}`,
  block: 3,
  contracts: {
    settlement: contract("1"),
    vault: contract("2"),
    token: contract("3"),
    orderBoard: contract("4"),
  },
  roles: {
    admin: role,
    keyRegistrar: role,
    meterRegistrar: role,
    parameterRegistrar: role,
    pauser: role,
    mint: role,
    treasurer: role,
  },
  noticeSigner: role,
  lead: 0,
};
