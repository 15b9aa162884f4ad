/**
 * The transactions of the vault: what the depositor, the mint and the treasurer send. Each says what it
 * cost.
 */
import { hexlify, type Interface, type TransactionReceipt } from "ethers";
import { bytesToInt, G1_BYTES } from "../../algebra/index.js";
import { CreditVault__factory, TestToken__factory } from "../bindings/index.js";
import type { Deployment } from "../deploy/deployment.js";
import { KEY_CHECK_GAS } from "../contract-values.js";
import { chainErrors } from "../errors/errors.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";
import type { DepositMessage, DepositTree } from "./deposit-tree.js";

const vaultAbi = CreditVault__factory.createInterface();
const tokenAbi = TestToken__factory.createInterface();

/** A public key of the mint for one denomination: 64 and 128 bytes, as EIP-196 and EIP-197 have them. */
export interface EncodedMintKey {
  readonly denomination: number;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
}

/** Deposits in one transaction of the treasurer: at most about 35,000 gas each. */
export const COLLECTED_TOGETHER = 300;

/** What a transaction cost. */
export interface Cost {
  readonly transaction: string;
  readonly gas: bigint;
  /** Wei. */
  readonly fee: bigint;
}

/** All keys of one mint key id. */
export interface MintKeySet {
  readonly mintKeyId: number;
  /** YYYYMM; 0 for the first id, to begin before everything. */
  readonly firstPeriod: number;
  readonly keys: readonly EncodedMintKey[];
}

function words(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bytesToInt(bytes.subarray(32 * i, 32 * i + 32)),
  );
}

function point(bytes: Uint8Array): { x: bigint; y: bigint } {
  const [x, y] = words(bytes);
  return { x: x!, y: y! };
}

function costOf({ hash, gasUsed, fee }: TransactionReceipt): Cost {
  return { transaction: hash, gas: gasUsed, fee };
}

async function call({
  sender,
  to,
  abi,
  name,
  args,
}: {
  readonly sender: TransactionSender;
  readonly to: string;
  readonly abi: Interface;
  readonly name: string;
  readonly args: readonly unknown[];
}): Promise<TransactionReceipt> {
  return sender.send({ to, data: abi.encodeFunctionData(name, [...args]) });
}

/** The vault of a deployment as one account sends to it. */
export class VaultCalls {
  constructor(
    private readonly sender: TransactionSender,
    private readonly deployment: Deployment,
  ) {}

  get account(): string {
    return this.sender.address;
  }

  /** Gives the sender test credit, on chains where the token is the test token. */
  async mintTestCredit(amount: bigint): Promise<Cost> {
    return this.#token("mint", [this.sender.address, amount]);
  }

  /** Allows the vault to take `amount` from the sender, in all. */
  async approve(amount: bigint): Promise<Cost> {
    return this.#token("approve", [this.deployment.contracts.vault.address, amount]);
  }

  /** What the vault may take from the sender. */
  async allowance(): Promise<bigint> {
    const { token, vault } = this.deployment.contracts;
    const contract = TestToken__factory.connect(token.address, this.sender.provider);
    return contract.allowance(this.sender.address, vault.address);
  }

  /** Registers all keys of a mint key id, for good. Sent by the holder of the mint's role. */
  async registerMintKeys({ mintKeyId, firstPeriod, keys }: MintKeySet): Promise<Cost> {
    const structs = keys
      .toSorted((a, b) => a.denomination - b.denomination)
      .map(({ denomination, b1, b2 }) => {
        const [xC1, xC0, yC1, yC0] = words(b2);
        return { denomination, b1: point(b1), b2: { xC1, xC0, yC1, yC0 } };
      });
    const registration = {
      to: this.deployment.contracts.vault.address,
      data: (vaultAbi as Interface).encodeFunctionData("registerMintKeys", [
        mintKeyId,
        firstPeriod,
        structs,
      ]),
    };
    const gas = (await this.sender.estimate(registration)) + KEY_CHECK_GAS;
    return costOf(await this.sender.send(registration, gas));
  }

  /** Deposits `amount` base units of the token for the messages of this tree. */
  async deposit(deposit: {
    readonly amount: bigint;
    readonly mintKeyId: number;
    readonly count: number;
    readonly messages: DepositTree;
  }): Promise<{
    readonly id: bigint;
    readonly depositHash: string;
    /** Number of the block that has it. */
    readonly block: number;
    readonly cost: Cost;
  }> {
    const { amount, mintKeyId, count, messages } = deposit;
    const { address } = this.deployment.contracts.vault;
    const receipt = await call({
      sender: this.sender,
      to: address,
      abi: vaultAbi,
      name: "deposit",
      args: [amount, mintKeyId, count, hexlify(messages.root)],
    });
    for (const log of receipt.logs) {
      if (log.address !== address) continue;
      const event = vaultAbi.parseLog(log);
      if (event?.name !== "Deposited") continue;
      const { id, depositHash } = event.args as unknown as { id: bigint; depositHash: string };
      return { id, depositHash, block: receipt.blockNumber, cost: costOf(receipt) };
    }
    throw chainErrors.error(
      "no-deposit-event",
      `transaction ${receipt.hash} succeeded without a Deposited event of ${address}`,
      { transaction: receipt.hash },
    );
  }

  /** Publishes the blind signatures of a deposit, 64 bytes each. Sent by the holder of the mint's role. */
  async acknowledge(id: bigint, depositHash: string, signatures: Uint8Array): Promise<Cost> {
    const points = Array.from({ length: signatures.length / G1_BYTES }, (_, i) =>
      point(signatures.subarray(G1_BYTES * i, G1_BYTES * (i + 1))),
    );
    return this.#vault("acknowledge", [id, depositHash, points]);
  }

  /** Gives an open deposit back. Sent by the holder of the mint's role. */
  async decline(id: bigint, depositHash: string): Promise<Cost> {
    return this.#vault("decline", [id, depositHash]);
  }

  /** Makes a deposit due to its depositor, when the mint's time is over. */
  async refund(id: bigint): Promise<Cost> {
    return this.#vault("refund", [id]);
  }

  /** Shows that signature `index` of an acknowledged deposit is wrong. */
  async dispute(dispute: {
    readonly id: bigint;
    readonly index: number;
    readonly messages: readonly DepositMessage[];
    /** As published, 64 bytes each. */
    readonly signatures: Uint8Array;
    readonly trees: { readonly messages: DepositTree; readonly signatures: DepositTree };
  }): Promise<Cost> {
    const { id, index, messages, signatures, trees } = dispute;
    const { denomination, message } = messages[index]!;
    const signature = signatures.subarray(G1_BYTES * index, G1_BYTES * (index + 1));
    const path = (tree: DepositTree): string[] => tree.path(index).map((hash) => hexlify(hash));
    return this.#vault("dispute", [
      id,
      index,
      denomination,
      { point: point(message), path: path(trees.messages) },
      { point: point(signature), path: path(trees.signatures) },
    ]);
  }

  /** Pays what is due to the sender to `to`. */
  async withdraw(to: string): Promise<Cost> {
    return this.#vault("withdraw", [to]);
  }

  /** Pays deposits out of dispute to `to`. Sent by the holder of the treasurer's role. */
  async collect(ids: readonly bigint[], to: string): Promise<Cost> {
    return this.#vault("collect", [ids, to]);
  }

  async #vault(name: string, args: readonly unknown[]): Promise<Cost> {
    const { address } = this.deployment.contracts.vault;
    return costOf(await call({ sender: this.sender, to: address, abi: vaultAbi, name, args }));
  }

  async #token(name: string, args: readonly unknown[]): Promise<Cost> {
    const { address } = this.deployment.contracts.token;
    return costOf(await call({ sender: this.sender, to: address, abi: tokenAbi, name, args }));
  }
}
