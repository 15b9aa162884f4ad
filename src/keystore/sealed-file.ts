/** One secret in a file of mode 0600, sealed under a keyring for one purpose. */
import { createFile, readFileIfPresent, replaceFile } from "../store/index.js";
import type { Keyring } from "./keyring.js";

export class SealedFile {
  constructor(
    private readonly keyring: Keyring,
    private readonly path: string,
    private readonly purpose: string,
  ) {}

  /** The secret; `null` if there is no file. @throws as `Keyring.open` of content */
  read(): Uint8Array | null {
    const content = readFileIfPresent(this.path);
    return content === null ? null : this.keyring.open(this.purpose, content, this.path);
  }

  /**
   * The secret; what `make` gives, and is then durable, if there is no file. Of two processes that do
   * this at once both get the same secret.
   */
  readOrCreate(make: () => Uint8Array): Uint8Array {
    const existing = this.read();
    if (existing !== null) return existing;
    const secret = make();
    const created = createFile(this.path, this.keyring.seal(this.purpose, secret));
    return created ? secret : this.read()!;
  }

  /** Replaces the secret, durably and whole. */
  replace(secret: Uint8Array): void {
    replaceFile(this.path, this.keyring.seal(this.purpose, secret));
  }
}
