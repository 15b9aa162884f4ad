/**
 * Sends the same signed transactions to Hardhat's EVM (EDR, in Rust) and to @ethereumjs/vm (in
 * TypeScript, by others), and returns both outcomes. Every transaction gets a block of its own with
 * the same number and time in both.
 */
import { createBlock } from "@ethereumjs/block";
import { Hardfork, Mainnet, createCustomCommon } from "@ethereumjs/common";
import { createTxFromRLP } from "@ethereumjs/tx";
import { bytesToHex, createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runTx, type VM } from "@ethereumjs/vm";
import { Wallet, type TransactionRequest } from "ethers";
import { network } from "hardhat";

export interface Outcome {
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  /** What the call returned or reverted with. */
  readonly returned: string;
  /** Address, topics and data of each event. */
  readonly logs: readonly (readonly [string, readonly string[], string])[];
}

type Connection = Awaited<ReturnType<typeof network.create>>;

export class TwoEvms {
  #nonce = 0;
  readonly edr: Connection;
  private readonly vm: VM;
  readonly sender: Wallet;
  private readonly chainId: bigint;

  private constructor({
    edr,
    vm,
    sender,
    chainId,
  }: {
    readonly edr: Connection;
    readonly vm: VM;
    readonly sender: Wallet;
    readonly chainId: bigint;
  }) {
    this.edr = edr;
    this.vm = vm;
    this.sender = sender;
    this.chainId = chainId;
  }

  static async start(): Promise<TwoEvms> {
    const edr = await network.create();
    const { chainId } = await edr.ethers.provider.getNetwork();
    const sender = new Wallet(`0x${"5a".repeat(32)}`);
    await edr.networkHelpers.setBalance(sender.address, 10n ** 24n);
    const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, {
      hardfork: Hardfork.Osaka,
    });
    const vm = await createVM({ common });
    const account = createAccount({ balance: 10n ** 24n });
    await vm.stateManager.putAccount(createAddressFromString(sender.address), account);
    return new TwoEvms({ edr, vm, sender, chainId });
  }

  async send(request: TransactionRequest): Promise<{ edr: Outcome; ethereumjs: Outcome }> {
    const raw = await this.sender.signTransaction({
      type: 2,
      chainId: this.chainId,
      nonce: this.#nonce++,
      gasLimit: 10_000_000n,
      maxFeePerGas: 10n ** 10n,
      maxPriorityFeePerGas: 0n,
      ...request,
    });
    const edr = await this.#sendToEdr(raw);
    return { edr, ethereumjs: await this.#runInEthereumjs(raw) };
  }

  async #sendToEdr(raw: string): Promise<Outcome> {
    const { ethers, provider } = this.edr;
    // The node throws when a transaction reverts, having mined it.
    await provider
      .request({ method: "eth_sendRawTransaction", params: [raw] })
      .catch(() => undefined);
    const hash = ethers.keccak256(raw);
    const receipt = await ethers.provider.getTransactionReceipt(hash);
    const trace = (await provider.request({
      method: "debug_traceTransaction",
      params: [hash, { disableStack: true, disableStorage: true, disableMemory: true }],
    })) as { returnValue: string };
    return {
      succeeded: receipt!.status === 1,
      gasUsed: receipt!.gasUsed,
      returned: `0x${trace.returnValue.replace(/^0x/, "")}`,
      logs: receipt!.logs.map(({ address, topics, data }) => [
        address.toLowerCase(),
        [...topics],
        data,
      ]),
    };
  }

  async #runInEthereumjs(raw: string): Promise<Outcome> {
    const { common } = this.vm;
    const mined = await this.edr.ethers.provider.getBlock("latest");
    const { number, timestamp, baseFeePerGas, gasLimit } = mined!;
    const block = createBlock(
      { header: { number, timestamp, gasLimit, baseFeePerGas: baseFeePerGas! } },
      { common },
    );
    const tx = createTxFromRLP(hexToBytes(raw as `0x${string}`), { common });
    const { execResult, totalGasSpent } = await runTx(this.vm, { tx, block });
    return {
      succeeded: execResult.exceptionError === undefined,
      gasUsed: totalGasSpent,
      returned: bytesToHex(execResult.returnValue),
      logs: (execResult.logs ?? []).map(([address, topics, data]) => [
        bytesToHex(address),
        topics.map(bytesToHex),
        bytesToHex(data),
      ]),
    };
  }
}
