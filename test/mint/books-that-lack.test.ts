/** Books or keys that lack what a decision needs: the mint says so, and signs nothing that it cannot stand by. */
import { expect } from "chai";
import type { MintAction, VaultMint } from "../../src/mint/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { Death } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import { VaultWorld } from "../support/vault-world.js";

describe("the mint, when something of a decision is missing", () => {
  let world: VaultWorld;
  let store: MemoryStore;
  let request: Uint8Array;
  let made: { readonly id: bigint; readonly depositHash: string };
  before(async () => {
    world = await VaultWorld.start("books that lack");
  });
  after(() => world.stop());
  /** Decided, and the process ended before anything was sent. */
  beforeEach(async () => {
    await world.restore();
    store = new MemoryStore();
    request = world.newRequest([100]);
    made = await world.deposit(request);
    let looks = 0;
    const dying = await world.mint(store, {
      latestBlock: () => (looks++ === 0 ? world.latest() : Promise.reject(new Death())),
    });
    await dying.submit(request, made.id);
    const death: unknown = await dying.step().catch((error: unknown) => error);
    expect(death).to.be.instanceOf(Death);
    expect((await dying.decisionOf(made.depositHash))?.stage).to.equal("decided");
  });

  const step = (mint: VaultMint): Promise<readonly MintAction[]> => mint.step();
  const status = async (): Promise<string> => (await world.reader.deposit(made.id)).status;

  it("given a process without the mint key of a decision, then it says so, and a process that has it answers", async () => {
    await expectRejection(step(await world.mint(store, { issuers: new Map() })), "mint/bad-record");
    expect(await status()).to.equal("open");
    await step(await world.mint(store));
    expect(await status()).to.equal("acknowledged");
  });

  it("given books that lost the request of a decision, then it says so, and answers when the request is there again", async () => {
    const mint = await world.mint(store);
    await store.transaction(async (tx) => {
      for (const [key] of await tx.list("request/")) tx.delete(key);
    });
    await expectRejection(step(mint), "mint/bad-record");
    expect(await status()).to.equal("open");
    await mint.submit(request, made.id);
    await step(mint);
    expect(await status()).to.equal("acknowledged");
  });

  for (const [what, key, value] of [
    ["a decision", "decision", "{}"],
    ["an open deposit", "open", '{"id":"x","mintKeyId":1,"acknowledgeBy":"1"}'],
  ] as const) {
    it(`given ${what} in the books that cannot be read, then nothing is signed, and it is told`, async () => {
      await store.transaction(async (tx) =>
        Promise.resolve(tx.put(`${key}/${made.depositHash}`, new TextEncoder().encode(value))),
      );
      const error = await expectRejection(step(await world.mint(store)), "mint/bad-record");
      expect(error.message).to.include(what);
      expect(await status()).to.equal("open");
    });
  }
});
