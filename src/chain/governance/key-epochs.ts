/**
 * The utility's keys on the chain: registering the next one, and reading all of them back with the
 * notices that meters take. What is read is checked again: the order of the epochs, the keys, the
 * notice signer's signatures. Wallets and meters take no key from anywhere else.
 */
import { type Provider, type Result } from "ethers";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import {
  checkEpochs,
  isConsistentKey,
  keyHashOf,
  recoverNoticeSigner,
  type KeyEpoch,
  type KeyNotice,
  type UtilityPublicKey,
} from "../../sipster/index.js";
import { BillSettlement__factory } from "../bindings/index.js";
import {
  KEY_CHECK_GAS,
  g1FromWords,
  g1Words,
  g2FromWords,
  g2Words,
  type G1Words,
  type G2Words,
} from "../contract-values.js";
import { settlementContract, systemOf, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { allEvents, type ReadOptions } from "../event-log.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";
import type { Registration } from "./meters.js";

/** A registered key with the notice of its epoch. */
export interface NoticedKey extends UtilityPublicKey, KeyEpoch {
  readonly notice: KeyNotice;
  readonly block: number;
  readonly transaction: string;
}

const abi = BillSettlement__factory.createInterface();

/**
 * Registers the utility's next key under its notice. Does nothing if this very key is registered for
 * its epoch already.
 * @throws chain/key-epoch-out-of-order, chain/key-epoch-taken, chain/notice-of-another-key, contract/…
 */
export async function registerKey({
  sender,
  deployment,
  curve,
  key,
  notice,
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly curve: Bn254;
  readonly key: UtilityPublicKey;
  readonly notice: KeyNotice;
}): Promise<Registration> {
  const { keyEpoch, firstPeriod } = notice;
  const keyHash = keyHashOf(curve, key);
  if (keyEpoch !== key.keyEpoch || bytesToHex(notice.keyHash) !== bytesToHex(keyHash)) {
    throw chainErrors.error(
      "notice-of-another-key",
      `the notice is of key epoch ${keyEpoch}, and of another key than epoch ${key.keyEpoch}'s`,
      { keyEpoch: key.keyEpoch },
    );
  }
  const contract = settlementContract(deployment, sender);
  const registered = Number(await contract.keyEpochs());
  if (keyEpoch >= 1 && keyEpoch <= registered) {
    const known = await contract.epochKey(keyEpoch);
    const hash = keyHashOf(curve, keyFromWords(curve, known));
    if (bytesToHex(hash) === bytesToHex(keyHash) && Number(known.firstPeriod) === firstPeriod) {
      return { transactions: [] };
    }
    throw chainErrors.error(
      "key-epoch-taken",
      `key epoch ${keyEpoch} has another key or another first period, registered for good`,
      { keyEpoch },
    );
  }
  if (keyEpoch !== registered + 1) {
    throw chainErrors.error(
      "key-epoch-out-of-order",
      `the key is of epoch ${keyEpoch}, and the next is ${registered + 1}`,
      { keyEpoch, next: registered + 1 },
    );
  }
  const data = abi.encodeFunctionData("registerKey", [
    g1Words(curve, key.a1),
    g2Words(curve, key.a2),
    firstPeriod,
    notice.signature,
  ]);
  const call = { to: deployment.contracts.settlement.address, data };
  const receipt = await sender.send(call, (await sender.estimate(call)) + KEY_CHECK_GAS);
  return { transactions: [receipt.hash] };
}

/**
 * Every key of the utility up to a block, the newest when absent, in the order of the epochs.
 * @throws chain/bad-keys if the events contradict each other or the notice signer, sipster/bad-epochs,
 *   chain/events-refused, chain/unreachable
 */
export async function readKeyEpochs({
  provider,
  deployment,
  curve,
  toBlock,
  ...options
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly curve: Bn254;
} & ReadOptions & { readonly toBlock?: number }): Promise<readonly NoticedKey[]> {
  const { address } = deployment.contracts.settlement;
  const last = toBlock ?? (await provider.getBlockNumber());
  const topics = [abi.getEvent("KeyRegistered").topicHash];
  const query = { address, topics, fromBlock: deployment.block, toBlock: last };
  const logs = await allEvents(provider, query, options);
  const keys = logs.map((log): NoticedKey => {
    const { args } = abi.parseLog(log)!;
    const key = keyFromWords(curve, {
      a1: (args.a1 as Result).toObject() as G1Words,
      a2: (args.a2 as Result).toObject() as G2Words,
    });
    const [keyEpoch, firstPeriod] = [Number(args.keyEpoch), Number(args.firstPeriod)];
    return {
      ...key,
      keyEpoch,
      firstPeriod,
      notice: {
        keyEpoch,
        firstPeriod,
        keyHash: keyHashOf(curve, key),
        signature: hexToBytes((args.r as string).slice(2) + (args.vs as string).slice(2)),
      },
      block: log.blockNumber,
      transaction: log.transactionHash,
    };
  });
  keys.forEach((key) => checkKey(curve, deployment, key));
  return checkEpochs(keys);
}

function checkKey(curve: Bn254, deployment: Deployment, key: NoticedKey): void {
  const { keyEpoch, notice } = key;
  if (!isConsistentKey(curve, key)) throw bad(keyEpoch, "has halves of different secrets");
  const signer = recoverNoticeSigner(systemOf(deployment), notice);
  if (signer !== deployment.noticeSigner.toLowerCase()) {
    throw bad(keyEpoch, `has a notice by ${signer}, not by ${deployment.noticeSigner}`);
  }
}

function keyFromWords(
  curve: Bn254,
  { a1, a2 }: { readonly a1: G1Words; readonly a2: G2Words },
): Pick<UtilityPublicKey, "a1" | "a2"> {
  return { a1: g1FromWords(curve, a1), a2: g2FromWords(curve, a2) };
}

function bad(keyEpoch: number, why: string): Error {
  return chainErrors.error("bad-keys", `the key of epoch ${keyEpoch} ${why}`, { keyEpoch });
}
