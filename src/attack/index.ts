/** The attacker: what others can learn from what they hold, measured policy by policy. */
export { MOST_LINKAGE, missedBounds, type Missed } from "./bounds.js";
export {
  challengeText,
  CLAIMS_FORMAT,
  makeChallenge,
  scoreClaims,
  type Challenge,
  type Score,
} from "./challenge.js";
export { chart, type ChartRow } from "./chart.js";
export { attackErrors } from "./errors.js";
export {
  isKnowing,
  measure,
  requireMonths,
  type AttackResult,
  type Cell,
  type Row,
} from "./measure.js";
export { FORMAT, reportJson, rowJson } from "./report.js";
export { HABITS, habitsNamed, type Habits } from "./simulation/habits.js";
export { EVENTS, type EventName } from "./simulation/mishaps.js";
export { scoreTown, type TownHomeTruth, type TownScore } from "./town.js";
export { readTown, type TownView } from "./view/town.js";
export { Population } from "./simulation/population.js";
