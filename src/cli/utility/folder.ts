/**
 * The utility's folder:
 *
 *   keyring.json          how the passphrase is stretched
 *   keys/receipt.json     the receipt key of key epoch 1 (sealed)
 *   keys/receipt-N.json   that of key epoch N, from 2 on (sealed)
 *   keys/mint.json        the mint's keys of id 1, one for each denomination (sealed)
 *   keys/mint-N.json      those of id N, from 2 on (sealed)
 *   keys/notice           signs notices to meters and of key epochs (sealed)
 *   keys/answer           signs the counter's answers (sealed)
 *   keys/gateway-N        opens requests through Oblivious HTTP, under key number N (sealed)
 *   terms/N.json          the terms announced, oldest first (public)
 *   networks/N.json       relays and gateways announced, oldest first (public)
 *   tariffs/HASH.json     tariffs in their canonical form (public)
 *   books, accounts       what the counter and the mint keep, unless a database does
 *
 * Each key is in a file of its own, which a process of its own can hold.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { randomSecretKey } from "../../algebra/index.js";
import type { MintSecretKeys } from "../../ecash/index.js";
import { Keyring, SealedFile } from "../../keystore/index.js";
import {
  encodeNetwork,
  encodeTerms,
  parseDenominations,
  parseNetwork,
  parseTerms,
  type Denominations,
  type SystemNetwork,
  type SystemTerms,
  type UtilitySecretKey,
} from "../../sipster/index.js";
import { readFileIfPresent, replaceFile } from "../../store/index.js";
import { canonicalTariff, tariffHash, type Tariff } from "../../tariff/index.js";
import {
  newMintKeyFile,
  newReceiptKeyFile,
  parseMintKeyFile,
  parseReceiptKeyFile,
} from "../../utility/index.js";
import { cliErrors } from "../errors.js";

export interface UtilitySecrets {
  readonly receiptKey: UtilitySecretKey;
  readonly mint: MintSecretKeys;
  readonly noticeKey: Uint8Array;
  readonly answerKey: Uint8Array;
}

export class UtilityFolder {
  private constructor(
    readonly path: string,
    private readonly keyring: Keyring,
  ) {}

  /** @throws keystore/wrong-passphrase, no-passphrase, and the store's errors for files */
  static async open(path: string, passphrase: string): Promise<UtilityFolder> {
    mkdirSync(join(path, "keys"), { recursive: true, mode: 0o700 });
    return new UtilityFolder(path, await Keyring.open(join(path, "keyring.json"), passphrase));
  }

  /** Makes the keys that are missing. Each number of an epoch or of mint keys begins at 1. */
  makeSecrets(denominations: Denominations): UtilitySecrets {
    this.#sealed("receipt.json").readOrCreate(() =>
      newReceiptKeyFile({ suite: "hash-bound", keyEpoch: 1 }),
    );
    this.#sealed("mint.json").readOrCreate(() => newMintKeyFile(1, denominations));
    for (const name of ["notice", "answer"]) this.#sealed(name).readOrCreate(randomSecretKey);
    return this.secrets;
  }

  /** @throws cli/no-utility if the folder was not made by `sipster utility init`; utility/bad-key-file */
  get secrets(): UtilitySecrets {
    const missing = () => {
      throw cliErrors.error("no-utility", `${this.path} holds no utility's keys`);
    };
    return {
      receiptKey: parseReceiptKeyFile(this.#sealed("receipt.json").readOrCreate(missing)),
      mint: parseMintKeyFile(this.#sealed("mint.json").readOrCreate(missing)),
      noticeKey: this.#sealed("notice").readOrCreate(missing),
      answerKey: this.#sealed("answer").readOrCreate(missing),
    };
  }

  /** The receipt keys that the folder holds, by their epochs, oldest first. */
  get receiptKeys(): readonly UtilitySecretKey[] {
    const later = this.#numbersOf(/^receipt-([0-9]+)\.json$/).map((keyEpoch) =>
      parseReceiptKeyFile(this.#sealed(`receipt-${keyEpoch}.json`).read()!),
    );
    return [this.secrets.receiptKey, ...later];
  }

  /** The receipt key of an epoch from 2 on; made if it is missing. */
  makeReceiptKey(keyEpoch: number): UtilitySecretKey {
    const file = this.#sealed(`receipt-${keyEpoch}.json`);
    const { suite } = this.secrets.receiptKey;
    return parseReceiptKeyFile(file.readOrCreate(() => newReceiptKeyFile({ suite, keyEpoch })));
  }

  /** The mint's keys of an id; `null` if the folder does not hold them. */
  mint(mintKeyId: number): MintSecretKeys | null {
    if (mintKeyId === 1) return this.secrets.mint;
    const bytes = this.#sealed(`mint-${mintKeyId}.json`).read();
    return bytes === null ? null : parseMintKeyFile(bytes);
  }

  /** The mint's keys of an id, of the same denominations as the first; made if they are missing. */
  makeMint(mintKeyId: number): MintSecretKeys {
    const denominations = parseDenominations([...this.secrets.mint.scalars.keys()]);
    const file = this.#sealed(`mint-${mintKeyId}.json`);
    return parseMintKeyFile(file.readOrCreate(() => newMintKeyFile(mintKeyId, denominations)));
  }

  /** Terms in the order of their announcement. */
  get terms(): readonly SystemTerms[] {
    return this.#numbered("terms").map(parseTerms);
  }

  /** Relays and gateways in the order of their announcement. */
  get networks(): readonly SystemNetwork[] {
    return this.#numbered("networks").map(parseNetwork);
  }

  addNetwork(network: SystemNetwork): void {
    const bytes = encodeNetwork(network);
    const last = this.networks.at(-1);
    if (last !== undefined && Buffer.from(encodeNetwork(last)).equals(bytes)) return;
    this.#write("networks", `${this.networks.length}.json`, bytes);
  }

  /** Secrets of the gateway by the numbers of their keys, oldest first; 32 bytes each. */
  get gatewaySecrets(): readonly { readonly keyId: number; readonly secret: Uint8Array }[] {
    return this.#numbersOf(/^gateway-([0-9]+)$/).map((keyId) => ({
      keyId,
      secret: this.#sealed(`gateway-${keyId}`).read()!,
    }));
  }

  /** Makes the next key of the gateway. @throws cli/no-utility when all 255 numbers are used */
  addGatewaySecret(): void {
    const keyId = (this.gatewaySecrets.at(-1)?.keyId ?? 0) + 1;
    if (keyId > 255) {
      throw cliErrors.error("no-utility", "all 255 numbers of gateway keys are used");
    }
    this.#sealed(`gateway-${keyId}`).readOrCreate(() => randomBytes(32));
  }

  addTerms(terms: SystemTerms): void {
    const bytes = encodeTerms(terms);
    const last = this.terms.at(-1);
    if (last !== undefined && Buffer.from(encodeTerms(last)).equals(bytes)) return;
    this.#write("terms", `${this.terms.length}.json`, bytes);
  }

  /** Canonical tariffs by hash. */
  get tariffs(): ReadonlyMap<string, string> {
    return new Map(
      this.#files("tariffs").map((name) => [
        name.replace(/\.json$/, ""),
        new TextDecoder().decode(readFileIfPresent(join(this.path, "tariffs", name))!),
      ]),
    );
  }

  addTariff(tariff: Tariff): void {
    this.#write("tariffs", `${tariffHash(tariff)}.json`, utf8ToBytes(canonicalTariff(tariff)));
  }

  /** The numbers in the names of keys that look so, ascending. */
  #numbersOf(name: RegExp): number[] {
    return readdirSync(join(this.path, "keys"))
      .flatMap((file) => name.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Contents of files by their numbers. */
  #numbered(folder: string): Uint8Array[] {
    return this.#files(folder)
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
      .map((name) => readFileIfPresent(join(this.path, folder, name))!);
  }

  #files(folder: string): string[] {
    mkdirSync(join(this.path, folder), { recursive: true, mode: 0o700 });
    return readdirSync(join(this.path, folder)).filter((name) => name.endsWith(".json"));
  }

  #write(folder: string, name: string, bytes: Uint8Array): void {
    mkdirSync(join(this.path, folder), { recursive: true, mode: 0o700 });
    replaceFile(join(this.path, folder, name), bytes);
  }

  #sealed(name: string): SealedFile {
    return new SealedFile(this.keyring, join(this.path, "keys", name), `utility-${name}`);
  }
}
