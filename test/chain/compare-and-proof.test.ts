import { expect } from "chai";
import { JsonRpcProvider, Network, type JsonRpcPayload, type JsonRpcResult } from "ethers";
import { audit, checkProof, parseProof, proofOf } from "../../src/chain/index.js";
import { expectError } from "../support/errors.js";
import { startWorld, type World } from "../pages/support/world.js";

/** A node that hides events, or shows another block. */
class Liar extends JsonRpcProvider {
  constructor(
    url: string,
    private readonly bend: (method: string, result: unknown) => unknown,
  ) {
    super(url, 31337, { staticNetwork: Network.from(31337), cacheTimeout: -1 });
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const asked = Array.isArray(payload) ? payload : [payload];
    return (await super._send(payload)).map((answer) => {
      const { method } = asked.find(({ id }) => id === answer.id)!;
      return "result" in answer
        ? { ...answer, result: this.bend(method, answer.result) as never }
        : answer;
    });
  }
}

describe("a second node, and proofs of settlement", () => {
  let world: World;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld({ meters: 2 });
    await world.settle(0, 201301);
  });
  after(async () => {
    await world.close();
  });

  const compared = async (bend: (method: string, result: unknown) => unknown) => {
    const second = new Liar(world.chain.url, bend);
    const result = await audit(world.chain.provider, world.deployment, { compare: second });
    second.destroy();
    return { ok: result.ok, check: result.system.find(({ check }) => check === "second-node")! };
  };

  it("given a second node that shows the same, finds no difference", async () => {
    const { ok, check } = await compared((_, result) => result);
    expect(check).to.deep.include({ result: "ok", problems: [] });
    expect(ok).to.equal(true);
  });

  it("given nodes of which one hides an event, names its transaction", async () => {
    const { ok, check } = await compared((method, result) =>
      method === "eth_getLogs" ? (result as unknown[]).slice(0, -1) : result,
    );
    expect(ok).to.equal(false);
    expect(check.problems.join()).to.contain("the second node does not show it");
  });

  it("given a second node on another chain, names the block", async () => {
    const { ok, check } = await compared((method, result) =>
      method === "eth_getBlockByNumber"
        ? { ...(result as object), hash: `0x${"99".repeat(32)}` }
        : result,
    );
    expect(ok).to.equal(false);
    expect(check.problems[0]).to.contain("at the second node");
  });

  it("given a proof, holds for its settlement alone", async () => {
    const { provider } = world.chain;
    const [event] = await world.settlement.queryFilter(world.settlement.filters.BillSettled());
    const file = JSON.stringify(
      proofOf(world.deployment, {
        meter: world.meters[0]!,
        period: 201301,
        transaction: event!.transactionHash,
        block: event!.blockNumber,
      }),
    );
    const proof = parseProof(file);
    const check = (changes: object) =>
      checkProof({ provider, deployment: world.deployment, proof: { ...proof, ...changes } });
    expect(await check({})).to.include({ ok: true, finality: "final" });
    for (const changes of [
      { period: 201302 },
      { meter: world.meters[1] },
      { transaction: `0x${"12".repeat(32)}` },
      { block: proof.block + 1 },
      { chainId: 1n },
      { settlement: `0x${"12".repeat(20)}` },
    ]) {
      const { ok, problems } = await check(changes);
      expect(ok, Object.keys(changes).join()).to.equal(false);
      expect(problems).to.have.length.greaterThan(0);
    }
    expectError(() => parseProof(file.replace("transaction", "other")), "chain/bad-proof");
  });
});
