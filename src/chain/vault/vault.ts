/**
 * The vault of prepaid credit, seen from a wallet and from the mint: depositing for blinded messages,
 * publishing the blind signatures, and knowing what was deposited.
 */
import { hexlify, type Provider } from "ethers";
import { bytesToInt } from "../../algebra/index.js";
import { CreditVault__factory, TestToken__factory } from "../bindings/index.js";
import type { Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { allEvents } from "../event-log.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";

/** A public key of the mint for one denomination: 64 and 128 bytes, as EIP-196 and EIP-197 have them. */
export interface EncodedMintKey {
  readonly denomination: number;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
}

const vaultAbi = CreditVault__factory.createInterface();
const tokenAbi = TestToken__factory.createInterface();

function words(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bytesToInt(bytes.subarray(32 * i, 32 * i + 32)),
  );
}

function g1([x, y]: readonly bigint[]): { x: bigint; y: bigint } {
  return { x: x!, y: y! };
}

/** Registers the mint's keys, for good. Sent by the holder of the mint's role. */
export async function registerMintKeys(
  sender: TransactionSender,
  { contracts }: Deployment,
  mintKeyId: number,
  keys: readonly EncodedMintKey[],
): Promise<void> {
  for (const { denomination, b1, b2 } of keys) {
    const [xC1, xC0, yC1, yC0] = words(b2);
    await sender.send({
      to: contracts.vault.address,
      data: vaultAbi.encodeFunctionData("registerMintKey", [
        mintKeyId,
        denomination,
        g1(words(b1)),
        { xC1: xC1!, xC0: xC0!, yC1: yC1!, yC0: yC0! },
      ]),
    });
  }
}

/** Gives the sender test credit, on chains where the token is the test token. */
export async function mintTestCredit(
  sender: TransactionSender,
  { contracts }: Deployment,
  amount: bigint,
): Promise<void> {
  await sender.send({
    to: contracts.token.address,
    data: tokenAbi.encodeFunctionData("mint", [sender.address, amount]),
  });
}

/** Allows the vault to take `amount` from the sender, in all. */
export async function approveVault(
  sender: TransactionSender,
  { contracts }: Deployment,
  amount: bigint,
): Promise<void> {
  await sender.send({
    to: contracts.token.address,
    data: tokenAbi.encodeFunctionData("approve", [contracts.vault.address, amount]),
  });
}

/**
 * Deposits `amount` base units of the token for the blinded messages with this digest.
 * @returns the number of the deposit
 */
export async function deposit(
  sender: TransactionSender,
  { contracts }: Deployment,
  amount: bigint,
  messagesDigest: Uint8Array,
): Promise<bigint> {
  const receipt = await sender.send({
    to: contracts.vault.address,
    data: vaultAbi.encodeFunctionData("deposit", [amount, hexlify(messagesDigest)]),
  });
  for (const log of receipt.logs) {
    if (log.address !== contracts.vault.address) continue;
    const event = vaultAbi.parseLog(log);
    if (event?.name === "Deposited") return event.args.id as bigint;
  }
  throw chainErrors.error(
    "no-deposit-event",
    `transaction ${receipt.hash} succeeded without a Deposited event of ${contracts.vault.address}`,
    { transaction: receipt.hash },
  );
}

/** Publishes the blind signatures of a deposit, 64 bytes each. Sent by the holder of the mint's role. */
export async function acknowledge(
  sender: TransactionSender,
  { contracts }: Deployment,
  id: bigint,
  blindSignatures: Uint8Array,
): Promise<void> {
  const all = words(blindSignatures);
  const points = Array.from({ length: all.length / 2 }, (_, i) => g1(all.slice(2 * i, 2 * i + 2)));
  await sender.send({
    to: contracts.vault.address,
    data: vaultAbi.encodeFunctionData("acknowledge", [id, points]),
  });
}

/** One deposit in the vault. */
export interface VaultDeposit {
  readonly id: bigint;
  /** Base units of the token. */
  readonly amount: bigint;
  readonly status: "none" | "open" | "acknowledged" | "refunded" | "collected";
}

/** In the order of the contract's enum `Status`. */
const STATUSES = ["none", "open", "acknowledged", "refunded", "collected"] as const;

/** The deposits of a vault, by the digest of their messages: what the mint issues against. */
export class VaultDeposits {
  /** `amountPerUnit`: base units of the token for one unit of money. */
  constructor(
    private readonly provider: Provider,
    private readonly deployment: Deployment,
    private readonly amountPerUnit: bigint,
  ) {}

  /** Every deposit under this digest. @throws chain/events-refused */
  async find(messagesDigest: Uint8Array): Promise<readonly VaultDeposit[]> {
    const { contracts, block } = this.deployment;
    const vault = CreditVault__factory.connect(contracts.vault.address, this.provider);
    const logs = await allEvents(this.provider, {
      address: contracts.vault.address,
      topics: vaultAbi.encodeFilterTopics("Deposited", [null, null, hexlify(messagesDigest)]),
      fromBlock: block,
      toBlock: await this.provider.getBlockNumber(),
    });
    return Promise.all(
      logs.map(async (log) => {
        const { id, amount } = vaultAbi.parseLog(log)!.args;
        const { status } = await vault.depositOf(id as bigint);
        return {
          id: id as bigint,
          amount: amount as bigint,
          status: STATUSES[Number(status)] ?? "none",
        };
      }),
    );
  }

  /** Units deposited under this digest and not paid back; 0 if none. */
  async unitsFor(messagesDigest: Uint8Array): Promise<bigint> {
    const deposits = await this.find(messagesDigest);
    const amount = deposits
      .filter((d) => d.status !== "refunded")
      .reduce((sum, d) => sum + d.amount, 0n);
    return amount / this.amountPerUnit;
  }
}
