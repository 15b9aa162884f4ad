/** A town: every role a process on this machine, for a month that passes fast. */
export { ChainClock } from "./chain-clock.js";
export type { PrintedDatabase } from "./database.js";
export { townErrors } from "./errors.js";
export { TownFolder } from "./folder.js";
export type { TownSettings } from "./set-up.js";
export { PrivatePostgres } from "./private-postgres.js";
export { runTown, type TownBill, type TownResult, type TownState } from "./town.js";
