/** The utility's side of a demonstration: its receipt key, its mint, and its counter for receipts. */
import { hexToBytes } from "@noble/hashes/utils.js";
import { randomSecretKey, toAddress, type Address, type Bn254 } from "../algebra/index.js";
import {
  registerKey,
  settlementContract,
  type Deployment,
  type TransactionSender,
} from "../chain/index.js";
import {
  BlindBlsAcceptor,
  BlindBlsIssuer,
  blindSigner,
  checkBlindedMessage,
  mintChecks,
  mintPublicKeys,
  type BlindSigner,
  type MintPublicKeys,
  type MintSecretKeys,
} from "../ecash/index.js";
import {
  addressOf,
  classicSuite,
  FIRST_EPOCH_PERIOD,
  hashBoundSuite,
  keyHashOf,
  publicKeyOf,
  ReceiptIssuer,
  signKeyNotice,
  signMeterNotice,
  type HexAddress,
  type RemovalNotice,
  type SettlementSystem,
  type Suite,
  type UtilityPublicKey,
  type UtilitySecretKey,
} from "../sipster/index.js";
import {
  Counter,
  inThread,
  MintWorkers,
  newMintKeyFile,
  newReceiptKeyFile,
  parseMintKeyFile,
  parseReceiptKeyFile,
  ReceiptWorkers,
  StoredCounterBook,
} from "../utility/index.js";
import type { Carrier } from "../exchange/index.js";
import type { DemoClock } from "./clock.js";
import { demoErrors } from "./errors.js";
import type { DemoFolder } from "./folder.js";
import { noticeKeyOf } from "./notice-key.js";
import type { DemoSettings } from "./options.js";
import { DemoVault } from "./withdrawal.js";

export interface DemoUtility {
  readonly suite: Suite;
  readonly key: UtilityPublicKey;
  readonly mint: MintPublicKeys;
  readonly payee: Address;
  readonly counter: Counter;
  /** Carries a request to the counter, within this process. */
  readonly carrier: Carrier;
  /** Whose signature the counter's answers bear. */
  readonly answerKey: HexAddress;
  /** Whose notices the meters follow. */
  readonly noticeSigner: HexAddress;
  /** That a meter's service ends. */
  removalNotice(meter: HexAddress): RemovalNotice;
  /** The classic suite's token key, which every meter holds; `null` in the hash-bound suite. */
  readonly tokenKey: Uint8Array | null;
  /** Where homes deposit and the mint answers. */
  readonly vault: DemoVault;
  /** Ends the threads. */
  close(): Promise<void>;
}

interface Secrets {
  readonly receiptKey: UtilitySecretKey;
  readonly mint: MintSecretKeys;
  /** Signs notices to the meters, and nothing else. */
  readonly noticeKey: Uint8Array;
  /** Signs the counter's answers, and nothing else. */
  readonly answerKey: Uint8Array;
  readonly tokenKey: Uint8Array | null;
}

/** What a demonstration's utility is opened with. */
export interface UtilitySettings {
  readonly options: DemoSettings;
  readonly folder: DemoFolder;
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  readonly deployment: Deployment;
  readonly sender: TransactionSender;
  /** Of the run, YYYYMM: where the key epoch begins unless it is the deployment's first. */
  readonly period: number;
  /** That make receipts and blind signatures beside this one; 0: this one does. */
  readonly threads: number;
  readonly clock: DemoClock;
}

/** @throws demo/not-the-notice-signer, and what registering keys throws */
export async function openUtility(settings: UtilitySettings): Promise<DemoUtility> {
  const { options, folder, curve, system, deployment, sender, threads } = settings;
  const epochs = Number(await settlementContract(deployment, sender).keyEpochs());
  const secrets = loadSecrets(options, folder, epochs + 1);
  const { tokenKey, noticeKey, answerKey } = secrets;
  const key = await announceKey(settings, secrets);
  const mint = mintPublicKeys(curve, secrets.mint);
  const suite =
    tokenKey === null
      ? hashBoundSuite(curve, system.systemId)
      : classicSuite(curve, system.systemId, addressOf(tokenKey));
  const workers = await startWorkers(secrets, suite, threads);
  const signer = workers?.mint ?? blindSigner(curve, secrets.mint);
  const issuer = new BlindBlsIssuer(curve, signer);
  const vault = await DemoVault.open({ folder, curve, deployment, sender, mint, issuer });
  const payee = toAddress(hexToBytes(sender.address.slice(2)));
  const makers = { maker: workers?.receipts ?? null, signer };
  const counter = await openCounter(settings, secrets, { suite, payee, ...makers });
  return {
    suite,
    key,
    mint,
    payee,
    counter,
    carrier: (request) => counter.answer(request),
    answerKey: addressOf(answerKey),
    noticeSigner: addressOf(noticeKey),
    removalNotice: (meter) => signMeterNotice(system, { kind: "removal", meter }, noticeKey),
    tokenKey,
    vault,
    close: async () => {
      await Promise.all([workers?.receipts.close(), workers?.mint.close()]);
    },
  };
}

/** Registers the receipt key under a notice that its meters follow; does nothing where it is registered. */
async function announceKey(
  { curve, system, deployment, sender, period }: UtilitySettings,
  { receiptKey, noticeKey }: Secrets,
): Promise<UtilityPublicKey> {
  if (addressOf(noticeKey) !== deployment.noticeSigner.toLowerCase()) {
    throw demoErrors.error(
      "not-the-notice-signer",
      `the deployment takes notices of ${deployment.noticeSigner} alone`,
      { noticeSigner: deployment.noticeSigner },
    );
  }
  const key = publicKeyOf(curve, receiptKey);
  const announcement = {
    keyEpoch: key.keyEpoch,
    firstPeriod: key.keyEpoch === 1 ? FIRST_EPOCH_PERIOD : period,
    keyHash: keyHashOf(curve, key),
  };
  const notice = signKeyNotice(system, announcement, noticeKey);
  await registerKey({ sender, deployment, curve, key, notice });
  return key;
}

interface CounterParts {
  readonly suite: Suite;
  readonly payee: Address;
  /** Threads that make receipts; `null`: this one does. */
  readonly maker: ReceiptWorkers | null;
  readonly signer: BlindSigner;
}

async function openCounter(
  { options, folder, curve, system, clock }: UtilitySettings,
  { receiptKey, mint, answerKey }: Secrets,
  { suite, payee, maker, signer }: CounterParts,
): Promise<Counter> {
  const issuer = new ReceiptIssuer(suite, receiptKey);
  const ecash = new BlindBlsAcceptor({ curve, system, checks: mintChecks(curve, [mint]) });
  return new Counter({
    suite,
    epochs: [{ issuer, maker: maker ?? inThread(issuer, suite) }],
    denominations: options.denominations,
    ecash,
    refreshing: {
      ecash,
      signer,
      checkMessage: (message) => checkBlindedMessage(curve, message),
    },
    payee,
    book: new StoredCounterBook(await folder.store("utility/books"), ecash),
    answers: { systemId: system.systemId, answerKey },
    clock: () => BigInt(clock.now),
  });
}

/** The threads for receipts and for blind signatures, which are wanted one after the other. */
async function startWorkers(
  { receiptKey, mint, tokenKey }: Secrets,
  suite: Suite,
  threads: number,
): Promise<{ receipts: ReceiptWorkers; mint: MintWorkers } | null> {
  if (threads === 0) return null;
  const address = tokenKey === null ? null : addressOf(tokenKey);
  const receipts = await ReceiptWorkers.start({
    suite,
    key: receiptKey,
    count: threads,
    tokenKey: address,
  });
  return { receipts, mint: await MintWorkers.start(mint, threads) };
}

/** Each in a file of its own, which a process of its own can hold. */
function loadSecrets(options: DemoSettings, folder: DemoFolder, nextEpoch: number): Secrets {
  const { suite, denominations } = options;
  const receiptKey = parseReceiptKeyFile(
    folder.secret("utility/keys/receipt.json", () =>
      newReceiptKeyFile({ suite, keyEpoch: nextEpoch }),
    ),
  );
  // The mint's key has a number of its own; that of the epoch will do, and is never used twice.
  const mint = parseMintKeyFile(
    folder.secret("utility/keys/mint.json", () =>
      newMintKeyFile(receiptKey.keyEpoch, denominations),
    ),
  );
  return {
    receiptKey,
    mint,
    noticeKey: noticeKeyOf(folder),
    answerKey: folder.secret("utility/keys/answer.json", () => randomSecretKey()),
    tokenKey:
      receiptKey.suite === "classic"
        ? folder.secret("utility/keys/token.json", () => randomSecretKey())
        : null,
  };
}
