import { expect } from "chai";
import { checkClock, deploymentTime } from "../../src/chain/clock.js";
import { readGovernance } from "../../src/chain/governance/history.js";
import { readKeyEpochs, registerKey } from "../../src/chain/governance/key-epochs.js";
import { registerMeters, retireMeters } from "../../src/chain/governance/meters.js";
import {
  announceNetwork,
  announceTerms,
  networkAt,
  readAnnouncements,
  termsOfPeriod,
} from "../../src/chain/governance/parameters.js";
import { grantRole, pause, revokeRole, unpause } from "../../src/chain/governance/roles.js";
import {
  epochOfPeriod,
  keyHashOf,
  parseAddress,
  publicKeyOf,
  recoverNoticeSigner,
  type SystemTerms,
} from "../../src/sipster/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { someNetwork, someTerms } from "../support/parameters.js";
import { noticeOf, PERIOD, testMeter, TestSystem } from "./fixture.js";

describe("governing a deployment", () => {
  let system: TestSystem;
  before(async () => {
    system = await TestSystem.start("governance", { meters: 2 });
  });
  after(() => system.stop());

  function ownTerms(changes: Partial<SystemTerms> = {}): SystemTerms {
    const { chainId, contracts, noticeSigner, lead } = system.deployment;
    return {
      ...someTerms,
      deployment: {
        chainId,
        settlement: parseAddress(contracts.settlement.address),
        vault: parseAddress(contracts.vault.address),
        orderBoard: parseAddress(contracts.orderBoard.address),
      },
      token: { ...someTerms.token, address: parseAddress(contracts.token.address) },
      noticeSigner: parseAddress(noticeSigner),
      lead,
      ...changes,
    };
  }

  it("given two key epochs, when read back, then each has its notice and rules its periods", async () => {
    const { curve, deployment, chain, utility } = system;
    const key = publicKeyOf(curve, { suite: "hash-bound", keyEpoch: 2, scalar: 77n });
    const notice = noticeOf({ curve, deployment, key, firstPeriod: PERIOD + 1 });
    await registerKey({ sender: await system.sender(), deployment, curve, key, notice });
    const epochs = await readKeyEpochs({ provider: chain.provider, deployment, curve });
    expect(epochs.map((e) => [e.keyEpoch, e.firstPeriod])).to.deep.equal([
      [1, 0],
      [2, PERIOD + 1],
    ]);
    const own = publicKeyOf(curve, utility);
    expect(keyHashOf(curve, epochOfPeriod(epochs, PERIOD))).to.deep.equal(keyHashOf(curve, own));
    expect(epochOfPeriod(epochs, PERIOD + 1).notice).to.deep.equal(notice);
    const { system: settlement } = system.bill(system.meters[0]!);
    expect(recoverNoticeSigner(settlement, epochs[1]!.notice)).to.equal(
      deployment.noticeSigner.toLowerCase(),
    );
  });

  it("given a record with another notice signer, when the keys are read, then they are refused", async () => {
    const { curve, deployment, chain } = system;
    const other = { ...deployment, noticeSigner: deployment.roles.admin };
    await expectRejection(
      readKeyEpochs({ provider: chain.provider, deployment: other, curve }),
      "chain/bad-keys",
    );
  });

  it("given announced parameters, when served, then those of the period and time are taken", async () => {
    const { deployment, chain } = system;
    const sender = await system.sender();
    const [first, second] = [ownTerms(), ownTerms({ timeZone: "Europe/Berlin" })];
    await announceTerms(sender, deployment, { terms: first, firstPeriod: 0 });
    await announceTerms(sender, deployment, { terms: second, firstPeriod: PERIOD + 1 });
    const again = await announceTerms(sender, deployment, {
      terms: second,
      firstPeriod: PERIOD + 1,
    });
    expect(again.transactions).to.deep.equal([]);
    await announceNetwork(sender, deployment, someNetwork);
    expect((await announceNetwork(sender, deployment, someNetwork)).transactions).to.deep.equal([]);
    const announced = await readAnnouncements(chain.provider, deployment);
    const served = { terms: [second, first], network: [someNetwork] };
    expect(termsOfPeriod({ deployment, announced, served, period: PERIOD })).to.equal(first);
    expect(termsOfPeriod({ deployment, announced, served, period: PERIOD + 1 })).to.equal(second);
    const { inForceAt } = announced.network[0]!;
    expect(networkAt(announced, served, inForceAt)).to.equal(someNetwork);
    expectError(
      () => networkAt(announced, served, inForceAt - 1n),
      "chain/parameters-not-announced",
    );
  });

  it("given a payee or a relay for one home alone, when served, then it is refused", async () => {
    const { deployment, chain } = system;
    const announced = await readAnnouncements(chain.provider, deployment);
    const marked = ownTerms({ payee: parseAddress(`0x${"99".repeat(20)}`) });
    const own = { ...someNetwork, relays: ["https://relay.example/home-17"] };
    const served = { terms: [marked], network: [own] };
    expectError(
      () => termsOfPeriod({ deployment, announced, served, period: PERIOD }),
      "chain/parameters-not-announced",
    );
    expectError(() => networkAt(announced, served, 1n << 40n), "chain/parameters-not-announced");
  });

  it("given announced terms of another deployment, when taken, then they are refused", async () => {
    const { deployment, chain } = system;
    const sender = await system.sender();
    await announceTerms(sender, deployment, { terms: someTerms, firstPeriod: PERIOD + 2 });
    const announced = await readAnnouncements(chain.provider, deployment);
    const served = { terms: [someTerms], network: [] };
    expectError(
      () => termsOfPeriod({ deployment, announced, served, period: PERIOD + 2 }),
      "chain/parameters-of-another-deployment",
    );
  });

  it("given grants, pauses and retirements, when the history is read, then it names each and the holders now", async () => {
    const { deployment, chain, meters } = system;
    const sender = await system.sender();
    const [admin, another] = chain.accounts as [string, string];
    const change = { role: "pauser", holder: another } as const;
    expect((await grantRole(sender, deployment, change)).transactions).to.have.length(2);
    expect((await grantRole(sender, deployment, change)).transactions).to.deep.equal([]);
    await pause(await system.sender(1), deployment);
    const stopped = await readGovernance(chain.provider, deployment);
    expect(stopped.paused).to.deep.equal({ settlement: true, vault: true });
    const stranger = testMeter(system.random).address;
    await expectRejection(
      registerMeters({ sender, deployment, meters: [stranger] }),
      "contract/EnforcedPause",
    );
    await unpause(sender, deployment);
    await revokeRole(sender, deployment, { role: "pauser", holder: admin });
    await retireMeters({ sender, deployment, meters: [meters[1]!.address], lastPeriod: PERIOD });
    const { events, holders, paused } = await readGovernance(chain.provider, deployment);
    expect(paused).to.deep.equal({ settlement: false, vault: false });
    const pausers = holders.filter(({ role }) => role === "pauser");
    expect(pausers.map(({ contract, holder }) => [contract, holder])).to.deep.equal([
      ["settlement", another],
      ["vault", another],
    ]);
    const granted = events.find((e) => e.act === "role-granted" && e.holder === another)!;
    expect(pausers[0]!.since.transaction).to.equal(granted.transaction);
    const acts = new Set(events.map(({ act }) => act));
    for (const act of [
      "role-granted",
      "role-revoked",
      "paused",
      "resumed",
      "key-registered",
      "terms-announced",
      "network-announced",
      "meter-retired",
    ] as const) {
      expect(acts, act).to.include(act);
    }
    for (const { block, time } of events) {
      expect(time).to.equal(BigInt((await chain.provider.getBlock(block))!.timestamp));
    }
  });

  it("given a role that is not held, when used, then nothing is sent and the reason is named", async () => {
    const stranger = await system.sender(3);
    const { deployment } = system;
    for (const attempt of [
      pause(stranger, deployment),
      grantRole(stranger, deployment, { role: "admin", holder: deployment.roles.mint }).then(() =>
        grantRole(stranger, deployment, {
          role: "treasurer",
          holder: system.chain.accounts[3]!,
        }),
      ),
    ]) {
      await expectRejection(attempt, "contract/AccessControlUnauthorizedAccount");
    }
    expect(await system.sent(3)).to.equal(0);
  });
});

describe("the clock of a deployment", () => {
  const terms = { finality: { rule: "confirmations", blocks: 0 }, timeShift: 0, lead: 2 } as const;

  it("given an own clock, when it is before the final block or more than an hour after, then it is refused", () => {
    for (const own of [1000n, 1001n, 4600n]) checkClock(terms, 1000n, own);
    for (const own of [999n, 4601n, 0n]) {
      expectError(() => checkClock(terms, 1000n, own), "chain/clock-differs");
    }
  });

  it("given a development deployment, when the clocks differ by years, then nothing is compared", () => {
    checkClock({ lead: 0 }, 2_000_000_000n, 1_362_096_000n);
  });

  it("given a time shift, when the deployment's time is read, then it lies that much behind the block", async () => {
    const { chain, stop } = await TestSystem.start("clock", { meters: 1 }).then((s) => ({
      chain: s.chain,
      stop: () => s.stop(),
    }));
    const latest = (await chain.provider.getBlock("latest"))!;
    const shifted = { ...terms, timeShift: 1000 };
    expect(await deploymentTime(chain.provider, shifted)).to.equal(
      BigInt(latest.timestamp) - 1000n,
    );
    await stop();
  });
});
