import { expect } from "chai";
import {
  registerKey,
  registerMeters,
  settlementContract,
} from "../../src/chain/deploy/register.js";
import { publicKeyOf } from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { testMeter, TestSystem } from "./fixture.js";

describe("registering keys and meters", () => {
  let system: TestSystem;
  before(async () => {
    system = await TestSystem.start("register", { meters: 3 });
  });
  after(() => system.stop());

  const key = (keyEpoch: number, scalar: bigint) =>
    publicKeyOf(system.curve, { suite: "hash-bound", keyEpoch, scalar });

  it("a key that is registered is not sent again", async () => {
    const { curve, deployment, utility } = system;
    const before = await system.sent();
    const again = await registerKey(
      await system.sender(),
      deployment,
      curve,
      key(1, utility.scalar),
    );
    expect(again.transactions).to.deep.equal([]);
    expect(await system.sent()).to.equal(before);
  });

  it("a registered epoch keeps its key, and epochs have no gaps", async () => {
    const { curve, deployment } = system;
    const sender = await system.sender();
    const before = await system.sent();
    await expectRejection(
      registerKey(sender, deployment, curve, key(1, 5n)),
      "chain/key-epoch-taken",
    );
    const half = { ...key(1, system.utility.scalar), a2: key(1, 5n).a2 };
    await expectRejection(registerKey(sender, deployment, curve, half), "chain/key-epoch-taken");
    const gap = await expectRejection(
      registerKey(sender, deployment, curve, key(3, 5n)),
      "chain/key-epoch-out-of-order",
    );
    expect(gap.details.next).to.equal(2);
    expect(await system.sent()).to.equal(before);
    await registerKey(sender, deployment, curve, key(2, 5n));
    expect(await settlementContract(deployment, sender).keyEpochs()).to.equal(2n);
  });

  it("halves of different secrets are explained, and cost nothing", async () => {
    const { curve, deployment } = system;
    const before = await system.sent();
    const mixed = { ...key(3, 5n), a2: key(3, 6n).a2 };
    await expectRejection(
      registerKey(await system.sender(), deployment, curve, mixed),
      "contract/SettlementKeyInconsistent",
    );
    expect(await system.sent()).to.equal(before);
  });

  it("only who holds the role registers", async () => {
    const { curve, deployment } = system;
    const stranger = await system.sender(3);
    const error = await expectRejection(
      registerKey(stranger, deployment, curve, key(3, 7n)),
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
    const { transactions } = await registerMeters(sender, deployment, all, {
      validFrom: 201301,
      validUntil: 201312,
    });
    expect(transactions).to.have.length(3);
    const contract = settlementContract(deployment, sender);
    expect(await contract.meterCount()).to.equal(BigInt(meters.length + many.length));
    const last = await contract.meterOf(many[1_000]!);
    expect(last.index).to.equal(BigInt(meters.length + 1_000));
    expect([last.validFrom, last.validUntil]).to.deep.equal([201301n, 201312n]);
    const again = await registerMeters(sender, deployment, all);
    expect(again.transactions).to.deep.equal([]);
  });
});
