/** The secret with which a wallet is restored: whole, or none at all. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { secretOf } from "../../src/cli/wallet/init.js";
import { expectError } from "../support/errors.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("a wallet's secret in a file", () => {
  const folder = temporaryDirectory();
  const digits = "0123456789abcdef".repeat(4);

  function read(text: string): Uint8Array {
    const file = join(folder(), "secret");
    writeFileSync(file, text);
    return secretOf(file);
  }

  it("given anything but 64 digits, when it is read, then it is refused: what is left of it would be anybody's secret", () => {
    const wrong = ["", "\n", `0x${digits}`, digits.slice(1), `${digits}00`, `zz${digits.slice(2)}`];
    for (const text of [...wrong, `${digits.slice(0, 32)} ${digits.slice(32)}`]) {
      const error = expectError(() => read(text), "cli/bad-option");
      expect(error.message).to.not.contain(digits.slice(4, 20));
    }
  });

  it("given a folder with another secret, when one is to be restored into it, then it is refused, and the old one stays", async () => {
    const path = join(folder(), "wallet");
    const kept = (await WalletFolder.open(path, "passphrase")).secret();
    const opened = await WalletFolder.open(path, "passphrase");
    expectError(() => opened.secret(read(digits)), "cli/other-secret");
    expect(opened.secret()).to.deep.equal(kept);
    expect(opened.secret(kept)).to.deep.equal(kept);
    process.env.SIPSTER_PASSPHRASE = "passphrase";
    try {
      // It is told before anything else is asked.
      const restore = [
        "--secret-file",
        join(folder(), "secret"),
        "--utility",
        "http://127.0.0.1:1",
        "--rpc",
        "http://127.0.0.1:1",
      ];
      const run = await sipster("wallet", "init", "--folder", path, ...restore);
      expect(run.err).to.include("cli/other-secret");
    } finally {
      delete process.env.SIPSTER_PASSPHRASE;
    }
  });

  it("given 64 digits, in either case and with a line's end, then it is these bytes", () => {
    const bytes = Uint8Array.from(Buffer.from(digits, "hex"));
    expect(read(digits)).to.deep.equal(bytes);
    expect(read(`${digits.toUpperCase()}\r\n`)).to.deep.equal(bytes);
  });
});
