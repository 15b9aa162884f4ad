import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { hexlify } from "ethers";
import { createMclBn254, toAddress } from "../../src/algebra/index.js";
import { BlindBlsIssuer, blindSigner } from "../../src/ecash/index.js";
import { AccountMint, creditAccount, leaveCredit, takeCredits } from "../../src/mint/index.js";
import { settlementSystem } from "../../src/sipster/index.js";
import { MemoryStore, replaceFile } from "../../src/store/index.js";
import { temporaryDirectory } from "../support/temporary.js";

const ACCOUNT = toAddress(new Uint8Array(20).fill(0x11));
const account = hexlify(ACCOUNT);
const other = hexlify(new Uint8Array(20).fill(0x22));
const FORMAT = "sipster/credit@1";

describe("credit that is noted while the service has the books", () => {
  const directory = temporaryDirectory();
  const notes = (): string => join(directory(), "credits");
  let mint: AccountMint;
  let troubles: string[];
  let service: { close(): Promise<void> };
  beforeEach(async () => {
    const curve = await createMclBn254();
    mint = new AccountMint({
      system: settlementSystem(31337n, "0x5FbDB2315678afecb367f032d93F642f64180aa3"),
      issuer: new BlindBlsIssuer(curve, blindSigner(curve, { mintKeyId: 1, scalars: new Map() })),
      store: new MemoryStore(),
    });
    troubles = [];
    service = takeCredits(directory(), mint, (text) => void troubles.push(text));
  });
  afterEach(() => service.close());

  /** Waits for a state; the test's own limit ends it. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await sleep(20);
  }

  function write(name: string, note: unknown): void {
    mkdirSync(notes(), { recursive: true });
    const text = typeof note === "string" ? note : JSON.stringify(note);
    // At once, as the command does: the service may look in between.
    replaceFile(join(notes(), name), utf8ToBytes(text));
  }

  it("given a note, then the service credits the account, and the note is gone", async () => {
    // The service looks where nothing was noted yet, and says nothing of it.
    await sleep(500);
    expect(await leaveCredit(directory(), { account, units: 5, reference: "a" })).to.equal(true);
    expect(await mint.balance(ACCOUNT)).to.equal(5n);
    expect(readdirSync(notes())).to.deep.equal([]);
    expect(troubles).to.deep.equal([]);
  });

  it("given the same payment twice, then it counts once; given two payments, then both count", async () => {
    for (const reference of ["a", "a", "b"]) {
      expect(await leaveCredit(directory(), { account, units: 5, reference })).to.equal(true);
    }
    expect(await mint.balance(ACCOUNT)).to.equal(10n);
  });

  it("given an address that is none, then no note is left", async () => {
    let isRefused = false;
    await leaveCredit(directory(), { account: "0x12", units: 5, reference: "a" }).catch(() => {
      isRefused = true;
    });
    expect(isRefused).to.equal(true);
    expect(existsSync(notes())).to.equal(false);
  });

  it("given a reference of another payment, then nothing is credited, and it is told once", async () => {
    await creditAccount(mint, { account, units: 5, reference: "a" });
    write("lie.json", { format: FORMAT, account: other, units: 500, reference: "a" });
    await until(() => troubles.length > 0);
    expect(await leaveCredit(directory(), { account, units: 1, reference: "b" })).to.equal(true);
    expect(troubles).to.have.lengthOf(1);
    expect(troubles[0]).to.include("credits/lie.json").and.to.include("another payment");
    expect(existsSync(join(notes(), "lie.json"))).to.equal(true);
    expect(await mint.balance(toAddress(new Uint8Array(20).fill(0x22)))).to.equal(0n);
    expect(await mint.balance(ACCOUNT)).to.equal(6n);
  });

  it("given notes that are none, then none is taken, each is told, and the others are taken", async () => {
    const right = { format: FORMAT, account, units: 5, reference: "a" };
    const wrong: Record<string, unknown> = {
      "nothing.json": { ...right, units: 0 },
      "less.json": { ...right, units: -5 },
      "part.json": { ...right, units: 0.5 },
      "endless.json": { ...right, units: 2 ** 53 },
      "text.json": { ...right, units: "5" },
      "format.json": { ...right, format: "sipster/credit@2" },
      "more.json": { ...right, more: 1 },
      "address.json": { ...right, account: "0x12" },
      "cut.json": JSON.stringify(right).slice(0, -1),
    };
    for (const [name, note] of Object.entries(wrong)) write(name, note);
    write("another.txt", right);
    const names = Object.keys(wrong);
    await until(() => names.every((name) => troubles.some((text) => text.includes(name))));
    expect(await leaveCredit(directory(), { account, units: 7, reference: "b" })).to.equal(true);
    expect(await mint.balance(ACCOUNT)).to.equal(7n);
    expect(troubles).to.have.lengthOf(names.length);
    expect(readdirSync(notes()).sort()).to.deep.equal([...names, "another.txt"].sort());
  });

  it("given a file in place of the folder, then it is told once, and the service goes on when it is a folder again", async () => {
    writeFileSync(notes(), "");
    await until(() => troubles.length > 0);
    rmSync(notes());
    expect(await leaveCredit(directory(), { account, units: 5, reference: "a" })).to.equal(true);
    expect(troubles).to.have.lengthOf(1);
    expect(await mint.balance(ACCOUNT)).to.equal(5n);
  });

  it("given a service that has ended, then it takes nothing more, and the note is there for the next one", async () => {
    await service.close();
    const credit = { account, units: 5, reference: "a" };
    expect(await leaveCredit(directory(), credit, 500)).to.equal(false);
    expect(await mint.balance(ACCOUNT)).to.equal(0n);
    service = takeCredits(directory(), mint, (text) => void troubles.push(text));
    await until(() => readdirSync(notes()).length === 0);
    expect(await mint.balance(ACCOUNT)).to.equal(5n);
  });
});
