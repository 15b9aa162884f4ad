import { expect } from "chai";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Keyring, SealedFile, sealedStore } from "../../src/keystore/index.js";
import { MemoryStore, SqliteStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";

/** Little stretching: what is tested is not its cost. */
const COST = 2 ** 10;
const PASSPHRASE = "a passphrase of the test";
const SECRET = Uint8Array.from({ length: 40 }, (_, i) => 255 - i);

describe("keystore", () => {
  const folder = temporaryDirectory();
  const keyring = (passphrase = PASSPHRASE): Promise<Keyring> =>
    Keyring.open(join(folder(), "keyring.json"), passphrase, COST);
  const sealed = (ring: Keyring, name: string, purpose = name): SealedFile =>
    new SealedFile(ring, join(folder(), name), purpose);

  it("given the passphrase again: every secret is there, in files of mode 0600", async () => {
    const ring = await keyring();
    expect(sealed(ring, "mint").read()).to.equal(null);
    expect(sealed(ring, "mint").readOrCreate(() => SECRET)).to.deep.equal(SECRET);
    sealed(ring, "receipt").replace(SECRET);
    sealed(ring, "receipt").replace(SECRET.subarray(1));
    const again = await keyring();
    expect(again.id).to.equal(ring.id);
    expect(sealed(again, "mint").readOrCreate(() => expect.fail())).to.deep.equal(SECRET);
    expect(sealed(again, "receipt").read()).to.deep.equal(SECRET.subarray(1));
    expect(readdirSync(folder()).toSorted()).to.deep.equal(["keyring.json", "mint", "receipt"]);
    for (const name of readdirSync(folder())) {
      const path = join(folder(), name);
      expect(statSync(path).mode & 0o777, name).to.equal(0o600);
      expect(readFileSync(path, "utf8")).not.to.contain(Buffer.from(SECRET).toString("hex", 4));
    }
  });

  it("given the same passphrase typed with other code points: opens", async () => {
    const composed = await keyring("caf\u00e9");
    expect((await keyring("cafe\u0301")).id).to.equal(composed.id);
  });

  it("given another passphrase or none: says so", async () => {
    await keyring();
    await expectRejection(keyring("another"), "keystore/wrong-passphrase");
    await expectRejection(keyring(""), "keystore/no-passphrase");
  });

  it("given two processes that begin at once: both hold the same keyring and the same secret", async () => {
    const [a, b] = await Promise.all([keyring(), keyring()]);
    expect(a.id).to.equal(b.id);
    const files = [sealed(a, "mint"), sealed(b, "mint")] as const;
    // The second makes its secret while the first has already written.
    const second = files[1].readOrCreate(() => {
      files[0].readOrCreate(() => SECRET);
      return SECRET.map((x) => x ^ 1);
    });
    expect(second).to.deep.equal(SECRET);
    expect(readdirSync(folder()).toSorted()).to.deep.equal(["keyring.json", "mint"]);
  });

  it("given a record of the keyring with any character changed: says so", async () => {
    await keyring();
    const path = join(folder(), "keyring.json");
    const record = readFileSync(path);
    for (let at = 0; at < record.length - 1; at++) {
      const changed = Buffer.from(record);
      changed[at] = changed[at] === 0x31 ? 0x32 : 0x31;
      writeFileSync(path, changed);
      await expectRejection(keyring(), "keystore/bad-keyring");
    }
  });

  it("given a record that asks for too much memory: refuses it unread", async () => {
    await keyring();
    const path = join(folder(), "keyring.json");
    const record = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...record, cost: 2 ** 30 }));
    await expectRejection(keyring(), "keystore/bad-keyring");
  });

  it("given a sealed file with any byte changed or cut off: never opens it", async () => {
    const ring = await keyring();
    const path = join(folder(), "mint");
    sealed(ring, "mint").replace(SECRET);
    const content = readFileSync(path);
    const codes = new Set<string>();
    const refused = (bytes: Uint8Array): void => {
      writeFileSync(path, bytes);
      try {
        sealed(ring, "mint").read();
      } catch (error) {
        codes.add((error as { code: string }).code);
        return;
      }
      expect.fail(`opened ${Buffer.from(bytes).toString()}`);
    };
    for (let at = 0; at < content.length - 1; at++) {
      const changed = Buffer.from(content);
      changed[at] = changed[at] === 0x31 ? 0x32 : 0x31;
      refused(changed);
      if (at % 10 === 0) refused(content.subarray(0, at));
    }
    expect([...codes].toSorted()).to.deep.equal(
      ["altered", "bad-file", "other-keyring", "other-secret"].map((code) => `keystore/${code}`),
    );
  });

  it("given the file of another key in its place: names it, also when its name is forged", async () => {
    const ring = await keyring();
    sealed(ring, "mint").replace(SECRET);
    const path = join(folder(), "mint");
    renameSync(path, join(folder(), "receipt"));
    expectError(() => sealed(ring, "receipt").read(), "keystore/other-secret");
    const text = readFileSync(join(folder(), "receipt"), "utf8");
    writeFileSync(join(folder(), "receipt"), text.replace('"mint"', '"receipt"'));
    expectError(() => sealed(ring, "receipt").read(), "keystore/altered");
  });

  it("given a file of another keyring: names it, also when its name is forged", async () => {
    const other = await Keyring.open(join(folder(), "other.json"), PASSPHRASE, COST);
    sealed(other, "mint").replace(SECRET);
    const ring = await keyring();
    expectError(() => sealed(ring, "mint").read(), "keystore/other-keyring");
    const path = join(folder(), "mint");
    writeFileSync(path, readFileSync(path, "utf8").replace(other.id, ring.id));
    expectError(() => sealed(ring, "mint").read(), "keystore/altered");
  });

  it("gives every purpose a key of its own", async () => {
    const ring = await keyring();
    const keys = ["mint", "receipt", "store mint", "", "mint "].map((purpose) =>
      Buffer.from(ring.subkey(purpose)).toString("hex"),
    );
    expect(new Set(keys).size).to.equal(keys.length);
  });

  describe("sealed store", () => {
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

    it("keeps and lists values as a store does, and its file has none of them", async () => {
      const path = join(folder(), "books");
      const inner = await SqliteStore.open(path);
      const store = sealedStore(inner, await keyring(), "resident");
      await store.transaction(async (tx) => {
        tx.put("coin/1", utf8("the secret of coin one"));
        tx.put("coin/2", utf8("the secret of coin two"));
        expect(await tx.get("coin/1")).to.deep.equal(utf8("the secret of coin one"));
        tx.delete("coin/2");
      });
      expect(await store.transaction((tx) => tx.list("coin/"))).to.deep.equal([
        ["coin/1", utf8("the secret of coin one")],
      ]);
      await store.close();
      expect(existsSync(path)).to.equal(true);
      expect(readFileSync(path, "latin1")).not.to.contain("secret");
    });

    it("given a value moved to another entry, altered or of other books: names the entry", async () => {
      const inner = new MemoryStore();
      const ring = await keyring();
      const store = sealedStore(inner, ring, "resident");
      await store.transaction(async (tx) => tx.put("a", utf8("1")));
      const value = (await inner.transaction((tx) => tx.get("a")))!;
      const read = (entry: string, from = store) => from.transaction((tx) => tx.get(entry));
      await inner.transaction(async (tx) => tx.put("b", value));
      await expectRejection(read("b"), "keystore/altered");
      await expectRejection(read("a", sealedStore(inner, ring, "other")), "keystore/altered");
      await inner.transaction(async (tx) => tx.put("a", value.subarray(0, 20)));
      await expectRejection(read("a"), "keystore/altered");
    });
  });
});
