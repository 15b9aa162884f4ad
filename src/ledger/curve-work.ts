/**
 * The arithmetic that registrar, control centre, provider and auditor have much of: the keys of a list, and the
 * signatures of many reports. In this thread here; in others by {@link CurveThreads}.
 */
import type { HintedPoint } from "../algebra/index.js";
import { generatorMultiples, group } from "./curve.js";
import { wrongSignatures, type SchnorrItem } from "./schnorr.js";

/** A public key pk and the tweaks t of keys pk + t·G. */
export interface TweakedKey {
  readonly key: HintedPoint;
  readonly tweaks: readonly bigint[];
}

export interface CurveWork {
  /** pk + t·G for each tweak of each key. */
  tweakedKeys(of: readonly TweakedKey[]): Promise<HintedPoint[][]>;
  /** The indices of the wrong signatures, in rising order; as `wrongSignatures` of schnorr.ts says. */
  wrongSignatures(items: readonly SchnorrItem[]): Promise<number[]>;
}

/** pk + t·G for each tweak. */
export function tweak({ key, tweaks }: TweakedKey): HintedPoint[] {
  const point = group.decodeHinted(key.encoded, key.y);
  return group.encodeHinted(
    generatorMultiples(tweaks).map((multiple) => group.add(point, multiple)),
  );
}

export const localCurve: CurveWork = {
  tweakedKeys: (of) => Promise.resolve(of.map(tweak)),
  wrongSignatures: (items) => Promise.resolve(wrongSignatures(items)),
};
