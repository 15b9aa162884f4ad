/** What the tests of the audit share. */
import { JsonRpcApiProvider, type Provider } from "ethers";
import { audit, type AuditOptions } from "../../src/chain/audit/audit.js";
import {
  type AuditedSettlement,
  type AuditResult,
  type SystemCheck,
} from "../../src/chain/audit/result.js";
import { settlementContract } from "../../src/chain/deploy/deployment.js";
import { settleBills } from "../../src/chain/settle/settle.js";
import { type SettleableBill } from "../../src/sipster/index.js";
import { TestSystem } from "./fixture.js";

/** The names of checks that did not pass, with their results. */
export const notOk = (settlement: AuditedSettlement | undefined): string[] =>
  Object.entries(settlement?.checks ?? {}).flatMap(([name, result]) =>
    result === "ok" ? [] : [`${name} ${result}`],
  );

/** The checks of the system that did not pass. */
export const broken = (result: AuditResult): SystemCheck[] =>
  result.system.filter((s) => s.result !== "ok").map((s) => s.check);

/** The chain that the audits of a suite look at, as it was at the beginning for each test. */
export class AuditedChain {
  system!: TestSystem;
  #snapshot: unknown;

  constructor(name: string) {
    before(async () => {
      this.system = await TestSystem.start(name, { meters: 6 });
    });
    after(() => this.system.stop());
    beforeEach(async () => {
      this.#snapshot = await this.system.request("evm_snapshot");
    });
    afterEach(async () => {
      await this.system.request("evm_revert", this.#snapshot);
    });
  }

  /** With the fast curve where the default one is not what is tested. */
  run(options: AuditOptions = {}, provider: Provider = this.system.chain.provider) {
    return audit(provider, this.system.deployment, { curve: this.system.curve, ...options });
  }

  async settle(bills: readonly SettleableBill[], batch = false) {
    const { system } = this;
    return settleBills({
      sender: await system.sender(),
      deployment: system.deployment,
      bills,
      curve: system.curve,
      batch,
    });
  }

  settlementAddress(): string {
    return this.system.deployment.contracts.settlement.address;
  }

  contract() {
    return settlementContract(this.system.deployment, { provider: this.system.chain.provider });
  }

  async sendData(to: string, data: string): Promise<void> {
    const signer = await this.system.signer(0);
    await (await signer.sendTransaction({ to, data })).wait();
  }

  /** The provider, with some of its answers replaced. */
  lying(overrides: Partial<Provider>): Provider {
    return new Proxy(this.system.chain.provider, {
      get: (target, name) => {
        const own = (overrides as Record<PropertyKey, unknown>)[name];
        const value = own ?? (Reflect.get(target, name, target) as unknown);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
      getPrototypeOf: () => JsonRpcApiProvider.prototype,
    });
  }
}
