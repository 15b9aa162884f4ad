/** A deployed settlement with a key and meters, as most contract tests start from. */
import { network } from "hardhat";
import { P1, affine, times, twistTimes, type Affine, type G1 } from "./curve.js";
import {
  billPoint,
  meterWallet,
  scalarOf,
  sign,
  systemIdOf,
  type Domain,
  type SignedBill,
} from "./bills.js";

export const UTILITY_SECRET = scalarOf("utility secret");
export const PERIOD = 201303;
export const OPEN_END = 4294967295;

type Connection = Awaited<ReturnType<typeof network.create>>;

const shared = await network.create();
export const { ethers, networkHelpers } = shared;

export const publicKey = (secret: bigint) => ({
  a1: affine(times(P1, secret)),
  a2: twistTimes(secret),
});

/** {@link deployOn} on the chain that the contract tests share: a fixture. */
export async function deployed() {
  return deployOn(shared);
}

/** Ten meters valid from 201301 on, key epoch 1 active, and meter 9 settled so that its word is in use. */
export async function deployOn({ ethers }: Connection) {
  const [admin, keyRegistrar, meterRegistrar, pauser, stranger] = await ethers.getSigners();
  const settlement = await ethers.deployContract("BillSettlement", [
    admin!.address,
    keyRegistrar!.address,
    meterRegistrar!.address,
    pauser!.address,
    0,
  ]);
  const address = await settlement.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const domain: Domain = { chainId, settlement: address };
  const systemId = systemIdOf(domain);
  const { a1, a2 } = publicKey(UTILITY_SECRET);
  await settlement.connect(keyRegistrar!).registerKey(a1, a2);
  const meters = Array.from({ length: 10 }, (_, i) => meterWallet(i));
  await settlement.connect(meterRegistrar!).registerMeters(
    meters.map((meter) => meter.address),
    201301,
    OPEN_END,
  );

  /** A paid bill of meter `index`: signed, with its receipt. */
  function paidBill(
    index: number,
    { units = 3, period = PERIOD, keyEpoch = 1, secret = UTILITY_SECRET } = {},
  ): { bill: SignedBill; point: G1; receiptPoint: G1; receipt: Affine } {
    const blinding = scalarOf(`blinding ${index} ${period}`);
    const point = billPoint(systemId, keyEpoch, units, blinding);
    const { x, y } = affine(point);
    const bill = sign(meterWallet(index), domain, { period, keyEpoch, rx: x, ry: y });
    const receiptPoint = times(point, secret);
    return { bill, point, receiptPoint, receipt: affine(receiptPoint) };
  }

  const first = paidBill(9);
  await settlement.settle(first.bill, first.receipt.x, first.receipt.y);
  return {
    settlement,
    domain,
    systemId,
    meters,
    paidBill,
    roles: {
      admin: admin!,
      keyRegistrar: keyRegistrar!,
      meterRegistrar: meterRegistrar!,
      pauser: pauser!,
      stranger: stranger!,
    },
  };
}
