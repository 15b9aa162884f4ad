import { expect } from "chai";
import { Signature, Wallet } from "ethers";
import { codec, nobleEcdsa } from "../../src/algebra/index.js";
import {
  addressCodec,
  checkNotice,
  parseAddress,
  recoverMeterNoticeSigner,
  settlementSystem,
  signKeyNotice,
  signMeterNotice,
  type KeyHash,
  type MeterAnnouncement,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { system } from "../support/settlement.js";

const random = new TestRandom("meter notices");
const key = random.bytes(32);
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const wallet = new Wallet(hex(key));
const domain = {
  name: "Sipster",
  version: "1",
  chainId: system.chainId,
  verifyingContract: system.settlement,
};

interface Case {
  readonly announcement: MeterAnnouncement;
  readonly types: Record<string, { name: string; type: string }[]>;
  readonly value: Record<string, unknown>;
}

const [tariff, successor, nonce] = [random.bytes(32), random.bytes(32), random.bytes(32)];
const meter = parseAddress(hex(random.bytes(20)));
const cases: Case[] = [
  {
    announcement: { kind: "tariff", tariff, successor, firstPeriod: 201304 },
    types: {
      TariffNotice: [
        { name: "tariff", type: "bytes32" },
        { name: "successor", type: "bytes32" },
        { name: "firstPeriod", type: "uint32" },
      ],
    },
    value: { tariff: hex(tariff), successor: hex(successor), firstPeriod: 201304 },
  },
  {
    announcement: { kind: "time", nonce, time: 1_363_000_000_000 },
    types: {
      TimeNotice: [
        { name: "nonce", type: "bytes32" },
        { name: "time", type: "uint64" },
      ],
    },
    value: { nonce: hex(nonce), time: 1_363_000_000_000 },
  },
  {
    announcement: { kind: "removal", meter },
    types: { RemovalNotice: [{ name: "meter", type: "address" }] },
    value: { meter },
  },
];

describe("notices to meters", () => {
  it("a key notice is EIP-712 as ethers signs it", async () => {
    const said = { keyEpoch: 7, firstPeriod: 201304, keyHash: random.bytes(32) as KeyHash };
    const types = {
      KeyNotice: [
        { name: "keyEpoch", type: "uint32" },
        { name: "firstPeriod", type: "uint32" },
        { name: "keyHash", type: "bytes32" },
      ],
    };
    const value = { ...said, keyHash: hex(said.keyHash) };
    const signed = Signature.from(await wallet.signTypedData(domain, types, value));
    expect(hex(signKeyNotice(system, said, key).signature)).to.equal(signed.compactSerialized);
  });

  for (const { announcement, types, value } of cases) {
    it(`a ${announcement.kind} notice is EIP-712 as ethers signs and reads it`, async () => {
      const notice = signMeterNotice(system, announcement, key);
      const signed = Signature.from(await wallet.signTypedData(domain, types, value));
      expect(hex(notice.signature)).to.equal(signed.compactSerialized);
      expect(recoverMeterNoticeSigner(system, notice, nobleEcdsa)).to.equal(
        wallet.address.toLowerCase(),
      );
    });

    it(`a ${announcement.kind} notice of another system has another signer`, () => {
      const elsewhere = settlementSystem(1n, system.settlement);
      const notice = signMeterNotice(elsewhere, announcement, key);
      expect(recoverMeterNoticeSigner(system, notice)).not.to.equal(wallet.address.toLowerCase());
      expectError(
        () => recoverMeterNoticeSigner(system, { ...notice, signature: new Uint8Array(63) }),
        "sipster/bad-signature",
      );
    });
  }

  it("given notices of every kind, when a meter checks them, then it takes those of its notice signer alone", () => {
    const here = { noticeSigner: parseAddress(wallet.address.toLowerCase()), meter };
    const said = { keyEpoch: 7, firstPeriod: 201304, keyHash: random.bytes(32) as KeyHash };
    for (const sign of [
      (by: Uint8Array) => signKeyNotice(system, said, by),
      ...cases.map((c) => (by: Uint8Array) => signMeterNotice(system, c.announcement, by)),
    ]) {
      checkNotice(system, here, sign(key));
      const others = [sign(random.bytes(32)), { ...sign(key), signature: new Uint8Array(63) }];
      for (const notice of others) {
        expectError(() => checkNotice(system, here, notice), "sipster/bad-notice");
      }
    }
    const removal = signMeterNotice(system, { kind: "removal", meter }, key);
    const another = { ...here, meter: here.noticeSigner };
    expectError(() => checkNotice(system, another, removal), "sipster/bad-notice");
  });

  it("given an address, when it is written to a memory, then it takes 20 bytes and is read back", () => {
    const bytes = codec.encode(addressCodec, meter);
    expect(hex(bytes)).to.equal(meter);
    expect(codec.decode(addressCodec, bytes, (why) => new Error(why))).to.equal(meter);
  });
});
