import { expect } from "chai";
import {
  functionPoints,
  hashToG2,
  labelPoints,
} from "../../src/aggregation/dmcfe/hash-to-groups.js";
import { createMclBn254, nobleBn254 } from "../../src/algebra/index.js";

const mcl = await createMclBn254();

describe("hashing to the groups of DMCFE", () => {
  const context = new Uint8Array(32).fill(7);

  it("gives points of G2 that mcl and noble both accept, other ones for every input", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const encoded = hashToG2(Uint8Array.of(i));
      // Both decoders check the curve and the subgroup.
      expect(mcl.g2.encode(mcl.g2.decode(encoded))).to.deep.equal(encoded);
      expect(nobleBn254.g2.encode(nobleBn254.g2.decode(encoded))).to.deep.equal(encoded);
      seen.add(String(encoded));
    }
    expect(seen.size).to.equal(6);
    expect(hashToG2(Uint8Array.of(0))).to.deep.equal(hashToG2(Uint8Array.of(0)));
  });

  it("gives both implementations the same points for labels and functions", () => {
    const digest = new Uint8Array(32).fill(1);
    for (const [c, encode] of [
      [mcl, (p: never) => mcl.g1.encode(p)],
      [nobleBn254, (p: never) => nobleBn254.g1.encode(p)],
    ] as const) {
      const points = labelPoints(c, context, 5n).map((p) => String(encode(p as never)));
      expect(points).to.deep.equal(
        labelPoints(mcl, context, 5n).map((p) => String(mcl.g1.encode(p))),
      );
      expect(new Set(points).size).to.equal(2);
      const functions = functionPoints(c, context, digest).map((p) => String(c.g2.encode(p)));
      expect(new Set(functions).size).to.equal(2);
    }
    const at = (label: bigint): string =>
      String(mcl.g1.encode(labelPoints(mcl, context, label)[0]));
    expect(new Set([at(1n), at(2n), at(256n)]).size).to.equal(3);
    // Other contexts have other points: keys of two epochs or streams have nothing in common.
    const elsewhere = new Uint8Array(32).fill(8);
    expect(labelPoints(mcl, elsewhere, 1n).map((p) => String(mcl.g1.encode(p)))[0]).not.to.equal(
      at(1n),
    );
    const ofFunction = (c: Uint8Array): string =>
      String(mcl.g2.encode(functionPoints(mcl, c, digest)[0]));
    expect(ofFunction(elsewhere)).not.to.equal(ofFunction(context));
  });
});
