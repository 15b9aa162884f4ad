/** What the vault says of the deposit for a withdrawal's file: nothing that it is not for is believed. */
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { VaultReader } from "../../src/chain/index.js";
import { publishedAnswer, readWithdrawal, writeWithdrawal } from "../../src/funding/index.js";
import { decodeRequest, encodeRequest, type ECashIssuer } from "../../src/ecash/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { MINT_KEY_ID, VaultWorld } from "../support/vault-world.js";

describe("the published answer to a withdrawal's file", () => {
  let world: VaultWorld;
  before(async () => {
    world = await VaultWorld.start("published answer");
  });
  beforeEach(() => world.restore());
  after(() => world.stop());

  const fileOf = (request: Uint8Array) => readWithdrawal(writeWithdrawal(request), "file");
  const look = async (request: Uint8Array, id: bigint, reader = world.reader) =>
    publishedAnswer(
      { reader, curve: world.curve, toBlock: (await world.latest()).number },
      fileOf(request),
      id,
    );

  /** The mint answers, after its signatures were changed. */
  async function answer(
    request: Uint8Array,
    change: (right: Uint8Array) => Uint8Array = (right) => right,
  ): Promise<bigint> {
    const { id } = await world.deposit(request);
    const issuer: ECashIssuer = {
      price: (r) => world.issuer.price(r),
      issue: async (r) => change(await world.issuer.issue(r)),
    };
    const mint = await world.mint(new MemoryStore(), { issuers: new Map([[MINT_KEY_ID, issuer]]) });
    await mint.submit(request, id);
    await mint.step();
    return id;
  }

  it("given a mint that has not answered, when the answer is read, then it is absent and no error is thrown", async () => {
    const request = world.newRequest([10, 1]);
    const { id } = await world.deposit(request);
    const { deposit, ...found } = await look(request, id);
    expect(found).to.deep.equal({ answer: null, wrong: [] });
    expect(deposit.status).to.equal("open");
  });

  it("given right signatures, then none is wrong", async () => {
    const request = world.newRequest([10, 1]);
    const found = await look(request, await answer(request));
    expect(found.answer).to.deep.equal(await world.issuer.issue(request));
    expect(found.wrong).to.deep.equal([]);
  });

  it("given a mint that exchanges two signatures, then both are named", async () => {
    const request = world.newRequest([10, 1, 1]);
    const id = await answer(request, (right) =>
      concatBytes(right.subarray(0, 64), right.subarray(128), right.subarray(64, 128)),
    );
    expect((await look(request, id)).wrong).to.deep.equal([1, 2]);
  });

  it("given a deposit for other messages, for another mint key, or none, then it is refused", async () => {
    const request = world.newRequest([10, 1]);
    const id = await answer(request);
    await expectRejection(look(world.newRequest([10, 1]), id), "funding/other-deposit");
    const { messages } = decodeRequest(request);
    const otherKey = encodeRequest({ mintKeyId: MINT_KEY_ID + 1, messages });
    await expectRejection(look(otherKey, id), "funding/other-deposit");
    await expectRejection(look(request, id + 1n), "funding/other-deposit");
  });

  it("given a node that hides the mint's keys, then nothing is said about the signatures", async () => {
    const request = world.newRequest([10, 1]);
    const id = await answer(request);
    const hiding = new VaultReader(world.chain.provider, world.deployment);
    hiding.mintKeys = async () => [];
    await expectRejection(look(request, id, hiding), "ecash/no-mint-key");
  });
});
