/**
 * A wallet's folder:
 *
 *   wallet.json    where the utility, the node and the meter are, and the deployment (public)
 *   keyring.json   how the passphrase is stretched
 *   secret         the one secret from which coins, account and meter share derive (sealed)
 *   books          coins, tokens, receipts, and what pairing with the meter left (sealed values)
 *   status         what `run` said last, for a command that asks while it has the books (sealed)
 *   parameters.json  the utility's parameters as they were served last (public)
 *   caught-up.json  on a development chain: up to when all is done (public)
 *   bills/         bill files, ready to be settled
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { checkDeployment, deploymentDocument, type Deployment } from "../../chain/index.js";
import { integerField, readJson, withoutFormat } from "../../json/index.js";
import { Keyring, SealedFile, sealedStore } from "../../keystore/index.js";
import { readFileIfPresent, replaceFile, SqliteStore, type Store } from "../../store/index.js";
import { cliErrors } from "../errors.js";
import type { KeptParameters } from "./pinned.js";

const FORMAT = "sipster/wallet@1";

const schema = v.strictObject({
  format: v.literal(FORMAT),
  utility: v.string(),
  rpc: v.string(),
  sizeClass: v.string(),
  meter: v.nullable(v.strictObject({ host: v.string(), port: integerField(0, 65_535) })),
  deployment: v.unknown(),
  channel: v.exactOptional(v.picklist(["plain", "ohttp"])),
  relay: v.exactOptional(v.string()),
});

export interface WalletConfig {
  readonly utility: string;
  readonly rpc: string;
  /** Name of a size class of the public parameters. */
  readonly sizeClass: string;
  readonly meter: { readonly host: string; readonly port: number } | null;
  readonly deployment: Deployment;
  /** How payments travel; Oblivious HTTP when absent and the chain has relays. */
  readonly channel?: ChannelName;
  /** The relay of Oblivious HTTP; drawn afresh for each request when absent. */
  readonly relay?: string;
}

export type ChannelName = "plain" | "ohttp";

export class WalletFolder {
  private constructor(
    readonly path: string,
    private readonly keyring: Keyring,
  ) {}

  /** @throws keystore/wrong-passphrase, no-passphrase, and the store's errors for files */
  static async open(path: string, passphrase: string): Promise<WalletFolder> {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return new WalletFolder(path, await Keyring.open(join(path, "keyring.json"), passphrase));
  }

  /** @throws cli/no-wallet */
  get config(): WalletConfig {
    const bytes = readFileIfPresent(join(this.path, "wallet.json"));
    if (bytes === null) throw cliErrors.error("no-wallet", `${this.path} holds no wallet`);
    const { deployment, ...config } = withoutFormat(
      readJson(schema, bytes, (why) =>
        cliErrors.error("no-wallet", `wallet.json in ${this.path} ${why}`),
      ),
    );
    return { ...config, deployment: checkDeployment(deployment) };
  }

  writeConfig(config: WalletConfig): void {
    const deployment = deploymentDocument(config.deployment);
    const text = JSON.stringify({ format: FORMAT, ...config, deployment }, null, 2);
    replaceFile(join(this.path, "wallet.json"), utf8ToBytes(`${text}\n`));
  }

  /** The utility's public parameters as the contract confirmed them last. */
  get parameters(): KeptParameters {
    const file = join(this.path, "parameters.json");
    return {
      read: () => readFileIfPresent(file),
      write: (served) => replaceFile(file, served),
    };
  }

  /** The wallet's secret, made at first; `given` when it is restored. @throws cli/other-secret */
  secret(given?: Uint8Array): Uint8Array {
    const file = new SealedFile(this.keyring, join(this.path, "secret"), "wallet-secret");
    if (given !== undefined) this.checkSecret(given);
    return file.readOrCreate(() => given ?? randomBytes(32));
  }

  /** A secret that the folder holds is not replaced: its coins would be lost. @throws cli/other-secret */
  checkSecret(given: Uint8Array): void {
    const file = new SealedFile(this.keyring, join(this.path, "secret"), "wallet-secret");
    const held = file.read();
    if (held === null || Buffer.from(held).equals(given)) return;
    throw cliErrors.error("other-secret", `${this.path} holds a wallet with another secret`);
  }

  /** 32 bytes for one purpose, from the secret. */
  derived(purpose: "account" | "meter-share"): Uint8Array {
    return hkdf(sha256, this.secret(), undefined, utf8ToBytes(`SIPSTER-V1-WALLET-${purpose}`), 32);
  }

  /** What `run` said last. */
  writeStatus(status: Uint8Array): void {
    this.#status().replace(status);
  }

  readStatus(): Uint8Array | null {
    return this.#status().read();
  }

  #status(): SealedFile {
    return new SealedFile(this.keyring, join(this.path, "status"), "wallet-status");
  }

  async books(): Promise<Store> {
    return sealedStore(await SqliteStore.open(join(this.path, "books")), this.keyring, "books");
  }

  /** @returns where it is */
  writeBill(name: string, text: string): string {
    const folder = join(this.path, "bills");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${name}.json`);
    replaceFile(file, utf8ToBytes(text));
    return file;
  }
}
