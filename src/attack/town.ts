/** The attack on a town's folder: claims from what the parties keep, scored by what the homes know. */
import { attackTown } from "./attacker/town.js";
import { attackErrors } from "./errors.js";
import { measured, type Measured } from "./scorer/bootstrap.js";
import { scorer } from "./scorer/score.js";
import type { TownView } from "./view/town.js";

/** A home, as its wallet knows it: for the scorer alone. */
export interface TownHomeTruth {
  /** 40 hexadecimal digits. */
  readonly account: string;
  /** Hashes of its tokens, hexadecimal, with their units. */
  readonly tokens: ReadonlyMap<string, number>;
}

export interface TownScore {
  readonly homes: number;
  readonly orders: number;
  readonly settlements: number;
  /** Does anything tell the order in which payments were written? */
  readonly hasOrder: boolean;
  readonly attacks: Readonly<Record<string, Partial<Record<TownMeasure, Measured>>>>;
}

type TownMeasure = "linkage" | "top" | "billError";

/** @throws attack/other-town if the homes do not have every order of the book */
export function scoreTown(view: TownView, homes: readonly TownHomeTruth[]): TownScore {
  const ownerOf = new Map(homes.flatMap(({ tokens }, i) => [...tokens.keys()].map((t) => [t, i])));
  const accounts = new Set(view.accounts.map(({ account }) => account));
  const senders = view.orders.map(({ token }) => ownerOf.get(token) ?? -1);
  if (senders.includes(-1) || homes.some(({ account }) => !accounts.has(account))) {
    throw attackErrors.error("other-town", "the homes are not those of the utility's books");
  }
  const sold = new Set(view.orders.map(({ token }) => token));
  const units = homes.map(({ tokens }) =>
    [...tokens].reduce((sum, [token, value]) => sum + (sold.has(token) ? value : 0), 0),
  );
  const judge = scorer(
    {
      denomination: Int32Array.from(view.orders, ({ denomination }) => denomination),
      token: Int32Array.from(view.orders.keys()),
      accounts: view.accounts,
      largest: view.denominations.at(-1)!,
    },
    { senders, units, accounts: homes.map(({ account }) => account) },
    "town",
  );
  const attacks = [...attackTown(view)].map(([name, { links, bills }]) => {
    const parts = {
      ...(links && { linkage: judge.links(links, "all"), top: judge.links(links, "largest") }),
      ...(bills && { billError: judge.bills(bills) }),
    };
    const results = Object.entries(parts).flatMap(([measure, part]) => {
      const result = measured(part, `town ${measure}`);
      return result === null ? [] : [[measure, result] as const];
    });
    return [name, Object.fromEntries(results)] as const;
  });
  return {
    homes: homes.length,
    orders: view.orders.length,
    settlements: view.settlements.length,
    hasOrder: view.orders.some(({ written }) => written !== null),
    attacks: Object.fromEntries(attacks),
  };
}
