import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { hexlify, keccak256, Wallet } from "ethers";
import {
  BillSettlement__factory,
  CreditVault__factory,
  TestToken__factory,
} from "../../src/chain/bindings/index.js";
import {
  checkChain,
  checkContracts,
  parseDeployment,
  systemOf,
  writeDeployment,
} from "../../src/chain/deploy/deployment.js";
import { deploySipster } from "../../src/chain/node/deploy.js";
import { startLocalChain, type InProcessChain } from "../../src/chain/node/local-chain.js";
import { expectError, expectRejection } from "../support/errors.js";

describe("deployment", () => {
  let chain: InProcessChain;
  let folder: string;

  before(async () => {
    chain = await startLocalChain();
  });
  after(() => chain.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const deployer = () => chain.provider.getSigner(0);
  const sent = async () => chain.provider.getTransactionCount(chain.accounts[0]!);

  it("deploys four contracts that belong together, and records them", async () => {
    const steps: string[] = [];
    const deployment = await deploySipster(await deployer(), { onProgress: (m) => steps.push(m) });
    expect(steps).to.have.length(4);
    const { settlement, vault, token } = deployment.contracts;
    const billSettlement = BillSettlement__factory.connect(settlement.address, chain.provider);
    const creditVault = CreditVault__factory.connect(vault.address, chain.provider);
    expect(await creditVault.systemId()).to.equal(await billSettlement.systemId());
    expect(hexlify(systemOf(deployment).systemId)).to.equal(await billSettlement.systemId());
    expect(await creditVault.token()).to.equal(token.address);
    expect(keccak256(await chain.provider.getCode(vault.address))).to.equal(vault.codeHash);
    const created = await chain.provider.getTransactionReceipt(settlement.transaction!);
    expect(created?.contractAddress).to.equal(settlement.address);
    expect(created?.blockNumber).to.equal(deployment.block);
    await checkChain(chain.provider, deployment);
    await checkContracts(chain.provider, deployment);
  });

  it("gives roles and periods to whom and as told", async () => {
    const [, admin, keys, meters, pauser, mint, treasurer, parameters, notices] =
      chain.accounts as string[];
    const deployment = await deploySipster(await deployer(), {
      roles: {
        admin: admin!,
        keyRegistrar: keys!,
        meterRegistrar: meters!,
        parameterRegistrar: parameters!,
        pauser: pauser!,
        mint: mint!,
        treasurer: treasurer!,
      },
      noticeSigner: notices!,
      lead: 3,
      acknowledgePeriod: 3600,
      disputePeriod: 172800,
    });
    const { contracts, roles } = deployment;
    const settlement = BillSettlement__factory.connect(
      contracts.settlement.address,
      chain.provider,
    );
    const vault = CreditVault__factory.connect(contracts.vault.address, chain.provider);
    const holds = [
      [await settlement.DEFAULT_ADMIN_ROLE(), admin, settlement],
      [await settlement.KEY_REGISTRAR_ROLE(), keys, settlement],
      [await settlement.METER_REGISTRAR_ROLE(), meters, settlement],
      [await settlement.PARAMETER_REGISTRAR_ROLE(), parameters, settlement],
      [await settlement.PAUSER_ROLE(), pauser, settlement],
      [await vault.DEFAULT_ADMIN_ROLE(), admin, vault],
      [await vault.MINT_ROLE(), mint, vault],
      [await vault.TREASURER_ROLE(), treasurer, vault],
      [await vault.PAUSER_ROLE(), pauser, vault],
    ] as const;
    for (const [role, holder, contract] of holds) {
      expect(await contract.hasRole(role, holder!)).to.equal(true);
      expect(await contract.hasRole(role, chain.accounts[0]!)).to.equal(false);
    }
    expect(roles.treasurer).to.equal(treasurer);
    expect(await settlement.noticeSigner()).to.equal(notices);
    expect(await settlement.lead()).to.equal(3n);
    expect(await vault.acknowledgePeriod()).to.equal(3600n);
    expect(await vault.disputePeriod()).to.equal(172800n);
  });

  it("uses a token that exists", async () => {
    const token = await new TestToken__factory(await deployer()).deploy();
    const address = await token.getAddress();
    const deployment = await deploySipster(await deployer(), { token: address });
    expect(deployment.contracts.token.address).to.equal(address);
    expect(deployment.contracts.token.transaction).to.equal(undefined);
    expect(parseDeployment(writeDeployment(deployment))).to.deep.equal(deployment);
  });

  it("signs with a key of its own", async () => {
    const wallet = Wallet.createRandom(chain.provider);
    const rich = await deployer();
    await (await rich.sendTransaction({ to: wallet.address, value: 10n ** 18n })).wait();
    const deployment = await deploySipster(wallet);
    expect(deployment.roles.admin).to.equal(wallet.address);
    expect(await chain.provider.getTransactionCount(wallet.address)).to.equal(4);
  });

  it("run again with the same journal, sends nothing and gives the same record", async () => {
    const first = await deploySipster(await deployer(), { journal: folder });
    const before = await sent();
    expect(await deploySipster(await deployer(), { journal: folder })).to.deep.equal(first);
    expect(await sent()).to.equal(before);
  });

  for (const moment of ["before", "after"] as const) {
    it(`resumes after it was interrupted ${moment} sending any of its transactions`, async () => {
      for (const step of [0, 1, 2, 3]) {
        const before = await sent();
        const { provider } = await deployer();
        const original = provider.send.bind(provider);
        let left = step;
        provider.send = async (method: string, params: unknown[]) => {
          const dies = method === "eth_sendTransaction" && left-- === 0;
          if (dies && moment === "before") throw new Error("the lights went out");
          const answer = (await original(method, params as [])) as unknown;
          if (dies) throw new Error("the lights went out");
          return answer;
        };
        const run = async () =>
          deploySipster(await deployer(), { journal: join(folder, `${step}`) });
        try {
          await run().then(
            () => expect.fail("was not interrupted"),
            () => undefined,
          );
        } finally {
          provider.send = original;
        }
        expect((await sent()) - before).to.equal(moment === "before" ? step : step + 1);
        const deployment = await run();
        expect((await sent()) - before).to.equal(4);
        await checkContracts(chain.provider, deployment);
      }
    });
  }

  it("tries a step again that a constructor refused", async () => {
    const run = async (mint: string) =>
      deploySipster(await deployer(), { journal: folder, roles: { mint } });
    await expectRejection(run(`0x${"00".repeat(20)}`), "contract/VaultZeroAddress");
    const before = await sent();
    const deployment = await run(chain.accounts[5]!);
    expect((await sent()) - before).to.equal(1);
    expect(deployment.roles.mint).to.equal(chain.accounts[5]);
  });

  it("refuses to go on with other options", async () => {
    await deploySipster(await deployer(), { journal: folder });
    const before = await sent();
    await expectRejection(
      deploySipster(await deployer(), { journal: folder, lead: 1 }),
      "chain/deployment-differs",
    );
    expect(await sent()).to.equal(before);
  });

  it("explains what a constructor refuses", async () => {
    const roles = { mint: `0x${"00".repeat(20)}` };
    await expectRejection(deploySipster(await deployer(), { roles }), "contract/VaultZeroAddress");
  });

  it("knows a chain that was started again, another chain, and other contracts", async () => {
    const deployment = await deploySipster(await deployer());
    const [restarted, other] = await Promise.all([
      startLocalChain(),
      startLocalChain({ chainId: 4711 }),
    ]);
    await expectRejection(checkChain(restarted.provider, deployment), "chain/chain-restarted");
    const error = await expectRejection(
      checkChain(other.provider, deployment),
      "chain/wrong-chain",
    );
    expect(error.details).to.deep.equal({ node: 4711n, deployment: 31337n });
    await expectRejection(checkContracts(restarted.provider, deployment), "chain/other-contract");
    await Promise.all([restarted.close(), other.close()]);

    const { settlement } = deployment.contracts;
    const older = {
      ...deployment,
      contracts: {
        ...deployment.contracts,
        settlement: { ...settlement, abiHash: settlement.codeHash },
      },
    };
    await expectRejection(checkContracts(chain.provider, older), "chain/other-version");
  });

  it("names the field that is wrong in a record", async () => {
    const text = writeDeployment(await deploySipster(await deployer()));
    const cases: [string, RegExp][] = [
      ["{", /is not JSON/],
      ["[]", /is not a JSON object/],
      [text.replace("deployment@1", "deployment@9"), /"format" is "sipster\/deployment@9"/],
      [text.replace('"31337"', "31337"), /"chainId" is not a decimal string/],
      [text.replace('"block": ', '"block": -'), /"block" is not a non-negative integer/],
      [text.replace('"vault"', '"vaults"'), /"contracts.vault" is missing/],
      [
        text.replace(/"address": "0x../, '"address": "'),
        /"contracts.settlement.address" is not 20/,
      ],
      [text.replace('"pauser": "0x', '"pauser": "'), /"roles.pauser" is not 20 bytes/],
    ];
    for (const [damaged, why] of cases) {
      const error = expectError(() => parseDeployment(damaged), "chain/bad-deployment");
      expect(error.message).to.match(why);
    }
  });
});
