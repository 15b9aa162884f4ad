/**
 * Every attack, trained on runs of the attacker's own (the program is public, and so are readings of
 * other homes), then applied to what was seen. What needs outside knowledge is marked by its name.
 */
import { Chance } from "../random.js";
import {
  countClue,
  curveClue,
  feederClue,
  publicClue,
  trainBills,
  withdrawalClue,
} from "./bills.js";
import type { Claims, ClaimsByAttack, LinkScore, OwnerScore } from "./claims.js";
import { TIMES_AND_FIELDS, trainLinks, type Describer } from "./classifier.js";
import { fieldsAttack } from "./fields.js";
import { jointLinks } from "./joint.js";
import { loadCurves, type LoadCurves } from "./load-curves.js";
import { trainOutage } from "./outage.js";
import { relayLinks } from "./relay.js";
import type { Labelled, Seen } from "./seen.js";
import { trainSettlements } from "./settlements.js";
import { withdrawalOwners } from "./withdrawals.js";

/** Attacks whose names end so know when each home uses its energy. */
export const KNOWING = "+curves";
/** Knows who was without power, and when. */
export const OUTAGE = "outage";

export type Attacker = (seen: Seen) => ClaimsByAttack;

export function trainAttacker(examples: readonly Labelled[], seed: string): Attacker {
  const chance = new Chance(seed, "attacker");
  const curves = remembered(loadCurves);
  const links = trainLinks(TIMES_AND_FIELDS, examples, chance);
  const both = trainLinks(withCurves(links, curves), examples, chance);
  const owners = trainSettlements(examples);
  const outages = trainOutage(examples);
  const clues = [publicClue, withdrawalClue, countClue, feederClue];
  const known = (seen: Seen): Float64Array => curveClue(seen, curves(seen)!);
  const bills = {
    totals: trainBills([publicClue], examples),
    withdrawals: trainBills([publicClue, withdrawalClue], examples),
    counts: trainBills([publicClue, countClue], examples),
    feeder: trainBills([publicClue, feederClue], examples),
    combined: trainBills(clues, examples),
    knowing: trainBills([...clues, known], examples),
  };
  return (seen) => {
    const own = curves(seen);
    const pairs = links(seen);
    const settlements = owners(seen);
    const withdrawals = withdrawalOwners(seen);
    const outage = outages?.(seen) ?? (() => 0);
    const claims = new Map<string, Claims>([
      ["totals", { bills: bills.totals(seen) }],
      ["fields", { links: fieldsAttack(seen) }],
      ["settlements", { owners: settlements }],
      ["withdrawals", { owners: withdrawals, bills: bills.withdrawals(seen) }],
      ["counts", { bills: bills.counts(seen) }],
      ["feeder", { bills: bills.feeder(seen) }],
      ["classifier", { links: pairs }],
    ]);
    const relay = relayLinks(seen);
    if (relay !== null) claims.set("relay", { links: relay });
    const joint = jointLinks(seen, { curves: null, pairs }, chance);
    if (joint !== null) claims.set("joint", { links: joint });
    const combined = strongest(relay, pairs);
    if (outages !== null) claims.set(OUTAGE, { owners: outage });
    const named: OwnerScore = (i, account) => settlements(i, account) + withdrawals(i, account);
    claims.set("combined", { links: combined, owners: named, bills: bills.combined(seen) });
    if (own === null) return claims;
    claims.set(`likelihood${KNOWING}`, { links: own.links, owners: own.owners });
    const jointKnowing = jointLinks(seen, { curves: own, pairs }, chance);
    if (jointKnowing !== null) claims.set(`joint${KNOWING}`, { links: jointKnowing });
    claims.set(`combined${KNOWING}`, {
      links: strongest(relay, both(seen)),
      owners: (i, account) => own.owners(i, account) + named(i, account) + outage(i, account),
      bills: bills.knowing(seen),
    });
    return claims;
  };
}

/** What a relay tells decides; the rest breaks ties. */
function strongest(relay: LinkScore | null, pairs: LinkScore): LinkScore {
  return relay === null ? pairs : (i, j) => 1000 * relay(i, j) + pairs(i, j);
}

/** Pairs described by the classifier's log-odds and by the load curves'. */
function withCurves(
  links: (seen: Seen) => LinkScore,
  curves: (seen: Seen) => LoadCurves | null,
): Describer {
  return {
    width: 2,
    of(seen) {
      const pairs = links(seen);
      const known = curves(seen)?.links ?? (() => 0);
      return (i, j, out, from) => {
        out[from] = pairs(i, j);
        out[from + 1] = known(i, j);
      };
    },
  };
}

function remembered<T>(work: (seen: Seen) => T): (seen: Seen) => T {
  const known = new WeakMap<Seen, { readonly value: T }>();
  return (seen) => {
    let found = known.get(seen);
    if (found === undefined) known.set(seen, (found = { value: work(seen) }));
    return found.value;
  };
}
