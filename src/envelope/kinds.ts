/** Every kind of message, in one list: its number on the wire and how its sender signs. */

export type Scheme = "ed25519" | "ecdsa";

const SYSTEMS = { aggregation: 1, sealed: 2 } as const;
export type System = keyof typeof SYSTEMS;

const KINDS = {
  aggregation: {
    enrolment: 1,
    introduction: 2,
    "key-share": 3,
    contribution: 4,
    receipt: 5,
    "drop-set": 6,
    objection: 7,
    repair: 8,
    "dmcfe-contribution": 9,
    "function-share": 10,
  },
  sealed: {
    dealing: 1,
    complaints: 2,
    extraction: 3,
    transcript: 4,
    tariff: 5,
    group: 6,
    request: 7,
    partial: 8,
    report: 9,
    opening: 10,
  },
} as const;

export type Kind<S extends System = System> = S extends System ? keyof (typeof KINDS)[S] : never;

/** Meters have an ECDSA key on-chain; every other sender signs by Ed25519. */
const BY_ECDSA: ReadonlySet<string> = new Set<Kind<"sealed">>(["report", "opening"]);

/** Of these a sender signs several with one sequence number: one for each receiver or request. */
const SEVERAL: ReadonlySet<string> = new Set(["receipt", "partial"]);

/** Does a sender sign at most one message of the kind for each sequence number of a context? */
export function isUnique(kind: Kind): boolean {
  return !SEVERAL.has(kind);
}

interface KnownKind {
  readonly system: number;
  readonly number: number;
  readonly scheme: Scheme;
}

function schemeOf(system: System, kind: string): Scheme {
  return system === "sealed" && BY_ECDSA.has(kind) ? "ecdsa" : "ed25519";
}

export function kindNamed(system: System, kind: Kind): KnownKind {
  const numbers: Readonly<Record<string, number>> = KINDS[system];
  return { system: SYSTEMS[system], number: numbers[kind]!, scheme: schemeOf(system, kind) };
}

/** The kind with these numbers; `null` if there is none. */
export function kindNumbered(
  systemNumber: number,
  number: number,
): { readonly system: System; readonly kind: Kind; readonly scheme: Scheme } | null {
  for (const system of Object.keys(SYSTEMS) as System[]) {
    if (SYSTEMS[system] !== systemNumber) continue;
    for (const [kind, n] of Object.entries(KINDS[system])) {
      if (n === number) return { system, kind: kind as Kind, scheme: schemeOf(system, kind) };
    }
  }
  return null;
}
