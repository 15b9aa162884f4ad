import { expect } from "chai";
import { hexlify } from "ethers";
import { createMclBn254, GROUP_ORDER } from "../../src/algebra/index.js";
import { blindBls, generateMintKeys, type ECash } from "../../src/ecash/index.js";
import {
  cameToNothing,
  FileFunding,
  readMintAnswer,
  readWithdrawal,
  writeMintAnswer,
  writeWithdrawal,
} from "../../src/funding/index.js";
import { Purse } from "../../src/resident/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { system } from "../support/settlement.js";

const curve = await createMclBn254();
const NOW = Date.UTC(2026, 4, 5) / 1000;

describe("funding by files", () => {
  let ecash: ECash;
  let files: Map<string, string>;
  let purse: Purse;
  let funding: FileFunding;
  beforeEach(() => {
    ecash = blindBls(curve, system, generateMintKeys(1, [1, 10]));
    files = new Map();
    purse = new Purse({
      ...{ wallet: ecash, store: new MemoryStore(), secret: new Uint8Array(32).fill(7) },
      ...{ mints: [{ mintKeyId: 1, firstPeriod: 0 }], now: () => NOW, cameToNothing },
    });
    funding = new FileFunding({
      write: (name, text) => void files.set(name, text),
      read: (name) => files.get(name) ?? null,
    });
  });

  const withdrawOrResume = async (): Promise<void> => {
    if ((await purse.resume((r) => funding.withdraw(r))) > 0) return;
    await purse.withdraw([10, 1, 1], (r) => funding.withdraw(r));
  };
  const names = (): string[] => [...files.keys()].sort();
  const outName = (): string => names().find((name) => name.startsWith("withdrawal-"))!;
  const answerName = (): string => outName().replace("withdrawal-", "answer-");
  const rightAnswer = (): Promise<Uint8Array> =>
    ecash.issue(readWithdrawal(files.get(outName())!, outName()).request);

  it("given no answer yet: the request is written once, and the same one again until the answer is there", async () => {
    await expectRejection(withdrawOrResume(), "funding/no-answer");
    const text = files.get(outName())!;
    await expectRejection(withdrawOrResume(), "funding/no-answer");
    expect(names()).to.deep.equal([outName()]);
    expect(files.get(outName())).to.equal(text);
    const root = hexlify(readWithdrawal(text, "it").tree.root);
    expect(outName()).to.equal(`withdrawal-${root.slice(2, 18)}.json`);
    const { units, mintKeyId, messages } = readWithdrawal(text, "it");
    expect([units, mintKeyId, messages.length]).to.deep.equal([12n, 1, 3]);
    files.set(answerName(), writeMintAnswer(await rightAnswer()));
    await withdrawOrResume();
    expect([...(await purse.coins())].sort()).to.deep.equal([
      [1, 2],
      [10, 1],
    ]);
    expect(await purse.open()).to.deep.equal([]);
  });

  it("given a mint that lies, or another's answer, in the file: no coin is made, and the right answer is still taken", async () => {
    await expectRejection(withdrawOrResume(), "funding/no-answer");
    const right = await rightAnswer();
    const swapped = Uint8Array.from([...right.slice(64, 128), ...right.slice(0, 64)]);
    for (const wrong of [swapped, right.subarray(64), new Uint8Array(right.length), curveJunk()]) {
      files.set(answerName(), writeMintAnswer(wrong));
      await expectRejection(withdrawOrResume(), "ecash/bad-answer");
      expect((await purse.coins()).size).to.equal(0);
      expect(await purse.open()).to.have.length(1);
    }
    files.set(answerName(), writeMintAnswer(right));
    await withdrawOrResume();
    expect((await purse.coins()).get(1)).to.equal(2);
  });

  const curveJunk = (): Uint8Array => {
    const { g1 } = curve;
    const junk = g1.encode(g1.mul(g1.generator, GROUP_ORDER - 5n));
    return Uint8Array.from([...junk, ...junk, ...junk]);
  };

  it("given a deposit that was given back: the withdrawal is over, and its numbers go into the next", async () => {
    await expectRejection(withdrawOrResume(), "funding/no-answer");
    const first = outName();
    files.set(answerName(), writeMintAnswer(null));
    await expectRejection(withdrawOrResume(), "funding/given-back");
    expect(await purse.open()).to.deep.equal([]);
    files.clear();
    await expectRejection(withdrawOrResume(), "funding/no-answer");
    expect(outName()).to.not.equal(first);
    files.set(answerName(), writeMintAnswer(await rightAnswer()));
    await withdrawOrResume();
    expect((await purse.coins()).get(10)).to.equal(1);
  });

  it("refuses files of another format, of another shape, and of more coins than a deposit takes", () => {
    const { request } = ecash.prepare(1, [{ denomination: 1, number: 0 }], new Uint8Array(32));
    const many = ecash.prepare(
      1,
      Array.from({ length: 257 }, (_, number) => ({ denomination: 1, number })),
      new Uint8Array(32),
    ).request;
    const written = writeWithdrawal(request);
    for (const text of [
      "{}",
      "not json",
      "[]",
      written.replace("@1", "@2"),
      written.replace("0x", ""),
      JSON.stringify({ ...(JSON.parse(written) as object), more: 1 }),
      writeWithdrawal(many),
      writeMintAnswer(request),
    ]) {
      expectError(() => readWithdrawal(text, "w.json"), "funding/bad-file");
    }
    expectError(() => readWithdrawal(writeWithdrawal(Uint8Array.of(1)), "w"), "ecash/bad-request");
    for (const text of ["", "{}", written, '{"format":"sipster/mint-answer@1","answer":"0x1"}']) {
      expectError(() => readMintAnswer(text, "a.json"), "funding/bad-file");
    }
    expect(readMintAnswer(writeMintAnswer(null), "a.json")).to.equal(null);
    expect(readMintAnswer(writeMintAnswer(request), "a.json")).to.deep.equal(request);
  });
});
