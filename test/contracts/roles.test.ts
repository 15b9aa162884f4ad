/**
 * Who may do what, for every function that changes something: a function added to a contract and
 * forgotten here fails the test.
 */
import { expect } from "chai";
import type { BaseContract, ContractRunner, Signer } from "ethers";
import { P1, affine } from "./support/curve.js";
import { deployed, ethers, networkHelpers, publicKey } from "./support/deployment.js";
import { deployedVault } from "./support/vault.js";

const { loadFixture } = networkHelpers;
const role = (name: string): string =>
  name === "DEFAULT_ADMIN" ? ethers.ZeroHash : ethers.id(`${name}_ROLE`);

interface Rule {
  /** Arguments for a call that at least passes the role check. */
  readonly args: readonly unknown[];
  /** Role that may call; anyone when absent. */
  readonly role?: string;
  /** Whether a pause stops it. */
  readonly pausable?: true;
}

const key = publicKey(5n);
const bill = { period: 1, keyEpoch: 9, rx: 1n, ry: 2n, r: ethers.ZeroHash, vs: ethers.ZeroHash };
const mintKey = { denomination: 1, b1: key.a1, b2: key.a2 };
const leaf = { point: affine(P1), path: [] };
const someone = "0x00000000000000000000000000000000000000aa";

/** Roles are given and taken by their admin, and renounced by their holder. */
const accessControl: Record<string, Rule> = {
  grantRole: { args: [role("PAUSER"), someone], role: "DEFAULT_ADMIN" },
  revokeRole: { args: [role("PAUSER"), someone], role: "DEFAULT_ADMIN" },
  renounceRole: { args: [role("PAUSER"), someone] },
};

const settlementRules: Record<string, Rule> = {
  ...accessControl,
  settle: { args: [bill, 1n, 2n] },
  settleWithSignature: { args: [1, 9, 1n, 2n, "0x", 1n, 2n] },
  settleBatch: { args: [9, [], 1n, 2n] },
  registerKey: { args: [key.a1, key.a2, 0, "0x"], role: "KEY_REGISTRAR", pausable: true },
  registerMeter: { args: [someone, 1, 2], role: "METER_REGISTRAR", pausable: true },
  registerMeters: { args: [[someone], 1, 2], role: "METER_REGISTRAR", pausable: true },
  retireMeter: { args: [someone, 1], role: "METER_REGISTRAR" },
  announceTerms: { args: [ethers.id("terms"), 0], role: "PARAMETER_REGISTRAR", pausable: true },
  announceNetwork: { args: [ethers.id("network")], role: "PARAMETER_REGISTRAR", pausable: true },
  pause: { args: [], role: "PAUSER" },
  unpause: { args: [], role: "PAUSER" },
};

const vaultRules: Record<string, Rule> = {
  ...accessControl,
  deposit: { args: [1n, 1, 1n, ethers.ZeroHash], pausable: true },
  refund: { args: [1n] },
  dispute: { args: [1n, 0n, 1, leaf, leaf] },
  withdraw: { args: [someone] },
  registerMintKeys: { args: [2, 999912, [mintKey]], role: "MINT", pausable: true },
  acknowledge: { args: [1n, ethers.ZeroHash, [affine(P1)]], role: "MINT" },
  decline: { args: [1n, ethers.ZeroHash], role: "MINT" },
  collect: { args: [[], someone], role: "TREASURER" },
  pause: { args: [], role: "PAUSER" },
  unpause: { args: [], role: "PAUSER" },
};

/** The custom error a call ends with, or "" when it passes. */
async function outcome({
  contract,
  runner,
  name,
  args,
}: {
  readonly contract: BaseContract;
  readonly runner: ContractRunner;
  readonly name: string;
  readonly args: readonly unknown[];
}): Promise<string> {
  try {
    await contract
      .connect(runner)
      .getFunction(name)
      .staticCall(...args);
    return "";
  } catch (error) {
    const { data } = error as { data?: string };
    return contract.interface.parseError(data ?? "0x")?.name ?? String(error);
  }
}

function describeRules(
  name: string,
  rules: Record<string, Rule>,
  fixture: () => Promise<{
    contract: BaseContract;
    holders: Record<string, Signer>;
    stranger: Signer;
  }>,
): void {
  describe(`${name}: who may do what`, () => {
    it("has a rule for every function that changes something", async () => {
      const { contract } = await loadFixture(fixture);
      const changing: string[] = [];
      contract.interface.forEachFunction((fragment) => {
        if (!fragment.constant) changing.push(fragment.name);
      });
      expect(changing.sort()).to.deep.equal(Object.keys(rules).sort());
    });

    for (const [fn, rule] of Object.entries(rules)) {
      it(`${fn}: ${rule.role === undefined ? "anyone" : `${rule.role}_ROLE alone`}`, async () => {
        const { contract, holders, stranger } = await loadFixture(fixture);
        if (fn === "unpause") {
          await (contract.connect(holders.PAUSER!) as typeof contract).getFunction("pause")();
        }
        for (const [held, account] of Object.entries({ ...holders, none: stranger })) {
          const got = await outcome({ contract, runner: account, name: fn, args: rule.args });
          const refused = got === "AccessControlUnauthorizedAccount";
          const allowed = rule.role === undefined || rule.role === held;
          expect(refused, `${fn} by ${held}: ${got}`).to.equal(!allowed);
        }
      });

      it(`${fn}: ${rule.pausable ? "stopped" : "not stopped"} by a pause`, async () => {
        const { contract, holders, stranger } = await loadFixture(fixture);
        const caller = rule.role === undefined ? stranger : holders[rule.role]!;
        await (contract.connect(holders.PAUSER!) as typeof contract).getFunction("pause")();
        const got = await outcome({ contract, runner: caller, name: fn, args: rule.args });
        // A second pause is refused as paused, and is not a function a pause could stop.
        expect(got === "EnforcedPause", `${fn}: ${got}`).to.equal(
          rule.pausable === true || fn === "pause",
        );
      });
    }

    it("gives each role one holder, and the admin nothing but the roles", async () => {
      const { contract, holders, stranger } = await loadFixture(fixture);
      const accounts = { ...holders, none: stranger };
      for (const name of Object.keys(holders)) {
        for (const [held, account] of Object.entries(accounts)) {
          const has = await contract
            .getFunction("hasRole")
            .staticCall(role(name), await account.getAddress());
          expect(has, `${held} as ${name}`).to.equal(held === name);
        }
      }
    });

    it("lets the admin move a role", async () => {
      const { contract, holders, stranger } = await loadFixture(fixture);
      const admin = contract.connect(holders.DEFAULT_ADMIN!) as typeof contract;
      const pauser = role("PAUSER");
      await admin.getFunction("grantRole")(pauser, await stranger.getAddress());
      await admin.getFunction("revokeRole")(pauser, await holders.PAUSER!.getAddress());
      expect(await outcome({ contract, runner: stranger, name: "pause", args: [] })).to.equal("");
      expect(
        await outcome({ contract, runner: holders.PAUSER!, name: "pause", args: [] }),
      ).to.equal("AccessControlUnauthorizedAccount");
    });
  });
}

describeRules("BillSettlement", settlementRules, async function settlementFixture() {
  const { settlement, roles } = await deployed();
  return {
    contract: settlement as BaseContract,
    holders: {
      DEFAULT_ADMIN: roles.admin,
      KEY_REGISTRAR: roles.keyRegistrar,
      METER_REGISTRAR: roles.meterRegistrar,
      PARAMETER_REGISTRAR: roles.parameterRegistrar,
      PAUSER: roles.pauser,
    },
    stranger: roles.stranger,
  };
});

describeRules("CreditVault", vaultRules, async function vaultFixture() {
  const { vault, people } = await deployedVault();
  return {
    contract: vault as BaseContract,
    holders: {
      DEFAULT_ADMIN: people.admin,
      MINT: people.mint,
      TREASURER: people.treasurer,
      PAUSER: people.pauser,
    },
    stranger: people.stranger,
  };
});

describe("BillSettlement while paused", () => {
  it("settles, alone and in a batch", async () => {
    const { settlement, roles, paidBill, meters } = await loadFixture(deployed);
    await settlement.connect(roles.pauser).pause();
    const { bill, receipt } = paidBill(0);
    await settlement.settle(bill, receipt.x, receipt.y);
    expect(await settlement.settled(meters[0]!.address, bill.period)).to.equal(true);
  });

  it("cannot be deployed with a role for nobody", async () => {
    const { settlement, roles } = await loadFixture(deployed);
    const who = roles.admin.address;
    const holders = {
      admin: who,
      keyRegistrar: who,
      meterRegistrar: who,
      parameterRegistrar: who,
      pauser: who,
    };
    const deploy = (appointments: typeof holders, noticeSigner: string) =>
      ethers.deployContract("BillSettlement", [appointments, noticeSigner, 2]);
    for (const name of Object.keys(holders)) {
      await expect(
        deploy({ ...holders, [name]: ethers.ZeroAddress }, who),
        name,
      ).to.be.revertedWithCustomError(settlement, "SettlementZeroAddress");
    }
    await expect(deploy(holders, ethers.ZeroAddress)).to.be.revertedWithCustomError(
      settlement,
      "SettlementZeroAddress",
    );
  });
});
