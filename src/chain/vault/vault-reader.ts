/** What the chain says of the vault: deposits, published signatures, keys, what is due. */
import { hexlify, type Log, type Provider } from "ethers";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../../algebra/index.js";
import { CreditVault__factory, TestToken__factory, type CreditVault } from "../bindings/index.js";
import type { Deployment } from "../deploy/deployment.js";
import { allEvents } from "../event-log.js";
import type { EncodedMintKey, MintKeySet } from "./vault-calls.js";

const vaultAbi = CreditVault__factory.createInterface();

/** In the order of the contract's enum `Status`. */
const STATUSES = ["none", "open", "acknowledged", "refunded", "collected"] as const;
export type DepositStatus = (typeof STATUSES)[number];

/** One deposit, as it stands in a block. */
export interface VaultDeposit {
  readonly id: bigint;
  /** 0x-hexadecimal: names the deposit by its content, regardless of its number. */
  readonly depositHash: string;
  /** With checksum. */
  readonly depositor: string;
  readonly status: DepositStatus;
  /** Base units of the token. */
  readonly amount: bigint;
  readonly mintKeyId: number;
  /** Number of blinded messages. */
  readonly count: number;
  /** 0x-hexadecimal. */
  readonly messagesRoot: string;
  /** 0x-hexadecimal; zero before the acknowledgement. */
  readonly signaturesRoot: string;
  /** Unix seconds. */
  readonly acknowledgeBy: bigint;
  /** Unix seconds; 0 before the acknowledgement. */
  readonly disputableUntil: bigint;
}

/** A deposit as the event of its making names it: what never changes about it. */
export interface MadeDeposit extends Pick<
  VaultDeposit,
  "id" | "depositHash" | "mintKeyId" | "messagesRoot" | "acknowledgeBy"
> {
  /** Number of the block that has it. */
  readonly block: number;
}

/** Which deposits; all of them where nothing is said. */
export interface DepositFilter {
  readonly depositor?: string;
  readonly messagesRoot?: Uint8Array;
  /** First block to look at; the deployment's when absent. */
  readonly fromBlock?: number;
}

export class VaultReader {
  readonly #vault: CreditVault;

  constructor(
    private readonly provider: Provider,
    private readonly deployment: Deployment,
  ) {
    this.#vault = CreditVault__factory.connect(deployment.contracts.vault.address, provider);
  }

  /** A deposit as it stands in a block; of status "none" when there is none. */
  async deposit(id: bigint, blockTag: number | "latest" = "latest"): Promise<VaultDeposit> {
    const entry = await this.#vault.depositOf(id, { blockTag });
    const status = STATUSES[Number(entry.status)] ?? "none";
    const depositHash =
      status === "none"
        ? `0x${"00".repeat(32)}`
        : await this.#vault.depositHashOf(id, { blockTag });
    return {
      id,
      depositHash,
      depositor: entry.depositor,
      status,
      amount: entry.amount,
      mintKeyId: Number(entry.mintKeyId),
      count: Number(entry.count),
      messagesRoot: entry.messagesRoot,
      signaturesRoot: entry.signaturesRoot,
      acknowledgeBy: entry.acknowledgeBy,
      disputableUntil: entry.disputableUntil,
    };
  }

  /** The numbers of the deposits that match, made up to block `toBlock`, ascending. @throws as `depositsMade` */
  async depositIds(toBlock: number, filter: DepositFilter = {}): Promise<readonly bigint[]> {
    return (await this.depositsMade(toBlock, filter)).map(({ id }) => id);
  }

  /**
   * The deposits that match, made up to block `toBlock`, by ascending number: from events alone, so many of them
   * take few questions to the node.
   * @throws chain/events-refused, chain/unreachable
   */
  async depositsMade(toBlock: number, filter: DepositFilter = {}): Promise<readonly MadeDeposit[]> {
    const { depositor = null, messagesRoot, fromBlock } = filter;
    const root = messagesRoot === undefined ? null : hexlify(messagesRoot);
    const logs = await this.#events({
      name: "Deposited",
      topics: [null, depositor, root],
      toBlock,
      fromBlock,
    });
    return logs.map((log) => {
      const { id, depositHash, mintKeyId, messagesRoot, acknowledgeBy } = vaultAbi.parseLog(log)!
        .args as unknown as Omit<MadeDeposit, "mintKeyId"> & { readonly mintKeyId: bigint };
      const block = log.blockNumber;
      return { id, depositHash, mintKeyId: Number(mintKeyId), messagesRoot, acknowledgeBy, block };
    });
  }

  /**
   * The signatures that the mint published for a deposit, 64 bytes each, up to block `toBlock`; `null`
   * if there are none.
   * @throws chain/events-refused, chain/unreachable
   */
  async signatures(deposit: VaultDeposit, toBlock: number): Promise<Uint8Array | null> {
    const topics = [deposit.id, deposit.depositHash];
    const [log] = await this.#events({ name: "Acknowledged", topics, toBlock });
    if (log === undefined) return null;
    const points = vaultAbi.parseLog(log)!.args.blindSignatures as readonly {
      readonly x: bigint;
      readonly y: bigint;
    }[];
    return concatBytes(...points.flatMap(({ x, y }) => [intToBytes(x, 32), intToBytes(y, 32)]));
  }

  /** Whether the mint declined a deposit, up to block `toBlock`. @throws as `signatures` */
  async wasDeclined(id: bigint, toBlock: number): Promise<boolean> {
    return (await this.#events({ name: "Declined", topics: [id], toBlock })).length > 0;
  }

  /** What `withdraw` would pay to this account, in base units of the token. */
  async dueTo(account: string): Promise<bigint> {
    return this.#vault.dueTo(account);
  }

  /** Base units of the token that an account has. */
  async balanceOf(account: string): Promise<bigint> {
    const { address } = this.deployment.contracts.token;
    return TestToken__factory.connect(address, this.provider).balanceOf(account);
  }

  /** Seconds for the mint to acknowledge, and for everyone to dispute. */
  async periods(): Promise<{ readonly acknowledge: bigint; readonly dispute: bigint }> {
    const [acknowledge, dispute] = await Promise.all([
      this.#vault.acknowledgePeriod(),
      this.#vault.disputePeriod(),
    ]);
    return { acknowledge, dispute };
  }

  /** Number of mint key ids, and the earliest period at which the next may begin. */
  async nextMintKeys(): Promise<{ readonly mintKeyId: number; readonly firstPeriod: number }> {
    const [ids, earliest] = await Promise.all([
      this.#vault.mintKeyIds(),
      this.#vault.earliestFirstPeriod(),
    ]);
    return { mintKeyId: Number(ids) + 1, firstPeriod: Number(earliest) };
  }

  /** Every mint key id that is registered up to block `toBlock`, with its keys, ascending. */
  async mintKeys(toBlock: number): Promise<readonly MintKeySet[]> {
    const ids = await this.#events({ name: "MintKeysRegistered", topics: [], toBlock });
    const keys = (await this.#events({ name: "MintKeyRegistered", topics: [], toBlock })).map(
      (log) => vaultAbi.parseLog(log)!.args,
    );
    return ids.map((log) => {
      const { mintKeyId, firstPeriod } = vaultAbi.parseLog(log)!.args;
      return {
        mintKeyId: Number(mintKeyId),
        firstPeriod: Number(firstPeriod),
        keys: keys.filter((key) => key.mintKeyId === mintKeyId).map(encodedKey),
      };
    });
  }

  async #events({
    name,
    topics,
    toBlock,
    fromBlock = this.deployment.block,
  }: {
    readonly name:
      "Deposited" | "Acknowledged" | "Declined" | "MintKeysRegistered" | "MintKeyRegistered";
    readonly topics: readonly unknown[];
    readonly toBlock: number;
    readonly fromBlock?: number | undefined;
  }): Promise<Log[]> {
    return allEvents(this.provider, {
      address: this.deployment.contracts.vault.address,
      topics: vaultAbi.encodeFilterTopics(name, [...topics]),
      fromBlock,
      toBlock,
    });
  }
}

function encodedKey(args: Record<string, unknown>): EncodedMintKey {
  const b1 = args.b1 as { readonly x: bigint; readonly y: bigint };
  const b2 = args.b2 as Record<"xC1" | "xC0" | "yC1" | "yC0", bigint>;
  const join = (...values: readonly bigint[]): Uint8Array =>
    concatBytes(...values.map((value) => intToBytes(value, 32)));
  return {
    denomination: Number(args.denomination),
    b1: join(b1.x, b1.y),
    b2: join(b2.xC1, b2.xC0, b2.yC1, b2.yC0),
  };
}
