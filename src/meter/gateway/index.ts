/** The gateway of a meter, its home network, and the wallet's client of it. */
export { MeterClient, pairWithMeter, type MeterAddress, type PairedMeter } from "./client.js";
export { MeterGateway, type GatewaySettings } from "./gateway.js";
export { serveMeter, type MeterServer } from "./server.js";
export { FileSource, LiveSource, type Registers, type RegisterSource } from "./source.js";
