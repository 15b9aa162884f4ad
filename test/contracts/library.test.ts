/** The library and the contracts, written apart from the same description, on the same inputs. */
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { network } from "hardhat";
import { createMclBn254, nobleBn254 } from "../../src/algebra/index.js";
import { DepositTree } from "../../src/chain/vault/deposit-tree.js";
import {
  addressOf,
  billCoordinates,
  billDigest,
  combineBatch,
  hashBoundSuite,
  settlementSystem,
  type HashBoundToken,
  type Seed,
  keyHashOf,
} from "../../src/sipster/index.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod, settleable, system, world } from "../support/settlement.js";
import { hashToken } from "./support/bills.js";
import {
  deployed,
  ethers,
  networkHelpers,
  noticeWallet,
  OPEN_END,
  registration,
} from "./support/deployment.js";
import { P1, affine, type Affine } from "./support/curve.js";
import { basket, deployedVault } from "./support/vault.js";

const { loadFixture } = networkHelpers;
const mcl = await createMclBn254();

async function withHarness() {
  const harness = await ethers.deployContract("TokenHashHarness");
  return { harness };
}

const affineOf = (point: Uint8Array): { x: bigint; y: bigint } => ({
  x: BigInt(hexlify(point.subarray(0, 32))),
  y: BigInt(hexlify(point.subarray(32, 64))),
});

describe("TokenHash and the library", () => {
  it("agree on which tokens have a point, and on the point", async () => {
    const { harness } = await loadFixture(withHarness);
    const random = new TestRandom("token hash");
    const { systemId } = settlementSystem(1n + random.below(1n << 64n), hexlify(random.bytes(20)));
    let points = 0;
    for (let i = 0; i < 60; i++) {
      const token: HashBoundToken = {
        suite: "hash-bound",
        keyEpoch: random.int(2 ** 32),
        denomination: 1 + random.int(2 ** 32 - 1),
        seed: random.bytes(32) as Seed,
        ctr: random.int(256),
      };
      const onChain = { ...token, seed: hexlify(token.seed) };
      const [isValid, x, y] = await harness.toPoint(systemId, onChain);
      const plain = hashToken(hexlify(systemId), onChain);
      for (const curve of [mcl, nobleBn254]) {
        const suite = hashBoundSuite(curve, systemId);
        if (isValid) {
          expect(affineOf(curve.g1.encode(suite.point(token)))).to.deep.equal({ x, y });
        } else {
          expect(() => suite.point(token)).to.throw("gives no point");
        }
      }
      if (!isValid) {
        expect(plain).to.equal(undefined);
        expect([x, y]).to.deep.equal([0n, 0n]);
        expect((await harness.checkHint(systemId, onChain, 1n)).isValid).to.equal(false);
        continue;
      }
      points++;
      expect(plain).to.deep.equal({ x, y });
      expect([...(await harness.checkHint(systemId, onChain, y))]).to.deep.equal([true, x]);
      // The other root, the root plus p, and a neighbour are not hints.
      const p = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
      for (const wrong of [p - y, y + p, y ^ 1n]) {
        expect((await harness.checkHint(systemId, onChain, wrong)).isValid).to.equal(false);
      }
    }
    expect(points).to.be.within(10, 40);
  });
});

describe("BillSettlement and the library", () => {
  it("agree on the system, the domain and the digest of a bill", async () => {
    const { settlement, domain } = await loadFixture(deployed);
    const own = settlementSystem(domain.chainId, domain.settlement);
    expect(hexlify(own.systemId)).to.equal(await settlement.systemId());
    expect(hexlify(own.domain)).to.equal(
      ethers.TypedDataEncoder.hashDomain({
        name: "Sipster",
        version: "1",
        chainId: domain.chainId,
        verifyingContract: domain.settlement,
      }),
    );
    const { bill } = meterPeriod(world({ curve: mcl, name: "hash-bound" }), [1, 10]);
    const { rx, ry } = billCoordinates(bill);
    expect(hexlify(billDigest(own, bill))).to.equal(
      await settlement.billDigest(bill.period, bill.keyEpoch, rx, ry),
    );
  });

  for (const suite of ["hash-bound", "classic"] as const) {
    it(`settle what meters, utility and residents of the ${suite} suite make, alone and in a batch`, async () => {
      // The library's test system is the first contract of the first account of a fresh chain.
      const fresh = await network.create();
      const [account] = await fresh.ethers.getSigners();
      const who = account!.address;
      const settlement = await fresh.ethers.deployContract("BillSettlement", [
        {
          admin: who,
          keyRegistrar: who,
          meterRegistrar: who,
          parameterRegistrar: who,
          pauser: who,
        },
        noticeWallet.address,
        0,
      ]);
      expect((await settlement.getAddress()).toLowerCase()).to.equal(system.settlement);
      const w = world({ curve: mcl, name: suite });
      const { a1, a2 } = w.key;
      const [xC1, xC0, yC1, yC0] = Array.from({ length: 4 }, (_, i) =>
        BigInt(hexlify(mcl.g2.encode(a2).subarray(32 * i, 32 * i + 32))),
      );
      const key = {
        a1: affineOf(mcl.g1.encode(a1)),
        a2: { xC1: xC1!, xC0: xC0!, yC1: yC1!, yC0: yC0! },
      };
      const own = { chainId: system.chainId, settlement: system.settlement };
      await settlement.registerKey(...registration(own, key));
      expect(await settlement.isKey(hexlify(keyHashOf(mcl, w.key)))).to.equal(true);
      const periods = Array.from({ length: 5 }, (_, i) =>
        meterPeriod(w, suite === "classic" ? [1, 1] : [100, 10, 1], { seed: `meter ${i}` }),
      );
      const addresses = periods.map(({ billKey }) => addressOf(billKey));
      await settlement.registerMeters(addresses, 0, OPEN_END);
      const bills = periods.map(({ bill }) => ({
        period: bill.period,
        keyEpoch: bill.keyEpoch,
        ...billCoordinates(bill),
        r: hexlify(bill.signature.subarray(0, 32)),
        vs: hexlify(bill.signature.subarray(32)),
      }));
      const receipts = periods.map((period) => settleable(w, period));

      const alone = affineOf(mcl.g1.encode(receipts[0]!));
      await expect(settlement.settle(bills[0]!, alone.x, alone.y))
        .to.emit(settlement, "BillSettled")
        .withArgs(ethers.getAddress(addresses[0]!), bills[0]!.period, 1);

      const combined = combineBatch({
        curve: mcl,
        system,
        bills: periods.map(({ bill }) => bill),
        combined: receipts,
      });
      const together = affineOf(mcl.g1.encode(combined));
      await settlement.settleBatch(1, bills, together.x, together.y);
      for (const [i, address] of addresses.entries()) {
        expect(await settlement.settled(address, bills[i]!.period)).to.equal(true);
      }
      await fresh.close();
    });
  }
});

describe("CreditVault and the library", () => {
  for (const count of [1, 2, 3, 5, 40, 255, 256]) {
    it(`agree on the trees of ${count} messages and signatures`, async () => {
      const { vault, openAndAcknowledge } = await loadFixture(deployedVault);
      const coins = basket(
        "library",
        Array.from({ length: count }, (_, i) => 10 ** (i % 3)),
      );
      const wrong = { ...coins, signatures: coins.signatures.with(count - 1, affine(P1)) };
      const { id } = await openAndAcknowledge(wrong);
      const { messagesRoot, signaturesRoot } = await vault.depositOf(id);
      const words = ({ x, y }: Affine): Uint8Array =>
        getBytes(ethers.concat([ethers.toBeHex(x, 32), ethers.toBeHex(y, 32)]));
      const messages = DepositTree.ofMessages(
        wrong.messages.map(({ denomination, ...point }) => ({
          denomination,
          message: words(point),
        })),
      );
      const signatures = DepositTree.ofSignatures(concatBytes(...wrong.signatures.map(words)));
      expect(hexlify(messages.root)).to.equal(messagesRoot);
      expect(hexlify(signatures.root)).to.equal(signaturesRoot);
      const path = (tree: DepositTree): string[] => tree.path(count - 1).map(hexlify);
      const { denomination, ...message } = wrong.messages[count - 1]!;
      await vault.dispute(
        id,
        count - 1,
        denomination,
        { point: message, path: path(messages) },
        { point: wrong.signatures[count - 1]!, path: path(signatures) },
      );
    });
  }
});
