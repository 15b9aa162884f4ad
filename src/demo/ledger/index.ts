/** The ledger's month in one process, and providers that cheat in it. */
export { CHEATS, CHEAT_TEXTS, type Cheat } from "./cheats/cheats.js";
export { homeTable, type Days, type HomeTable } from "./home-table.js";
export { priceByLoad, priceByTariff } from "./pricing.js";
export type { CheatOutcome, Outcome } from "./outcome.js";
export { runLedger } from "./run.js";
