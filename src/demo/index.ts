/** The whole system in one process: every role, from readings to bills that are settled. */
export { inMemory, onDisk, billName, type DemoFolder } from "./folder.js";
export { loadHouseholds, type Household, type Households } from "./households.js";
export { periodNumber, type DemoOptions } from "./options.js";
export { preferred } from "./preferred-port.js";
export { Progress } from "./progress.js";
export { runDemo, type DemoBill, type DemoResult } from "./run.js";
