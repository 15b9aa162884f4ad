/** The smart meter: energy to tokens, one signed bill per period, in constant memory. */
export { meterErrors } from "./errors.js";
export { FileMemory } from "./file-memory.js";
export { VolatileMemory, type NonVolatileMemory } from "./memory.js";
export { SimulatedRegister } from "./simulated-register.js";
export { MeterInstallation, type MeterSettings } from "./trusted/install.js";
export { TrustedMeter } from "./trusted/meter.js";
export { KEPT_PERIODS } from "./trusted/state.js";
export * from "./gateway/index.js";
