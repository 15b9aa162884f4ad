/** The smart meter: charges to tokens, one signed bill per period, in constant memory. */
export { meterErrors } from "./errors.js";
export { FileMemory } from "./file-memory.js";
export { MeterInstallation, type InstalledMeter, type MeterSettings } from "./install.js";
export { VolatileMemory, type NonVolatileMemory } from "./memory.js";
export { Meter, type MeteredCharge } from "./meter.js";
