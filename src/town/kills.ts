/** Which processes are ended when: drawn from a seed, spread over the run. */
import { Prng } from "../readings/prng.js";
import type { Role } from "./process.js";

export interface Kill {
  /** The deployment's clock from which on it strikes, Unix seconds. */
  readonly at: number;
  /** `database`: the server of PostgreSQL, or the sessions of every process with it. */
  readonly role: Role;
  readonly home?: number;
  /** Milliseconds of real time after that moment: in the middle of what it brought. */
  readonly delay: number;
}

/** The chain keeps nothing on disk, so it is not among them. */
const ROLES = ["utility", "relay", "meter", "wallet"] as const;
/** In a town over PostgreSQL. */
const ROLES_OF_DATABASE = [...ROLES, "utility-2", "relay-ohttp", "database"] as const;
const LONGEST_DELAY = 250;

export function planKills({
  seed,
  count,
  homes,
  between,
}: {
  readonly seed: string;
  readonly count: number;
  readonly homes: number;
  /** times of the deployment, Unix seconds: one kill in each of so many equal parts */
  readonly between: {
    readonly from: number;
    readonly to: number;
    readonly hasDatabase?: boolean | undefined;
  };
}): Kill[] {
  const random = new Prng(seed, "kills");
  const roles = between.hasDatabase ? ROLES_OF_DATABASE : ROLES;
  const part = (between.to - between.from) / count;
  return Array.from({ length: count }, (_, i) => {
    const role = roles[random.below(roles.length)]!;
    const at = Math.floor(between.from + (i + random.below(1000) / 1000) * part);
    const delay = random.below(LONGEST_DELAY);
    const isOfHome = role === "meter" || role === "wallet";
    return { at, role, ...(isOfHome && { home: 1 + random.below(homes) }), delay };
  });
}
