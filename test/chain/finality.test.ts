import { expect } from "chai";
import type { Provider } from "ethers";
import { finalityOf, readHeads } from "../../src/chain/finality.js";
import { chainErrors } from "../../src/chain/errors/errors.js";
import { expectRejection } from "../support/errors.js";

const HASH = `0x${"ab".repeat(32)}`;

/** A node that shows these blocks by name: a number, `null` for none, or an error. */
function node(tags: Readonly<Record<string, number | null | Error>>): Provider {
  return {
    getBlock(tag: string) {
      const found = tags[tag];
      if (found instanceof Error) return Promise.reject(found);
      return Promise.resolve(
        found === null || found === undefined ? null : { number: found, hash: HASH },
      );
    },
  } as unknown as Provider;
}

describe("how final a block is", () => {
  it("given a node with safe and finalized blocks, tells the three apart, up to the last block of each", async () => {
    const heads = await readHeads(node({ latest: 100, safe: 70, finalized: 40 }));
    const of = (block: number) => finalityOf(block, heads);
    expect([100, 71, 70, 41, 40, 0].map(of)).to.deep.equal([
      ...["included", "included", "safe", "safe", "final", "final"],
    ]);
  });

  it("given a node that knows no such blocks, calls nothing final", async () => {
    for (const unknown of [null, new Error("unknown block tag")]) {
      const heads = await readHeads(node({ latest: 100, safe: unknown, finalized: unknown }));
      expect(finalityOf(0, heads)).to.equal("included");
    }
  });

  it("given a node that does not answer, does not take that for an answer", async () => {
    const gone = chainErrors.error("unreachable", "nothing listens");
    const asked = readHeads(node({ latest: 100, safe: 70, finalized: gone }));
    await expectRejection(asked, "chain/unreachable");
  });

  it("given a final block beyond the chain that is shown, calls none final that is not in it", async () => {
    const heads = await readHeads(node({ latest: 100, safe: 105, finalized: 103 }));
    expect(heads).to.include({ safe: 100, final: 100 });
  });

  it("given a number of blocks, counts them from the end of the chain, and asks for no other", async () => {
    const asked = node({ latest: 100, safe: 99, finalized: 99 });
    const heads = await readHeads(asked, { rule: "confirmations", blocks: 3 });
    expect([97, 98].map((block) => finalityOf(block, heads))).to.deep.equal(["final", "included"]);
    const young = await readHeads(node({ latest: 1 }), { rule: "confirmations", blocks: 3 });
    expect(young.final).to.equal(0);
  });
});
