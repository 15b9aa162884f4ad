import { expect } from "chai";
import { settlementContract } from "../../src/chain/deploy/deployment.js";
import { registerKey } from "../../src/chain/governance/key-epochs.js";
import { registerMeters, retireMeters } from "../../src/chain/governance/meters.js";
import type { TransactionSender } from "../../src/chain/transactions/transaction-sender.js";
import { publicKeyOf, type UtilityPublicKey } from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { noticeOf, PERIOD, testMeter, TestSystem } from "./fixture.js";

describe("registering keys and meters", () => {
  let system: TestSystem;
  before(async () => {
    system = await TestSystem.start("register", { meters: 3 });
  });
  after(() => system.stop());

  const key = (keyEpoch: number, scalar: bigint) =>
    publicKeyOf(system.curve, { suite: "hash-bound", keyEpoch, scalar });

  /** Registers a key under its own notice. */
  const register = (sender: TransactionSender, of: UtilityPublicKey, firstPeriod?: number) => {
    const { curve, deployment } = system;
    const notice = noticeOf({ curve, deployment, key: of, firstPeriod });
    return registerKey({ sender, deployment, curve, key: of, notice });
  };

  it("a key that is registered is not sent again", async () => {
    const { utility } = system;
    const before = await system.sent();
    const again = await register(await system.sender(), key(1, utility.scalar));
    expect(again.transactions).to.deep.equal([]);
    expect(await system.sent()).to.equal(before);
  });

  it("a registered epoch keeps its key, and epochs have no gaps", async () => {
    const { deployment } = system;
    const sender = await system.sender();
    const before = await system.sent();
    await expectRejection(register(sender, key(1, 5n)), "chain/key-epoch-taken");
    const own = key(1, system.utility.scalar);
    await expectRejection(register(sender, own, PERIOD), "chain/key-epoch-taken");
    const half = { ...key(1, system.utility.scalar), a2: key(1, 5n).a2 };
    await expectRejection(register(sender, half), "chain/key-epoch-taken");
    const gap = await expectRejection(register(sender, key(3, 5n)), "chain/key-epoch-out-of-order");
    expect(gap.details.next).to.equal(2);
    expect(await system.sent()).to.equal(before);
    await register(sender, key(2, 5n));
    expect(await settlementContract(deployment, sender).keyEpochs()).to.equal(2n);
  });

  it("halves of different secrets are explained, and cost nothing", async () => {
    const before = await system.sent();
    const mixed = { ...key(3, 5n), a2: key(3, 6n).a2 };
    await expectRejection(
      register(await system.sender(), mixed),
      "contract/SettlementKeyInconsistent",
    );
    expect(await system.sent()).to.equal(before);
  });

  it("only who holds the role registers", async () => {
    const stranger = await system.sender(3);
    const error = await expectRejection(
      register(stranger, key(3, 7n)),
      "contract/AccessControlUnauthorizedAccount",
    );
    expect(error.details.account).to.equal(system.chain.accounts[3]);
    expect(await system.sent(3)).to.equal(0);
  });

  it("many meters go in several transactions, and those registered before are left out", async () => {
    const { deployment, meters, random } = system;
    const many = Array.from({ length: 1_001 }, () => testMeter(random).address);
    const sender = await system.sender();
    const all = [...meters.map((m) => m.address), ...many, many[0]!];
    const { transactions } = await registerMeters({
      sender,
      deployment,
      meters: all,
      validFrom: 201301,
      validUntil: 201312,
    });
    expect(transactions).to.have.length(3);
    const contract = settlementContract(deployment, sender);
    expect(await contract.meterCount()).to.equal(BigInt(meters.length + many.length));
    const last = await contract.meterOf(many[1_000]!);
    expect(last.index).to.equal(BigInt(meters.length + 1_000));
    expect([last.validFrom, last.validUntil]).to.deep.equal([201301n, 201312n]);
    const again = await registerMeters({ sender, deployment, meters: all });
    expect(again.transactions).to.deep.equal([]);
  });

  it("a notice of another key, or by another signer, is refused and costs nothing", async () => {
    const { curve, deployment } = system;
    const sender = await system.sender();
    const before = await system.sent();
    const notice = noticeOf({ curve, deployment, key: key(3, 7n) });
    await expectRejection(
      registerKey({ sender, deployment, curve, key: key(3, 8n), notice }),
      "chain/notice-of-another-key",
    );
    const forged = {
      ...notice,
      signature: noticeOf({ curve, deployment, key: key(3, 8n) }).signature,
    };
    await expectRejection(
      registerKey({ sender, deployment, curve, key: key(3, 7n), notice: forged }),
      "contract/SettlementKeyNoticeInvalid",
    );
    expect(await system.sent()).to.equal(before);
  });

  it("given registered meters, when retired, then they end there, and a second time changes nothing", async () => {
    const { deployment, meters } = system;
    const sender = await system.sender();
    const gone = meters.slice(1).map((m) => m.address);
    const { transactions } = await retireMeters({
      sender,
      deployment,
      meters: gone,
      lastPeriod: PERIOD,
    });
    expect(transactions).to.have.length(2);
    const contract = settlementContract(deployment, sender);
    expect((await contract.meterOf(gone[0]!)).validUntil).to.equal(BigInt(PERIOD));
    expect(
      (await retireMeters({ sender, deployment, meters: gone, lastPeriod: PERIOD })).transactions,
    ).to.deep.equal([]);
    const stranger = testMeter(system.random).address;
    await expectRejection(
      retireMeters({
        sender,
        deployment,
        meters: [meters[0]!.address, stranger],
        lastPeriod: PERIOD,
      }),
      "chain/unknown-meter",
    );
    expect((await contract.meterOf(meters[0]!.address)).validUntil).not.to.equal(BigInt(PERIOD));
  });
});
