/** For `hardhat ignition deploy ignition/modules/Sipster.ts`; `sipster deploy` runs the same module. */
export { withTestToken as default } from "../../src/chain/node/deployment-module.js";
