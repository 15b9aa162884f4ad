/**
 * Withdrawals of a demonstration: each home deposits from an account of its own and checks what the
 * mint publishes; the mint decides about each deposit, from books of its own.
 */
import { hexlify, Wallet } from "ethers";
import { randomSecretKey, type Bn254 } from "../algebra/index.js";
import {
  finalBlock,
  latestBlock,
  TransactionSender,
  VaultCalls,
  VaultReader,
  type Deployment,
} from "../chain/index.js";
import { fileJournal } from "../chain/node/index.js";
import { wrongSignatures, type ECashIssuer, type MintPublicKeys } from "../ecash/index.js";
import { VaultFunding, type Funding } from "../funding/index.js";
import { registerMintKeys, VaultMint } from "../mint/index.js";
import type { DemoFolder } from "./folder.js";

/** Base units of the test credit for one unit of money. */
const CREDIT_PER_UNIT = 1n;
/** Seconds before a deposit's deadline in which the mint answers no more. */
const MARGIN = 3600n;
/** What a home may use for its withdrawals, of several deposits each. */
const GAS_OF_WITHDRAWAL = 10_000_000n;

export interface DemoVaultSettings {
  readonly folder: DemoFolder;
  readonly curve: Bn254;
  readonly deployment: Deployment;
  /** Holds the mint's role, and gives homes the ether for their transactions. */
  readonly sender: TransactionSender;
  readonly mint: MintPublicKeys;
  readonly issuer: ECashIssuer;
}

export class DemoVault {
  readonly #reader: VaultReader;
  readonly #mint: VaultMint;
  /** By place: one account makes its deposits one after the other. */
  readonly #fundings = new Map<string, Promise<Funding>>();

  private constructor(
    private readonly settings: DemoVaultSettings,
    mint: VaultMint,
  ) {
    this.#reader = new VaultReader(settings.sender.provider, settings.deployment);
    this.#mint = mint;
  }

  /** Opens the mint's books, and registers its keys unless they are registered. */
  static async open(settings: DemoVaultSettings): Promise<DemoVault> {
    const { folder, deployment, sender, mint, issuer, curve } = settings;
    const reader = new VaultReader(sender.provider, deployment);
    const calls = new VaultCalls(sender, deployment);
    const next = await reader.nextMintKeys();
    // An interrupted run may have registered them already.
    if (next.mintKeyId === mint.mintKeyId) {
      await registerMintKeys(calls, curve, { ...mint, firstPeriod: next.firstPeriod });
    }
    return new DemoVault(
      settings,
      new VaultMint({
        issuers: new Map([[mint.mintKeyId, issuer]]),
        store: await folder.store("utility/deposits"),
        reader,
        calls,
        baseUnitsPerUnit: CREDIT_PER_UNIT,
        ...blocksOf(sender),
        margin: MARGIN,
      }),
    );
  }

  /** Withdraws for the home at this place, from its own account. */
  async withdraw(place: string, request: Uint8Array): Promise<Uint8Array> {
    const funding = this.#fundings.get(place) ?? this.#fundingOf(place);
    this.#fundings.set(place, funding);
    return (await funding).withdraw(request);
  }

  async #fundingOf(place: string): Promise<Funding> {
    const { curve, mint, deployment } = this.settings;
    const sender = await this.#account(place);
    const calls = new VaultCalls(sender, deployment);
    return new VaultFunding({
      reader: this.#reader,
      calls,
      baseUnitsPerUnit: CREDIT_PER_UNIT,
      ...blocksOf(sender),
      submit: (request, id) => this.#mint.submit(request, id),
      wrongSignatures: (request, answer) => wrongSignatures({ curve, mint, request, answer }),
      // The mint works in this process, when someone waits for it.
      wait: async () => {
        await this.#mint.step();
      },
      topUp: async (missing) => {
        await calls.mintTestCredit(missing);
      },
    });
  }

  /** The home's account, with ether for its transactions and nothing under way. */
  async #account(place: string): Promise<TransactionSender> {
    const { folder, sender: till } = this.settings;
    const key = folder.secret(`${place}/resident/account`, () => randomSecretKey());
    const wallet = new Wallet(hexlify(key), till.provider);
    const sender = await TransactionSender.create(
      wallet,
      folder.path === null ? {} : { journal: fileJournal(`${folder.path}/${place}/pending`) },
    );
    await sender.finishEarlier();
    const { maxFeePerGas, gasPrice } = await till.provider.getFeeData();
    const needed = GAS_OF_WITHDRAWAL * (maxFeePerGas ?? gasPrice ?? 0n);
    if ((await till.provider.getBalance(wallet.address)) < needed) {
      await till.send({ to: wallet.address, data: "0x", value: 2n * needed });
    }
    return sender;
  }
}

/** On a development chain every block is final. */
function blocksOf({ provider }: TransactionSender) {
  return {
    finalBlock: () => finalBlock(provider, { rule: "confirmations", blocks: 0 }),
    latestBlock: () => latestBlock(provider),
  };
}
