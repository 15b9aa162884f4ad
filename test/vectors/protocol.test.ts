import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { network } from "hardhat";
import { createMclBn254, nobleBn254 } from "../../src/algebra/index.js";
import { noticeWallet, OPEN_END, registration } from "../contracts/support/deployment.js";
import { protocolVectors, system } from "./protocol-vectors.js";

type Vectors = Awaited<ReturnType<typeof protocolVectors>>;

const vectors = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../vectors/protocol.json"), "utf8"),
) as Vectors;

const word = (bytes: string, i: number): bigint => BigInt(`0x${bytes.slice(64 * i, 64 * i + 64)}`);
const point = (bytes: string) => ({ x: word(bytes, 0), y: word(bytes, 1) });

describe("the protocol's vectors", () => {
  it("follow from their secrets with the fast group", async () => {
    expect(await protocolVectors(await createMclBn254())).to.deep.equal(vectors);
  });

  it("follow from their secrets with the independent group", async () => {
    expect(await protocolVectors(nobleBn254)).to.deep.equal(vectors);
  });

  it("name tokens whose points Solidity computes from the tokens alone", async () => {
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("TokenHashHarness");
    for (const { tokens } of vectors.homes) {
      for (const { token, denomination, point: expected } of tokens) {
        const onChain = {
          keyEpoch: Number(`0x${token.slice(0, 8)}`),
          denomination,
          seed: `0x${token.slice(16, 80)}`,
          ctr: Number(`0x${token.slice(80)}`),
        };
        const [isValid, x, y] = await harness.toPoint(`0x${vectors.system.systemId}`, onChain);
        expect(isValid).to.equal(true);
        expect({ x, y }).to.deep.equal(point(expected));
      }
    }
  });

  it("settle on the contract, one bill alone and all in a batch, and no other receipt does", async () => {
    // The vectors' system is the first contract of the first account of a fresh chain.
    const { ethers } = await network.create();
    const [account] = await ethers.getSigners();
    const who = account!.address;
    const roles = {
      admin: who,
      keyRegistrar: who,
      meterRegistrar: who,
      parameterRegistrar: who,
      pauser: who,
    };
    const settlement = await ethers.deployContract("BillSettlement", [
      roles,
      noticeWallet.address,
      0,
    ]);
    expect(await settlement.systemId()).to.equal(`0x${vectors.system.systemId}`);
    const { a1, a2 } = vectors.receiptKey;
    const [xC1, xC0, yC1, yC0] = [0, 1, 2, 3].map((i) => word(a2, i)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const own = { chainId: system.chainId, settlement: system.settlement };
    await settlement.registerKey(
      ...registration(own, { a1: point(a1), a2: { xC1, xC0, yC1, yC0 } }),
    );
    await settlement.registerMeters(
      vectors.homes.map(({ meter }) => meter),
      0,
      OPEN_END,
    );
    const bills = vectors.homes.map(({ bill: { r, signature, period, keyEpoch } }) => ({
      period,
      keyEpoch,
      rx: word(r, 0),
      ry: word(r, 1),
      r: `0x${signature.slice(0, 64)}`,
      vs: `0x${signature.slice(64)}`,
    }));
    for (const [i, { bill }] of vectors.homes.entries()) {
      const { period, keyEpoch, rx, ry } = bills[i]!;
      expect(await settlement.billDigest(period, keyEpoch, rx, ry)).to.equal(`0x${bill.digest}`);
    }
    const [first, second] = vectors.homes.map(({ combinedReceipt }) => point(combinedReceipt));
    await expect(settlement.settle(bills[0]!, second!.x, second!.y)).to.be.revert(ethers);
    await settlement.settle(bills[0]!, first!.x, first!.y);
    const together = point(vectors.batch.combinedReceipt);
    await settlement.settleBatch(1, bills, together.x, together.y);
    for (const { meter, bill } of vectors.homes) {
      expect(await settlement.settled(meter, bill.period)).to.equal(true);
    }
  });
});
