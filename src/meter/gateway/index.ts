/** The gateway of a meter, its home network, and the wallet's client of it. */
export {
  MeterClient,
  pairWithMeter,
  type MeterAddress,
  type PairedMeter,
  type Pairing,
} from "./client.js";
export { knownRegisters, MeterGateway, type GatewaySettings } from "./gateway.js";
export { serveMeter, type MeterServer } from "./server.js";
export { FileSource, LiveSource, type Registers, type RegisterSource } from "./source.js";
export { P1Registers } from "./p1-registers.js";
export { openSource, registersOf, type KnownRegisters, type SourceOptions } from "./open-source.js";
