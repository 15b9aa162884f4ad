import { expect } from "chai";
import { AbiCoder, keccak256, TypedDataEncoder } from "ethers";
import { bytesToHex } from "@noble/hashes/utils.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  addPeriods,
  addressOf,
  checkEpochs,
  checkPeriod,
  earliestFirstPeriod,
  epochOfPeriod,
  generateUtilityKey,
  isPeriod,
  keyHashOf,
  keyNoticeDigest,
  periodOfTime,
  periodsBetween,
  publicKeyOf,
  recoverNoticeSigner,
  settlementSystem,
  signKeyNotice,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { system } from "../support/settlement.js";

const curve = await createMclBn254();
const random = new TestRandom("epochs");
const epochs = [
  { keyEpoch: 1, firstPeriod: 0 },
  { keyEpoch: 2, firstPeriod: 202605 },
  { keyEpoch: 3, firstPeriod: 202701 },
];

describe("periods", () => {
  it("given a number, when it is not a month written YYYYMM, then it is not a period", () => {
    for (const period of [101, 201301, 201312, 999912])
      expect(checkPeriod(period)).to.equal(period);
    for (const bad of [0, 100, 113, 201300, 201313, 1_000_001, 4294967295, 201301.5, NaN, -101]) {
      expect(isPeriod(bad), String(bad)).to.equal(false);
      expectError(() => checkPeriod(bad), "sipster/bad-period");
    }
  });

  it("given months to add, when the year turns, then the number follows the calendar", () => {
    expect(addPeriods(202611, 2)).to.equal(202701);
    expect(addPeriods(202701, -1)).to.equal(202612);
    expect(addPeriods(202612, 25)).to.equal(202901);
    expect(periodsBetween(202611, 202701)).to.equal(2);
    expectError(() => addPeriods(101, -1), "sipster/bad-period");
    expectError(() => addPeriods(999912, 1), "sipster/bad-period");
    for (let i = 0; i < 100; i++) {
      const period = addPeriods(101, Number(random.below(119_000n)));
      const count = Number(random.below(900n));
      expect(periodsBetween(period, addPeriods(period, count))).to.equal(count);
    }
  });

  it("given a time, when asked for its month, then it is the month in UTC", () => {
    expect(periodOfTime(Date.UTC(2026, 10, 30, 23, 59, 59) / 1000)).to.equal(202611);
    expect(periodOfTime(BigInt(Date.UTC(2026, 11, 1) / 1000))).to.equal(202612);
  });

  it("given a lead, when a key is announced, then it begins that many months after the block's", () => {
    const now = Date.UTC(2026, 10, 21) / 1000;
    expect(earliestFirstPeriod(now, 2)).to.equal(202701);
    expect(earliestFirstPeriod(now, 0)).to.equal(0);
  });
});

describe("key epochs", () => {
  it("given the epochs, when asked for a period's, then it is the last that begins not later", () => {
    const of = (period: number) => epochOfPeriod(epochs, period).keyEpoch;
    expect([201303, 202604, 202605, 202612, 202701, 203001].map(of)).to.deep.equal([
      1, 1, 2, 2, 3, 3,
    ]);
    expectError(() => epochOfPeriod([], 201303), "sipster/no-key-epoch");
  });

  it("given epochs that contradict each other, when checked, then they are refused", () => {
    expect(checkEpochs(epochs)).to.equal(epochs);
    const first = epochs[0]!;
    const bad = [
      [{ keyEpoch: 2, firstPeriod: 0 }],
      [{ keyEpoch: 1, firstPeriod: 202605 }],
      [first, { keyEpoch: 3, firstPeriod: 202605 }],
      [first, { keyEpoch: 2, firstPeriod: 202600 }],
      [first, { keyEpoch: 2, firstPeriod: 0 }],
      [...epochs, { keyEpoch: 4, firstPeriod: 202701 }],
    ];
    for (const list of bad) expectError(() => checkEpochs(list), "sipster/bad-epochs");
  });
});

describe("key notices", () => {
  const noticeKey = random.bytes(32);
  const key = publicKeyOf(curve, generateUtilityKey("hash-bound", 2));
  const announcement = { keyEpoch: 2, firstPeriod: 202701, keyHash: keyHashOf(curve, key) };

  it("given a key, when hashed, then it is keccak256 of the ABI encoding of A1 and A2", () => {
    const hex = (bytes: Uint8Array) => `0x${bytesToHex(bytes)}`;
    const words = (bytes: Uint8Array) =>
      Array.from({ length: bytes.length / 32 }, (_, i) => hex(bytes.subarray(32 * i, 32 * i + 32)));
    const all = [...words(curve.g1.encode(key.a1)), ...words(curve.g2.encode(key.a2))];
    const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32[6]"], [all]);
    expect(hex(announcement.keyHash)).to.equal(keccak256(encoded));
  });

  it("given a notice, when hashed by ethers as EIP-712, then the digest is the same", () => {
    const digest = TypedDataEncoder.hash(
      {
        name: "Sipster",
        version: "1",
        chainId: system.chainId,
        verifyingContract: system.settlement,
      },
      {
        KeyNotice: [
          { name: "keyEpoch", type: "uint32" },
          { name: "firstPeriod", type: "uint32" },
          { name: "keyHash", type: "bytes32" },
        ],
      },
      announcement,
    );
    expect(`0x${bytesToHex(keyNoticeDigest(system, announcement))}`).to.equal(digest);
  });

  it("given a notice changed in one field or taken to another system, when recovered, then the signer is another", () => {
    const notice = signKeyNotice(system, announcement, noticeKey);
    const signer = addressOf(noticeKey);
    expect(recoverNoticeSigner(system, notice)).to.equal(signer);
    const otherHash = notice.keyHash.slice() as typeof notice.keyHash;
    otherHash[31]! ^= 1;
    for (const changed of [{ keyEpoch: 3 }, { firstPeriod: 202612 }, { keyHash: otherHash }]) {
      expect(recoverNoticeSigner(system, { ...notice, ...changed })).not.to.equal(signer);
    }
    const elsewhere = settlementSystem(1n, system.settlement);
    expect(recoverNoticeSigner(elsewhere, notice)).not.to.equal(signer);
  });
});
