import { createHash, createHmac } from "node:crypto";
import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import { AbiCoder, concat, keccak256, toBeHex, TypedDataEncoder, zeroPadValue } from "ethers";
import { createMclBn254, GROUP_ORDER } from "../../src/algebra/index.js";
import {
  batchWeights,
  billCoordinates,
  billDigest,
  breakDown,
  combineBatch,
  commitToShare,
  confirmBills,
  confirmTime,
  DEFAULT_DENOMINATIONS,
  deriveBlinding,
  deriveSeed,
  deriveViewKey,
  firstCounters,
  generateUtilityKey,
  isConsistentKey,
  openViewKey,
  parseAddress,
  parseBillFile,
  parseDenominations,
  parseViewKey,
  publicKeyOf,
  settlementSystem,
  writeBillFile,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod, settleable, system, world } from "../support/settlement.js";

const mcl = await createMclBn254();
const random = new TestRandom("parts");

describe("denominations", () => {
  it("break any amount down, the largest first", () => {
    expect(breakDown(0n, DEFAULT_DENOMINATIONS)).to.deep.equal([]);
    expect(breakDown(234n, DEFAULT_DENOMINATIONS)).to.deep.equal([
      100, 100, 10, 10, 10, 1, 1, 1, 1,
    ]);
    for (let i = 0; i < 50; i++) {
      const units = random.below(100_000n);
      const sum = breakDown(units, DEFAULT_DENOMINATIONS).reduce((a, d) => a + BigInt(d), 0n);
      expect(sum).to.equal(units);
    }
  });

  it("refuse lists that cannot express every amount", () => {
    for (const bad of [[], [2], [1, 1], [1, 10, 5], [1, 2.5], [1, 2 ** 32], [0, 1]]) {
      expectError(() => parseDenominations(bad), "sipster/bad-denomination");
    }
  });
});

describe("numbers of a meter's first tokens", () => {
  const denominations = parseDenominations([1, 10]);

  it("given numbers up to 2^40, when a meter begins, then it counts from them; from 0 where none is given", () => {
    expect(firstCounters(denominations, new Map([[10, 2 ** 40]]))).to.deep.equal([0, 2 ** 40]);
  });

  it("given a number above, a negative one or a fraction, when a meter begins, then it is refused", () => {
    for (const number of [2 ** 40 + 1, -1, 0.5, NaN]) {
      const first = new Map([[1, number]]);
      expectError(() => firstCounters(denominations, first), "sipster/bad-first-number");
    }
  });
});

describe("system", () => {
  it("identifier and domain agree with ethers", () => {
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ["uint256", "address"],
      [system.chainId, system.settlement],
    );
    expect(`0x${bytesToHex(system.systemId)}`).to.equal(keccak256(encoded));
  });

  it("differs with chain and contract", () => {
    const other = settlementSystem(1n, system.settlement);
    expect(other.systemId).not.to.deep.equal(system.systemId);
    const contract = settlementSystem(31337n, "0x" + "1".repeat(40));
    expect(contract.systemId).not.to.deep.equal(system.systemId);
  });

  it("refuses what is not an address", () => {
    for (const bad of [
      "",
      "0x12",
      "5fbdb2315678afecb367f032d93f642f64180aa3",
      "0x" + "g".repeat(40),
    ])
      expectError(() => parseAddress(bad), "sipster/bad-address");
  });
});

describe("view key", () => {
  const { systemId } = system;

  it("depends on both shares, and on the system", () => {
    const [a, b] = [random.bytes(32), random.bytes(32)];
    const key = deriveViewKey(systemId, a, b);
    expect(key).to.deep.equal(deriveViewKey(systemId, a, b));
    expect(key).not.to.deep.equal(deriveViewKey(systemId, b, a));
    expect(key).not.to.deep.equal(
      deriveViewKey(settlementSystem(1n, system.settlement).systemId, a, b),
    );
    expectError(() => deriveViewKey(systemId, a.subarray(1), b), "sipster/bad-view-key");
    expectError(() => parseViewKey(new Uint8Array(31)), "sipster/bad-view-key");
  });

  it("derives distinct seeds and blinding factors", () => {
    const key = parseViewKey(random.bytes(32));
    const seeds = [
      deriveSeed(key, systemId, { keyEpoch: 1, denomination: 1, n: 0n }),
      deriveSeed(key, systemId, { keyEpoch: 1, denomination: 1, n: 1n }),
      deriveSeed(key, systemId, { keyEpoch: 2, denomination: 1, n: 0n }),
      deriveSeed(key, systemId, { keyEpoch: 1, denomination: 10, n: 0n }),
    ].map(bytesToHex);
    expect(new Set(seeds).size).to.equal(4);
    const blindings = [
      { keyEpoch: 1, period: 201303 },
      { keyEpoch: 1, period: 201304 },
      { keyEpoch: 2, period: 201303 },
    ].map((of) => deriveBlinding(key, systemId, of));
    expect(new Set(blindings).size).to.equal(3);
    expect(blindings.every((r) => r < GROUP_ORDER)).to.equal(true);
  });

  it("seeds, blinding factors and confirmations are those that node:crypto computes", () => {
    const key = parseViewKey(random.bytes(32));
    const tag = (text: string): Buffer => Buffer.from(text.padEnd(32, "\0"), "latin1");
    const mac = (hash: string, ...parts: Uint8Array[]): string => {
      const hmac = createHmac(hash, key);
      for (const part of parts) hmac.update(part);
      return hmac.digest("hex");
    };
    const u32 = (n: number): Buffer => Buffer.from(n.toString(16).padStart(8, "0"), "hex");
    const u64 = (n: number): Buffer => Buffer.from(n.toString(16).padStart(16, "0"), "hex");
    const seed = deriveSeed(key, systemId, { keyEpoch: 3, denomination: 100, n: 7n });
    expect(bytesToHex(seed)).to.equal(
      mac("sha256", tag("SIPSTER-V1-SEED"), systemId, u32(3), u32(100), u64(7)),
    );
    const r = deriveBlinding(key, systemId, { keyEpoch: 3, period: 201303 });
    const digest = mac("sha512", tag("SIPSTER-V1-BLIND"), systemId, u32(3), u32(201303));
    expect(r).to.equal(BigInt(`0x${digest}`) % GROUP_ORDER);
    const nonce = random.bytes(32);
    const time = 1_700_000_000_123;
    const confirm = tag("SIPSTER-V1-CONFIRM");
    expect(bytesToHex(confirmTime(key, systemId, { nonce, time }))).to.equal(
      mac("sha256", confirm, systemId, Buffer.of(1), nonce, u64(time)),
    );
    const bill = { period: 201303, keyEpoch: 3, r: random.bytes(64) };
    expect(bytesToHex(confirmBills(key, systemId, [bill]))).to.equal(
      mac("sha256", confirm, systemId, Buffer.of(2), u32(201303), u32(3), bill.r),
    );
  });

  it("the resident refuses a meter's share that it did not commit to, and one of zeros", () => {
    const [meterShare, residentShare] = [random.bytes(32), random.bytes(32)];
    const commitment = commitToShare(meterShare);
    expect(openViewKey(systemId, { commitment, meterShare, residentShare })).to.deep.equal(
      deriveViewKey(systemId, meterShare, residentShare),
    );
    const chosenLater = random.bytes(32);
    expectError(
      () => openViewKey(systemId, { commitment, meterShare: chosenLater, residentShare }),
      "sipster/broken-commitment",
    );
    const zeros = new Uint8Array(32);
    const toZeros = createHash("sha256")
      .update(Buffer.from("SIPSTER-V1-SHARE".padEnd(32, "\0"), "latin1"))
      .update(zeros)
      .digest();
    expectError(
      () => openViewKey(systemId, { commitment: toZeros, meterShare: zeros, residentShare }),
      "sipster/bad-view-key",
    );
    expectError(() => commitToShare(zeros), "sipster/bad-view-key");
    expectError(() => deriveViewKey(systemId, meterShare, zeros), "sipster/bad-view-key");
  });

  it("given a share with one byte that is not zero, or one that is, then it is taken", () => {
    const other = new Uint8Array(32).fill(3);
    for (const [fill, at, byte] of [
      [0, 0, 1],
      [0, 31, 1],
      [7, 0, 0],
      [7, 31, 0],
    ] as const) {
      const share = new Uint8Array(32).fill(fill).with(at, byte);
      expect(commitToShare(share)).to.have.length(32);
      expect(deriveViewKey(systemId, share, other)).to.have.length(32);
    }
  });
});

describe("utility keys", () => {
  it("a public key is consistent; a mixed one is not, nor one with an identity", () => {
    const a = publicKeyOf(mcl, generateUtilityKey("hash-bound", 1));
    const b = publicKeyOf(mcl, generateUtilityKey("hash-bound", 1));
    expect(isConsistentKey(mcl, a)).to.equal(true);
    expect(isConsistentKey(mcl, { ...a, a2: b.a2 })).to.equal(false);
    expect(isConsistentKey(mcl, { ...a, a1: mcl.g1.identity })).to.equal(false);
    expect(
      isConsistentKey(mcl, { keyEpoch: 1, a1: mcl.g1.identity, a2: mcl.g2.identity }),
    ).to.equal(false);
  });
});

describe("bill digest", () => {
  it("is the EIP-712 digest that ethers computes", () => {
    const { bill } = meterPeriod(world({ curve: mcl, name: "hash-bound" }), [1]);
    const { rx, ry } = billCoordinates(bill);
    const domain = {
      name: "Sipster",
      version: "1",
      chainId: system.chainId,
      verifyingContract: system.settlement,
    };
    const types = {
      Bill: [
        { name: "period", type: "uint32" },
        { name: "keyEpoch", type: "uint32" },
        { name: "rx", type: "uint256" },
        { name: "ry", type: "uint256" },
      ],
    };
    const value = { period: bill.period, keyEpoch: bill.keyEpoch, rx, ry };
    expect(`0x${bytesToHex(billDigest(system, bill))}`).to.equal(
      TypedDataEncoder.hash(domain, types, value),
    );
  });
});

describe("batch", () => {
  const w = world({ curve: mcl, name: "hash-bound" });
  const periods = [1, 2, 3].map((n) => meterPeriod(w, [n, 10], { seed: `b${n}` }));
  const bills = periods.map((p) => p.bill);

  it("weights are those of the contract's formula, written out with ethers", () => {
    const word = (v: bigint | string): string => zeroPadValue(toBeHex(v), 32);
    const tag = `0x${bytesToHex(new TextEncoder().encode("SIPSTER-V1-BATCH")).padEnd(64, "0")}`;
    const transcript = keccak256(
      concat([
        tag,
        word(system.chainId),
        word(system.settlement),
        ...bills.map((b) => billDigest(system, b)),
      ]),
    );
    const expected = bills.map(
      (_, i) => BigInt(keccak256(concat([transcript, zeroPadValue(toBeHex(i), 32)]))) % GROUP_ORDER,
    );
    expect(batchWeights(system, bills)).to.deep.equal(expected);
  });

  it("the combined receipt of a batch verifies against the weighted sum of its bills", () => {
    const { g1, g2 } = mcl;
    const combined = combineBatch({
      curve: mcl,
      system,
      bills,
      combined: periods.map((p) => settleable(w, p)),
    });
    const sum = g1.multiScalarMul(
      periods.map((p) => p.r),
      batchWeights(system, bills),
    );
    expect(
      mcl.pairingProductIsOne([
        [combined, g2.generator],
        [g1.neg(sum), w.key.a2],
      ]),
    ).to.equal(true);
  });

  it("a rogue bill −R_victim + x·P1 settles the victim in an unweighted sum, never in a batch", () => {
    const { g1, g2 } = mcl;
    const victim = periods[0]!;
    const x = 1234n;
    const rogueR = g1.add(g1.neg(victim.r), g1.mul(g1.generator, x));
    const rogue = { period: 201303, keyEpoch: 1, r: g1.encode(rogueR) };
    const pays = (sum: typeof rogueR, receipt: typeof rogueR): boolean =>
      mcl.pairingProductIsOne([
        [receipt, g2.generator],
        [g1.neg(sum), w.key.a2],
      ]);
    // x·A1 is all the rogue can compute: it pays the unweighted sum, where the victim cancels.
    const forged = g1.mul(w.key.a1, x);
    expect(pays(g1.add(victim.r, rogueR), forged)).to.equal(true);
    const weights = batchWeights(system, [victim.bill, rogue]);
    expect(pays(g1.multiScalarMul([victim.r, rogueR], weights), forged)).to.equal(false);
    expect(
      pays(g1.multiScalarMul([victim.r, rogueR], weights), g1.mul(forged, weights[1]!)),
    ).to.equal(false);
  });

  it("refuses an empty batch", () => {
    expectError(() => batchWeights(system, []), "sipster/empty-batch");
  });
});

describe("bill file", () => {
  const w = world({ curve: mcl, name: "hash-bound" });
  const period = meterPeriod(w, [1, 1, 10]);
  const combined = settleable(w, period);
  const written = writeBillFile(mcl, {
    system,
    meter: parseBill().meter,
    bill: period.bill,
    combined,
  });

  function parseBill(): { meter: ReturnType<typeof parseAddress> } {
    // The meter's address, from the key that signed.
    const text = writeBillFile(mcl, {
      system,
      meter: parseAddress("0x" + "0".repeat(40)),
      bill: period.bill,
      combined,
    });
    const error = expectError(() => parseBillFile(mcl, text), "sipster/bad-bill-file");
    return { meter: parseAddress(/by (0x[0-9a-f]{40})/.exec(error.message)![1]!) };
  }

  it("is read as it was written", () => {
    const read = parseBillFile(mcl, written);
    expect(read.bill).to.deep.equal(period.bill);
    expect(read.system).to.deep.equal(system);
    expect(mcl.g1.equals(read.combined, combined)).to.equal(true);
    expect(mcl.g1.equals(read.r, period.r)).to.equal(true);
  });

  it("names the field that is wrong", () => {
    const fields = JSON.parse(written) as Record<string, unknown>;
    const cases: [string, unknown][] = [
      ["format", "sipster/bill@2"],
      ["chainId", 31337],
      ["settlement", "0x12"],
      ["meter", "alice"],
      ["period", -1],
      ["period", 201304],
      ["keyEpoch", 2 ** 32],
      ["r", { x: "1", y: "1" }],
      ["r", { x: "0", y: "0" }],
      ["r.x", { x: 1, y: 2 }],
      ["r", null],
      ["receipt", { x: "1", y: "3" }],
      ["receipt.x", { x: (1n << 256n).toString(), y: "3" }],
      ["signature", "0x00"],
      ["signature", `0x${"0".repeat(128)}`],
    ];
    for (const [field, value] of cases) {
      const text = JSON.stringify({ ...fields, [field.split(".")[0]!]: value });
      const error = expectError(() => parseBillFile(mcl, text), "sipster/bad-bill-file");
      // A signed field that is well-formed but altered shows in the signature.
      const signed = field === "period" && value === 201304;
      expect(error.details.field, error.message).to.equal(signed ? "signature" : field);
    }
    for (const text of ["", "[]", "null", "{"]) {
      expectError(() => parseBillFile(mcl, text), "sipster/bad-bill-file");
    }
  });
});
