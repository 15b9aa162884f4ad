/** Contracts on a chain: connecting, deployments, explaining errors. Works in a browser. */
export { contractErrors } from "./contract-errors/errors.js";
export { decodeError, decodeRevert } from "./decode-error.js";
export {
  checkChain,
  checkContracts,
  DEPLOYMENT_FORMAT,
  parseDeployment,
  ROLES,
  systemOf,
  writeDeployment,
  type ContractName,
  type DeployedContract,
  type Deployment,
  type Role,
} from "./deployment.js";
export { chainErrors } from "./errors.js";
export { connectRpc, RpcProvider } from "./rpc.js";
