/**
 * The account that pays for transactions: a private key in a file or in the environment, an encrypted
 * keystore (Web3 Secret Storage), or an account that the node holds. No key is ever taken from the
 * command line, where every user of the machine could read it.
 */
import { readFile, stat } from "node:fs/promises";
import {
  getAddress,
  isAddress,
  isHexString,
  Wallet,
  type JsonRpcApiProvider,
  type Signer,
} from "ethers";
import { chainErrors } from "../errors/errors.js";

/** At most one of `keyFile`, `keystore` and `account`. */
export interface SignerChoice {
  /** A file with 32 bytes in hexadecimal. */
  readonly keyFile?: string;
  /** A file of Web3 Secret Storage (what wallets export, geth keeps and ethers writes). */
  readonly keystore?: string;
  /** A file whose first line is the keystore's password. */
  readonly passwordFile?: string;
  /** Address of an account of the node. */
  readonly account?: string;
}

/** Names of the variables that are read from the environment. */
export const KEY_VARIABLE = "SIPSTER_PRIVATE_KEY";
export const PASSWORD_VARIABLE = "SIPSTER_KEYSTORE_PASSWORD";

export interface OpenSignerOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of files that other users can read. */
  readonly onWarning?: (message: string) => void;
}

/**
 * @throws chain/no-signer, several-signers, bad-key, bad-keystore, no-password, wrong-password,
 *   unknown-account
 */
export async function openSigner(
  provider: JsonRpcApiProvider,
  choice: SignerChoice,
  { environment = process.env, onWarning = () => undefined }: OpenSignerOptions = {},
): Promise<Signer> {
  const { keyFile, keystore, account } = choice;
  const chosen = [keyFile, keystore, account].filter((value) => value !== undefined);
  if (chosen.length > 1) {
    throw chainErrors.error("several-signers", "more than one account to pay from was named");
  }
  if (account !== undefined) return nodeAccount(provider, account);
  if (keystore !== undefined) {
    return openKeystore({
      provider,
      file: keystore,
      passwordFile: choice.passwordFile,
      environment,
      onWarning,
    });
  }
  if (keyFile !== undefined) {
    const text = await readSecret(keyFile, "bad-key", onWarning);
    return walletOf(text, `the file ${keyFile}`, provider);
  }
  const variable = environment[KEY_VARIABLE];
  if (variable !== undefined && variable !== "") {
    return walletOf(variable, `the variable ${KEY_VARIABLE}`, provider);
  }
  throw chainErrors.error("no-signer", "no account to pay from was named");
}

function walletOf(text: string, where: string, provider: JsonRpcApiProvider): Wallet {
  const key = text.trim().replace(/^(0x)?/, "0x");
  // Neither the message nor a cause may carry the key, or a part of it.
  if (!isHexString(key, 32)) {
    throw chainErrors.error("bad-key", `${where} does not hold 32 bytes in hexadecimal`);
  }
  try {
    return new Wallet(key, provider);
  } catch {
    throw chainErrors.error("bad-key", `${where} holds no key: it is 0 or not below the order`);
  }
}

async function openKeystore({
  provider,
  file,
  passwordFile,
  environment,
  onWarning,
}: {
  readonly provider: JsonRpcApiProvider;
  readonly file: string;
  readonly passwordFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onWarning: (message: string) => void;
}): Promise<Signer> {
  const json = await readSecret(file, "bad-keystore", () => undefined);
  const password =
    passwordFile === undefined
      ? environment[PASSWORD_VARIABLE]
      : (await readSecret(passwordFile, "no-password", onWarning)).split(/\r?\n/)[0];
  if (password === undefined) {
    throw chainErrors.error("no-password", `the keystore ${file} needs a password`);
  }
  try {
    const wallet = await Wallet.fromEncryptedJson(json, password);
    return wallet.connect(provider);
  } catch (error) {
    const wrong = error instanceof Error && /password/i.test(error.message);
    throw wrong
      ? chainErrors.error("wrong-password", `the password does not open the keystore ${file}`)
      : chainErrors.errorFrom({
          key: "bad-keystore",
          message: `${file} is not a keystore`,
          details: { file },
          cause: error,
        });
  }
}

async function nodeAccount(provider: JsonRpcApiProvider, account: string): Promise<Signer> {
  if (!isAddress(account)) {
    throw chainErrors.error("unknown-account", `"${account}" is not an address`);
  }
  const address = getAddress(account);
  const accounts = (await provider.listAccounts()).map((signer) => signer.address);
  if (!accounts.includes(address)) {
    throw chainErrors.error(
      "unknown-account",
      `the node does not hold the account ${address}; it holds ${accounts.length}`,
      { account: address },
    );
  }
  return provider.getSigner(address);
}

async function readSecret(
  file: string,
  error: "bad-key" | "bad-keystore" | "no-password",
  onWarning: (message: string) => void,
): Promise<string> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0 && process.platform !== "win32") {
      onWarning(`other users of this machine can read ${file}: chmod 600 ${file}`);
    }
    return await readFile(file, "utf8");
  } catch (cause) {
    throw chainErrors.errorFrom({
      key: error,
      message: `the file ${file} cannot be read`,
      details: { file },
      cause,
    });
  }
}
