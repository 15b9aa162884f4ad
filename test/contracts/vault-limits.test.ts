/**
 * The largest inputs of the vault: what a block's limit for one transaction (EIP-7825) and the 128 KiB
 * that nodes relay let through.
 */
import { expect } from "chai";
import { MAX_TRANSACTION_GAS } from "../../src/chain/transactions/transaction-sender.js";
import { COLLECTED_TOGETHER } from "../../src/chain/vault/vault-calls.js";
import { networkHelpers } from "./support/deployment.js";
import {
  basket,
  deployedVault,
  DISPUTE_PERIOD,
  messagesRoot,
  MINT_KEY_ID,
  shown,
} from "./support/vault.js";

const { loadFixture, time } = networkHelpers;

/** What nodes relay: go-ethereum's txMaxSize. */
const MAX_RELAYED = 128 * 1024;
const DENOMINATIONS = Array.from({ length: 256 }, (_, i) => [1, 10, 100][i % 3]!);

const bytesOf = (data: string): number => (data.length - 2) / 2;

describe("the largest inputs of the vault", function () {
  this.timeout(180_000);

  it("given 256 messages: acknowledging and disputing fit into both limits, at a cost that is bounded", async () => {
    const { vault, people, open } = await loadFixture(deployedVault);
    const wrong = basket("largest", DENOMINATIONS);
    wrong.signatures[255] = wrong.signatures[0]!;
    const { id, depositHash } = await open(wrong.messages);
    const sent = await vault.connect(people.mint).acknowledge(id, depositHash, wrong.signatures);
    expect((await sent.wait())!.gasUsed < MAX_TRANSACTION_GAS / 16n).to.equal(true);
    expect(bytesOf(sent.data)).to.be.lessThan(MAX_RELAYED / 4);
    const dispute = await vault.dispute(id, ...shown(wrong, 255));
    expect((await dispute.wait())!.gasUsed <= 300_000n).to.equal(true);
    expect(bytesOf(dispute.data)).to.be.lessThan(2048);
  });

  it("given as many signatures as 128 KiB carry: refuses them, for a deposit of 256", async () => {
    const { vault, people, open } = await loadFixture(deployedVault);
    const { messages, signatures } = basket("flood", DENOMINATIONS);
    const { id, depositHash } = await open(messages);
    const flood = Array.from({ length: 2040 }, (_, i) => signatures[i % 256]!);
    const call = vault.connect(people.mint).acknowledge;
    const { data } = await call.populateTransaction(id, depositHash, flood);
    expect(bytesOf(data)).to.be.within(MAX_RELAYED - 1024, MAX_RELAYED);
    await expect(call(id, depositHash, flood))
      .to.be.revertedWithCustomError(vault, "VaultSignatureCount")
      .withArgs(id, 256, 2040);
  });

  it("given paths as long as 128 KiB carry: a dispute is refused without walking them", async () => {
    const { vault, openAndAcknowledge } = await loadFixture(deployedVault);
    const goods = basket("long paths", [1, 10, 100]);
    const { id } = await openAndAcknowledge(goods);
    const [index, denomination, message, signature] = shown(goods, 0);
    const long = Array<string>(4000).fill(message.path[0]!);
    await expect(
      vault.dispute(id, index, denomination, { ...message, path: long }, signature),
    ).to.be.revertedWithCustomError(vault, "VaultMessageNotInDeposit");
  });

  it("given as many deposits as the treasurer's command collects at once: they fit into both limits, each paid once", async () => {
    const { vault, token, people } = await loadFixture(deployedVault);
    const resident = vault.connect(people.resident);
    const mint = vault.connect(people.mint);
    const goods = basket("collected", [1]);
    const root = messagesRoot(goods.messages);
    const ids: bigint[] = [];
    for (let i = 0; i < COLLECTED_TOGETHER; i++) {
      await resident.deposit(1n, MINT_KEY_ID, 1, root);
      const id = await vault.depositCount();
      await mint.acknowledge(id, await vault.depositHashOf(id), goods.signatures);
      ids.push(id);
    }
    await time.increase(DISPUTE_PERIOD + 1);
    const treasurer = vault.connect(people.treasurer);
    const to = people.stranger.address;
    const twice = [...ids, ids[0]!];
    await expect(treasurer.collect(twice, to)).to.be.revertedWithCustomError(
      vault,
      "VaultDepositStatus",
    );
    const sent = await treasurer.collect(ids, to);
    const { gasUsed } = (await sent.wait())!;
    expect(gasUsed < MAX_TRANSACTION_GAS, `${gasUsed}`).to.equal(true);
    expect(bytesOf(sent.data)).to.be.lessThan(MAX_RELAYED);
    expect(await token.balanceOf(to)).to.equal(BigInt(COLLECTED_TOGETHER));
    expect(await vault.owed()).to.equal(0n);
  });
});
